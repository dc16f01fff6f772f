"""What a training will take, found by a short trial in a process of its own; loads no TensorFlow.

The trial never starts by itself: it takes a few seconds of all cores or of the GPU.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict

from pipeline.problems import Problem
from pipeline.programs import program
from pipeline.settings import AugmentSettings, TrainingSettings

LIMIT_S = 300.0


class TrialRequest(BaseModel):
    """A dataset's shape and the settings to train with."""

    model_config = ConfigDict(frozen=True)

    kind: Literal["glyph", "photo"] = "glyph"
    size_px: int
    channels: int
    classes: int
    train_images: int
    validation_images: int
    training: TrainingSettings
    augment: AugmentSettings


@dataclass(frozen=True)
class Trial:
    """What a trial measured.

    Args:
        parameters: of the network.
        step_s: mean time of a step, after those that compile.
        validation_s: of one pass over the validation images.
        memory_bytes: the most that the process held, TensorFlow included.
        gpu_memory_bytes: the most that it held on the first GPU; None on a CPU.
    """

    devices: tuple[str, ...]
    parameters: int
    batch_size: int
    steps_per_epoch: int
    epochs: int
    step_s: float
    validation_s: float
    memory_bytes: int
    gpu_memory_bytes: int | None

    @property
    def epoch_s(self) -> float:
        return self.steps_per_epoch * self.step_s + self.validation_s

    @property
    def training_s(self) -> float:
        return self.epochs * self.epoch_s

    @property
    def samples_per_s(self) -> float:
        return self.batch_size / self.step_s


async def trial(request: TrialRequest) -> Trial:
    """Trains for a few seconds on random images and returns what that took.

    Raises:
        Problem: a device or the memory is missing, or the trial ended without a result.
    """
    process = await asyncio.create_subprocess_exec(
        *program("pipeline.training.trial"), request.model_dump_json(),
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE, start_new_session=True,
        env={"TF_CPP_MIN_LOG_LEVEL": "1", **os.environ},
    )  # fmt: skip
    try:
        output, errors = await asyncio.wait_for(process.communicate(), LIMIT_S)
    except asyncio.TimeoutError as error:
        raise Problem("trial.failed", detail=f"no result within {LIMIT_S:.0f} s") from error
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    try:
        answer = json.loads(output)
    except ValueError as error:
        last = errors.decode("utf-8", "replace").strip().rpartition("\n")[2]
        raise Problem("trial.failed", detail=last or f"exit code {process.returncode}") from error
    if "problem" in answer:
        raise Problem(answer["problem"], **answer["params"])
    return Trial(**{**answer, "devices": tuple(answer["devices"])})
