"""The training room: checkpoints, ways to stop, what mends a failure, more epochs, plots."""

from __future__ import annotations

import time

import pytest
from acted import Acted
from on_screen import dashboard, seen, text_of
from PIL import Image
from textual.widgets import Input
from workers import train_job, until

from hanzi_tui.app import Dashboard
from hanzi_tui.screens import training_watch
from hanzi_tui.widgets.job_panel import JobPanel
from hanzi_tui.widgets.lines import Lines
from pipeline import jobs, runs
from pipeline.events import Artifact, Failed, Finished, Log, Stopped, Warned
from pipeline.jobs import TrainJob
from pipeline.runs import Run
from pipeline.settings import TrainingSettings
from pipeline.workspace import Workspace

DIVERGED = Failed("training.diverged", {"step": 33, "limit": 41.0, "kept": 30, "run": "x",
                                        "rate": "0.0005"}, "diverged")  # fmt: skip
NO_MEMORY = Failed("training.memory", {"batch_size": 16, "fits": 4}, "no memory")
DONE = Finished({"model": "few-cnn", "path": "x", "best_epoch": 4, "epochs": 8, "metrics": {},
                 "seconds": 61.0})  # fmt: skip


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training_watch, "DRAW_S", 0.05)


@pytest.fixture
def acted(workspace: Workspace) -> Acted:
    return Acted(train_job(workspace.root))


def training_of(run: Run) -> TrainingSettings:
    job = jobs.read_job(run)
    assert isinstance(job, TrainJob)
    return job.training


def checkpoint(acted: Acted, step: int) -> Artifact:
    return Artifact("checkpoint", str(acted.run.path / f"checkpoints/step-{step:09d}.npz"))


def panel(app: Dashboard) -> str:
    """Returns what the job says, without the breaks of its lines."""
    lines = app.screen.query_one(JobPanel).query_one(Lines)
    return " ".join(lines.render().plain.split())


async def end(run: Run) -> None:
    """Ends a worker, which has nothing to train on anyway."""
    if run.status().live:
        await jobs.stop(run, "kill")


async def test_it_tells_when_what_is_saved_and_how_it_over_fits(
    acted: Acted, workspace: Workspace
) -> None:
    acted.begin()
    acted.train(1, 5)
    app = dashboard(workspace)
    async with app.run_test(size=(120, 36)) as pilot:
        await seen(pilot, "no checkpoint yet")
        assert "over-fit" not in text_of(app)
        acted.train(6, 60)
        saved_s = time.time()
        acted.say(checkpoint(acted, 60))
        await seen(pilot, lambda: "step 60, best epoch 4" in panel(app))
        text = panel(app)
        clocks = {time.strftime("%H:%M", time.localtime(saved_s + s)) for s in (0, 60)}
        assert any(f"checkpoint {clock}" in text for clock in clocks)
        latest = {time.strftime("%H:%M", time.localtime(saved_s + s)) for s in (600, 660)}
        assert any(f"the next with the epoch, or at {clock}" in text for clock in latest)
        assert "-0.100 · validation is ahead" in text  # 0.60 in training, 0.70 in validation
        acted.say(Warned("checkpoint.not_saved", {"detail": "No space left"}, ""))
        await seen(pilot, lambda: "! The checkpoint could not be written" in panel(app))
        acted.say(checkpoint(acted, 60))
        await seen(pilot, lambda: "could not be written" not in panel(app))


