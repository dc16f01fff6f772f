"""The figures of an evaluation, each from the answers or the confusion alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.evaluation.confusion import Confusion

Z_95 = 1.959963984540054
"""Standard normal quantile of a two-sided interval of 95 %."""

SIZES = ((0, 0), (1, 1), (2, 4), (5, 9), (10, 99), (100, None))
"""Smallest and largest class of each group of class sizes, in training images."""

THRESHOLDS = (*(step / 100 for step in range(100)), 0.995, 0.999)

Row = dict[str, Any]


@dataclass(frozen=True)
class Averages:
    """Precision, recall and F1 over classes."""

    precision: float
    recall: float
    f1: float


def wilson(
    right: NDArray[np.number] | int, images: NDArray[np.number] | int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Returns the ends of the 95 % confidence intervals of shares; 0 and 1 without images.

    Wilson, Probable Inference, the Law of Succession, and Statistical Inference, 1927.
    """
    n, z2 = np.maximum(images, 1).astype(np.float64), Z_95**2
    share = np.asarray(right) / n
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    reach = Z_95 / (1 + z2 / n) * np.sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    told = np.asarray(images) > 0
    return (np.where(told, np.maximum(middle - reach, 0.0), 0.0),
            np.where(told, np.minimum(middle + reach, 1.0), 1.0))  # fmt: skip


def macro(confusion: Confusion) -> Averages:
    """Returns the means over the classes with images; one that is never answered has precision 0.

    These are scikit-learn's figures for `labels=` those classes and `zero_division=0`.
    """
    tested = confusion.images() > 0
    columns = (confusion.precision(), confusion.recall(), confusion.f1())
    return Averages(*(float(np.nan_to_num(column[tested]).mean()) for column in columns))


def micro(confusion: Confusion) -> Averages:
    """Returns precision, recall and F1 of all images of the classes with images, counted as one.

    They are all the accuracy where no answer lies outside those classes.
    """
    tested = confusion.images() > 0
    right, images = int(confusion.right()[tested].sum()), int(confusion.images()[tested].sum())
    answered = int(confusion.answered()[tested].sum())
    return Averages(right / max(answered, 1), right / images, 2 * right / (images + answered))


def share_row(right: int, images: int) -> Row:
    """Returns images, right ones, accuracy and its interval; None for what no image tells."""
    if not images:
        return {"images": 0, "right": 0, "accuracy": None, "low": None, "high": None}
    low, high = wilson(right, images)
    return {"images": int(images), "right": int(right), "accuracy": right / images,
            "low": float(low), "high": float(high)}  # fmt: skip


def by_size(confusion: Confusion, training_images: NDArray[np.int64]) -> list[Row]:
    """Returns the accuracy of the classes of each of `SIZES` that are tested.

    Args:
        training_images: int64 `[C]`, images that the model learned each class from.
    """
    images, right = confusion.images(), confusion.right()
    rows = []
    for smallest, largest in SIZES:
        inside = (training_images >= smallest) & (images > 0)
        if largest is not None:
            inside &= training_images <= largest
        if inside.any():
            counted = share_row(int(right[inside].sum()), int(images[inside].sum()))
            rows.append({"size": size_name(smallest, largest), "classes": int(inside.sum()),
                         **counted})  # fmt: skip
    return rows


def size_name(smallest: int, largest: int | None) -> str:
    """Returns "1", "2-4" or "100+"."""
    if largest is None:
        return f"{smallest}+"
    return str(smallest) if smallest == largest else f"{smallest}-{largest}"


def by_group(
    right: NDArray[np.bool_], group: NDArray[np.integer], names: Sequence[str]
) -> list[Row]:
    """Returns the accuracy of each group of images, the worst first.

    Args:
        right: bool `[N]`, which images were recognised.
        group: `[N]`, indices into `names`, each of which has images.
    """
    images = np.bincount(group, minlength=len(names))
    hits = np.bincount(group[right], minlength=len(names))
    rows: Iterable[Row] = ({"group": name, **share_row(int(h), int(n))}
                           for name, h, n in zip(names, hits, images, strict=True))  # fmt: skip
    return sorted(rows, key=lambda row: (row["accuracy"], row["group"]))


def reliability(
    probability: NDArray[np.floating], right: NDArray[np.bool_], bins: int
) -> list[Row]:
    """Returns for equal bins of probability how sure the answers were, and how often right.

    Args:
        probability: `[N]`, of the answers.
        right: bool `[N]`.
    """
    edges = np.linspace(0.0, 1.0, bins + 1)
    # A bin holds its upper end: (low, high].
    at = np.clip(np.ceil(probability.astype(np.float64) * bins).astype(int) - 1, 0, bins - 1)
    images = np.bincount(at, minlength=bins)
    sure = np.bincount(at, probability, bins)
    hits = np.bincount(at, right, bins)
    return [
        {"low": float(edges[i]), "high": float(edges[i + 1]), "images": int(n),
         "confidence": float(sure[i] / n) if n else None,
         "accuracy": float(hits[i] / n) if n else None}
        for i, n in enumerate(images)
    ]  # fmt: skip


def expected_error(bins: Sequence[Row]) -> float:
    """Returns the expected calibration error (ECE) of `reliability`'s rows, 0 to 1.

    Naeini et al., Obtaining Well Calibrated Probabilities Using Bayesian Binning, 2015.
    """
    gaps = [row["images"] * abs(row["confidence"] - row["accuracy"])
            for row in bins if row["images"]]  # fmt: skip
    return float(sum(gaps) / max(sum(row["images"] for row in bins), 1))


def coverage(probability: NDArray[np.floating], right: NDArray[np.bool_]) -> list[Row]:
    """Returns what remains, and how right it is, when answers less sure than t are rejected.

    Args:
        probability: `[N]`, of the answers.
        right: bool `[N]`.
    """
    order = np.argsort(probability)
    below = np.searchsorted(probability[order], THRESHOLDS)
    hits = np.concatenate([np.cumsum(right[order][::-1])[::-1], [0]])
    rows = []
    for threshold, start in zip(THRESHOLDS, below.tolist(), strict=True):
        kept = len(order) - start
        rows.append({"threshold": threshold, "images": kept, "coverage": kept / len(order),
                     "accuracy": float(hits[start] / kept) if kept else None})  # fmt: skip
    return rows
