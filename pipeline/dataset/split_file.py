"""A split made before, read from the `split.csv` of a prepared dataset or written by hand."""

from __future__ import annotations

import csv
from array import array
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.dataset.split import SPLITS
from pipeline.problems import Problem

COLUMNS = ("path", "label", "split")
NAMES_SHOWN = 3


def read_split(
    path: Path, images: Iterable[str], labels: Iterable[str]
) -> tuple[NDArray[np.int8], list[str]]:
    """Returns the split that a file gives to each image.

    An image that is not in the file is an error, and so is one with another label: a split is
    reused to compare results, and nobody could say on which side such an image belongs.

    Args:
        path: CSV with the columns path, label and split ("train", "validation" or "test").
        images: path of each of the N images in its source.
        labels: label of each image.

    Returns:
        int8 `[N]`, indices into `SPLITS`, and the paths of the file that are no image any more.

    Raises:
        Problem: `split_file.unreadable`, `split_file.bad_line`, `split_file.not_in_it` or
            `split_file.other_label`.
    """
    told = _lines(path)
    splits = array("b")
    missing: list[str] = []
    relabelled: list[str] = []
    for image, label in zip(images, labels, strict=True):
        line = told.pop(image, None)
        if line is None:
            missing.append(image)
        elif line[0] != label:
            relabelled.append(image)
        else:
            splits.append(line[1])
    for code, found in (("not_in_it", missing), ("other_label", relabelled)):
        if found:
            names = ", ".join(found[:NAMES_SHOWN])
            raise Problem(f"split_file.{code}", path=str(path), count=len(found), names=names)
    return np.frombuffer(splits, np.int8), list(told)


def check_split(path: Path) -> None:
    """Makes sure that a file is a split, before there is anything to divide.

    Raises:
        Problem: `split_file.unreadable` or `split_file.bad_line`.
    """
    _lines(path)


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
