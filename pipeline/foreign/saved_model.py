"""A SavedModel becomes a LiteRT file: it is a program, so its operators are judged first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2

from pipeline.foreign import pixels
from pipeline.foreign.request import ImportRequest
from pipeline.litert import LiteRTNetwork
from pipeline.normalizer import NormalizerSpec
from pipeline.problems import Problem
from pipeline.training.models.scaling import BGR_MEAN, RGB_DEVIATION, RGB_MEAN
from pipeline.trial_images import trial_images

REFUSED = frozenset(
    {
        "DebugIdentity", "EagerPyFunc", "MatchingFiles", "PrintV2", "PyFunc", "PyFuncStateless",
        "ReadFile", "TFRecordDataset", "TextLineDataset", "WholeFileReaderV2", "WriteFile",
    }
)  # fmt: skip
"""Operators that reach outside: those of `saved_model_cli scan`, and Python and readers."""


@dataclass(frozen=True)
class SavedNetwork:
    """A converted SavedModel: LiteRT's `content`, its normaliser, outputs and parameters."""

    content: bytes
    spec: NormalizerSpec
    outputs: int
    probabilities: bool
    parameters: int


def saved_network(request: ImportRequest) -> SavedNetwork:
    """Converts a SavedModel with our pixels before it and logits behind it.

    Raises:
        Problem: `foreign.damaged`, `foreign.operators`, `foreign.input`, `foreign.no_size`,
            `foreign.outputs`, or `foreign.unconvertible`.
    """
    _require_harmless(request.file)
    try:
        loaded = tf.saved_model.load(str(request.file))
        signature = loaded.signatures["serving_default"]
        ((_, wanted),) = signature.structured_input_signature[1].items()
    # TensorFlow promises no type for what it cannot read.
    except Exception as error:
        raise _problem("foreign.damaged", request, error) from error
    shape = wanted.shape.as_list() if wanted.shape.rank is not None else []
    spec = _spec(request, shape)
    trial = tf.constant(trial_images(spec))
    call = _called(request, signature, wanted, int(shape[3]))
    try:
        answers = call(trial).numpy()
    except (tf.errors.OpError, ValueError) as error:
        raise _problem("foreign.unconvertible", request, error) from error
    if answers.ndim != 2:
        raise Problem("foreign.outputs", path=str(request.file), found=str(answers.shape))
    probabilities = pixels.are_probabilities(answers)

    def logits(images: tf.Tensor) -> tf.Tensor:
        outputs = tf.cast(call(images), tf.float32)
        return tf.math.log(tf.maximum(outputs, pixels.TINY)) if probabilities else outputs

    traced = tf.function(logits).get_concrete_function(
        tf.TensorSpec((None, *trial.shape[1:]), tf.uint8, name="image")
    )
    try:
        converter = tf.lite.TFLiteConverter.from_concrete_functions([traced], loaded)
        content = converter.convert()
        given = LiteRTNetwork(content, threads=1).logits(trial_images(spec))
    # The converter raises what it meets, down to bare exceptions.
    except Exception as error:
        raise _problem("foreign.unconvertible", request, error) from error
    difference = float(np.max(np.abs(given - logits(trial).numpy())))
    if not difference <= 1e-3 * max(1.0, float(np.max(np.abs(given)))):
        raise Problem("bundle.differs", difference=f"{difference:.2g}", tolerance=1e-3)
    parameters = sum(int(np.prod(v.shape)) for v in signature.variables)
    return SavedNetwork(content, spec, int(answers.shape[1]), probabilities, parameters)


def _require_harmless(folder: Path) -> None:
    try:
        saved = saved_model_pb2.SavedModel.FromString((folder / "saved_model.pb").read_bytes())
    # Protocol buffers raise a type of their own, whose place has moved between versions.
    except Exception as error:
        raise Problem("foreign.damaged", path=str(folder), detail=str(error)) from error
    found = sorted({operator for operator in _operators(saved) if operator in REFUSED})
    if found:
        raise Problem("foreign.operators", path=str(folder), names=", ".join(found))


def _operators(saved: Any) -> Iterator[str]:
    for meta in saved.meta_graphs:
        for node in meta.graph_def.node:
            yield node.op
        for function in meta.graph_def.library.function:
            for node in function.node_def:
                yield node.op


def _spec(request: ImportRequest, shape: list[int | None]) -> NormalizerSpec:
    if len(shape) != 4 or shape[3] not in (1, 3) or shape[1] != shape[2]:
        raise Problem("foreign.input", path=str(request.file), found=str(shape))
    size = request.size_px or shape[1]
    if size is None:
        raise Problem("foreign.no_size", path=str(request.file))
    if shape[1] not in (None, size):
        raise Problem("foreign.size", path=str(request.file), found=shape[1], said=size)
    return request.spec(size, shape[3] or 1)


def _called(
    request: ImportRequest, signature: Any, wanted: Any, channels: int
) -> Callable[[tf.Tensor], tf.Tensor]:
    def call(images: tf.Tensor) -> tf.Tensor:
        x = tf.cast(images, tf.float32)
        x = 255.0 - x if request.inverted else x
        x = tf.concat([x] * (channels // images.shape[-1]), -1)
        (outputs,) = signature(
            **{wanted.name: tf.cast(_scaled(x, request.input), wanted.dtype)}
        ).values()
        return outputs

    return call


def _scaled(x: tf.Tensor, scaling: str) -> tf.Tensor:
    """Returns what `models.scaling.scaled` does, as TensorFlow's operators."""
    if scaling == "0-1":
        return x / 255.0
    if scaling == "-1-1":
        return x / 127.5 - 1.0
    if scaling == "caffe":
        return tf.reverse(x, [-1]) - tf.constant(BGR_MEAN)
    if scaling == "torch":
        return (x / 255.0 - tf.constant(RGB_MEAN)) / tf.constant(RGB_DEVIATION)
    return x


def _problem(code: str, request: ImportRequest, error: Exception) -> Problem:
    detail = f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"
    return Problem(code, path=str(request.file), detail=detail)
