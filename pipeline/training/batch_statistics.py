"""The statistics of batch normalisation, estimated anew from pictures as they will be recognised.

While it learns, a network sees distorted pictures, resampled and so a little softer, and its
moving averages are of those. A finished network sees pictures as they are. Wu & Johnson, Rethinking
"Batch" in BatchNorm, 2021, section 3, estimate the statistics anew with the weights held still;
docs/accuracy.md has what it is worth here.
"""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from pipeline.dataset.records import Split
from pipeline.training.input import ordered_batches
from pipeline.training.losses import CrossEntropy
from pipeline.training.meter import Meter, sums

MOST_IMAGES = 2048
BATCH_SIZE = 128
FEWEST_IMAGES = 2 * BATCH_SIZE
"""With fewer, an estimate is worth less than the moving average of a whole training."""
HARM = 1.01
"""What the validation's loss may grow by. The epoch was chosen by that loss or the accuracy, so it
is a little too low; and images like those of the training are what averages serve best."""


def reestimated(
    model: keras.Model,
    training: Split,
    validation: Split,
    loss: CrossEntropy,
    found_loss: float,
    seed: int,
) -> dict[str, float]:
    """Estimates a network's statistics anew, and keeps them unless they do harm.

    Args:
        model: built in float32, outside any strategy. Its statistics are changed or, where the
            validation says so, left as they are; its weights never.
        training: from which at most `MOST_IMAGES` are drawn.
        validation: that decides.
        loss: to judge by.
        found_loss: of the validation, with the statistics as they are.
        seed: of the draw.

    Returns:
        Loss, accuracy and top-5 accuracy of the validation with the new statistics, as
        `{"val_loss", "val_accuracy", "val_top_5"}`; nothing where the old ones were kept.
    """
    normalizations = [
        layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)
    ]
    if not normalizations or not len(validation.labels) or len(training.labels) < FEWEST_IMAGES:
        return {}
    before = [array.copy() for array in model.get_weights()]
    _estimate(model, normalizations, training.images, seed)
    found = _judged(model, validation, loss)
    if found["val_loss"] <= HARM * found_loss:
        return found
    model.set_weights(before)
    return {}


def _estimate(
    model: keras.Model,
    normalizations: list[keras.layers.BatchNormalization],
    images: NDArray[np.uint8],
    seed: int,
) -> None:
    """Sets mean and variance of each channel to their means over batches of `images`."""
    drawn = np.random.default_rng(seed).permutation(len(images))[:MOST_IMAGES]
    momenta = [layer.momentum for layer in normalizations]
    for count in range(len(drawn) // BATCH_SIZE):
        for layer in normalizations:
            # A moving average whose momentum is k / (k + 1) at batch k is the plain mean.
            layer.momentum = count / (count + 1)
        rows = np.sort(drawn[count * BATCH_SIZE : (count + 1) * BATCH_SIZE])
        model(np.ascontiguousarray(images[rows]), training=True)
    for layer, momentum in zip(normalizations, momenta, strict=True):
        layer.momentum = momentum


def _judged(model: keras.Model, validation: Split, loss: CrossEntropy) -> dict[str, float]:
    meter = Meter()
    for images, labels, count in ordered_batches(validation, BATCH_SIZE):
        logits = model(images, training=False)
        counts = tf.constant((np.arange(len(labels)) < count).astype(np.float32))
        meter.totals.assign_add(sums(loss.judging(logits, labels), labels, logits, counts))
    return {f"val_{name}": value for name, value in meter.logs(fresh=True).items()}
