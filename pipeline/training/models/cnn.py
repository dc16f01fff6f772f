"""The network of the tutorials."""

from __future__ import annotations

import keras
from keras import layers

from pipeline.training.models.blocks import Shape, images, logits
from pipeline.training.models.scaling import scaled


def cnn(shape: Shape, classes: int, dropout: float, synchronized: bool) -> keras.Model:
    """Two convolutions and a dense layer of 128, whose units are dropped; nothing is normalised.

    Arguments and result are those of `build`.
    """
    source = images(shape)
    x = scaled(source, "0-1")
    x = layers.MaxPooling2D()(layers.Conv2D(32, 3, activation="relu")(x))
    x = layers.MaxPooling2D()(layers.Conv2D(64, 3, activation="relu")(x))
    x = layers.Dense(128, activation="relu")(layers.Flatten()(x))
    x = layers.Dropout(dropout)(x)
    return keras.Model(source, logits(x, classes), name="cnn")
