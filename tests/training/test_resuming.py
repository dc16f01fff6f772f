"""Going on with a run: longer than planned, with other versions, and what cannot change."""

from __future__ import annotations

import asyncio
import math

import pytest
from trained_here import checkpoints, codes, events, train_here, train_until

from pipeline import jobs, resume, runs
from pipeline.events import Log, Metric, Warned
from pipeline.jobs import read_job
from pipeline.problems import Problem
from pipeline.runs import Run, Status
from pipeline.settings import TrainingSettings
from pipeline.training import resuming
from pipeline.training.checkpoint import load
from pipeline.workspace import Workspace


async def gone_on(run: Run, **changes: object) -> None:
    await jobs.resume(run, changes)
    async for _event in jobs.follow(run):
        pass


def test_a_finished_run_goes_on_with_more_epochs_and_its_curve_stays_one(
    trained: Workspace,
) -> None:
    run = runs.listed(trained.runs)[-1]
    began = run.began_s()
    with pytest.raises(Problem, match="is finished"):
        asyncio.run(jobs.resume(run))
    with pytest.raises(Problem, match=r"after 2 epochs.*--epochs 4"):
        asyncio.run(jobs.resume(run, {"epochs": 2}))
    asyncio.run(gone_on(run, epochs=3))
    assert run.status() is Status.FINISHED, run.worker_log.read_text()
    assert run.began_s() == began
    assert read_job(run).training.epochs == 3
    epochs = [metric.epoch for metric in run.metrics() if metric.scope == "epoch"]
    assert epochs == [0, 1, 2]
    finished = run.finished()
    assert finished is not None
    assert (finished.summary["epochs"], finished.summary["model"]) == (3, "few-cnn-2")


def test_the_learning_rate_of_a_longer_run_is_that_of_the_new_plan(trained: Workspace) -> None:
    train_until(trained, 13, "epoch", epochs=1, warmup=0.0)
    train_until(trained, 1, epochs=2, warmup=0.0)
    told = [e for e in events(trained) if isinstance(e, Log) and e.code == "resume.other_plan"]
    assert [event.params for event in told] == [{"before": 1, "now": 2}]
    rates = [e.values["learning_rate"] for e in events(trained)
             if isinstance(e, Metric) and e.scope == "step" and e.step == 13]  # fmt: skip
    assert rates == [pytest.approx(1e-3 * (1 + math.cos(math.pi * 13 / 24)))]


def test_other_versions_are_named_in_a_warning(
    trained: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = resuming.versions()
    monkeypatch.setattr(resuming, "versions", lambda: {**real, "keras": "3.0.0", "pillow": "1"})
    train_until(trained, 1)
    monkeypatch.setattr(resuming, "versions", lambda: real)
    train_until(trained, 1)
    warned = [e for e in events(trained) if isinstance(e, Warned) and e.code == "resume.versions"]
    assert [event.params for event in warned] == [{"changed": f"keras 3.0.0 → {real['keras']}"}]


def test_a_run_of_other_batches_is_refused(trained: Workspace) -> None:
    train_until(trained, 1, batch_size=16)
    with pytest.raises(Problem, match=r"16 × 12 .*8 × 23"):
        train_here(trained, batch_size=8)


def test_what_cannot_change_is_named() -> None:
    settings = TrainingSettings(epochs=3)
    assert resume.changed(settings, {"epochs": 9, "model": "hanzi_s"}).epochs == 9
    with pytest.raises(Problem, match=r"model, seed cannot change.*epochs, steps"):
        resume.changed(settings, {"epochs": 9, "model": "cnn", "seed": 4})


def test_patience_that_was_at_its_end_is_so_after_a_resume(trained: Workspace) -> None:
    settings = {"epochs": 9, "patience": 1, "learning_rate": 1e-12, "best": "accuracy"}
    found = train_here(trained, **settings)
    assert found["epochs"] < 9
    assert "training.stopped_early" in codes(trained)
    step = load(checkpoints(trained)[-1]).position.step
    again = train_here(trained, **settings)
    assert load(checkpoints(trained)[-1]).position.step == step
    assert (again["best_epoch"], again["metrics"]) == (found["best_epoch"], found["metrics"])


def test_stopping_now_cuts_a_validation_short_and_it_is_made_up_for(trained: Workspace) -> None:
    train_until(trained, 99, name="unbroken", epochs=1)
    train_until(trained, 14, "now", epochs=1)
    stopped = load(checkpoints(trained)[-1])
    assert (stopped.position.step, stopped.position.history) == (12, [])
    train_until(trained, 99, epochs=1)
    ends = [load(checkpoints(trained, name)[-1]).position for name in ("unbroken", "here")]
    assert ends[0] == ends[1]
