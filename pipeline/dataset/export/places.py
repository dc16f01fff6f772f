"""Where each image of a dataset lies in its source, and where in the exported tree it goes."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.dataset.export.names import TakenNames, file_name, numbered
from pipeline.dataset.records import PreparedDataset
from pipeline.dataset.sources import Listing, SourceImage
from pipeline.dataset.split import SPLITS
from pipeline.problems import Problem

FOLDERS = ("train", "val", "test")
"""Folders of the splits, in the order of `SPLITS`."""
TRAIN = 0
BLOCK_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Item:
    """An image to write: `path` below the tree; `row` in its split."""

    image: SourceImage
    path: str
    row: int
    is_training: bool


@dataclass(frozen=True)
class Places:
    """The images of a dataset as they lie in their source's listing.

    Args:
        listing: of the source, N images.
        splits: int8 `[N]`, indices into `FOLDERS`, -1 for an image that is not in the dataset.
        rows: int64 `[N]`, row of each image in its split.
    """

    listing: Listing
    splits: NDArray[np.int8]
    rows: NDArray[np.int64]

    def counts(self) -> list[int]:
        """Returns how many images each split has."""
        return [int(np.sum(self.splits == split)) for split in range(len(FOLDERS))]

    def bytes_on_disk(self, split: int | None = None) -> int:
        """Returns what the files of a split, or of all, take up when they are copied."""
        chosen = self.splits >= 0 if split is None else self.splits == split
        sizes = np.frombuffer(self.listing.images.sizes, np.int64)[chosen]
        return int(np.sum(-(-sizes // BLOCK_BYTES)) * BLOCK_BYTES)

    def empty(self, split: int) -> int:
        """Returns how many labels of the dataset have no image in a split."""
        labels = np.frombuffer(self.listing.images.label_index, np.int32)
        there = len(np.unique(labels[self.splits == split]))
        return len(np.unique(labels[self.splits >= 0])) - there

    def items(self, folders: Mapping[str, str], copies: int) -> Iterator[Item]:
        """Yields every image with its place in the tree, in the order that reads fastest.

        Args:
            folders: label → folder.
            copies: of each training image, whose names are kept free.
        """
        numbers = self._numbers(copies)
        order = self.listing.order
        for index in range(len(self.splits)) if order is None else order:
            split = int(self.splits[index])
            if split < 0:
                continue
            image = self.listing.images[index]
            name = numbered(self._name(image), numbers[index])
            path = f"{FOLDERS[split]}/{folders[image.label]}/{name}"
            yield Item(image, path, int(self.rows[index]), split == TRAIN)

    def _numbers(self, copies: int) -> Sequence[int]:
        """Returns the numbers that tell names in one folder apart, one an image of the listing."""
        numbers = array("i", bytes(4 * len(self.splits)))
        label, taken = "", [TakenNames() for _ in FOLDERS]
        for index, image in enumerate(self.listing.images):
            if image.label != label:
                label, taken = image.label, [TakenNames() for _ in FOLDERS]
            split = int(self.splits[index])
            if split >= 0:
                name = self._name(image)
                numbers[index] = taken[split].number(name, copies if split == TRAIN else 0)
        return numbers

    def _name(self, image: SourceImage) -> str:
        return file_name(image.path, self.listing.folders.get(image.label, ()))


def find(dataset: PreparedDataset, listing: Listing) -> Places:
    """Finds the images of a dataset in the listing of its source.

    Raises:
        Problem: `export.changed` when one is not there any more.
    """
    images = listing.images
    splits = np.full(len(images), -1, np.int8)
    rows = np.full(len(images), -1, np.int64)
    numbers = {label: number for number, label in enumerate(images.labels)}
    starts = np.searchsorted(
        np.frombuffer(images.label_index, np.int32), np.arange(len(numbers) + 1)
    )
    for split, name in enumerate(SPLITS):
        for row, origin in enumerate(dataset.origins(name)):
            path = origin["path"].encode("utf-8", "surrogateescape")
            number = numbers.get(origin["label"], -1)
            below = range(*starts[number : number + 2].tolist()) if number >= 0 else range(0)
            at = bisect_left(below, path, key=images.path_bytes)
            if at == len(below) or images.path_bytes(below[at]) != path:
                raise Problem("export.changed", path=origin["path"], name=dataset.name,
                              source=str(listing.root))  # fmt: skip
            splits[below[at]], rows[below[at]] = split, row
    return Places(listing, splits, rows)
