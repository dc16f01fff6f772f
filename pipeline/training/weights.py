"""The weights a training begins with: of ImageNet, of the starter, of another model."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import h5py  # type: ignore[import-untyped]
import keras
import numpy as np
from numpy.typing import NDArray

from pipeline.bundle import INT8, LABELS, open_bundle
from pipeline.keras_files import open_model
from pipeline.litert import last_dense
from pipeline.problems import Problem
from pipeline.starter import model_folder
from pipeline.training.imagenet import imagenet_file
from pipeline.training.models import backbone_layers, build
from pipeline.training.weights_path import weights_path

BACKBONE = "backbone.npz"
STARTER_SHARE = 0.2
"""Of the starter's last layer, for labels with training images: it reads the same, but is less
sure. As it is, it is too sure to learn from real hands soon; docs/starter.md has the figures."""
Arrays = list[NDArray[Any]]


@dataclass(frozen=True)
class Loaded:
    """What was taken over: from where, and of how many classes also the last layer's weights."""

    source: str
    common: int = 0


def load(
    model: keras.Model,
    network: str,
    weights: str,
    labels: Sequence[str],
    counts: NDArray[np.int64],
    models_folder: Path,
) -> Loaded | None:
    """Gives a freshly built network its first weights.

    The last layer is new, but for the classes whose labels the other model knows, too.

    Args:
        model: as `build` made it.
        network: its name.
        weights: the setting `training.weights`.
        labels: of the dataset, in the order of the network's outputs.
        counts: training images of each label, int64 `[C]`.
        models_folder: where models that are named, not pathed, lie.

    Returns:
        What was loaded; None for "none".

    Raises:
        Problem: there are no such weights, they are damaged, or they are of another network.
    """
    if weights == "none":
        return None
    if weights == "imagenet":
        _load_imagenet(model, imagenet_file(network))
        return Loaded("ImageNet")
    if weights == "starter":
        return _load_starter(model, network, labels, counts)
    path = weights_path(weights, models_folder)
    source, known = _source(model, network, path)
    theirs, ours = _split(source), _split(model)
    _assign(str(path), network, ours[0], [w.numpy() for w in theirs[0]])
    last = [w.numpy() for w in theirs[1]]
    return Loaded(str(path), _take_over_classes(last, ours[1], known, labels))


def _load_starter(
    model: keras.Model, network: str, labels: Sequence[str], counts: NDArray[np.int64]
) -> Loaded:
    content = resources.files("pipeline.starter").joinpath(BACKBONE)
    if not content.is_file():
        raise Problem("weights.no_starter")
    load_backbone(model, network, content.read_bytes(), "starter")
    bundle = open_bundle(model_folder())
    known = bundle.description.labels
    # What no image will teach stays as sure as it was, or training talks the network out of it.
    shown = {label for label, count in zip(labels, counts, strict=True) if count}
    shares = np.array([STARTER_SHARE if label in shown else 1.0 for label in known], np.float32)
    last = [shares * weights for weights in last_dense(bundle.file(INT8))]
    return Loaded("starter", _take_over_classes(last, _split(model)[1], known, labels))


def load_backbone(model: keras.Model, network: str, content: bytes, name: str) -> None:
    """Loads the layers before the head from an `.npz` with arrays "0", "1", … and `meta`.

    `meta` is JSON in bytes: `model`, the network's name, and `input`, its shape.

    Raises:
        Problem: `weights.damaged` or `weights.mismatch`.
    """
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as stored:
            meta = json.loads(stored["meta"].tobytes())
            arrays = [stored[str(i)] for i in range(len(stored.files) - 1)]
        of = str(meta["model"])
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise Problem("weights.damaged", path=name, detail=str(error)) from error
    if of != network:
        raise Problem("weights.mismatch", path=name, model=network, found=of, wanted=network)
    _assign(name, network, [w for layer in backbone_layers(model) for w in layer.weights], arrays)


def _load_imagenet(model: keras.Model, path: Path) -> None:
    pooling = next(x for x in model.layers if isinstance(x, keras.layers.GlobalAveragePooling2D))
    try:
        keras.Model(model.input, pooling.input).load_weights(path)
    except (OSError, ValueError, KeyError) as error:
        raise Problem("weights.damaged", path=str(path), detail=str(error)) from error


def _source(model: keras.Model, network: str, path: Path) -> tuple[keras.Model, Sequence[str]]:
    """Returns the model at `path` and its labels, none where nobody says them."""
    if path.is_dir():
        bundle = open_bundle(path)
        return bundle.keras_model(), bundle.description.labels
    beside = path.parent / LABELS
    known = beside.read_text("utf-8").split("\n")[:-1] if beside.is_file() else []
    if not path.name.endswith(".weights.h5"):
        return open_model(path), known
    try:
        source = build(network, model.input_shape[1:], _classes(path), 0.0)
        source.load_weights(path)
    except (OSError, KeyError) as error:
        raise Problem("weights.damaged", path=str(path), detail=str(error)) from error
    except ValueError as error:
        found = str(error).partition("\n")[0]
        raise Problem("weights.mismatch", path=str(path), model=network, found=found,
                      wanted=network) from error  # fmt: skip
    return source, known


def _classes(path: Path) -> int:
    """Returns the width of the last dense layer in a `.weights.h5` of Keras 3.

    Raises:
        KeyError: there is none.
    """
    with h5py.File(path, "r") as file:
        layers = file["layers"]
        dense = [name for name in layers if name == "dense" or name.startswith("dense_")]
        last = max(dense, key=lambda name: int(name.removeprefix("dense").strip("_") or 0))
        return int(layers[last]["vars"]["1"].shape[0])


def _split(model: keras.Model) -> tuple[list[Any], list[Any]]:
    """Returns the weights of all layers before the last one that has some, and of that one."""
    layers = [layer for layer in model.layers if layer.weights]
    return [w for layer in layers[:-1] for w in layer.weights], list(layers[-1].weights)


def _assign(source: str, network: str, ours: list[Any], theirs: Arrays) -> None:
    shapes = [tuple(w.shape) for w in ours], [w.shape for w in theirs]
    if shapes[0] != shapes[1]:
        pairs = zip(*shapes, strict=False)
        wanted, found = next(
            ((str(w), str(f)) for w, f in pairs if w != f),
            (f"{len(shapes[0])}", f"{len(shapes[1])}"),
        )
        raise Problem("weights.mismatch", path=source, model=network, found=found, wanted=wanted)
    for weight, value in zip(ours, theirs, strict=True):
        weight.assign(value.astype(np.float32))


def _take_over_classes(
    theirs: Sequence[NDArray[Any]], ours: list[Any], known: Sequence[str], labels: Sequence[str]
) -> int:
    """Copies the columns of the last layer for labels that both know; returns their number."""
    rows = {label: row for row, label in enumerate(known)}
    pairs = [(rows[label], column) for column, label in enumerate(labels) if label in rows]
    if not pairs or len(known) != theirs[0].shape[-1]:
        return 0
    if any(t.shape[:-1] != o.shape[:-1] for t, o in zip(theirs, ours, strict=True)):
        return 0
    source, target = (list(column) for column in zip(*pairs, strict=True))
    for their, our in zip(theirs, ours, strict=True):
        values = np.array(our.numpy())
        values[..., target] = their[..., source]
        our.assign(values)
    return len(pairs)
