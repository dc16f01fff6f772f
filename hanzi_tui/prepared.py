"""Prepared datasets as they are looked at: facts for a report, and classes with their images."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hanzi_tui.mapped import Mapped
from pipeline.dataset.records import PreparedDataset, Split, describe, open_dataset
from pipeline.dataset.split import SPLITS
from pipeline.files import size_bytes
from pipeline.problems import Problem
from pipeline.workspace import Workspace, names_in


@dataclass(frozen=True)
class DatasetFacts:
    """What dataset.json and rejected.csv say; `rejected` has path and reason of each file.

    `problem` is set in place of the rest where the dataset cannot be read.
    """

    name: str
    path: Path
    described: dict[str, Any]
    rejected: tuple[tuple[str, str], ...] = ()
    size_bytes: int = 0
    problem: Problem | None = None

    @property
    def counts(self) -> dict[str, int]:
        return {split: int(self.described["counts"][split]) for split in SPLITS}

    @property
    def images(self) -> int:
        return sum(self.counts.values())

    @property
    def classes(self) -> int:
        return int(self.described["classes"])


def listed(workspace: Workspace) -> list[DatasetFacts]:
    """Returns the prepared datasets of a workspace by name, without rejected files and size."""
    found = []
    for name in names_in(workspace.datasets, "dataset.json"):
        path = workspace.datasets / name
        try:
            found.append(DatasetFacts(name, path, describe(path)))
        except Problem as problem:
            found.append(DatasetFacts(name, path, {}, problem=problem))
    return found


def facts(path: Path) -> DatasetFacts:
    """Returns all there is to say of the dataset in `path`."""
    try:
        described = describe(path)
    except Problem as problem:
        return DatasetFacts(path.name, path, {}, problem=problem)
    return DatasetFacts(path.name, path, described, _rejected(path), size_bytes(path))


def _rejected(path: Path) -> tuple[tuple[str, str], ...]:
    file = path / "rejected.csv"
    try:
        with open(file, encoding="utf-8", errors="surrogateescape", newline="") as lines:
            return tuple((row["path"], row["reason"]) for row in csv.DictReader(lines))
    except (OSError, KeyError, csv.Error):
        return ()


@dataclass(frozen=True)
class StoredImage:
    """An image of a dataset: where it is stored, and the file it came from."""

    split: Split
    row: int
    path: str

    def pixels(self) -> NDArray[np.uint8]:
        """Returns uint8 `[S, S]`, or `[S, S, 3]` in RGB, read from the file this moment."""
        image = np.array(self.split.images[self.row])
        return image[:, :, 0] if image.shape[2] == 1 else image


class ClassImages(Mapped[StoredImage]):
    """The images of one class, of all splits one after the other."""

    def __init__(self, parts: Sequence[tuple[Split, _Lines, NDArray[np.int64]]]) -> None:
        super().__init__(range(sum(len(rows) for _split, _lines, rows in parts)), self._image)
        self._parts = parts

    def _image(self, index: int) -> StoredImage:
        rest = index
        for split, lines, rows in self._parts:
            if rest < len(rows):
                row = int(rows[rest])
                return StoredImage(split, row, lines.path(row))
            rest -= len(rows)
        raise IndexError(index)


class BrowsedDataset:
    """A prepared dataset by classes. Nothing but labels is read before it is asked for.

    Args:
        dataset: opened.

    Raises:
        Problem: the dataset is damaged.
    """

    def __init__(self, dataset: PreparedDataset) -> None:
        self.name = dataset.name
        self.labels = dataset.labels
        self._splits = [dataset.split(name) for name in SPLITS]
        self._lines = [_Lines(dataset.path / f"{name}.sources.jsonl") for name in SPLITS]
        self._orders = [np.argsort(split.labels, kind="stable") for split in self._splits]
        classes = len(self.labels)
        counts = [np.bincount(split.labels, minlength=classes) for split in self._splits]
        self.counts: NDArray[np.int64] = np.stack(counts, axis=1)
        """How many images each class has in each split, `[classes, splits]`."""
        self._starts = np.cumsum(self.counts, axis=0) - self.counts

    def images(self, label: int) -> ClassImages:
        """Returns the images of the class of this index."""
        parts = []
        for at, split in enumerate(self._splits):
            start = self._starts[label, at]
            rows = self._orders[at][start : start + self.counts[label, at]]
            parts.append((split, self._lines[at], rows))
        return ClassImages(parts)


def browse(path: Path) -> BrowsedDataset:
    """Opens the dataset in `path` to look at.

    Raises:
        Problem: the dataset is damaged.
    """
    return BrowsedDataset(open_dataset(path))


class _Lines:
    """The lines of a sources.jsonl, parsed one at a time: a large dataset has a million."""

    def __init__(self, file: Path) -> None:
        empty = not file.is_file() or not file.stat().st_size
        self._bytes = np.zeros(0, np.uint8) if empty else np.memmap(file, np.uint8, "r")
        self._ends = np.flatnonzero(self._bytes == ord("\n"))

    def path(self, row: int) -> str:
        """Returns the source of an image, "?" where the file does not say."""
        if row >= len(self._ends):
            return "?"
        start = 0 if row == 0 else self._ends[row - 1] + 1
        line = self._bytes[start : self._ends[row]].tobytes()
        try:
            return str(json.loads(line.decode("utf-8", "surrogateescape"))["path"])
        except (ValueError, KeyError, TypeError):
            return "?"


def matching(labels: Sequence[str], text: str) -> list[int]:
    """Returns the classes whose label holds `text`, or one of its characters as "5b89"."""
    wanted = text.strip()
    if not wanted:
        return list(range(len(labels)))
    code = wanted.lower().removeprefix("u+")
    return [i for i, label in enumerate(labels)
            if wanted in label or any(f"{ord(char):04x}" == code for char in label)]  # fmt: skip
