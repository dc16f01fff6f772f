"""The anatomy of a bundle, a `.tflite`, a `.keras` or an `.h5` file; loads no TensorFlow here."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from pipeline import bundle
from pipeline.anatomy.layers import Anatomy
from pipeline.problems import Problem
from pipeline.questions import ask
from pipeline.workspace import Workspace

KERAS_SUFFIXES = (".keras", ".h5", ".hdf5")


def model_path(workspace: Workspace, model: str) -> Path:
    """Returns the model file of that path, or else the bundle of that name; "" is the newest.

    Raises:
        Problem: `model.missing`, or `model.none`.
    """
    as_path = Path(model)
    return as_path if model and as_path.is_file() else workspace.require_model(model)


def anatomy(path: Path) -> Anatomy:
    """Returns the layers of a model.

    A bundle is read from its Keras file, and where there is none from its LiteRT file, whose
    operators hold several layers each.

    Args:
        path: a bundle's folder or a model file.

    Raises:
        Problem: `anatomy.kind`, or the file is damaged, missing, or not plain Keras.
    """
    if (path / "bundle.json").is_file():
        opened = bundle.open_bundle(path)
        if bundle.KERAS in opened.hashes:
            opened.file(bundle.KERAS)
            return replace(_of_keras(path / bundle.KERAS), name=opened.name)
        kept = bundle.LITERT if bundle.LITERT in opened.hashes else bundle.INT8
        return _of_litert(opened.file(kept), path, opened.name)
    if not path.is_file() or path.suffix not in (*KERAS_SUFFIXES, ".tflite"):
        raise Problem("anatomy.kind", path=str(path))
    if path.suffix == ".tflite":
        return _of_litert(path.read_bytes(), path, path.stem)
    return replace(_of_keras(path), name=path.stem)


def _of_keras(path: Path) -> Anatomy:
    return Anatomy.from_dict(ask("pipeline.anatomy.of_keras", os.fspath(path.absolute())))


def _of_litert(content: bytes, path: Path, name: str) -> Anatomy:
    from pipeline.anatomy.of_litert import litert_anatomy

    try:
        return litert_anatomy(content, name)
    except ValueError as error:
        raise Problem("foreign.damaged", path=str(path), detail=str(error)) from error
