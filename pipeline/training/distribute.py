"""Which devices train, and the TensorFlow strategy that spreads a step over them."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass

import tensorflow as tf

from pipeline.environment.devices import cuda_places, most_free
from pipeline.environment.gpu import gpus
from pipeline.problems import Problem


@dataclass(frozen=True)
class Devices:
    """The strategy to train under and what it spreads over.

    Args:
        names: of the devices.
        capabilities: compute capability of each GPU; empty on a CPU.
    """

    strategy: tf.distribute.Strategy
    names: tuple[str, ...]
    capabilities: tuple[tuple[int, int], ...] = ()

    @property
    def replicas(self) -> int:
        return int(self.strategy.num_replicas_in_sync)


def devices(choice: str) -> Devices:
    """Chooses devices and the strategy for them.

    Must run before TensorFlow touches a GPU: memory growth is switched on, and only the chosen
    GPUs are made visible.

    Args:
        choice: "auto" (the GPU with the most free memory, else the CPU), "cpu", or GPU numbers
            such as "0,2", as nvidia-smi counts.

    Raises:
        Problem: `device.missing` when a GPU named by the user is not there.
    """
    present = tf.config.list_physical_devices("GPU")
    chosen = [] if choice == "cpu" else _chosen(choice, present)
    tf.config.set_visible_devices(chosen, "GPU")
    for device in chosen:
        tf.config.experimental.set_memory_growth(device, True)
    if len(json.loads(os.environ.get("TF_CONFIG", "{}")).get("cluster", {}).get("worker", ())) > 1:
        strategy = tf.distribute.MultiWorkerMirroredStrategy()
    elif len(chosen) > 1:
        strategy = tf.distribute.MirroredStrategy()
    else:
        strategy = tf.distribute.get_strategy()
    details = [tf.config.experimental.get_device_details(device) for device in chosen]
    names = tuple(
        detail.get("device_name", device.name)
        for device, detail in zip(chosen, details, strict=True)
    )
    capabilities = tuple(detail.get("compute_capability", (0, 0)) for detail in details)
    return Devices(strategy, names or ("CPU",), capabilities)


def _chosen(choice: str, present: list[tf.config.PhysicalDevice]) -> list[tf.config.PhysicalDevice]:
    if choice == "auto":
        if len(present) < 2:
            return present
        report = gpus()
        best = most_free(report)
        places = cuda_places(report, len(present))
        return [present[places.get(best.index, 0)]] if best else present[:1]
    places = cuda_places(gpus(), len(present))
    numbers = [int(number) for number in choice.split(",")]
    missing = [number for number in numbers if number not in places]
    if missing:
        raise Problem("device.missing", number=missing[0], count=len(present))
    return [present[places[number]] for number in numbers]
