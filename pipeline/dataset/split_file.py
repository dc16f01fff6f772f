"""A split made before, read from the `split.csv` of a prepared dataset or written by hand."""

from __future__ import annotations

import csv
from array import array
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from pipeline.dataset.split import SPLITS
from pipeline.problems import Problem

COLUMNS = ("path", "label", "split")
NAMES_SHOWN = 3
UNKNOWN = -1
"""The split of an image that stands in no line."""


def read_split(
    path: Path,
    images: Iterable[str],
    labels: Iterable[str],
    renamed: Mapping[str, str] = MappingProxyType({}),
) -> tuple[NDArray[np.int8], list[str]]:
    """Returns the split that a file gives to each image.

    An image with another label is an error: a split is reused to compare results, and nobody
    could say on which side such an image belongs.

    Args:
        path: CSV with the columns path, label and split ("train", "validation" or "test").
        images: path of each of the N images in its source.
        labels: label of each image.
        renamed: path of an image that was relabelled → the label it had, which is as good.

    Returns:
        int8 `[N]`, indices into `SPLITS` or `UNKNOWN`, and the paths of the file that are no
        image any more.

    Raises:
        Problem: `split_file.unreadable`, `split_file.bad_line` or `split_file.other_label`.
    """
    told = _lines(path)
    splits = array("b")
    relabelled: list[str] = []
    for image, label in zip(images, labels, strict=True):
        line = told.pop(image, None)
        if line is not None and line[0] not in (label, renamed.get(image)):
            relabelled.append(image)
        splits.append(UNKNOWN if line is None else line[1])
    if relabelled:
        raise Problem("split_file.other_label", path=str(path), count=len(relabelled),
                      names=", ".join(relabelled[:NAMES_SHOWN]))  # fmt: skip
    return np.frombuffer(splits, np.int8), list(told)


def not_in_it(path: Path, count: int, names: Sequence[str]) -> Problem:
    """Returns what to tell when a file does not know `count` images, of which some are named."""
    return Problem("split_file.not_in_it", path=str(path), count=count,
                   names=", ".join(names[:NAMES_SHOWN]))  # fmt: skip


def _lines(path: Path) -> dict[str, tuple[str, int]]:
    """Returns path of an image → its label and split."""
    told: dict[str, tuple[str, int]] = {}
    try:
        with open(path, encoding="utf-8", errors="surrogateescape", newline="") as file:
            rows = csv.reader(file)
            header = tuple(name.strip("\ufeff ") for name in next(rows, ()))
            if header != COLUMNS:
                raise _bad_line(path, 1, f"the columns are not {', '.join(COLUMNS)}")
            for row in rows:
                if len(row) != len(COLUMNS) or row[2] not in SPLITS:
                    raise _bad_line(path, rows.line_num, f"no path, label and split: {row}")
                line = row[1], SPLITS.index(row[2])
                if told.setdefault(row[0], line) != line:
                    raise _bad_line(path, rows.line_num, f"{row[0]} stands here a second time")
    except OSError as error:
        detail = error.strerror or str(error)
        raise Problem("split_file.unreadable", path=str(path), detail=detail) from error
    except csv.Error as error:
        raise _bad_line(path, rows.line_num, str(error)) from error
    return told


def _bad_line(path: Path, line: int, detail: str) -> Problem:
    return Problem("split_file.bad_line", path=str(path), line=line, detail=detail)
