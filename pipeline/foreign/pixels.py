"""From the normaliser's pixels to those that a foreign network was trained on."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray

from pipeline.training.models.scaling import Scaling, rgb, scaled

TINY = 1e-37
"""Probabilities below have no logarithm worth keeping, in float32."""


def prepared(source: keras.KerasTensor, channels: int, inverted: bool, scaling: Scaling) -> Any:
    """Returns floats `[N, H, W, channels]` of the images `source`, uint8 ink on 0."""
    x = layers.Rescaling(-1.0, offset=255.0)(source) if inverted else source
    return scaled(rgb(x) if channels == 3 else x, scaling)


def are_probabilities(outputs: NDArray[Any]) -> bool:
    """Says whether outputs `[N, classes]` are a softmax: none negative, each row 1 in sum."""
    return bool(np.all(outputs >= 0) and np.allclose(outputs.sum(axis=-1), 1, atol=1e-3))


def logarithm(probabilities: Any) -> Any:
    """Returns logits whose softmax is `probabilities`."""
    return keras.ops.log(keras.ops.maximum(probabilities, TINY))
