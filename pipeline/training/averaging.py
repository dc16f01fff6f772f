"""The moving average of a network's weights (Polyak & Juditsky 1992), a network of its own."""

from __future__ import annotations

import keras
import tensorflow as tf


class Average:
    """Keeps another network at the moving average of one that learns.

    The moving statistics of batch normalisation are averaged like the weights, so that they suit
    them. The decay rises as (1 + t) / (10 + t) in the step t, so that an average of few steps is
    not one of the first weights.

    Args:
        model: learns.
        average: the network of the average, built as `model` is; takes over its present weights.
        decay: of the average, 0 to 1.
    """

    def __init__(self, model: keras.Model, average: keras.Model, decay: float) -> None:
        self.network = average
        self._decay = decay
        self._pairs = []
        for mean, variable in zip(average.variables, model.variables, strict=True):
            mean.assign(variable)
            if keras.backend.is_float_dtype(variable.dtype):
                self._pairs.append((mean.value, variable.value))

    def update(self, steps: tf.Tensor) -> None:
        """Moves the average after `steps` steps; part of the compiled step."""
        t = tf.cast(steps, tf.float32)
        kept = tf.minimum(self._decay, (1.0 + t) / (10.0 + t))
        for mean, variable in self._pairs:
            mean.assign(mean + (variable - mean) * tf.cast(1.0 - kept, mean.dtype))
