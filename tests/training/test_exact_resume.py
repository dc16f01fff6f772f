"""A training that is killed again and again ends as the unbroken one, bit for bit."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import numpy as np
from workers import done, train_job, until

from pipeline import jobs
from pipeline.events import EventReader, Resumed
from pipeline.runs import Run, Status
from pipeline.workspace import Workspace

KILLS = 5
EVERYTHING = {
    "model": "cnn", "epochs": 12, "batch_size": 8, "optimizer": "sgd", "learning_rate": 0.02,
    "schedule": "plateau", "plateau_patience": 1, "patience": 4, "best": "accuracy", "ema": 0.9,
    "mixup": 0.2, "cutmix": 1.0, "balance": 0.5, "logit_adjustment": 0.5, "clip_norm": 1.0,
    "weights": "few-cnn", "frozen_epochs": 2, "checkpoint_minutes": 0.001,
}  # fmt: skip
"""All that has a state: dropout, momentum, average, plateau, patience, order, mixing, freezing."""


def newest(run: Run) -> dict[str, np.ndarray]:
    path = max((run.path / "checkpoints").glob("step-*.npz"))
    with np.load(path, allow_pickle=False) as stored:
        return {name: stored[name] for name in stored.files if name != "meta"}


async def killed_again_and_again(root: Path, steps: list[int]) -> Run:
    """Starts a training and kills its worker at each of the steps or a little beyond."""
    run = await jobs.start(train_job(root, **EVERYTHING))
    for step in steps:
        begun = len(EventReader(run.events).read())

        def reached(begun: int = begun, step: int = step) -> bool:
            now = run.last_progress()
            new = len(EventReader(run.events).read()) > begun + 4
            return new and now is not None and now.unit == "steps" and now.done >= step

        await until(reached, timeout_s=120)
        await jobs.stop(run, "kill")
        assert run.status() is Status.INTERRUPTED
        await jobs.resume(run)
    async for _event in jobs.follow(run):
        pass
    return run


def test_a_training_killed_at_five_random_moments_ends_as_the_unbroken_one(
    trained: Workspace,
) -> None:
    unbroken = done(train_job(trained.root, **EVERYTHING))
    total = max(metric.step for metric in unbroken.metrics())
    steps = sorted(random.sample(range(1, total * 4 // 5), KILLS))
    run = asyncio.run(killed_again_and_again(trained.root, steps))
    assert run.status() is Status.FINISHED, run.worker_log.read_text()
    again = [s.event.step for s in EventReader(run.events).read() if isinstance(s.event, Resumed)]
    assert len(again) == KILLS
    expected, found = newest(unbroken), newest(run)
    assert expected.keys() == found.keys()
    assert {name.split("/")[0] for name in found} == {"model", "optimizer", "average", "meter"}
    different = [name for name in expected if not np.array_equal(expected[name], found[name])]
    assert not different, f"killed at {steps}, resumed at {again}"
    histories = [[(m.epoch, m.values) for m in r.metrics() if m.scope == "epoch"]
                 for r in (unbroken, run)]  # fmt: skip
    assert histories[0] == histories[1]
    results = [r.finished() for r in (unbroken, run)]
    assert results[0] is not None
    assert results[1] is not None
    for key in ("best_epoch", "epochs", "metrics"):
        assert results[0].summary[key] == results[1].summary[key]
