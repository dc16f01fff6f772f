"""How the training goes from step to step: its learning rate, and what its images are like."""

from __future__ import annotations

from dataclasses import dataclass

from starter.batches import Stage
from starter.hand import GENTLE, HARD

EARLY, MIDDLE, LATE = Stage(32, GENTLE), Stage(32, HARD), Stage(48, HARD)


@dataclass(frozen=True)
class Schedule:
    """How a training goes, as a function of the step alone.

    The learning rate rises, stays, and falls to 0 over the last `decay` of the steps (Hu et al.
    2024, MiniCPM), during which the images are larger (Tan & Le 2021, EfficientNetV2): what comes
    before does not depend on the number of steps, so a long training can be cut or prolonged.
    """

    steps: int
    learning_rate: float = 2e-3
    warmup_steps: int = 200
    decay: float = 0.25
    early: Stage = EARLY
    middle: Stage = MIDDLE
    late: Stage = LATE
    gentle_steps: int = 2000

    def rate(self, step: int) -> float:
        """Returns the learning rate of a step, counted from 0."""
        rising = (step + 1) / self.warmup_steps
        falling = (self.steps - step) / (self.decay * self.steps)
        return self.learning_rate * min(1.0, rising, falling)

    def stage(self, step: int) -> Stage:
        """Returns how the images of a step are made."""
        if step >= (1 - self.decay) * self.steps:
            return self.late
        return self.early if step < self.gentle_steps else self.middle
