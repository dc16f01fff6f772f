"""Which images an epoch shows, as a function of (seed, epoch)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def epoch_order(
    labels: NDArray[np.int32], balance: float, seed: int, epoch: int
) -> NDArray[np.int64]:
    """Returns the rows of an epoch in the order they are shown: as many as there are labels.

    A class with n images has a probability ∝ n^(1 - balance) (Mahajan et al. 2018 take 0.5). Each
    image comes as often as is due to it, rounded up or down by systematic sampling: at balance 0
    exactly once.

    Args:
        labels: int32 `[N]`.
        balance: 0 to 1.
        seed: of the training.
        epoch: counted from 0.
    """
    generator = np.random.Generator(np.random.Philox(key=[seed, epoch]))
    order = generator.permutation(len(labels))
    if not balance:
        return order
    # Class by class, so that each class as a whole comes as often as is due to it, too.
    order = order[np.argsort(labels[order], kind="stable")]
    due = np.bincount(labels)[labels].astype(np.float64) ** -balance
    due *= len(labels) / due.sum()
    ticks = np.arange(len(labels)) + generator.random()
    places = np.searchsorted(np.cumsum(due[order]), ticks, side="right")
    return generator.permutation(order[np.minimum(places, len(order) - 1)])


def log_prior(counts: NDArray[np.int64], balance: float) -> NDArray[np.float32]:
    """Returns the log probability of each class in the epochs, float32 `[C]`.

    A class without images counts as one with a single image.
    """
    logs = (1.0 - balance) * np.log(np.maximum(counts, 1))
    return np.asarray(logs - np.log(np.exp(logs).sum()), np.float32)
