"""How numbers are kept and steps compiled on the chosen devices."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import keras

from pipeline.problems import Problem
from pipeline.training.distribute import Devices

TENSOR_CORES = (7, 0)
"""From this compute capability on, float16 pays (NVIDIA, Train With Mixed Precision)."""


def policy(choice: str, chosen: Devices) -> str:
    """Returns the name of the Keras dtype policy for the setting `precision`.

    Raises:
        Problem: `precision.cpu`: float16 is emulated there, ten times slower.
    """
    if choice == "auto":
        fit = chosen.capabilities and min(chosen.capabilities) >= TENSOR_CORES
        return "mixed_float16" if fit else "float32"
    if choice == "mixed_float16" and not chosen.capabilities:
        raise Problem("precision.cpu")
    return choice


@contextmanager
def built_with(name: str) -> Iterator[None]:
    """Layers made in the block have the dtype policy `name`."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(name)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def compiled(choice: str, model: keras.Model, chosen: Devices) -> bool:
    """Says whether XLA compiles the steps of a compiled model, for the setting `xla`.

    Auto is Keras's own rule: on a single GPU, if every layer can be compiled.

    Raises:
        Problem: `xla.devices` when it is to compile for several devices.
    """
    if choice == "on" and chosen.replicas > 1:
        raise Problem("xla.devices", count=chosen.replicas)
    if choice == "auto":
        return bool(chosen.replicas == 1 and chosen.capabilities and model.jit_compile)
    return choice == "on"
