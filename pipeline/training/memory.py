"""Which batch size fits into the memory, found where a larger one did not."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from pipeline.training.loop import Loop


def fitting_batch(loop: Loop, shape: tuple[int, int, int], batch_size: int, replicas: int) -> int:
    """Returns the largest of B/2, B/4, … of which a step of learning fits, 0 when none does.

    The steps spoil the weights, so there must be no way on from here but a checkpoint.

    Args:
        shape: `(height, width, channels)` of the images.
        batch_size: B, which did not fit.
        replicas: that share a batch; each needs an image.
    """
    while (batch_size := batch_size // 2 // replicas * replicas) >= replicas:
        try:
            loop.try_step(np.zeros((batch_size, *shape), np.uint8))
        except tf.errors.ResourceExhaustedError:
            continue
        return batch_size
    return 0
