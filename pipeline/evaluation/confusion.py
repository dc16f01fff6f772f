"""Which class is taken for which: sparse, so that thousands of classes cost only their errors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Confusion:
    """Non-zero cells of the confusion matrix, ordered by truth, then guess.

    Args:
        classes: number of classes C.
        truth: int64 `[M]`, the row of each cell.
        guess: int64 `[M]`, its column; C stands for an answer outside the classes.
        count: int64 `[M]`, images in it.
    """

    classes: int
    truth: Counts
    guess: Counts
    count: Counts

    @classmethod
    def of(cls, truth: NDArray[np.integer], guess: NDArray[np.integer], classes: int) -> Confusion:
        """Counts pairs of true and guessed class indices, each `[N]`."""
        cells, count = np.unique(
            truth.astype(np.int64) * (classes + 1) + guess.astype(np.int64), return_counts=True
        )
        return cls(classes, cells // (classes + 1), cells % (classes + 1), count)

    def images(self) -> Counts:
        """Returns the images of each class, int64 `[C]`."""
        return np.bincount(self.truth, self.count, self.classes).astype(np.int64)

    def right(self) -> Counts:
        """Returns the images of each class that were recognised, int64 `[C]`."""
        hit = self.truth == self.guess
        return np.bincount(self.truth[hit], self.count[hit], self.classes).astype(np.int64)

    def answered(self) -> Counts:
        """Returns how often each class was the answer, int64 `[C]`."""
        inside = self.guess < self.classes
        return np.bincount(self.guess[inside], self.count[inside], self.classes).astype(np.int64)

    def recall(self) -> NDArray[np.float64]:
        """Returns the share of each class's images that were recognised; NaN without images."""
        return _ratio(self.right(), self.images())

    def precision(self) -> NDArray[np.float64]:
        """Returns the share of each class's answers that were right; NaN without answers."""
        return _ratio(self.right(), self.answered())

    def f1(self) -> NDArray[np.float64]:
        """Returns the harmonic mean of precision and recall; NaN without images and answers."""
        return _ratio(2 * self.right(), self.images() + self.answered())

    def wrong(self) -> Confusion:
        """Returns the cells in which one class was taken for another."""
        return self._where((self.truth != self.guess) & (self.guess < self.classes))

    def taken_for(self, truth: int) -> list[tuple[int, int]]:
        """Returns what a class was taken for and how often, most often first."""
        cells = self._where((self.truth == truth) & (self.guess != truth))
        order = np.argsort(-cells.count, kind="stable")
        return list(zip(cells.guess[order].tolist(), cells.count[order].tolist(), strict=True))

    def pairs(self, most: int) -> list[Pair]:
        """Returns the most-confused pairs of classes, both directions counted together."""
        return self._pairs(most, lambda total, _images: total, 1)

    def pairs_by_rate(self, most: int, at_least: int = 2) -> list[Pair]:
        """Returns the pairs with the largest share of confused images.

        Args:
            at_least: how often a pair must be confused; once in one image is 100 %, too.
        """
        return self._pairs(most, lambda total, images: total / images, at_least)

    def _pairs(
        self, most: int, worth: Callable[[Counts, Counts], NDArray[np.number]], at_least: int
    ) -> list[Pair]:
        cells = self.wrong()
        first = np.minimum(cells.truth, cells.guess)
        second = np.maximum(cells.truth, cells.guess)
        forward = np.where(cells.truth == first, cells.count, 0)
        keys, where = np.unique(first * self.classes + second, return_inverse=True)
        total = np.bincount(where, cells.count, len(keys)).astype(np.int64)
        there = np.bincount(where, forward, len(keys)).astype(np.int64)
        first, second = keys // self.classes, keys % self.classes
        images = self.images()[first] + self.images()[second]
        order = np.lexsort((keys, -total, -worth(total, images)))
        order = order[total[order] >= at_least][:most]
        columns = (first, second, there, total - there, images)
        return [Pair(*row) for row in zip(*(c[order].tolist() for c in columns), strict=True)]

    def _where(self, cells: NDArray[np.bool_]) -> Confusion:
        return Confusion(self.classes, self.truth[cells], self.guess[cells], self.count[cells])


@dataclass(frozen=True)
class Pair:
    """Two classes, how often each was taken for the other, and how many images both have."""

    first: int
    second: int
    first_as_second: int
    second_as_first: int
    images: int

    @property
    def total(self) -> int:
        return self.first_as_second + self.second_as_first

    @property
    def rate(self) -> float:
        """The share of the images of both that were taken for the other."""
        return self.total / self.images


def _ratio(part: Counts, whole: Counts) -> NDArray[np.float64]:
    with np.errstate(invalid="ignore"):
        return part / np.where(whole > 0, whole, np.nan)
