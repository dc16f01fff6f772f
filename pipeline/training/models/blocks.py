"""What several networks have in common: their first and last layers, and the convolution block."""

from __future__ import annotations

import keras
from keras import layers

Shape = tuple[int, int, int]

LOGITS = "logits"
HEAD = "head"
"""Layers whose names begin so are made for the classes, like the last one, `LOGITS`."""

MOMENTUM = 0.9
"""Of the moving averages: short runs need ones that follow quickly."""


def images(shape: Shape) -> keras.KerasTensor:
    """Returns the input: uint8 `[N, H, W, C]`."""
    return keras.Input(shape, dtype="uint8", name="image")


def convolution(
    x: keras.KerasTensor, filters: int, synchronized: bool, kernel: int = 3, strides: int = 1,
    activation: bool = True,
) -> keras.KerasTensor:  # fmt: skip
    """Returns convolution, batch normalisation and, unless switched off, ReLU of `x`."""
    x = layers.Conv2D(
        filters, kernel, strides, padding="same", use_bias=False, kernel_initializer="he_normal"
    )(x)
    x = layers.BatchNormalization(momentum=MOMENTUM, synchronized=synchronized)(x)
    return layers.ReLU()(x) if activation else x


def logits(x: keras.KerasTensor, classes: int) -> keras.KerasTensor:
    """Returns the last layer: float32 `[N, classes]` under any precision."""
    return layers.Dense(classes, dtype="float32", name=LOGITS)(x)
