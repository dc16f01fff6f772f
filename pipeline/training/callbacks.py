"""Keras callbacks of our own: the live curves are one of them."""

from __future__ import annotations

import time
from collections.abc import Callable

import keras

from pipeline.events import Report
from pipeline.training.checkpoint import Position
from pipeline.training.judging import plateau_scale, rank
from pipeline.training.meter import LOGS_INTERVAL_S, Meter
from pipeline.training.plan import Plan
from pipeline.training.schedules import Level


class EventCallback(keras.callbacks.Callback):
    """Writes metrics and progress as events, step metrics at most 4 times a second.

    A step metric holds the means since the event before it, not Keras's running means, which
    start anew with every epoch and draw a saw-tooth.
    """

    def __init__(self, report: Report, meter: Meter, position: Position, plan: Plan) -> None:
        super().__init__()
        self._report = report
        self._meter = meter
        self._position = position
        self._plan = plan
        self._sums = (0.0, 0.0, 0.0, 0.0)
        self._time = self._next = 0.0

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self._sums = self._meter.read()
        self._time = time.monotonic()
        self._report.progress(self._position.step, self._plan.steps, "steps")

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        now = time.monotonic()
        if now < self._next:
            return
        sums = self._meter.read()
        loss, right, _, count = (new - old for new, old in zip(sums, self._sums, strict=True))
        values = {
            "loss": loss / count,
            "accuracy": right / count,
            "learning_rate": float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate)),
            "samples_per_s": count / (now - self._time),
        }
        step = self._position.step
        self._report.metric("step", (step - 1) // self._plan.steps_per_epoch, step, values)
        self._report.progress(step, self._plan.steps, "steps")
        self._sums, self._time, self._next = sums, now, now + LOGS_INTERVAL_S

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self._report.metric("epoch", epoch, self._position.step, logs or {})
        self._report.progress(self._position.step, self._plan.steps, "steps")


class GuardCallback(keras.callbacks.Callback):
    """Asks now and then whether the training is still one.

    Args:
        require_sane: raises a Problem when it is not.
    """

    def __init__(self, require_sane: Callable[[], None]) -> None:
        super().__init__()
        self._require_sane = require_sane
        self._next = 0.0

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        if time.monotonic() >= self._next:
            self._require_sane()
            self._next = time.monotonic() + LOGS_INTERVAL_S

    def on_test_begin(self, logs: dict[str, float] | None = None) -> None:
        self._require_sane()


class BestCallback(keras.callbacks.Callback):
    """Remembers in `position` which epoch was best, and stops when none has been for too long.

    Args:
        position: of the training.
        name: the metric that decides; see `judging.rank`.
        patience: epochs without a better one, 0 for any number.
        steps_per_epoch: tells epochs from steps.
    """

    def __init__(
        self, position: Position, name: str, patience: int = 0, steps_per_epoch: int = 1
    ) -> None:
        super().__init__()
        self._position = position
        self._name = name
        self._patience_steps = patience * steps_per_epoch

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        found = rank(logs or {}, self._name)
        if self._position.best_rank is None or found > self._position.best_rank:
            self._position.best_rank, self._position.best_step = found, self._position.step
        self.stop_if_stale()

    def stop_if_stale(self) -> None:
        """Ends the training where patience is at its end; a resumed one must ask again."""
        waited = self._position.step - (self._position.best_step or self._position.step)
        if self._patience_steps and waited >= self._patience_steps:
            self.model.stop_training = True


class PlateauCallback(keras.callbacks.Callback):
    """Lowers the learning rate at a plateau of the loss; what it does follows from the history."""

    def __init__(self, level: Level, position: Position, factor: float, patience: int) -> None:
        super().__init__()
        self._level = level
        self._position = position
        self._factor = factor
        self._patience = patience

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        scale = plateau_scale(self._position.history, self._factor, self._patience)
        self._level.scale.assign(scale)
