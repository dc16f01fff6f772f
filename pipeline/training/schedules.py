"""The learning rate over the steps of a training."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf
from keras.optimizers.schedules import LearningRateSchedule

from pipeline.settings import TrainingSettings
from pipeline.training.plan import Plan


class Level(LearningRateSchedule):
    """A constant rate, times a `scale` that somebody may change between two epochs."""

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = rate
        self.scale = tf.Variable(1.0, trainable=False)

    def __call__(self, step: tf.Tensor) -> tf.Tensor:
        return self.rate * self.scale

    def get_config(self) -> dict[str, Any]:
        return {"rate": self.rate}


class Rising(LearningRateSchedule):
    """Another schedule whose rate rises linearly from 0 during the first `steps` steps."""

    def __init__(self, then: LearningRateSchedule, steps: int) -> None:
        super().__init__()
        self.then = then
        self.steps = steps

    def __call__(self, step: tf.Tensor) -> tf.Tensor:
        share = tf.minimum(tf.cast(step, tf.float32) / max(1, self.steps), 1.0)
        return (share if self.steps else 1.0) * self.then(step)

    def get_config(self) -> dict[str, Any]:
        then = keras.optimizers.schedules.serialize(self.then)
        return {"then": then, "steps": self.steps}


def learning_rate(settings: TrainingSettings, plan: Plan) -> LearningRateSchedule:
    """Returns the schedule that the settings ask for, a linear warm-up before it.

    cosine: half a cosine from the peak to 0 (Loshchilov & Hutter 2017). staircase: times
    `decay_rate` every `decay_steps` steps. constant. plateau: constant, and a callback changes the
    scale of its `Level`.
    """
    warmup, peak = round(plan.steps * settings.warmup), settings.learning_rate
    if settings.schedule == "cosine":
        return keras.optimizers.schedules.CosineDecay(
            initial_learning_rate=0.0 if warmup else peak,
            warmup_target=peak if warmup else None,
            warmup_steps=warmup,
            decay_steps=max(1, plan.steps - warmup),
        )
    if settings.schedule == "staircase":
        stairs = keras.optimizers.schedules.ExponentialDecay(
            peak, settings.decay_steps, settings.decay_rate, staircase=True
        )
        return Rising(stairs, warmup)
    return Rising(Level(peak), warmup)


def level(schedule: LearningRateSchedule) -> Level | None:
    """Returns the level whose scale a plateau lowers, None where the schedule has none."""
    inner = schedule.then if isinstance(schedule, Rising) else schedule
    return inner if isinstance(inner, Level) else None
