"""The loss: cross-entropy against smoothed, mixed targets, for classes of any frequency."""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray


class CrossEntropy:
    """Cross-entropy of integer labels, an example at a time.

    A target is 1 - s on the label plus s / C on every class (Szegedy et al. 2016); a mixed image
    has two labels, each with its share.

    Args:
        classes: C.
        smoothing: s, 0 to 1.
        offsets: float32 `[C]`, added to the logits while learning: τ · log(prior) makes the raw
            logits those of classes that are equally frequent (Menon et al. 2021). None for none.
    """

    def __init__(
        self, classes: int, smoothing: float, offsets: NDArray[np.float32] | None = None
    ) -> None:
        self._classes = classes
        self._smoothing = smoothing
        self._offsets = offsets

    def learning(
        self,
        logits: tf.Tensor,
        labels: tf.Tensor,
        others: tf.Tensor | None = None,
        shares: tf.Tensor | None = None,
    ) -> tf.Tensor:
        """Returns the loss to learn by, float32 `[N]`.

        Args:
            logits: `[N, C]`.
            labels: int32 `[N]`.
            others: the second labels, int32 `[N]`.
            shares: of the first labels, float32 `[N]`.
        """
        targets = keras.ops.one_hot(labels, self._classes)
        if others is not None and shares is not None:
            share = shares[:, None]
            targets = share * targets + (1.0 - share) * keras.ops.one_hot(others, self._classes)
        if self._offsets is not None:
            logits = logits + self._offsets
        return self._against(targets, logits)

    def judging(self, logits: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        """Returns the loss to judge by, float32 `[N]`: smoothed, without offsets."""
        return self._against(keras.ops.one_hot(labels, self._classes), logits)

    def _against(self, targets: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
        log_probabilities = keras.ops.log_softmax(keras.ops.cast(logits, "float32"))
        targets = targets * (1.0 - self._smoothing) + self._smoothing / self._classes
        return -keras.ops.sum(targets * log_probabilities, axis=-1)
