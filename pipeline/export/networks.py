"""The network of a bundle written in each format, and opened again as its folder's code does."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline import bundle as bundles
from pipeline.bundle import Bundle
from pipeline.export.request import ExportRequest, Format
from pipeline.files import write_bytes
from pipeline.problems import Problem

OPSET = 17
"""Of ONNX, 2022: every runtime of today reads it."""
ONNX_PACKAGES = ("tf2onnx", "onnx", "onnxruntime")
FILES: dict[Format, str] = {
    "litert": "model.tflite",
    "onnx": "model.onnx",
    "saved_model": "saved_model",
    "keras": "model.keras",
}


def require_possible(bundle: Bundle, request: ExportRequest) -> None:
    """Checks that the bundle and this installation have what a format is made of.

    Raises:
        Problem: `export.no_network` or `export.no_onnx`.
    """
    form = request.format
    needed = {bundles.LITERT, bundles.INT8} if form == "litert" else {bundles.KERAS}
    if needed.isdisjoint(bundle.hashes):
        raise Problem("export.no_network", name=request.name, format=form)
    missing = [name for name in ONNX_PACKAGES if importlib.util.find_spec(name) is None]
    if form == "onnx" and missing:
        raise Problem("export.no_onnx", missing=", ".join(missing))


def source_file(bundle: Bundle, form: Format) -> str:
    """Returns the bundle's file that a format is made of; LiteRT of float32 where there is one."""
    if form != "litert":
        return bundles.KERAS
    return bundles.LITERT if bundles.LITERT in bundle.hashes else bundles.INT8


def write_network(bundle: Bundle, form: Format, folder: Path) -> Path:
    """Writes the network of a bundle into a folder and returns its file, or folder.

    Raises:
        Problem: `bundle.damaged`, or `export.failed` when the converter cannot do it.
    """
    path = folder / FILES[form]
    if form in ("litert", "keras"):
        source = source_file(bundle, form)
        write_bytes(path, bundle.file(source))
        if source == bundles.LITERT and bundles.INT8 in bundle.hashes:
            write_bytes(folder / bundles.INT8, bundle.file(bundles.INT8))
        return path
    model = bundle.keras_model()
    try:
        if form == "onnx":
            _write_onnx(model, path)
        else:
            model.export(path, verbose=False)
    # Neither converter promises a type for what it cannot do.
    except Exception as error:
        detail = f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"
        raise Problem("export.failed", format=form, detail=detail) from error
    return path


def reopened(form: Format, path: Path) -> Callable[[NDArray[np.uint8]], NDArray[np.float32]]:
    """Returns what an exported network answers, by the code that the folder carries."""
    module = importlib.import_module(f"pipeline.export.portable.network_{form}")
    opened: Callable[[NDArray[np.uint8]], NDArray[np.float32]] = module.open_network(path)
    return opened


def _write_onnx(model: Any, path: Path) -> None:
    import tensorflow as tf
    import tf2onnx  # type: ignore[import-not-found,unused-ignore]

    signature = [tf.TensorSpec((None, *model.input_shape[1:]), tf.uint8, name="image")]
    answered = tf.function(
        lambda image: {"logits": model(image, training=False)}, input_signature=signature
    )
    tf2onnx.convert.from_function(
        answered, input_signature=signature, opset=OPSET, output_path=str(path)
    )
