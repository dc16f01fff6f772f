"""Radical and strokes of a character, from a table derived from Unihan (see radicals.txt)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

TABLE = Path(__file__).with_name("radicals.npz")
NO_RADICAL = 255


def by_radical(labels: Sequence[str]) -> NDArray[np.int64]:
    """Returns the order of a dictionary by radical, strokes beside it, all strokes, code point.

    Labels that are no single Chinese character come last, by code points. Variation selectors
    and the like behind a character do not count.

    Returns:
        int64 `[C]`, indices into `labels`.
    """
    first = np.array([ord(label[0]) for label in labels], np.int64)
    radical, residual, strokes = _looked_up(first)
    several = [len(label) > 1 and label[1].isalnum() for label in labels]
    alone = np.where(several, NO_RADICAL, radical)
    by_code = np.empty(len(labels), np.int64)
    by_code[sorted(range(len(labels)), key=labels.__getitem__)] = np.arange(len(labels))
    return np.lexsort((by_code, strokes, residual, alone))


def _looked_up(codes: NDArray[np.int64]) -> tuple[NDArray[np.int64], ...]:
    """Returns radical, strokes beside it and all strokes of code points; `NO_RADICAL`, 0, 0."""
    table = _table()
    ends = np.cumsum(table["lengths"], dtype=np.int64)
    starts = table["starts"].astype(np.int64)
    of = np.maximum(np.searchsorted(starts, codes, side="right") - 1, 0)
    within = codes - starts[of]
    known = (within >= 0) & (within < table["lengths"][of])
    at = np.where(known, ends[of] - table["lengths"][of] + within, 0)
    nothing = {"radical": NO_RADICAL, "residual": 0, "strokes": 0}
    return tuple(np.where(known, table[name][at].astype(np.int64), otherwise)
                 for name, otherwise in nothing.items())  # fmt: skip


@cache
def _table() -> dict[str, NDArray[np.integer]]:
    with np.load(TABLE, allow_pickle=False) as stored:
        return {name: stored[name] for name in stored.files}
