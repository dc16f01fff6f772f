"""How long a training is: batches an epoch and epochs, from the settings and the images."""

from __future__ import annotations

import math
from dataclasses import dataclass

from pipeline.settings import TrainingSettings

PASSES = (5, 100)
"""Fewest and most epochs when the settings leave their number open."""


@dataclass(frozen=True)
class Plan:
    """The size of a training: `steps_per_epoch` batches of `batch_size`, `epochs` times."""

    batch_size: int
    steps_per_epoch: int
    epochs: int

    @property
    def steps(self) -> int:
        return self.steps_per_epoch * self.epochs


def plan_for(settings: TrainingSettings, images: int, replicas: int = 1) -> Plan:
    """Returns the plan for a training set of `images` images, at least one.

    The batch is divided evenly among the replicas. Without a number of epochs, there are as many
    as come nearest to `settings.steps`, within `PASSES`.
    """
    batch_size = max(replicas, settings.batch_size - settings.batch_size % replicas)
    steps_per_epoch = math.ceil(images / batch_size)
    fewest, most = PASSES
    wanted = min(max(round(settings.steps / steps_per_epoch), fewest), most)
    return Plan(batch_size, steps_per_epoch, settings.epochs or wanted)
