"""Two evaluations of the same images: what got better, what got worse, and whether by chance."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.evaluation.results import Results
from pipeline.problems import Problem

EXACT_BELOW = 25
"""Images on which the two differ, below which the exact test is taken."""


@dataclass(frozen=True)
class ClassChange:
    """How many of a class's images the old and the new model recognised."""

    label: str
    images: int
    old: int
    new: int


@dataclass(frozen=True, eq=False)
class Comparison:
    """What a new evaluation of N images says against an old one.

    Args:
        images: N.
        old_right, new_right: how many each recognised.
        better: int64, rows of the new one that only the new model recognised.
        worse: int64, rows of the new one that only the old model recognised.
        both_wrong: how many neither recognised.
        old_row: int64 `[N]`, for each row of the new one the same image's row of the old one.
        p_value: of McNemar's test: how likely such a difference is between equal models.
        test: "exact" (binomial) or "chi2" (with continuity correction).
        classes: those that changed, what became worst first.
    """

    images: int
    old_right: int
    new_right: int
    better: NDArray[np.int64]
    worse: NDArray[np.int64]
    both_wrong: int
    old_row: NDArray[np.int64]
    p_value: float
    test: str
    classes: tuple[ClassChange, ...]


def compare(old: Results, new: Results) -> Comparison:
    """Compares two evaluations image by image; images are the same by path and label.

    Raises:
        Problem: `comparison.other_images` when they judged different ones.
    """
    old_row = _matched(old, new)
    before = (old.truth == old.guess)[old_row]
    after = new.truth == new.guess
    better, worse = np.flatnonzero(after & ~before), np.flatnonzero(before & ~after)
    p_value, test = mcnemar(len(better), len(worse))
    return Comparison(
        images=len(after), old_right=int(before.sum()), new_right=int(after.sum()),
        better=better, worse=worse, both_wrong=int(np.count_nonzero(~before & ~after)),
        old_row=old_row, p_value=p_value, test=test,
        classes=_changes(new.labels, new.truth, before, after),
    )  # fmt: skip


def mcnemar(better: int, worse: int) -> tuple[float, str]:
    """Returns the two-sided p-value of McNemar's test, and which form of it was taken.

    McNemar, Note on the sampling error of the difference between correlated proportions, 1947;
    the continuity correction is Edwards's, 1948.

    Args:
        better, worse: images that only the one and only the other recognised.
    """
    differ = better + worse
    if differ < EXACT_BELOW:
        fewer = min(better, worse)
        tail = sum(math.comb(differ, count) for count in range(fewer + 1)) / 2**differ
        return min(1.0, 2 * tail), "exact"
    chi2 = max(abs(better - worse) - 1, 0) ** 2 / differ
    return math.erfc(math.sqrt(chi2 / 2)), "chi2"


def _matched(old: Results, new: Results) -> NDArray[np.int64]:
    """Returns for each image of the new evaluation its row in the old one."""
    rows = {image: row for row, image in enumerate(_images(old))}
    found = [rows.get(image, -1) for image in _images(new)]
    common = sum(row >= 0 for row in found)
    if common < len(found) or common < len(old.answers):
        raise Problem("comparison.other_images", first=old.path.name, second=new.path.name,
                      common=common, only_first=len(old.answers) - common,
                      only_second=len(found) - common)  # fmt: skip
    return np.array(found, np.int64)


def _images(results: Results) -> list[tuple[str, str]]:
    labels = [results.labels[truth] for truth in results.truth.tolist()]
    return list(zip(results.paths, labels, strict=True))


def _changes(
    labels: tuple[str, ...],
    truth: NDArray[np.int64],
    before: NDArray[np.bool_],
    after: NDArray[np.bool_],
) -> tuple[ClassChange, ...]:
    images, old, new = (np.bincount(truth[which], minlength=len(labels))
                        for which in (slice(None), before, after))  # fmt: skip
    changed = np.flatnonzero(old != new)
    order = changed[np.argsort((new - old)[changed], kind="stable")]
    return tuple(ClassChange(labels[i], int(images[i]), int(old[i]), int(new[i])) for i in order)
