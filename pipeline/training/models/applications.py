"""Networks of `keras.applications` with a head of our own, for transfer learning or from scratch.

Each gets the pixels it was trained on ImageNet with. Its layers keep their names, so that weights
made elsewhere find them.
"""

from __future__ import annotations

from collections.abc import Callable

import keras
from keras import layers

from pipeline.training.models.blocks import HEAD, MOMENTUM, Shape, images, logits
from pipeline.training.models.scaling import Scaling, rgb, scaled

APPLICATIONS: dict[str, Callable[..., keras.Model]] = {
    "resnet50": keras.applications.ResNet50,
    "densenet169": keras.applications.DenseNet169,
    "mobilenet": keras.applications.MobileNet,
}


def resnet50(shape: Shape, classes: int, dropout: float, synchronized: bool) -> keras.Model:
    """ResNet50 (He et al. 2016) and a dense layer of 1024, as in the scripts people have."""
    return _application("resnet50", "caffe", 1024, shape, classes, dropout, synchronized)


def densenet169(shape: Shape, classes: int, dropout: float, synchronized: bool) -> keras.Model:
    """DenseNet169 (Huang et al. 2017) and a dense layer of 1024."""
    return _application("densenet169", "torch", 1024, shape, classes, dropout, synchronized)


def mobilenet(shape: Shape, classes: int, dropout: float, synchronized: bool) -> keras.Model:
    """MobileNet (Howard et al. 2017), nothing between its features and the classes."""
    return _application("mobilenet", "-1-1", 0, shape, classes, dropout, synchronized)


def _application(
    name: str,
    scaling: Scaling,
    hidden: int,
    shape: Shape,
    classes: int,
    dropout: float,
    synchronized: bool,
) -> keras.Model:
    source = images(shape)
    backbone = APPLICATIONS[name](
        include_top=False, weights=None, input_tensor=scaled(rgb(source), scaling)
    )
    for layer in backbone.layers:
        if isinstance(layer, layers.BatchNormalization):
            layer.momentum, layer.synchronized = MOMENTUM, synchronized
    x = layers.GlobalAveragePooling2D()(backbone.output)
    if hidden:
        x = layers.Dense(hidden, activation="relu", name=f"{HEAD}_dense")(x)
    x = layers.Dropout(dropout)(x)
    return keras.Model(source, logits(x, classes), name=name)
