"""How a network learns: learning rate, optimizer and loss, from the settings."""

from __future__ import annotations

import keras

from pipeline.settings import TrainingSettings
from pipeline.training.plan import Plan


def learning_rate(
    settings: TrainingSettings, plan: Plan
) -> keras.optimizers.schedules.LearningRateSchedule:
    """Returns a linear warm-up followed by half a cosine down to 0 (Loshchilov & Hutter 2017)."""
    warmup = round(plan.steps * settings.warmup)
    return keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=0.0 if warmup else settings.learning_rate,
        warmup_target=settings.learning_rate if warmup else None,
        warmup_steps=warmup,
        decay_steps=max(1, plan.steps - warmup),
    )


def optimizer(settings: TrainingSettings, plan: Plan) -> keras.optimizers.Optimizer:
    """Returns AdamW (Loshchilov & Hutter 2019); biases and norms are not decayed."""
    adamw = keras.optimizers.AdamW(
        learning_rate(settings, plan), weight_decay=settings.weight_decay
    )
    adamw.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    return adamw


def loss(settings: TrainingSettings, classes: int) -> keras.losses.Loss:
    """Returns smoothed cross-entropy: float32 `[N]` of labels `[N]` and logits `[N, C]`."""
    return SmoothedCrossEntropy(settings.label_smoothing, classes)


class SmoothedCrossEntropy(keras.losses.Loss):
    """Cross-entropy of integer labels against smoothed targets (Szegedy et al. 2016).

    Each example's target is 1 - s on its label plus s / C on every class.
    """

    def __init__(self, smoothing: float, classes: int) -> None:
        super().__init__(name="cross_entropy", reduction=None)
        self.smoothing = smoothing
        self.classes = classes

    def call(self, y_true: keras.KerasTensor, y_pred: keras.KerasTensor) -> keras.KerasTensor:
        log_probabilities = keras.ops.log_softmax(keras.ops.cast(y_pred, "float32"))
        targets = keras.ops.one_hot(y_true, self.classes)
        targets = targets * (1.0 - self.smoothing) + self.smoothing / self.classes
        return -keras.ops.sum(targets * log_probabilities, axis=-1)