async def test_every_way_to_stop_is_offered_and_now_means_now(
    acted: Acted, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    async def stop(run: Run, request: str) -> None:  # its worker is this very process
        asked.append((run.id, request))

    monkeypatch.setattr(jobs, "stop", stop)
    acted.begin()
    acted.train(1, 5)
    app = dashboard(workspace)
    async with app.run_test(size=(80, 24)) as pilot:
        await seen(pilot, "epoch 1/8")
        await pilot.press("s")
        text = await seen(pilot, "after this batch")
        for answer in ("after this epoch", "now, in a validation too", "kill it now"):
            assert answer in text
        await pilot.press("n")
        await pilot.press("tab")
        await seen(pilot, lambda: "! stops now, with a checkpoint, as asked" in panel(app))
        assert asked == [(acted.run.id, "now")]


async def test_a_training_that_diverged_goes_on_slower_by_one_key(
    acted: Acted, workspace: Workspace
) -> None:
    acted.begin()
    acted.train(1, 33)
    acted.say(DIVERGED)
    app = dashboard(workspace)
    async with app.run_test(size=(120, 36)) as pilot:
        await app.open_run(acted.run)
        text = await seen(pilot, "f goes on with a learning rate of 0.0005")
        assert "N opens the form" in text
        await pilot.press("f")
        await until(lambda: training_of(acted.run).learning_rate == 0.0005)
        await seen(pilot, lambda: "● " in panel(app))
    await end(acted.run)


async def test_a_batch_that_fits_the_memory_is_a_click_away(
    acted: Acted, workspace: Workspace
) -> None:
    acted.begin()
    acted.say(NO_MEMORY)
    app = dashboard(workspace)
    async with app.run_test(size=(120, 36)) as pilot:
        await app.open_run(acted.run)
        text = await seen(pilot, "f starts a new run with batch size 4")
        lines = text.splitlines()
        y = next(y for y, line in enumerate(lines) if "f starts a new run" in line)
        await pilot.click(offset=(lines[y].index("f starts") + 4, y))
        await until(lambda: len(runs.listed(workspace.runs)) == 2)
        [anew] = [run for run in runs.listed(workspace.runs) if run.id != acted.run.id]
        assert training_of(anew).batch_size == 4
        await seen(pilot, f"run {anew.id}")
        await end(anew)


async def test_a_finished_training_goes_on_with_more_epochs(
    acted: Acted, workspace: Workspace
) -> None:
    acted.begin()
    acted.train(1, 80)
    acted.say(Log("training.stopped_early", {"epoch": 8, "patience": 4}, ""), DONE)
    app = dashboard(workspace)
    async with app.run_test(size=(120, 36)) as pilot:
        await app.open_run(acted.run)
        await seen(pilot, "g goes on with more epochs")
        await pilot.press("g")
        text = await seen(pilot, "How many epochs in all? 8 epochs are done.")
        assert "Its patience had ended it" in " ".join(text.split())
        field = app.screen.query_one(Input)
        assert field.value == "16"
        field.value = "8"
        await pilot.press("enter")
        await until(lambda: any("above 8" in n.message for n in app._notifications))
        await pilot.press("g")
        await seen(pilot, "How many epochs in all?")
        await pilot.press("enter")
        await until(lambda: training_of(acted.run).epochs == 16)
        assert training_of(acted.run).patience == 0
        await seen(pilot, lambda: "● " in panel(app))
    await end(acted.run)


async def test_the_curves_are_written_as_a_picture_and_it_says_where(
    acted: Acted, workspace: Workspace
) -> None:
    acted.begin()
    acted.train(1, 25)
    acted.say(Stopped("batch"))
    app = dashboard(workspace)
    async with app.run_test(size=(120, 36)) as pilot:
        await app.open_run(acted.run)
        await seen(pilot, "stopped, as asked")
        for key, name in (("p", "curves.png"), ("s", "curves.svg"), ("c", "curves.csv")):
            await pilot.press("e")
            assert "hanzi-tui tensorboard" in await seen(pilot, "picture, PNG")
            await pilot.press(key)
            path = acted.run.path / name
            await until(path.is_file)
            told = f"written: {path}"
            await until(lambda told=told: any(n.message == told for n in app._notifications))
        with Image.open(acted.run.path / "curves.png") as picture:
            assert picture.width > 400
        assert (acted.run.path / "curves.svg").read_text("utf-8").startswith(("<svg", "<?xml"))
