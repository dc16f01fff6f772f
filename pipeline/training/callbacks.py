"""Keras callbacks of our own: the live curves are one of them."""

from __future__ import annotations

import time

import keras

from pipeline.events import Report
from pipeline.training.checkpoint import Position
from pipeline.training.loop import LOGS_INTERVAL_S, Meter
from pipeline.training.plan import Plan


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
        self._sums = (0.0, 0.0, 0.0)
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
        loss, correct, count = (new - old for new, old in zip(sums, self._sums, strict=True))
        values = {
            "loss": loss / count,
            "accuracy": correct / count,
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


class BestCallback(keras.callbacks.Callback):
    """Remembers in `position` which epoch was best by the validation metric `name`.

    Of equally accurate epochs the one with the lower loss is the better: a small validation set
    reaches its best accuracy long before the network is done.
    """

    def __init__(self, position: Position, name: str) -> None:
        super().__init__()
        self._position = position
        self._name = name

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        logs = logs or {}
        accuracy = logs.get("val_accuracy", logs["accuracy"])
        loss = logs.get("val_loss", logs["loss"])
        rank = [accuracy, -loss] if self._name == "accuracy" else [-loss, accuracy]
        if self._position.best_rank is None or rank > self._position.best_rank:
            self._position.best_rank, self._position.best_step = rank, self._position.step
