"""The networks made for characters: few parameters, and quick on what they are meant for."""

from __future__ import annotations

import keras
from keras import layers

from pipeline.training.models.blocks import HEAD, MOMENTUM, Shape, convolution, images, logits
from pipeline.training.models.scaling import scaled


def hanzi_s(shape: Shape, classes: int, dropout: float, synchronized: bool) -> keras.Model:
    """Plain 3x3 convolutions, 0.69 M + 257 parameters a class at any size; the default.

    Depthwise-separable convolutions have fewer multiplications and train slower on a CPU.
    Arguments and result are those of `build`.
    """
    source = images(shape)
    x = scaled(source, "0-1")
    x = convolution(x, 32, synchronized, strides=2)
    for filters, depth in ((48, 1), (96, 2), (192, 2)):
        for _ in range(depth):
            x = convolution(x, filters, synchronized)
        x = layers.MaxPooling2D()(x)
    x = convolution(x, 256, synchronized, kernel=1)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(dropout)(x)
    return keras.Model(source, logits(x, classes), name="hanzi_s")


def hanzi_m(shape: Shape, classes: int, dropout: float, synchronized: bool) -> keras.Model:
    """Residual blocks (He et al. 2016), 5.2 M + 257 parameters a class: thousands of classes, GPU.

    A dense layer of 256 before the last one keeps that small. Arguments and result are those of
    `build`.
    """
    source = images(shape)
    x = scaled(source, "0-1")
    x = convolution(x, 64, synchronized)
    for filters, strides in ((64, 2), (64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (384, 2)):
        x = _residual(x, filters, strides, synchronized)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dense(256, use_bias=False, name=f"{HEAD}_dense")(x)
    x = layers.BatchNormalization(
        momentum=MOMENTUM, synchronized=synchronized, name=f"{HEAD}_normalization"
    )(x)
    x = layers.Dropout(dropout)(x)
    return keras.Model(source, logits(x, classes), name="hanzi_m")


def _residual(
    x: keras.KerasTensor, filters: int, strides: int, synchronized: bool
) -> keras.KerasTensor:
    shortcut = x
    if strides > 1 or x.shape[-1] != filters:
        shortcut = convolution(x, filters, synchronized, 1, strides, activation=False)
    x = convolution(x, filters, synchronized, strides=strides)
    x = convolution(x, filters, synchronized, activation=False)
    return layers.ReLU()(layers.Add()([shortcut, x]))
