"""Jobs in real worker processes, for tests to start and to wait for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from pipeline import jobs
from pipeline.jobs import AnyJob, TrainJob
from pipeline.runs import Run
from pipeline.settings import AugmentSettings, TrainingSettings

QUICK = TrainingSettings(model="cnn", epochs=2, batch_size=16, seed=1, devices="cpu")
"""A training of a few seconds, most of which TensorFlow needs to start."""


def train_job(root: Path, **changes: object) -> TrainJob:
    """Returns a training on "few"; `changes` are training settings."""
    return TrainJob(workspace=root, dataset="few", name="few-cnn", augment=AugmentSettings(),
                    training=QUICK.model_copy(update=changes))  # fmt: skip


def done(job: AnyJob) -> Run:
    """Starts a job and waits for its end."""
    return asyncio.run(_done(job))


async def _done(job: AnyJob) -> Run:
    run = await jobs.start(job)
    async for _event in jobs.follow(run):
        pass
    return run


async def until(condition: Callable[[], bool], timeout_s: float = 60.0) -> None:
    """Waits for `condition`.

    Raises:
        asyncio.TimeoutError: it did not come true in time.
    """

    async def wait() -> None:
        while not condition():
            await asyncio.sleep(0.02)

    await asyncio.wait_for(wait(), timeout_s)
