"""The anatomy of a LiteRT file: its operators, into which the converter folded several layers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from pipeline.anatomy.layers import Anatomy, Layer

WEIGHED_EVERYWHERE = ("CONV_2D", "DEPTHWISE_CONV_2D", "CONV_3D", "FULLY_CONNECTED")
"""Operators whose whole kernel works at each place of their output."""


def litert_anatomy(content: bytes, name: str) -> Anatomy:
    """Returns the operators of a `.tflite` file.

    Raises:
        ValueError: the content is no such network.
    """
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    # A delegate would hide the operators behind one of its own.
    interpreter = Interpreter(
        model_content=content,
        experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
    )
    tensors = {tensor["index"]: tensor for tensor in interpreter.get_tensor_details()}
    layers: list[Layer] = []
    made: dict[int, int] = {}
    for source in interpreter.get_input_details():
        made[source["index"]] = len(layers)
        layers.append(Layer(source["name"], "INPUT", _shape(source), 0, 0))
    for operator in interpreter._get_ops_details():
        inputs = [int(i) for i in operator["inputs"] if i >= 0]
        result = tensors[int(operator["outputs"][0])]
        constants = [tensors[i] for i in inputs if i not in made]
        layers.append(
            Layer(
                name=f"{len(layers)}",
                kind=operator["op_name"],
                shape=_shape(result),
                parameters=sum(_numbers(c) for c in constants if _is_weight(c)),
                macs=_macs(operator["op_name"], _shape(result), [tensors[i] for i in inputs]),
                sources=tuple(dict.fromkeys(made[i] for i in inputs if i in made)),
            )
        )
        made |= {int(i): len(layers) - 1 for i in operator["outputs"]}
    return Anatomy(name, tuple(layers))


def _shape(tensor: dict[str, Any]) -> tuple[int, ...]:
    return tuple(int(n) for n in tensor["shape"][1:])


def _numbers(tensor: dict[str, Any]) -> int:
    return math.prod(int(n) for n in tensor["shape"])


def _is_weight(tensor: dict[str, Any]) -> bool:
    """Says whether a constant holds weights, not a shape or an axis; a bias of an int8
    convolution is int32 with a scale."""
    whole = np.issubdtype(tensor["dtype"], np.integer)
    return not whole or tensor["quantization_parameters"]["scales"].size > 0


def _macs(kind: str, shape: tuple[int, ...], inputs: list[dict[str, Any]]) -> int:
    if kind in WEIGHED_EVERYWHERE:
        return _numbers(inputs[1]) * math.prod(shape[:-1])
    return 0
