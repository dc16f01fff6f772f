"""A temperature that makes a network's probabilities as honest as it is right.

Guo et al., On Calibration of Modern Neural Networks, 2017: dividing the logits by one number,
fitted on images the network did not learn from, changes no answer, only how sure it is.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Network = Callable[[NDArray[np.uint8]], NDArray[np.float32]]

FEWEST_IMAGES = 20
MOST_IMAGES = 4096
MOST_LOGITS = 1 << 24
LOWEST, HIGHEST = 0.05, 20.0

_CLOSE = 1.001


def fit_temperature(
    network: Network,
    images: NDArray[np.uint8],
    labels: NDArray[np.integer],
    batch_size: int = 256,
) -> float | None:
    """Fits the temperature of a network, on at most `MOST_IMAGES` evenly spaced images.

    Memory is bounded by `MOST_LOGITS` numbers, whatever the classes.

    Args:
        network: uint8 images `[N, S, S, C]` to logits `[N, K]`.
        images: uint8 `[N, S, S, C]` that it did not learn from; may be a memmap.
        labels: `[N]`, the output that is right for each; negative where none is.

    Returns:
        What to divide logits by; None where there are fewer than `FEWEST_IMAGES`, and as of
        `best_temperature`.
    """
    rows = np.flatnonzero(np.asarray(labels) >= 0)
    if len(rows) < FEWEST_IMAGES:
        return None
    first = network(np.ascontiguousarray(images[rows[:1]]))
    most = min(MOST_IMAGES, max(FEWEST_IMAGES, MOST_LOGITS // first.shape[1]))
    rows = rows[np.unique(np.linspace(0, len(rows) - 1, min(most, len(rows))).astype(int))]
    logits = np.concatenate([
        network(np.ascontiguousarray(images[rows[at : at + batch_size]]))
        for at in range(0, len(rows), batch_size)
    ])  # fmt: skip
    return best_temperature(logits, np.asarray(labels)[rows])


def best_temperature(logits: NDArray[np.float32], labels: NDArray[np.integer]) -> float | None:
    """Returns the temperature of the least cross-entropy.

    The cross-entropy is convex in the inverse of the temperature, so its slope is bisected.

    Args:
        logits: float32 `[N, K]`; overwritten.
        labels: `[N]`, the right output of each.

    Returns:
        None where logits are no numbers, or where nothing bounds it: every answer is right, or
        guessing would be better.
    """
    if not np.isfinite(logits).all():
        return None
    logits -= logits.max(axis=1, keepdims=True)
    of_truth = float(np.take_along_axis(logits, labels[:, None].astype(np.int64), 1).mean())
    low, high = 1 / HIGHEST, 1 / LOWEST
    while high / low > _CLOSE:
        inverse = float(np.sqrt(low * high))
        weights = np.exp(logits * np.float32(inverse))
        expected = float(((weights * logits).sum(axis=1) / weights.sum(axis=1)).mean())
        if expected > of_truth:
            high = inverse
        else:
            low = inverse
    bounded = low > 1 / HIGHEST and high < 1 / LOWEST
    return float(1 / np.sqrt(low * high)) if bounded else None
