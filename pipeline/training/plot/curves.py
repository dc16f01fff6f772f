"""What a plot shows of a run: the metrics of its epochs, and which epoch was the best."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.events import Metric
from pipeline.runs import Run
from pipeline.training.judging import rank


@dataclass(frozen=True)
class Curves:
    """The history of one training.

    Args:
        name: of the run.
        epochs: metrics of whole epochs, in order, at least one.
        best: index into `epochs`.
    """

    name: str
    epochs: tuple[Metric, ...]
    best: int

    def points(self, key: str) -> list[tuple[int, float]]:
        """Returns epoch, counted from 1, and value, of the epochs whose value is a number."""
        found = ((metric.epoch + 1, metric.values.get(key)) for metric in self.epochs)
        return [(epoch, value) for epoch, value in found if value is not None]


def curves_of(run: Run, by: str) -> Curves | None:
    """Returns the curves of a run, also of one under way; None before the first epoch's end.

    Args:
        by: the metric that decides which epoch is the best: accuracy, top_5 or loss.
    """
    epochs = tuple(metric for metric in run.metrics() if metric.scope == "epoch")
    return Curves(run.id, epochs, best_epoch(epochs, by)) if epochs else None


def best_epoch(epochs: Sequence[Metric], by: str) -> int:
    """Returns the index of the best epoch by a metric, the first of equals."""

    def merit(index: int) -> list[float]:
        values = epochs[index].values
        return rank({k: math.nan if v is None else v for k, v in values.items()}, by)

    return max(range(len(epochs)), key=merit)
