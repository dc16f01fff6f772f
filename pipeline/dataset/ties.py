"""Which images belong together, when some are tied to others: connected components."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

Ties = NDArray[np.int64]
"""int64 `[T, 2]`, pairs of indices."""


def components(count: int, ties: Iterable[Ties]) -> NDArray[np.int64]:
    """Joins all that is tied, directly or through others.

    Args:
        count: number of things, N.
        ties: blocks of pairs.

    Returns:
        int64 `[N]`, the smallest index of the component of each thing.
    """
    lowest = np.arange(count)
    for block in ties:
        one, other = block[:, 0], block[:, 1]
        while True:
            a, b = lowest[one], lowest[other]
            if np.array_equal(a, b):
                break
            # The higher of two roots is hung below the lower one, then all chains are cut short.
            np.minimum.at(lowest, np.maximum(a, b), np.minimum(a, b))
            while not np.array_equal(shorter := lowest[lowest], lowest):
                lowest = shorter
    return lowest


def equal(ids: NDArray[np.int32]) -> Ties:
    """Returns what ties the things of equal id: each to the first of them."""
    _, first, of = np.unique(ids, return_index=True, return_inverse=True)
    root = first[of]
    tied = np.flatnonzero(root != np.arange(len(ids)))
    return np.stack([root[tied], tied], axis=1)


def numbered(rows: NDArray[np.uint8] | NDArray[np.int8]) -> NDArray[np.int32]:
    """Returns int32 `[N]`: equal numbers for equal rows of bytes, `[N, 8 * M]`.

    Rows are compared by a hash of 64 bits, so that a million long rows cost little memory.
    """
    words = np.ascontiguousarray(rows).view(np.uint64)
    key = np.zeros(len(words), np.uint64)
    for column in range(words.shape[1]):
        key = mixed(key ^ words[:, column])
    return np.unique(key, return_inverse=True)[1].astype(np.int32)


def mixed(words: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Hashes words: the finaliser of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014)."""
    words = words + np.uint64(0x9E3779B97F4A7C15)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        words = (words ^ (words >> np.uint64(shift))) * np.uint64(factor)
    hashed: NDArray[np.uint64] = words ^ (words >> np.uint64(31))
    return hashed
