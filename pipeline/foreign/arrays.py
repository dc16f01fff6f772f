"""The weights in a file of Keras or TensorFlow, without the network they are of.

However deep the layers were nested and whichever were frozen: among the weights of one role, such
as all kernels of convolutions, the order of the file is that of the layers.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import h5py  # type: ignore[import-untyped]
import numpy as np
from numpy.typing import NDArray

from pipeline.foreign.checkpoints import saved_weights
from pipeline.problems import Problem

ROLES = ("depthwise_kernel", "kernel", "bias", "gamma", "beta", "moving_mean", "moving_variance")
OF_KERAS_3 = {
    "batch_normalization": ("gamma", "beta", "moving_mean", "moving_variance"),
    "conv2d": ("kernel", "bias"),
    "dense": ("kernel", "bias"),
    "depthwise_conv2d": ("kernel", "bias"),
}
Array = NDArray[Any]
Roles = dict[str, list[Array]]


def weights_by_role(path: Path) -> Roles:
    """Returns the weights of a file by their roles, as `role_of` names them.

    Args:
        path: a `.keras`, `.h5` or `.weights.h5` file, or the folder of a SavedModel.

    Raises:
        Problem: `foreign.damaged`.
    """
    found: Roles = {}
    try:
        for role, array in _weights(path):
            found.setdefault(role_of(role, array.shape), []).append(array)
        if not found:
            raise ValueError("it holds no weights")
    except (OSError, ValueError, KeyError, RuntimeError, zipfile.BadZipFile) as error:
        detail = str(error).partition("\n")[0]
        raise Problem("foreign.damaged", path=str(path), detail=detail) from error
    return found


def role_of(name: str, shape: Sequence[int]) -> str:
    """Returns the role of a weight: its name, but kernels are told apart by their shapes.

    They are "convolution", "depthwise", whose name has changed between versions of Keras, and
    "dense".
    """
    if not name.endswith("kernel"):
        return name
    if len(shape) == 4:
        return "depthwise" if shape[-1] == 1 else "convolution"
    return "dense" if len(shape) == 2 else name


def _weights(path: Path) -> Iterator[tuple[str, Array]]:
    if path.is_dir():
        yield from (pair for pair in saved_weights(path) if pair[0] in ROLES)
        return
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            source: Any = io.BytesIO(archive.read("model.weights.h5"))
    else:
        source = path
    with h5py.File(source, "r") as file:
        if "layer_names" in file.attrs or "layer_names0" in file.attrs:
            yield from _of_keras_2(file)
        elif "model_weights" in file:
            yield from _of_keras_2(file["model_weights"])
        else:
            yield from _of_keras_3(file)


def _of_keras_2(group: h5py.Group) -> Iterator[tuple[str, Array]]:
    """Yields the weights by the names that the file lists, in the order of its layers."""
    for layer in _names(group, "layer_names"):
        for name in _names(group[layer], "weight_names"):
            role = name.rpartition("/")[2].partition(":")[0]
            if role in ROLES:
                yield role, np.asarray(group[layer][name])


def _names(group: h5py.Group, attribute: str) -> list[str]:
    """Returns a list of names; a long one is spread over attributes with numbers."""
    if attribute in group.attrs:
        names = list(group.attrs[attribute])
    else:
        names, number = [], 0
        while f"{attribute}{number}" in group.attrs:
            names += list(group.attrs[f"{attribute}{number}"])
            number += 1
    return [name.decode() if isinstance(name, bytes) else str(name) for name in names]


def _of_keras_3(group: h5py.Group) -> Iterator[tuple[str, Array]]:
    """Yields the weights by the numbers in the groups' names: `conv2d`, `conv2d_1`, …"""
    for name in sorted(group, key=_numbered):
        if not isinstance(group[name], h5py.Group):
            continue
        roles = OF_KERAS_3.get(_numbered(name)[0])
        variables = group[name].get("vars", {})
        if roles and variables:
            for role, number in zip(roles, sorted(variables, key=int), strict=False):
                yield role, np.asarray(variables[number])
        else:
            yield from _of_keras_3(group[name])


def _numbered(name: str) -> tuple[str, int]:
    """Returns a layer's kind and number of "kind" or "kind_12"."""
    match = re.fullmatch(r"(.+?)(?:_(\d+))?", name)
    assert match is not None
    return match[1], int(match[2] or 0)
