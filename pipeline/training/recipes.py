"""How a network learns: optimizer and loss, from the settings."""

from __future__ import annotations

import keras
import numpy as np
from keras.optimizers.schedules import LearningRateSchedule
from numpy.typing import NDArray

from pipeline.settings import TrainingSettings
from pipeline.training.losses import CrossEntropy
from pipeline.training.sampling import log_prior

NOT_DECAYED = ["bias", "gamma", "beta"]


def optimizer(
    settings: TrainingSettings, rate: LearningRateSchedule, replicas: int = 1, scaled: bool = False
) -> keras.optimizers.Optimizer:
    """Returns AdamW (Loshchilov & Hutter 2019) or SGD with momentum; biases and norms keep size.

    Args:
        rate: the learning rate over the steps.
        replicas: that share a batch, and so the norm at which gradients are clipped (Pascanu et
            al. 2013).
        scaled: scale the loss, for the small range of float16 (Micikevicius et al. 2018).
    """
    decay = settings.weight_decay or None
    clip = settings.clip_norm / replicas or None
    chosen: keras.optimizers.Optimizer
    if settings.optimizer == "sgd":
        chosen = keras.optimizers.SGD(
            rate, settings.momentum, weight_decay=decay, global_clipnorm=clip
        )
    else:
        chosen = keras.optimizers.AdamW(rate, weight_decay=decay or 0.0, global_clipnorm=clip)
    chosen.exclude_from_weight_decay(var_names=NOT_DECAYED)
    return keras.optimizers.LossScaleOptimizer(chosen) if scaled else chosen


def loss(settings: TrainingSettings, counts: NDArray[np.int64]) -> CrossEntropy:
    """Returns the loss for classes of which there are so many training images: int64 `[C]`."""
    offsets = None
    if settings.logit_adjustment:
        offsets = settings.logit_adjustment * log_prior(counts, settings.balance)
    return CrossEntropy(len(counts), settings.label_smoothing, offsets)
