"""The networks: plain Keras layers, uint8 images in, float32 logits out.

Each carries its own rescaling, so that a bundle needs nothing but the normaliser before it.
"""

from __future__ import annotations

from collections.abc import Callable

import keras
from keras import layers

Shape = tuple[int, int, int]
Builder = Callable[[Shape, int, float, bool], keras.Model]


def hanzi_s(shape: Shape, classes: int, dropout: float, synchronized: bool) -> keras.Model:
    """Plain 3x3 convolutions, 0.69 M + 257 parameters a class at 64x64x1; the default.

    Depthwise-separable convolutions have fewer multiplications and train slower on a CPU.

    Args:
        shape: `(height, width, channels)` of the images.
        classes: number of classes.
        dropout: fraction of the pooled features dropped in training.
        synchronized: batch normalisation counts the batch of all replicas.

    Returns:
        Model from uint8 `[N, H, W, C]` to logits float32 `[N, classes]`.
    """
    images = keras.Input(shape, dtype="uint8", name="image")
    x = layers.Rescaling(1 / 255)(images)
    x = _conv(x, 32, synchronized, strides=2)
    for filters, depth in ((48, 1), (96, 2), (192, 2)):
        for _ in range(depth):
            x = _conv(x, filters, synchronized)
        x = layers.MaxPooling2D()(x)
    x = _conv(x, 256, synchronized, kernel=1)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(dropout)(x)
    return keras.Model(images, _logits(x, classes), name="hanzi_s")


def cnn(shape: Shape, classes: int, dropout: float, synchronized: bool) -> keras.Model:
    """The network of the tutorials: two convolutions and a dense layer of 128.

    Args and result as `hanzi_s`; here the dense layer's units are dropped, and nothing is
    normalised.
    """
    images = keras.Input(shape, dtype="uint8", name="image")
    x = layers.Rescaling(1 / 255)(images)
    x = layers.MaxPooling2D()(layers.Conv2D(32, 3, activation="relu")(x))
    x = layers.MaxPooling2D()(layers.Conv2D(64, 3, activation="relu")(x))
    x = layers.Dense(128, activation="relu")(layers.Flatten()(x))
    x = layers.Dropout(dropout)(x)
    return keras.Model(images, _logits(x, classes), name="cnn")


BUILDERS: dict[str, Builder] = {"hanzi_s": hanzi_s, "cnn": cnn}


def build(
    name: str, shape: Shape, classes: int, dropout: float, synchronized: bool = False
) -> keras.Model:
    """Builds the network `name` of `BUILDERS`; see `hanzi_s` for the arguments."""
    return BUILDERS[name](shape, classes, dropout, synchronized)


def _conv(
    x: keras.KerasTensor, filters: int, synchronized: bool, kernel: int = 3, strides: int = 1
) -> keras.KerasTensor:
    x = layers.Conv2D(
        filters, kernel, strides, padding="same", use_bias=False, kernel_initializer="he_normal"
    )(x)
    # Short runs need moving averages that follow quickly.
    x = layers.BatchNormalization(momentum=0.9, synchronized=synchronized)(x)
    return layers.ReLU()(x)


def _logits(x: keras.KerasTensor, classes: int) -> keras.KerasTensor:
    return layers.Dense(classes, dtype="float32", name="logits")(x)
