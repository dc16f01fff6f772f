"""The training room: what is set up, tried, started, and gone on with."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import replace

import pytest
from acted import Acted
from on_screen import SIZES, configuration, dashboard, seen, text_of
from textual.widgets import Input
from workers import QUICK, train_job

from hanzi_tui.app import Dashboard
from hanzi_tui.new_training import used_by_others
from hanzi_tui.run_state import RunState
from hanzi_tui.screens import training_setup, training_start
from hanzi_tui.widgets.sample_grid import SampleGrid
from hanzi_tui.widgets.training_form import TrainingForm
from pipeline import jobs, runs
from pipeline.configuration import Layer, merge
from pipeline.environment.devices import Gpu, GpuProcess, GpuReport
from pipeline.events import Stopped
from pipeline.jobs import TrainJob
from pipeline.runs import Status
from pipeline.training.estimate import Trial, TrialRequest
from pipeline.workspace import Workspace

START_S = 60.0  # TensorFlow needs seconds to start, on a busy machine many


def log_of(app: Dashboard) -> str:
    return "\n".join(line.text for state in app.states.values() for line in state.log)


@pytest.mark.parametrize("size", SIZES)
async def test_without_a_run_it_shows_the_form_and_what_the_training_will_be(
    trained: Workspace, size: tuple[int, int]
) -> None:
    [run] = [run for run in runs.listed(trained.runs) if "few-cnn" in run.job.read_text()]
    state = RunState(run)
    async for stamped in jobs.follow(run):
        state.add(stamped)
    values = {"general": {"workspace": trained.root}, "training": {"model": "cnn", "epochs": 3}}
    app = Dashboard(merge([Layer("test", values)]))
    async with app.run_test(size=size) as pilot:
        await pilot.press("f3")
        text = await seen(pilot, "4 classes")
        assert not isinstance(app.focused, Input)
        assert "few-cnn" in text  # the name the model will get
        assert f"{state.said['training.model']['parameters']:,} parameters" in text
        assert "3 epochs" in text
        assert "img/s on" not in text  # nobody has measured it yet
        assert "t trains for a few seconds" in " ".join(text.split())


async def test_without_a_dataset_it_says_what_is_to_be_done(workspace: Workspace) -> None:
    app = dashboard(workspace)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("f3")
        text = await seen(pilot, "No dataset is prepared yet")
        assert "F2" in text
        await pilot.press("ctrl+s")
        await seen(pilot, lambda: len(app._notifications) > 0)
        assert runs.listed(workspace.runs) == []


async def test_a_trial_runs_only_when_asked_and_is_of_the_settings_it_was_made_with(
    trained: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[TrialRequest] = []

    async def trial(request: TrialRequest) -> Trial:
        asked.append(request)
        return Trial(("CPU",), 12_345, 64, 20, 7, 0.05, 0.5, 812_000_000, None)

    monkeypatch.setattr(training_setup, "trial", trial)
    app = dashboard(trained)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("f3")
        await seen(pilot, "t trains for a few seconds")
        assert not asked
        await pilot.press("t")
        text = await seen(pilot, "12,345 parameters")
        assert "812.0 MB" in text
        assert "1280 img/s on CPU" in text
        assert "20 steps an epoch" in text
        assert "7 epochs" in text
        assert asked[0].classes == 4
        assert asked[0].size_px == 32
        app.screen.query("#training SettingsField Choice").first().focus()
        await pilot.press("right")
        await seen(pilot, "of other settings")


async def test_a_training_is_started_killed_resumed_and_stopped_by_keys(
    trained: Workspace,
) -> None:
    values = {"general": {"workspace": trained.root},
              "training": {**QUICK.model_dump(), "epochs": 500}}  # fmt: skip
    app = Dashboard(merge([Layer("test", values)]))
    before = {run.id for run in runs.listed(trained.runs)}
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("f3")
        await seen(pilot, "4 classes")
        app.screen.query_one("#name", Input).value = "mine"
        await pilot.press("ctrl+s")
        await seen(pilot, "/500", START_S)
        [run] = [run for run in runs.listed(trained.runs) if run.id not in before]
        job = jobs.read_job(run)
        assert isinstance(job, TrainJob)
        assert (job.name, job.dataset, job.training.epochs) == ("mine", "few", 500)
        grid = app.screen.query_one(SampleGrid)
        await seen(pilot, lambda: len(grid.items) > 0)
        assert "closing it is safe" in text_of(app)

        worker = run.worker()
        assert worker is not None
        os.kill(worker.pid, signal.SIGKILL)
        killed_s = time.monotonic()
        await seen(pilot, "the worker is gone")
        assert time.monotonic() - killed_s < 2
        assert "r resumes it, from its last checkpoint" in " ".join(text_of(app).split())

        await pilot.press("r")
        await seen(pilot, lambda: "resumed at epoch" in log_of(app), START_S)
        await pilot.press("s")
        text = await seen(pilot, "after this batch")
        assert "after this epoch" in text
        assert "kill it now" in text
        await pilot.press("b")
        await seen(pilot, "r resumes it exactly there", START_S)
        assert run.status() is Status.STOPPED


async def test_a_clone_is_a_form_with_the_settings_of_the_run(trained: Workspace) -> None:
    job = train_job(trained.root, epochs=77, learning_rate=0.004)
    acted = Acted(job)
    acted.say(Stopped("batch"))
    app = Dashboard(configuration(trained))
    async with app.run_test(size=(120, 36)) as pilot:
        await app.clone_run(acted.run)
        await seen(pilot, "77")
        form = app.screen.query_one(TrainingForm)
        await seen(pilot, "4 classes")
        assert form.entered() == (job.training, job.augment)
        await pilot.press("escape")  # nothing was watched, so the form stays
        assert "77" in text_of(app)


def gpu(index: int, free_gb: int, own: bool | None) -> Gpu:
    """Returns a GPU with a process of one's own, of somebody else, or with none."""
    processes = () if own is None else (GpuProcess(1, None, own),)
    return Gpu(index, f"GPU-{index}", "x", 80, 80 - free_gb, processes=processes)


def test_a_gpu_of_somebody_else_is_noticed() -> None:
    report = GpuReport((gpu(0, 20, False), gpu(1, 60, True), gpu(2, 10, None)))
    assert [g.index for g in used_by_others("0,2", report)] == [0]
    assert not used_by_others("auto", report)
    assert not used_by_others("cpu", report)
    foreign = replace(report, gpus=report.gpus[:1])
    assert [g.index for g in used_by_others("auto", foreign)] == [0]


async def test_a_gpu_of_somebody_else_is_asked_about(
    trained: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training_start, "gpus", lambda: GpuReport((gpu(0, 20, False),)))
    before = runs.listed(trained.runs)
    app = dashboard(trained)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("f3")
        await seen(pilot, "4 classes")
        await pilot.press("ctrl+s")
        text = await seen(pilot, "start all the same")
        assert "GPU 0" in text
        await pilot.press("b")
        await seen(pilot, lambda: "start all the same" not in text_of(app))
        assert runs.listed(trained.runs) == before
