"""What is learned from a picture: which of its font's characters it is, and nothing of the others.

Where all fonts but one lack a character, a network that weighs it in every picture learns that
whatever looks like those fonts is never that character, also when people write it.
"""

from __future__ import annotations

import keras
from keras import ops

from starter.batches import IMPOSSIBLE, RIGHT


@keras.saving.register_keras_serializable("starter")
def cross_entropy(targets: keras.KerasTensor, logits: keras.KerasTensor) -> keras.KerasTensor:
    """Returns cross-entropy `[N]` among the possible, of targets and logits `[N, C]`."""
    weighed = ops.where(targets == IMPOSSIBLE, -1e9, logits)
    right = ops.sum(ops.where(targets == RIGHT, logits, 0.0), axis=-1)
    return ops.logsumexp(weighed, axis=-1) - right


@keras.saving.register_keras_serializable("starter")
def accuracy(targets: keras.KerasTensor, logits: keras.KerasTensor) -> keras.KerasTensor:
    """Returns for each image 1 where the right one is the likeliest of all, else 0; `[N]`."""
    same = ops.argmax(targets, axis=-1) == ops.argmax(logits, axis=-1)
    return ops.cast(same, "float32")
