"""Orders of the classes of a confusion matrix: who stands beside whom."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pipeline.evaluation.confusion import Confusion
from pipeline.evaluation.linkage import leaf_order, merges
from pipeline.evaluation.radicals import by_radical

CODE_POINT, RADICAL, ACCURACY, CONFUSION = "code_point", "radical", "accuracy", "confusion"
ORDERS = (CODE_POINT, RADICAL, ACCURACY, CONFUSION)


def orders(labels: Sequence[str], confusion: Confusion) -> dict[str, NDArray[np.int64]]:
    """Returns all `ORDERS`: int64 `[C]` each, class indices as they are to be shown."""
    return {
        CODE_POINT: by_code_point(labels),
        RADICAL: by_radical(labels),
        ACCURACY: by_accuracy(confusion),
        CONFUSION: by_confusion(confusion),
    }


def by_code_point(labels: Sequence[str]) -> NDArray[np.int64]:
    return np.array(sorted(range(len(labels)), key=labels.__getitem__), np.int64)


def by_accuracy(confusion: Confusion) -> NDArray[np.int64]:
    """Returns the classes from the worst recall to the best; those without images come last."""
    recall = confusion.recall()
    return np.argsort(np.where(np.isnan(recall), 2.0, recall), kind="stable").astype(np.int64)


def by_confusion(confusion: Confusion) -> NDArray[np.int64]:
    """Returns an order in which classes that are taken for each other are neighbours.

    How alike two classes are is the mean of the shares of their images that were taken for the
    other; by that they are clustered.
    """
    cells = confusion.wrong()
    images = np.maximum(confusion.images(), 1)
    share = cells.count / images[cells.truth] / 2
    first, second = np.minimum(cells.truth, cells.guess), np.maximum(cells.truth, cells.guess)
    pairs, where = np.unique(first * confusion.classes + second, return_inverse=True)
    alike = np.bincount(where, share, len(pairs)).astype(np.float64)
    first, second = pairs // confusion.classes, pairs % confusion.classes
    known: dict[tuple[int, int], float] = {(a, b): value for a, b, value
             in zip(first.tolist(), second.tolist(), alike.tolist(), strict=True)}  # fmt: skip

    def similarity(a: int, b: int) -> float:
        return known.get((min(a, b), max(a, b)), 0.0)

    made = merges(first, second, alike, confusion.classes)
    return leaf_order(made, confusion.classes, similarity)
