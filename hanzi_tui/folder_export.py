"""The job that writes a prepared dataset as folders for other tools."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pipeline.dataset.export.target import require_free
from pipeline.dataset.origin import content_of
from pipeline.jobs import FolderExport, PrepareJob
from pipeline.problems import Problem
from pipeline.settings import DatasetSettings
from pipeline.workspace import Workspace

_FILES = ("split_file", "review_file")


def made_with(origin: dict[str, Any], now: DatasetSettings) -> DatasetSettings:
    """Returns the settings a dataset was made with, as its dataset.json tells them.

    Of a split file and a review list it tells the content only: they are those set now.
    """
    kept = {key: value for key, value in origin.items() if key in DatasetSettings.model_fields}
    files = {key: getattr(now, key) if origin.get(key) else "" for key in _FILES}
    return now.model_copy(update=kept | files)


def export_job(
    workspace: Workspace, name: str, origin: dict[str, Any], now: DatasetSettings,
    export: FolderExport,
) -> PrepareJob:  # fmt: skip
    """Returns the job that finds a dataset prepared, and writes its images as files.

    Args:
        name: of the dataset.
        origin: what its dataset.json says it was made from.
        now: settings in force, for what `origin` does not tell.
        export: where to and how.

    Raises:
        Problem: it would certainly fail: as `require_free`, `export.undistorted`, or
            `export.file` where it was made with a split file or a review list that is not set.
    """
    source, dataset = Path(origin["source"]), made_with(origin, now)
    require_free(export.folder, source)
    if export.copies and not export.augment.enabled:
        raise Problem("export.undistorted")
    for key in _FILES:
        if content_of(getattr(dataset, key)) != origin.get(key, ""):
            raise Problem("export.file", name=name, key=key)
    return PrepareJob(workspace=workspace.root, source=source, name=name, dataset=dataset,
                      export=export)  # fmt: skip
