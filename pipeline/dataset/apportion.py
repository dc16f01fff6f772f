"""How many images train, validate and test, and which units of images make up these numbers."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

SPLITS = ("train", "validation", "test")
TRAIN, VALIDATION, TEST = range(len(SPLITS))

# Up to so many units all ways to divide them are tried; of the good ones the first turns decide.
_FEW_UNITS = 8
_GOOD_ENOUGH = 0.01


def class_counts(count: int, validation: float, test: float) -> tuple[int, int, int]:
    """Returns how many of a class of `count` images train, validate and test."""
    tested = max(1, round(count * test)) if test > 0 and count >= 2 else 0
    validated = max(1, round(count * validation)) if validation > 0 and count >= 3 else 0
    return count - tested - validated, validated, tested


def apportioned(
    sizes: Sequence[int], wanted: Sequence[int], needed: Sequence[int], *, generous: bool
) -> list[int]:
    """Divides units, in the order of their turns, as near to what is wanted as they allow.

    Args:
        sizes: images of each unit.
        wanted: images that each split still wants.
        needed: splits that must get a unit, most important first; those that the units do not
            suffice for go without.
        generous: takes one unit more where that is as near as one less.

    Returns:
        The split of each unit.
    """
    needed = [split for split in needed[: len(sizes)] if split != VALIDATION or len(sizes) > 2]
    if len(sizes) <= _FEW_UNITS and len(set(sizes)) > 1:
        return _best(sizes, wanted, needed)
    splits = [-1] * len(sizes)
    for split in (TEST, VALIDATION):
        # Units that splits after this one cannot do without.
        kept = sum(other in needed for other in range(split))
        open_to_us = [at for at in range(len(sizes)) if splits[at] < 0]
        left, have = len(open_to_us) - kept, 0
        for at in open_to_us:
            if left > 0 and have + sizes[at] <= wanted[split]:
                splits[at], have, left = split, have + sizes[at], left - 1
        missing = wanted[split] - have
        rest = [at for at in open_to_us if splits[at] < 0]
        if left > 0 and rest:
            nearest = min(rest, key=lambda at: (abs(sizes[at] - missing), at))
            gain = missing - abs(sizes[nearest] - missing)
            if gain > 0 or (gain == 0 and generous and missing) or (not have and split in needed):
                splits[nearest] = split
    return [TRAIN if split < 0 else split for split in splits]


def _best(sizes: Sequence[int], wanted: Sequence[int], needed: Sequence[int]) -> list[int]:
    """Tries all ways; of those within a hundredth of the best, takes the one of the first turns."""
    ways = _ways(len(sizes))
    for split in needed:
        ways = ways[(ways == split).any(axis=1)]
    weights = np.array(sizes)
    miss = sum(np.abs((ways == split) @ weights - wanted[split]) for split in range(len(SPLITS)))
    good = np.asarray(miss) <= np.min(miss) + _GOOD_ENOUGH * weights.sum()
    return [int(split) for split in ways[np.argmax(good)]]


@lru_cache
def _ways(units: int) -> NDArray[np.int8]:
    return np.array(list(itertools.product((TEST, VALIDATION, TRAIN), repeat=units)), np.int8)
