"""Options of `hanzi-tui prepare` for folders that other tools read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter
from cyclopts.validators import Number

from pipeline.problems import Problem
from pipeline.settings import AugmentSettings

if TYPE_CHECKING:
    from pipeline.jobs import FolderExport


@dataclass(frozen=True)
class Folders:
    """Where the images go as files, and how.

    Args:
        export_folders: folder to make, with train, val and test in it, and in each a folder a label
        link: copy, hard (hard links: what changes one file changes both) or reflink (the two share
            their disk space until one changes); default: copy
        materialise: distorted copies of each training image to write beside it
    """

    export_folders: Path | None = None
    link: Literal["copy", "hard", "reflink"] | None = None
    materialise: Annotated[int, Parameter(validator=Number(gte=0))] = 0


NO_FOLDERS = Folders()
FolderOptions = Annotated[Folders, Parameter(name="*", group="Files for other tools")]


def folder_export(given: Folders, augment: AugmentSettings) -> FolderExport | None:
    """Returns what a job is to write as files, None for nothing.

    Raises:
        Problem: `usage.materialise` or `usage.link` when nobody said where.
    """
    from pipeline.jobs import FolderExport

    if given.export_folders is None:
        if given.materialise:
            raise Problem("usage.materialise")
        if given.link:
            raise Problem("usage.link")
        return None
    return FolderExport(
        folder=given.export_folders.expanduser().absolute(),
        link=given.link or "copy",
        copies=given.materialise,
        augment=augment,
    )
