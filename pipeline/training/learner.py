"""A network with all that it learns by, made from the settings: for training, trial, benchmark."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from keras.optimizers.schedules import LearningRateSchedule
from numpy.typing import NDArray

from pipeline.settings import TrainingSettings
from pipeline.training import models, recipes, schedules
from pipeline.training.acceleration import built_with, compiled, policy
from pipeline.training.averaging import Average
from pipeline.training.distribute import Devices
from pipeline.training.losses import CrossEntropy
from pipeline.training.plan import Plan


@dataclass(frozen=True)
class Learner:
    """What the loop trains.

    Args:
        model: compiled with its optimizer, built under the devices' strategy.
        judged: the network whose answers count: the average of weights, else `model` itself.
        average: keeps `judged` at the average; None where there is none.
        schedule: of the learning rate.
        frozen_epochs: during the first so many epochs only the head learns.
        jit: XLA compiles the steps.
    """

    model: keras.Model
    judged: keras.Model
    average: Average | None
    loss: CrossEntropy
    schedule: LearningRateSchedule
    devices: Devices
    plan: Plan
    frozen_epochs: int
    jit: bool

    @property
    def classes(self) -> int:
        return int(self.model.output_shape[-1])

    def variables(self) -> dict[str, Sequence[Any]]:
        """Returns what a checkpoint holds of it; the seed state of dropout is among it."""
        groups = {"model": self.model.variables, "optimizer": self.model.optimizer.variables}
        return groups if self.average is None else {**groups, "average": self.judged.variables}

    def freeze(self, epoch: int) -> bool:
        """Lets all layers learn, or only the head in the first epochs; says whether it is so."""
        frozen = epoch < self.frozen_epochs
        for layer in models.backbone_layers(self.model):
            layer.trainable = not frozen
        return frozen


def learner(
    settings: TrainingSettings,
    shape: tuple[int, int, int],
    counts: NDArray[np.int64],
    chosen: Devices,
    plan: Plan,
    start: Callable[[keras.Model], None] | None = None,
) -> Learner:
    """Builds network, optimizer and loss.

    Args:
        shape: `(height, width, channels)` of the images.
        counts: training images of each class, int64 `[C]`.
        start: called with the new network, to give it its first weights.

    Raises:
        Problem: the precision, XLA or the first weights are not to be had.
    """
    dtype = policy(settings.precision, chosen)

    def build() -> keras.Model:
        return models.build(
            settings.model, shape, len(counts), settings.dropout, chosen.replicas > 1
        )

    with chosen.strategy.scope(), built_with(dtype):
        model = build()
        if start is not None:
            start(model)
        average = Average(model, build(), settings.ema) if settings.ema else None
        schedule = schedules.learning_rate(settings, plan)
        model.compile(optimizer=recipes.optimizer(
            settings, schedule, chosen.replicas, scaled=dtype == "mixed_float16"
        ))  # fmt: skip
        model.optimizer.build(model.trainable_variables)
    return Learner(
        model=model,
        judged=model if average is None else average.network,
        average=average,
        loss=recipes.loss(settings, counts),
        schedule=schedule,
        devices=chosen,
        plan=plan,
        frozen_epochs=settings.frozen_epochs if settings.weights != "none" else 0,
        jit=compiled(settings.xla, model, chosen),
    )
