"""What a plot shows of a run: the metrics of its epochs, and which epoch was the best."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pipeline.events import EventReader, Metric, Resumed, Stamped, Started
from pipeline.runs import Run
from pipeline.training.judging import rank

Across = Literal["epochs", "minutes"]
"""What a curve runs over: epochs, or the time they took."""


@dataclass(frozen=True)
class Curves:
    """The history of one training.

    Args:
        name: of the run.
        epochs: metrics of whole epochs, in order, at least one.
        minutes: from the start to the end of each epoch; while nothing ran does not count.
        best: index into `epochs`.
    """

    name: str
    epochs: tuple[Metric, ...]
    minutes: tuple[float, ...]
    best: int

    def places(self, across: Across = "epochs") -> Sequence[float]:
        """Returns where the epochs stand: their numbers, counted from 1, or their minutes."""
        if across == "minutes":
            return self.minutes
        return [metric.epoch + 1 for metric in self.epochs]

    def points(self, key: str, across: Across = "epochs") -> list[tuple[float, float]]:
        """Returns place and value of the epochs whose value is a number."""
        values = [metric.values.get(key) for metric in self.epochs]
        found = zip(self.places(across), values, strict=True)
        return [(place, value) for place, value in found if value is not None]


def curves_of(run: Run, by: str) -> Curves | None:
    """Returns the curves of a run, also of one under way; None before the first epoch's end.

    Args:
        by: the metric that decides which epoch is the best: accuracy, top_5 or loss.
    """
    ends = _epoch_ends(EventReader(run.events).read())
    if not ends:
        return None
    epochs, minutes = zip(*ends, strict=True)
    return Curves(run.id, epochs, minutes, best_epoch(epochs, by))


def _epoch_ends(events: Sequence[Stamped]) -> list[tuple[Metric, float]]:
    """Returns metric and minutes of work of each epoch; what a resume repeats is left out."""
    ends: list[tuple[Metric, float]] = []
    began = last = events[0].time if events else 0.0
    for stamped in events:
        if isinstance(stamped.event, Started):
            began += stamped.time - last
        elif isinstance(stamped.event, Resumed):
            ends = [end for end in ends if end[0].step <= stamped.event.step]
        elif isinstance(stamped.event, Metric) and stamped.event.scope == "epoch":
            ends.append((stamped.event, (stamped.time - began) / 60))
        last = stamped.time
    return ends


def best_epoch(epochs: Sequence[Metric], by: str) -> int:
    """Returns the index of the best epoch by a metric, the first of equals."""

    def merit(index: int) -> list[float]:
        values = epochs[index].values
        return rank({k: math.nan if v is None else v for k, v in values.items()}, by)

    return max(range(len(epochs)), key=merit)
