"""The anatomy of a Keras model; as a program, of a file: `python -m pipeline.anatomy.of_keras`."""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import keras

from pipeline.anatomy.layers import Anatomy, Layer
from pipeline.keras_files import open_model
from pipeline.questions import answer

WEIGHED_EVERYWHERE = (
    "Conv1D", "Conv2D", "Conv3D", "Dense", "DepthwiseConv1D", "DepthwiseConv2D",
)  # fmt: skip
"""Layers whose whole kernel works at each place of their output."""
SEPARABLE = ("SeparableConv1D", "SeparableConv2D")
TRANSPOSED = ("Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose")


def keras_anatomy(model: keras.Model) -> Anatomy:
    """Returns the layers of a functional or sequential model, those of nested models in place."""
    layers: list[Layer] = []
    _append(model, {}, layers, "")
    return Anatomy(model.name, tuple(layers))


def macs(layer: keras.Operation) -> int:
    """Returns the multiply-accumulates of a layer for one image.

    Counted are convolutions and dense layers, by the shapes of their kernels and outputs.
    """
    kind = type(layer).__name__
    if kind in WEIGHED_EVERYWHERE:
        return _product(layer.kernel.shape) * _product(layer.output.shape[1:-1])
    if kind in SEPARABLE:
        kernels = (layer.depthwise_kernel, layer.pointwise_kernel)
        weights = sum(_product(kernel.shape) for kernel in kernels)
        return weights * _product(layer.output.shape[1:-1])
    if kind in TRANSPOSED:
        return _product(layer.kernel.shape) * _product(layer.input.shape[1:-1])
    return 0


def _append(
    model: keras.Model, known: dict[int, int], layers: list[Layer], prefix: str
) -> list[int]:
    """Appends the layers of `model`; returns the positions of those that give its outputs.

    Args:
        known: tensor's identity → position of the layer that gives it.
        prefix: of the names in nested models.
    """
    function = getattr(model, "_functional", None) or model
    for depth in sorted(function._nodes_by_depth, reverse=True):
        for node in function._nodes_by_depth[depth]:
            operation = node.operation
            sources = tuple(dict.fromkeys(known[id(x)] for x in node.input_tensors))
            if isinstance(operation, (keras.Sequential, keras.Model)):
                inner = getattr(operation, "_functional", None) or operation
                inside = {id(x): s for x, s in zip(inner.inputs, sources, strict=True)}
                places = _append(operation, inside, layers, f"{prefix}{operation.name}/")
            elif node.is_input and id(node.outputs[0]) in known:
                continue
            else:
                layers.append(_layer(operation, node, sources, prefix))
                places = [len(layers) - 1] * len(node.outputs)
            known |= {id(x): place for x, place in zip(node.outputs, places, strict=True)}
    return [known[id(x)] for x in function.outputs]


def _layer(operation: Any, node: Any, sources: tuple[int, ...], prefix: str) -> Layer:
    weights = getattr(operation, "weights", ())
    return Layer(
        name=prefix + operation.name,
        kind=type(operation).__name__,
        shape=tuple(node.outputs[0].shape[1:]),
        parameters=sum(_product(w.shape) for w in weights),
        macs=macs(operation),
        sources=sources,
    )


def _product(shape: Iterable[int | None]) -> int:
    """Returns the numbers in a tensor; an open side counts once."""
    return math.prod(n or 1 for n in shape)


def main() -> None:
    """Answers the path of a file with the anatomy of the model in it."""
    answer(lambda path: keras_anatomy(open_model(Path(path))).to_dict())


if __name__ == "__main__":
    main()
