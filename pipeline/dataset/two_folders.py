"""A folder to train on and one to test on, as old scripts take them, made one source: a list."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator
from pathlib import Path

from pipeline.dataset.sources.folder import FolderSource
from pipeline.dataset.sources.limits import LIMITS
from pipeline.dataset.sources.listing import Listing
from pipeline.files import write_bytes
from pipeline.problems import Problem


def write_list(path: Path, train: Path, test: Path) -> None:
    """Writes a list of the images of two folders of label folders; it appears whole.

    Validation images are not in it: preparing takes their share from training.

    Args:
        path: of the list; a CSV of path, label and split, with absolute paths.
        train, test: the folders.

    Raises:
        Problem: `source.missing`, or as `FolderSource.list`.
    """
    table = io.StringIO()
    rows = csv.writer(table, lineterminator="\n")
    rows.writerow(["path", "label", "split"])
    for folder, split in ((train, "train"), (test, "test")):
        rows.writerows((*image, split) for image in _images(folder))
    path.parent.mkdir(parents=True, exist_ok=True)
    write_bytes(path, table.getvalue().encode("utf-8", "surrogateescape"))


def name_for(train: Path, test: Path, size_px: int, channels: int) -> str:
    """Returns what the dataset of two folders is called: one set has a dataset for each size."""
    folder = train.parent if train.parent == test.parent else train
    colour = "-rgb" if channels == 3 else ""
    return f"{folder.name.lstrip('.') or 'folders'}-{size_px}{colour}"


def labels_of(folder: Path) -> tuple[str, ...]:
    """Returns the labels of a folder of label folders, in the order of their code points.

    Raises:
        Problem: `source.missing`, or as `FolderSource.list`.
    """
    return _listing(folder).images.labels


def _images(folder: Path) -> Iterator[tuple[str, str]]:
    """Yields path and label of each image of a folder."""
    for image in _listing(folder).images:
        yield os.path.join(folder, image.path), image.label


def _listing(folder: Path) -> Listing:
    if not folder.is_dir():
        raise Problem("source.missing", path=str(folder))
    return FolderSource(folder, LIMITS).list()
