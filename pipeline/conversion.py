"""From a Keras network to LiteRT files: float32 that answers alike, int8 that is measured.

int8 is dynamic range quantisation (https://ai.google.dev/edge/litert): weights of 8 bits, a
quarter of the file; the layers' input is rounded as it comes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pipeline.litert import LiteRTNetwork
from pipeline.problems import Problem
from pipeline.processes import usable_cores

if TYPE_CHECKING:
    import keras

TOLERANCE = 1e-4
COMPARED_IMAGES = 32
BATCH = 64


def float_network(model: keras.Model, samples: NDArray[np.uint8]) -> bytes:
    """Returns `model` as a float32 LiteRT file.

    Args:
        model: float32, uint8 images `[N, S, S, C]` to logits `[N, classes]`.
        samples: images; the first `COMPARED_IMAGES` must be answered as `model` does, to
            `TOLERANCE`.

    Raises:
        Problem: `bundle.differs` when LiteRT and Keras disagree.
    """
    import tensorflow as tf

    content: bytes = tf.lite.TFLiteConverter.from_keras_model(model).convert()
    compared = samples[:COMPARED_IMAGES]
    wanted = np.asarray(model(compared, training=False))
    given = LiteRTNetwork(content, threads=1).logits(compared)
    difference = float(np.max(np.abs(wanted - given))) if wanted.shape == given.shape else np.inf
    if not difference <= TOLERANCE * max(1.0, float(np.max(np.abs(wanted)))):
        raise Problem("bundle.differs", difference=f"{difference:.2g}", tolerance=TOLERANCE)
    return content


def int8_network(model: keras.Model) -> bytes:
    """Returns `model` as a LiteRT file with int8 weights."""
    import tensorflow as tf

    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    content: bytes = converter.convert()
    return content


@dataclass(frozen=True)
class Change:
    """What int8 changed on `images` images: shares that are right, share answered alike."""

    images: int
    float32_accuracy: float
    int8_accuracy: float
    same_answer: float


def measured_change(
    float32: bytes, int8: bytes, images: NDArray[np.uint8], labels: NDArray[np.int32]
) -> Change:
    """Compares two networks on images uint8 `[N, S, S, C]` of known labels `[N]`, N ≥ 1."""
    full, small = _answers(float32, images), _answers(int8, images)
    return Change(
        len(labels),
        round(float(np.mean(full == labels)), 6),
        round(float(np.mean(small == labels)), 6),
        round(float(np.mean(full == small)), 6),
    )


def _answers(content: bytes, images: NDArray[np.uint8]) -> NDArray[np.intp]:
    network = LiteRTNetwork(content, usable_cores())
    parts = [network.logits(images[i : i + BATCH]).argmax(1) for i in range(0, len(images), BATCH)]
    return np.concatenate(parts)
