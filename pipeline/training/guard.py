"""Sees on the device when a training has gone wrong, at the very step."""

from __future__ import annotations

import math

import tensorflow as tf

BEYOND = 10.0
"""A mean loss this many times that of guessing is no learning any more."""
WINDOW = 20
"""Steps of the mean, which is exponential and begins at 0: a new network may start badly."""


class Guard:
    """Watches the loss of each step without waiting for the device.

    Args:
        classes: C; guessing has a loss of log C.
    """

    def __init__(self, classes: int) -> None:
        self.limit = BEYOND * max(1.0, math.log(classes))
        # The step, the mean loss, the step that was one too many or 0, and the last sound one.
        self._state = tf.Variable(tf.zeros(4, tf.float64), trainable=False)

    def begin(self, step: int) -> None:
        """Starts over after `step` steps."""
        self._state.assign([step, 0.0, 0.0, step])

    def watch(self, loss: tf.Tensor) -> None:
        """Takes the mean loss of the next step, float64; part of the compiled step."""
        step, mean, lost_at, sound = tf.unstack(self._state)
        lost = lost_at > 0.0
        # A loss says how the weights were that the step before has left.
        sane = tf.logical_and(loss <= self.limit, tf.logical_not(lost))  # NaN is not
        sound = tf.where(sane, step, sound)
        step, mean = step + 1.0, mean + (loss - mean) / WINDOW
        lost_at = tf.where(tf.logical_or(mean <= self.limit, lost), lost_at, step)
        self._state.assign(tf.stack([step, mean, lost_at, sound]))

    def lost_at(self) -> int | None:
        """Returns the step, counted from 1, at which the training was lost, None when it is not."""
        return int(self._state.numpy()[2]) or None

    def sound_step(self) -> int:
        """Returns the last step that left weights which are known to have a sane loss."""
        return int(self._state.numpy()[3])
