"""A few seconds of the real training loop on random images: `python -m pipeline.training.trial`.

The request comes as JSON in the first argument, the result goes as JSON to stdout.
"""

from __future__ import annotations

import json
import math
import os
import sys
import time
from contextlib import suppress
from dataclasses import asdict

import keras
import numpy as np
import tensorflow as tf

from pipeline.augment import BORDERS, distortion_for
from pipeline.dataset.records import Split
from pipeline.environment.devices import count_in_pci_order
from pipeline.problems import Problem, StopAsked
from pipeline.processes import peak_memory_bytes
from pipeline.training.checkpoint import Position
from pipeline.training.distribute import devices
from pipeline.training.estimate import Trial, TrialRequest
from pipeline.training.input import TrainingBatches
from pipeline.training.learner import learner
from pipeline.training.loop import Loop
from pipeline.training.meter import Meter
from pipeline.training.mixing import Mixing
from pipeline.training.plan import Plan, plan_for

NICENESS = 5
WARM_STEPS = 3
"""Steps before the clock starts: the first ones compile and fill the batches ahead."""
MEASURED_STEPS = (5, 200)
MEASURED_S = 4.0


class Clock(keras.callbacks.Callback):
    """Times the steps; `enough` says when to stop."""

    def __init__(self, meter: Meter) -> None:
        super().__init__()
        self._meter = meter
        self._began = 0.0
        self.steps = 0

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        self.steps = batch + 1 - WARM_STEPS
        if self.steps == 0:
            self._began = self._now()

    def enough(self) -> str | None:
        fewest, most = MEASURED_STEPS
        late = self.steps >= fewest and time.monotonic() - self._began > MEASURED_S
        return "batch" if late or self.steps >= most else None

    def step_s(self) -> float:
        return (self._now() - self._began) / self.steps

    def _now(self) -> float:
        self._meter.read()  # waits for the device
        return time.monotonic()


def main() -> None:
    """Answers the request in the first argument."""
    os.nice(NICENESS)
    count_in_pci_order()
    stdout = os.dup(1)
    os.dup2(2, 1)  # whatever libraries print must not mix with the result
    try:
        answer = asdict(measure(TrialRequest.model_validate_json(sys.argv[1])))
    except Problem as problem:
        answer = {"problem": problem.code, "params": problem.params}
    except (MemoryError, tf.errors.ResourceExhaustedError) as error:
        detail = str(error).partition("\n")[0]
        answer = {"problem": "worker.memory", "params": {"detail": detail}}
    with open(stdout, "w", encoding="utf-8") as file:
        json.dump(answer, file)


def measure(request: TrialRequest) -> Trial:
    """Trains for about `MEASURED_S` seconds, as `train` does, and validates one batch.

    Raises:
        Problem: the devices are not there.
    """
    settings = request.training
    keras.utils.set_random_seed(settings.seed)
    chosen = devices(settings.devices)
    plan = plan_for(settings, request.train_images, chosen.replicas)
    endless = Plan(plan.batch_size, WARM_STEPS + MEASURED_STEPS[1], 1)
    shape = (request.size_px, request.size_px, request.channels)
    everything = settings.model_copy(update={"frozen_epochs": 0})
    counts = np.ones(request.classes, np.int64)
    learning = learner(everything, shape, counts, chosen, endless)
    model, loop = learning.model, Loop(learning)
    images = _random_split(request, 2 * plan.batch_size)
    distortion = distortion_for(request.kind, request.augment.model_dump())
    batches = TrainingBatches(
        images, plan.batch_size, settings.seed, distortion, BORDERS[request.kind],
        settings.balance, Mixing(settings.mixup, settings.cutmix),
    )  # fmt: skip
    clock = Clock(loop.meter)
    with suppress(StopAsked):
        loop.run(
            batches, None, Position(), keras.callbacks.CallbackList([clock], model=model),
            lambda: None, lambda: None, math.inf, clock.enough,
        )  # fmt: skip
    step_s = clock.step_s()
    validation_batches = math.ceil(request.validation_images / plan.batch_size)
    return Trial(
        devices=chosen.names,
        parameters=model.count_params(),
        batch_size=plan.batch_size,
        steps_per_epoch=plan.steps_per_epoch,
        epochs=plan.epochs,
        step_s=step_s,
        validation_s=validation_batches * _validation_step_s(loop, images)
        if validation_batches
        else 0.0,
        memory_bytes=peak_memory_bytes(),
        gpu_memory_bytes=_gpu_memory_bytes(),
    )


def _random_split(request: TrialRequest, count: int) -> Split:
    generator = np.random.default_rng(0)
    shape = (count, request.size_px, request.size_px, request.channels)
    images = generator.integers(0, 256, shape, np.uint8)
    return Split("train", images, generator.integers(0, request.classes, count, np.int32))


def _validation_step_s(loop: Loop, images: Split) -> float:
    """Returns the time of a batch of validation, after the one that compiles."""
    loop.validate(images)
    began = time.monotonic()
    loop.validate(images)
    return (time.monotonic() - began) / 2  # two batches


def _gpu_memory_bytes() -> int | None:
    if not tf.config.get_visible_devices("GPU"):
        return None
    return int(tf.config.experimental.get_memory_info("GPU:0")["peak"])


if __name__ == "__main__":
    main()
