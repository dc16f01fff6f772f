"""A network by its name, and which of its layers belong to the classes."""

from __future__ import annotations

from collections.abc import Callable

import keras

from pipeline.training.models.applications import densenet169, mobilenet, resnet50
from pipeline.training.models.blocks import HEAD, LOGITS, Shape
from pipeline.training.models.cnn import cnn
from pipeline.training.models.hanzi import hanzi_m, hanzi_s
from pipeline.training.networks import require_size

Builder = Callable[[Shape, int, float, bool], keras.Model]

BUILDERS: dict[str, Builder] = {
    "hanzi_s": hanzi_s,
    "hanzi_m": hanzi_m,
    "cnn": cnn,
    "resnet50": resnet50,
    "densenet169": densenet169,
    "mobilenet": mobilenet,
}


def build(
    name: str, shape: Shape, classes: int, dropout: float, synchronized: bool = False
) -> keras.Model:
    """Builds a network.

    The order and shapes of its variables depend on `name`, `shape` and `classes` alone.

    Args:
        name: key of `BUILDERS`.
        shape: `(height, width, channels)` of the images.
        classes: number of classes.
        dropout: fraction of the features before the last layer dropped in training.
        synchronized: batch normalisation counts the batch of all replicas.

    Returns:
        Model from uint8 `[N, H, W, C]` to logits float32 `[N, classes]`.

    Raises:
        Problem: `model.input_small` when nothing would be left of smaller images.
    """
    require_size(name, min(shape[:2]))
    return BUILDERS[name](shape, classes, dropout, synchronized)


def head_layers(model: keras.Model) -> list[keras.layers.Layer]:
    """Returns the layers behind the pooled features: those that learn while the rest is frozen."""
    return [layer for layer in model.layers if layer.name.startswith((HEAD, LOGITS))]


def backbone_layers(model: keras.Model) -> list[keras.layers.Layer]:
    """Returns the layers that are not of the head."""
    return [layer for layer in model.layers if not layer.name.startswith((HEAD, LOGITS))]
