"""What the history of a training says: which epoch is better, how long none was."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

Logs = Mapping[str, float]


def rank(logs: Logs, name: str) -> list[float]:
    """Returns what orders epochs by the metric `name`, greater is better.

    Validation counts, training where there is none. Of equally accurate epochs the one with the
    lower loss is the better: a small validation set reaches its best accuracy long before the
    network is done.
    """
    accuracy, loss = _of(logs, "accuracy"), -_of(logs, "loss")
    order = {"accuracy": [accuracy, loss], "loss": [loss, accuracy]}
    values = [_of(logs, "top_5"), accuracy, loss] if name == "top_5" else order[name]
    return [value if math.isfinite(value) else -math.inf for value in values]


def plateau_scale(history: Sequence[Logs], factor: float, patience: int) -> float:
    """Returns the scale of the learning rate after the epochs of `history`.

    Each time that the loss has not become better for `patience` epochs, it is multiplied by
    `factor`, as Keras's ReduceLROnPlateau does.
    """
    scale, best, waited = 1.0, math.inf, 0
    for logs in history:
        waited += 1
        if (loss := _of(logs, "loss")) < best:
            best, waited = loss, 0
        elif waited >= patience:
            scale, waited = scale * factor, 0
    return scale


def _of(logs: Logs, name: str) -> float:
    return logs.get(f"val_{name}", logs.get(name, math.nan))
