"""Our own building of a network that people train, for the weights of a file, taken by order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import layers

from pipeline.foreign.arrays import Roles, role_of
from pipeline.foreign.pixels import prepared
from pipeline.foreign.request import ImportRequest
from pipeline.problems import Problem
from pipeline.training.models.applications import APPLICATIONS
from pipeline.training.models.blocks import images


def rebuilt(request: ImportRequest, size_px: int, weights: Roles) -> keras.Model:
    """Returns the network `request.architecture` with the weights of a file, uint8 to logits.

    Behind the convolutions come as many dense layers as the file has, ReLU between them; pooled
    or flattened features, as the first of them fits.

    Raises:
        Problem: `foreign.architecture` when the weights are of another network.
    """
    kernels = weights.get("convolution", []), weights.get("dense", [])
    if not kernels[0] or not kernels[1]:
        raise _unfit(request, "no convolution or no dense layer")
    channels = int(kernels[0][0].shape[2])
    if channels not in (1, 3):
        raise _unfit(request, f"{channels} channels")
    spec = request.spec(size_px, channels)
    source = images((size_px, size_px, spec.channels))
    pixels = prepared(source, channels, request.inverted, request.input)
    try:
        features = _features(str(request.architecture), pixels)
        x = _pooled(features, int(kernels[1][0].shape[0]))
    except ValueError as error:
        raise _unfit(request, str(error).partition("\n")[0]) from error
    for number, kernel in enumerate(kernels[1], 1):
        last = number == len(kernels[1])
        x = layers.Dense(kernel.shape[1], activation=None if last else "relu", dtype="float32")(x)
    model = keras.Model(source, x, name=str(request.architecture))
    _assign(model, weights, request)
    return model


def _features(architecture: str, pixels: Any) -> Any:
    if architecture == "cnn":
        x = layers.MaxPooling2D()(layers.Conv2D(32, 3, activation="relu")(pixels))
        return layers.MaxPooling2D()(layers.Conv2D(64, 3, activation="relu")(x))
    make: Callable[..., keras.Model] = APPLICATIONS[architecture]
    return make(include_top=False, weights=None, input_tensor=pixels).output


def _pooled(features: Any, wanted: int) -> Any:
    """Returns the features in one row of `wanted` numbers.

    Raises:
        ValueError: neither their means nor all of them are so many.
    """
    if wanted == features.shape[-1]:
        return layers.GlobalAveragePooling2D()(features)
    flat = layers.Flatten()(features)
    if wanted != flat.shape[-1]:
        raise ValueError(f"{wanted} features in place of {features.shape[-1]} or {flat.shape[-1]}")
    return flat


def _assign(model: keras.Model, weights: Roles, request: ImportRequest) -> None:
    left = {role: list(arrays) for role, arrays in weights.items()}
    for variable in model.weights:
        role = role_of(variable.path.rpartition("/")[2], variable.shape)
        arrays = left.get(role) or [np.empty(0)]
        array = arrays.pop(0)
        if tuple(variable.shape) != array.shape:
            found = f"{role} {array.shape} in place of {tuple(variable.shape)}"
            raise _unfit(request, found)
        variable.assign(array.astype(np.float32))
    over = sum(len(arrays) for arrays in left.values())
    if over:
        raise _unfit(request, f"{over} weights too many")


def _unfit(request: ImportRequest, found: str) -> Problem:
    return Problem("foreign.architecture", path=str(request.file), model=request.architecture,
                   found=found)  # fmt: skip
