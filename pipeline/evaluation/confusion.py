"""Which class is taken for which: sparse, so that thousands of classes cost only their errors."""

from __future__ import annotations

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

    def pairs(self, most: int) -> list[Pair]:
        """Returns the most-confused pairs of classes, both directions counted together."""
        wrong = (self.truth != self.guess) & (self.guess < self.classes)
        first = np.minimum(self.truth, self.guess)[wrong]
        second = np.maximum(self.truth, self.guess)[wrong]
        forward = np.where(self.truth[wrong] == first, self.count[wrong], 0)
        cells, where = np.unique(first * self.classes + second, return_inverse=True)
        total = np.bincount(where, self.count[wrong], len(cells)).astype(np.int64)
        there = np.bincount(where, forward, len(cells)).astype(np.int64)
        order = np.lexsort((cells, -total))[:most]
        return [
            Pair(int(cells[i] // self.classes), int(cells[i] % self.classes), int(there[i]),
                 int(total[i] - there[i]))
            for i in order
        ]  # fmt: skip


@dataclass(frozen=True)
class Pair:
    """Two classes and how often `first` was taken for `second` and the other way round."""

    first: int
    second: int
    first_as_second: int
    second_as_first: int

    @property
    def total(self) -> int:
        return self.first_as_second + self.second_as_first


def _ratio(part: Counts, whole: Counts) -> NDArray[np.float64]:
    with np.errstate(invalid="ignore"):
        return part / np.where(whole > 0, whole, np.nan)
