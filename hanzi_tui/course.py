"""The course of a training: its metrics as columns that grow, charts of them, and a table."""

from __future__ import annotations

import math
import re
from array import array
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from hanzi_tui.i18n import _
from hanzi_tui.run_state import RunState
from hanzi_tui.widgets.chart import Chart, Series
from pipeline.events import Metric

STEP_VALUES = ("accuracy", "loss")
EPOCH_VALUES = ("accuracy", "loss", "val_accuracy", "val_loss")
TAKEN_AT_ONCE = 5_000
STAMP = re.compile(r"^\d{8}-\d{4}-")


class Column:
    """x in epochs and y of one value, as they come; a y that was not finite is NaN."""

    def __init__(self) -> None:
        self._xs, self._ys = array("d"), array("d")

    def __len__(self) -> int:
        return len(self._xs)

    def append(self, x: float, y: float | None) -> None:
        self._xs.append(x)
        self._ys.append(math.nan if y is None else y)

    def series(self, name: str, role: Any, scope: Any) -> Series:
        # Copies: an array whose memory is lent out cannot grow.
        return Series(name, np.array(self._xs), np.array(self._ys), role, scope)


class Course:
    """What a training has measured, one continuous line over all resumes.

    Args:
        state: the training; it grows elsewhere, and `take` looks what is new.
    """

    def __init__(self, state: RunState) -> None:
        self.state = state
        self._forget()

    def _forget(self) -> None:
        self._source: list[Metric] = self.state.metrics
        self._taken = 0
        self._steps_per_epoch = steps_per_epoch(self.state)
        self._steps = {name: Column() for name in STEP_VALUES}
        self._epochs = {name: Column() for name in EPOCH_VALUES}
        self.newest: Mapping[str, float | None] = {}
        self.epochs: list[Metric] = []

    @property
    def complete(self) -> bool:
        """Whether the log has been read, and all its metrics taken."""
        state = self.state
        return (state.caught_up and self._source is state.metrics
                and self._taken == len(self._source))  # fmt: skip

    def take(self) -> bool:
        """Takes metrics that are new, at most `TAKEN_AT_ONCE`; returns whether any were."""
        state, changed = self.state, False
        # A resume, and a log told anew, bring another list.
        if state.metrics is not self._source or steps_per_epoch(state) != self._steps_per_epoch:
            self._forget()
            changed = True
        new = state.metrics[self._taken : self._taken + TAKEN_AT_ONCE]
        for metric in new:
            x = metric.step / self._steps_per_epoch
            columns = self._epochs if metric.scope == "epoch" else self._steps
            for name, column in columns.items():
                if name in metric.values:
                    column.append(x, metric.values[name])
            if metric.scope == "step":
                self.newest = metric.values
            else:
                self.epochs.append(metric)
        self._taken += len(new)
        return changed or bool(new)

    def charts(self, others: Sequence[Course] = ()) -> tuple[Chart, Chart]:
        """Returns the charts of accuracy and loss, the validation curves of `others` in them."""
        return (self._chart("accuracy", _("accuracy"), "max", others),
                self._chart("loss", _("loss"), "min", others))  # fmt: skip

    def _chart(self, value: str, title: str, best: Any, others: Sequence[Course]) -> Chart:
        steps, epochs = self._steps[value], self._epochs[value]
        # Epochs shorter than the interval of step metrics leave few of those.
        by_step = len(steps) >= len(epochs)
        train = (steps if by_step else epochs).series(
            _("train"), "train", "step" if by_step else "epoch")  # fmt: skip
        validation = self._epochs[f"val_{value}"].series(_("val"), "validation", "epoch")
        overlay = (other._epochs[f"val_{value}"].series(short_name(other.state.run.id), "other",
                                                        "epoch") for other in others)  # fmt: skip
        planned = epochs_planned(self.state)
        return Chart(title, (train, validation, *overlay), _("epoch"), planned, best)


def steps_per_epoch(state: RunState) -> float:
    """Returns the steps of an epoch, as the run told them or as its epochs show; else 1."""
    said = state.said.get("training.model", {})
    if said.get("epochs") and said.get("steps"):
        return float(said["steps"]) / float(said["epochs"])
    first = next((metric for metric in state.metrics if metric.scope == "epoch"), None)
    return first.step / (first.epoch + 1) if first and first.step else 1.0


def epochs_planned(state: RunState) -> int | None:
    said = state.said.get("training.model", {}).get("epochs")
    return int(said) if said else None


def short_name(run_id: str) -> str:
    """Returns a run's id without the time it began with."""
    return STAMP.sub("", run_id) or run_id


def table(metrics: Iterable[Metric], per_epoch: float) -> tuple[list[str], list[list[Any]]]:
    """Returns header and rows of all points, for a CSV file; what was not finite is empty.

    The column x is where the charts show the point, in epochs.
    """
    points = list(metrics)
    values = list(dict.fromkeys(name for metric in points for name in metric.values))
    rows = [[metric.scope, metric.epoch + 1, metric.step, metric.step / per_epoch,
             *(metric.values.get(name) for name in values)] for metric in points]  # fmt: skip
    return ["scope", "epoch", "step", "x", *values], rows
