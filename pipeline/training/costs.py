"""What a training will cost, known before it starts; loads no TensorFlow."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.settings import TrainingSettings
from pipeline.training.outline import OutlineLayer, outline

FLOAT_BYTES = 4
PROCESS_BYTES = 720_000_000
LAYER_BYTES = 1_500_000
"""What the worker holds beside a network, TensorFlow mostly, and its program of a layer: measured
on CPUs, where it makes the peak of a training 0 to 10 % more than said here."""


@dataclass(frozen=True)
class Costs:
    """What a network and its training take.

    Args:
        parameters: with moving averages.
        macs: multiply-accumulates to recognise one image.
        memory_bytes: weights, their gradients, the optimizer's slots and the activations of a
            batch: what the device that trains needs.
        process_bytes: that and what the process needs for itself, where it trains on a CPU.
    """

    parameters: int
    macs: int
    memory_bytes: int
    process_bytes: int


def costs(
    training: TrainingSettings, size_px: int, channels: int, classes: int, replicas: int = 1
) -> Costs:
    """Returns the costs of a training on images of `size_px` by `size_px`.

    Args:
        training: the settings: network, batch size, optimizer, precision, averages.
        size_px: side of the images.
        channels: 1 or 3.
        classes: number of classes.
        replicas: devices that share a batch; the memory is that of one.
    """
    layers = outline(training.model, size_px, channels, classes)
    parameters = sum(layer.parameters for layer in layers)
    memory = _state_bytes(training, parameters) + _activation_bytes(training, layers, replicas)
    return Costs(
        parameters,
        macs=sum(layer.macs for layer in layers),
        memory_bytes=memory,
        process_bytes=memory + PROCESS_BYTES + LAYER_BYTES * len(layers),
    )


def _state_bytes(training: TrainingSettings, parameters: int) -> int:
    """Returns the bytes of weights, gradients, and the averages that go along with each weight."""
    slots = 2 if training.optimizer == "adamw" else int(training.momentum > 0)
    return FLOAT_BYTES * parameters * (2 + slots + (training.ema > 0))


def _activation_bytes(
    training: TrainingSettings, layers: tuple[OutlineLayer, ...], replicas: int
) -> int:
    """Returns the bytes of what the forward pass keeps, and of the gradients where they are most.

    Going backward, the gradients of a layer's input and output are there at once.
    """
    images = -(-training.batch_size // replicas)
    half = training.precision.startswith("mixed")
    kept = sum(layer.elements for layer in layers if layer.kept)
    largest = 2 * max(layer.elements for layer in layers)
    return images * (kept + largest) * (FLOAT_BYTES // 2 if half else FLOAT_BYTES)
