"""The training room: what is set up, what is drawn of a run, and what its keys do to it."""

from __future__ import annotations

import csv
import os
import signal
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tomlkit
from on_screen import SIZES, configuration, dashboard, seen, text_of
from textual.widgets import Input, OptionList
from workers import QUICK, train_job

from hanzi_tui.app import Dashboard
from hanzi_tui.course import Course, table
from hanzi_tui.new_training import used_by_others
from hanzi_tui.run_state import RunState
from hanzi_tui.screens import training_setup
from hanzi_tui.widgets.curves import Curves
from hanzi_tui.widgets.sample_grid import SampleGrid
from hanzi_tui.widgets.training_form import TrainingForm
from pipeline import jobs, runs
from pipeline.configuration import Layer, merge
from pipeline.environment.devices import Gpu, GpuProcess, GpuReport
from pipeline.events import (
    Artifact,
    Event,
    EventLog,
    Failed,
    Finished,
    Log,
    Metric,
    Progress,
    Resumed,
    Stage,
    Started,
    Stopped,
)
from pipeline.jobs import TrainJob
from pipeline.processes import this_process
from pipeline.runs import Status
from pipeline.training import sample_sheet
from pipeline.training.estimate import Trial, TrialRequest
from pipeline.training.sample_sheet import SampleSheet
from pipeline.workspace import Workspace

NASTY = ("a[/b]", "[red]x", "[/", "你好[/我]", "<3[ok]", "${HOME}")
STEPS, EPOCHS = 10, 8
START_S = 60.0  # TensorFlow needs seconds to start, on a busy machine many


class Acted:
    """A run whose events the test writes itself; this process is its worker."""

    def __init__(self, job: TrainJob) -> None:
        values = job.model_dump(mode="json", exclude_none=True)
        self.run = runs.create(Workspace(job.workspace).runs, tomlkit.dumps(values))
        self._log = EventLog(self.run.events)
        me = this_process()
        self.say(Started(me.pid, me.start_s, me.host, me.boot_id))

    def say(self, *events: Event) -> None:
        for event in events:
            self._log.append(event)

    def begin(self) -> None:
        plan = {"model": "cnn", "parameters": 7, "images": 640, "epochs": EPOCHS}
        params = {**plan, "steps": EPOCHS * STEPS}
        self.say(Log("training.model", params, "planned"), Stage("train"))

    def train(self, first: int, last: int) -> None:
        """Reports the steps from `first` to `last`, and the epochs that end within."""
        for step in range(first, last + 1):
            epoch, share = (step - 1) // STEPS, step / (EPOCHS * STEPS)
            values = {"accuracy": share, "loss": 3 - 2 * share, "learning_rate": 1.5e-3,
                      "samples_per_s": 592.0}  # fmt: skip
            self.say(Metric("step", epoch, step, values),
                     Progress(step, EPOCHS * STEPS, "steps", 2.0, 90.0))  # fmt: skip
            if step % STEPS == 0:
                self.say(Metric("epoch", epoch, step, epoch_values(epoch)))

    def show_samples(self, epoch: int, guesses: tuple[str, ...]) -> None:
        images = np.random.default_rng(0).integers(0, 256, (len(guesses), 32, 32, 1), np.uint8)
        truths = ("永",) * len(guesses)
        sheet = SampleSheet(epoch, images, truths, guesses, np.full(len(guesses), 0.5, np.float32))
        path = self.run.path / sample_sheet.FILE
        sample_sheet.write(path, sheet)
        self.say(Artifact("samples", str(path)))


def epoch_values(epoch: int) -> dict[str, float | None]:
    """Validation is best in the fourth epoch."""
    away = abs(epoch - 3) / 10
    return {"accuracy": 0.5 + epoch / 50, "loss": 2.0 - epoch / 10, "val_accuracy": 0.9 - away,
            "val_loss": 1.0 + away}  # fmt: skip


@pytest.fixture
def acted(workspace: Workspace) -> Acted:
    return Acted(train_job(workspace.root))


def log_of(app: Dashboard) -> str:
    return "\n".join(line.text for state in app.states.values() for line in state.log)


@pytest.mark.parametrize("size", SIZES)
async def test_without_a_run_it_shows_the_form_and_what_the_training_will_be(
    trained: Workspace, size: tuple[int, int]
) -> None:
    [run] = [run for run in runs.listed(trained.runs) if "few-cnn" in run.job.read_text()]
    parameters = RunState(run)
    for stamped in [s async for s in jobs.follow(run)]:
        parameters.add(stamped)
    values = {"general": {"workspace": trained.root}, "training": {"model": "cnn", "epochs": 3}}
    app = Dashboard(merge([Layer("test", values)]))
    async with app.run_test(size=size) as pilot:
        await pilot.press("f3")
        text = await seen(pilot, "4 classes")
        assert not isinstance(app.focused, Input)
        assert "few-cnn" in text  # the name the model will get
        assert f"{parameters.said['training.model']['parameters']:,} parameters" in text
        assert "3 epochs" in text
        assert "memory" not in text.splitlines()  # nobody has measured it yet
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


@pytest.mark.parametrize("size", SIZES)
async def test_it_opens_on_the_training_at_work_and_shows_how_it_goes(
    acted: Acted, workspace: Workspace, size: tuple[int, int]
) -> None:
    acted.begin()
    acted.train(1, 45)
    app = dashboard(workspace)
    async with app.run_test(size=size) as pilot:
        text = await seen(pilot, "epoch 5/8")
        assert "ETA 1 min 30 s" in text
        assert "592 img/s" in text
        assert "lr 0.0015" in text
        text = await seen(pilot, "◆ best 0.9 @ 4") if size[0] > 100 else text_of(app)
        assert "validation" in text
        accuracy, loss = app.screen.query(Curves)
        assert accuracy.chart.best_point == (4.0, 0.9)
        assert loss.chart.best_point == (4.0, 1.0)
        assert accuracy.chart.x_end == EPOCHS
        acted.train(46, 47)
        await seen(pilot, lambda: accuracy.chart.series[0].points[0][-1] == 4.7)
        assert "closing" in text_of(app)


async def test_curves_go_on_over_a_resume_without_what_was_done_twice(
    acted: Acted, workspace: Workspace
) -> None:
    acted.begin()
    acted.train(1, 37)
    acted.say(Resumed(3, 30))
    acted.train(31, 33)
    app = dashboard(workspace)
    async with app.run_test(size=(120, 36)) as pilot:
        await seen(pilot, "epoch 4/8")
        curve = app.screen.query(Curves).first()
        await seen(pilot, lambda: len(curve.chart.series[0].points[0]) == 33)
        xs = curve.chart.series[0].points[0]
        assert np.allclose(np.diff(xs), 1 / STEPS)
        assert "resumed at epoch 4, step 30" in text_of(app)


async def test_samples_show_truth_guess_and_probability_and_change_with_the_epoch(
    acted: Acted, workspace: Workspace
) -> None:
    acted.begin()
    acted.train(1, 10)
    acted.show_samples(1, ("永", "水", "永"))
    app = dashboard(workspace)
    async with app.run_test(size=(120, 36)) as pilot:
        text = await seen(pilot, "epoch 1: 2/3")
        assert "✓ 永 0.50" in text
        assert "✗ 永→水 0.50" in text
        acted.train(11, 20)
        acted.show_samples(2, ("永", "永", "永"))
        text = await seen(pilot, "epoch 2: 3/3")
        assert "水" not in text


async def test_names_of_others_are_shown_as_they_are(workspace: Workspace) -> None:
    dataset = "x[%b] [red]y 你好[%我]"
    acted = Acted(train_job(workspace.root).model_copy(update={"dataset": dataset}))
    acted.begin()
    acted.train(1, 10)
    acted.show_samples(1, NASTY)
    acted.say(Failed("of.a.later.version", {}, "lost " + " ".join(NASTY)))
    app = dashboard(workspace)
    async with app.run_test(size=(200, 60)) as pilot:
        await app.open_run(acted.run)
        text = await seen(pilot, "epoch 1: 0/6")
        assert dataset in text.splitlines()[2]
        for name in NASTY:
            assert f"永→{name}"[:10] in text
            assert name in " ".join(text.split())
        await pilot.press("N")
        await seen(pilot, f"< {dataset} >")


async def test_several_trainings_can_be_looked_at_and_laid_over_each_other(
    acted: Acted, workspace: Workspace
) -> None:
    acted.begin()
    acted.train(1, 30)
    other = Acted(train_job(workspace.root).model_copy(update={"dataset": "other"}))
    other.begin()
    other.train(1, 50)
    app = dashboard(workspace)
    async with app.run_test(size=(120, 36)) as pilot:
        await seen(pilot, "+1")
        shown = text_of(app).splitlines()[2]
        second = other if acted.run.id in shown else acted
        await pilot.press("c")
        await seen(pilot, "draw over this one")
        await pilot.press("enter")
        accuracy, loss = app.screen.query(Curves)
        await seen(pilot, lambda: len(accuracy.chart.series) == 3)
        assert len(loss.chart.series) == 3
        await seen(pilot, second.run.id[14:])
        other.train(51, 60)
        acted.train(31, 60)
        await seen(pilot, lambda: len(accuracy.chart.series[2].points[0]) == 6)
        await pilot.press("w")
        await seen(pilot, "Training to watch")
        options = app.screen.query_one(OptionList)
        prompts = [str(options.get_option_at_index(i).prompt) for i in range(options.option_count)]
        options.highlighted = next(i for i, text in enumerate(prompts) if second.run.id in text)
        await pilot.press("enter")
        await seen(pilot, f"run {second.run.id}")
        await seen(pilot, lambda: len(accuracy.chart.series) == 2)


async def test_a_waiting_run_says_for_which(acted: Acted, workspace: Workspace) -> None:
    acted.begin()
    acted.train(1, 10)
    job = train_job(workspace.root).model_copy(update={"after": acted.run.id})
    waiting = Acted(job)
    waiting.say(Stage("wait"), Log("job.waits", {"run": acted.run.id}, ""))
    app = dashboard(workspace)
    async with app.run_test(size=(120, 36)) as pilot:
        await seen(pilot, "+1")
        assert acted.run.id in text_of(app).splitlines()[2]  # the one that works comes first
        await app.open_run(waiting.run)
        text = await seen(pilot, "waits until run")
        assert acted.run.id in text
        waiting.say(Stage("build"))
        waiting.begin()
        await seen(pilot, lambda: "waits until run" not in text_of(app))


async def test_the_end_of_a_run_says_what_came_of_it(acted: Acted, workspace: Workspace) -> None:
    acted.begin()
    acted.train(1, 80)
    app = dashboard(workspace)
    async with app.run_test(size=(120, 36)) as pilot:
        await seen(pilot, "epoch 8/8")
        metrics = {"val_accuracy": 0.9, "val_loss": 1.0}
        acted.say(Finished({"model": "few-cnn", "path": "x", "best_epoch": 4, "epochs": 8,
                            "metrics": metrics, "seconds": 61.0}))  # fmt: skip
        text = " ".join((await seen(pilot, "finished in 1 min 1 s")).split())
        assert "best epoch 4 of 8" in text
        assert "r resume" not in text
        await pilot.press("question_mark")
        await seen(pilot, "training.export")
        await pilot.press("escape")
        await seen(pilot, "finished in 1 min 1 s")


async def test_export_writes_every_point_beside_the_run(acted: Acted, workspace: Workspace) -> None:
    acted.begin()
    acted.train(1, 25)
    acted.say(Metric("step", 2, 26, {"accuracy": 0.5, "loss": None}))
    acted.say(Stopped("batch"))
    app = dashboard(workspace)
    async with app.run_test(size=(120, 36)) as pilot:
        await app.open_run(acted.run)
        await seen(pilot, "stopped, as asked")
        await pilot.press("e")
        path = acted.run.path / "metrics.csv"
        await seen(pilot, path.is_file)
        rows = list(csv.DictReader(path.open(encoding="utf-8")))
        assert len(rows) == 25 + 2 + 1
        assert [float(row["val_accuracy"]) for row in rows if row["scope"] == "epoch"] == [
            pytest.approx(epoch_values(0)["val_accuracy"]),
            pytest.approx(epoch_values(1)["val_accuracy"]),
        ]
        assert (rows[-1]["x"], rows[-1]["accuracy"], rows[-1]["loss"]) == ("2.6", "0.5", "")


async def test_a_stop_after_the_epoch_is_asked_of_the_worker(
    acted: Acted, workspace: Workspace
) -> None:
    acted.begin()
    acted.train(1, 5)
    app = dashboard(workspace)
    async with app.run_test(size=(120, 36)) as pilot:
        await seen(pilot, "epoch 1/8")
        await pilot.press("s")
        await seen(pilot, "after this epoch")
        await pilot.press("escape")
        await seen(pilot, lambda: "after this epoch" not in text_of(app))
        assert acted.run.requested() is None
        await pilot.press("s")
        await seen(pilot, "after this epoch")
        await pilot.press("e")
        await seen(pilot, "stops after this epoch, as asked")
        await seen(pilot, lambda: acted.run.requested() == "epoch")


async def test_a_small_terminal_shows_one_page_at_a_time_and_tab_goes_round(
    acted: Acted, workspace: Workspace
) -> None:
    acted.begin()
    acted.train(1, 10)
    acted.show_samples(1, ("永", "水"))
    app = dashboard(workspace)
    async with app.run_test(size=(60, 20)) as pilot:
        await seen(pilot, "[accuracy]")
        shown = []
        for expected in ("[loss]", "永→水", "closing it is safe"):
            await pilot.press("tab")
            shown.append(await seen(pilot, expected))
        assert "[job]" in shown[-1]
        await pilot.press("tab")
        await seen(pilot, "[accuracy]")
        await pilot.resize_terminal(120, 36)
        text = await seen(pilot, "永→水")
        assert "closing it is safe" in text


async def test_keys_move_both_charts(acted: Acted, workspace: Workspace) -> None:
    acted.begin()
    acted.train(1, 60)
    app = dashboard(workspace)
    async with app.run_test(size=(120, 36)) as pilot:
        await seen(pilot, "epoch 6/8")
        accuracy, loss = app.screen.query(Curves)
        await seen(pilot, lambda: len(accuracy.chart.series[1].points[0]) == 6)
        await pilot.press("z")
        await seen(pilot, lambda: loss.view is not None and loss.view == accuracy.view)
        await pilot.press("left")
        await seen(pilot, lambda: loss.cursor is not None and loss.cursor == accuracy.cursor)
        await pilot.press("l", "m")
        assert loss.log_scale
        assert not accuracy.log_scale
        assert accuracy.smoothing == loss.smoothing == 0.9
        await pilot.press("escape")
        await seen(pilot, lambda: loss.view is accuracy.view is None)


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


def test_a_gpu_of_somebody_else_is_noticed() -> None:
    def gpu(index: int, free_gb: int, own: bool | None) -> Gpu:
        processes = () if own is None else (GpuProcess(1, None, own),)
        return Gpu(index, f"GPU-{index}", "x", 80, 80 - free_gb, processes=processes)

    report = GpuReport((gpu(0, 20, False), gpu(1, 60, True), gpu(2, 10, None)))
    assert [g.index for g in used_by_others("0,2", report)] == [0]
    assert not used_by_others("auto", report)
    assert not used_by_others("cpu", report)
    foreign = replace(report, gpus=report.gpus[:1])
    assert [g.index for g in used_by_others("auto", foreign)] == [0]


def test_a_long_course_is_taken_in_parts(acted: Acted) -> None:
    state = RunState(acted.run)
    values = {"accuracy": 0.5, "loss": 1.0}
    state.metrics = [Metric("step", 0, step, values) for step in range(1, 25_001)]
    course = Course(state)
    parts = 0
    while not course.complete:
        assert course.take()
        parts += 1
    assert parts == 3
    assert not course.take()
    header, rows = table(state.metrics[:1], 10)
    assert header == ["scope", "epoch", "step", "x", "accuracy", "loss"]
    assert rows == [["step", 1, 1, 0.1, 0.5, 1.0]]


def test_a_damaged_sheet_is_no_sheet(tmp_path: Path) -> None:
    path = tmp_path / sample_sheet.FILE
    images = np.zeros((2, 4, 4, 1), np.uint8)
    sheet = SampleSheet(3, images, ("永", "[/"), ("永", "水"), np.array([0.5, 0.25], np.float32))
    sample_sheet.write(path, sheet)
    again = sample_sheet.read(path)
    assert again is not None
    assert (again.epoch, again.truths, again.guesses, again.right) == (
        3, sheet.truths, sheet.guesses, 1)  # fmt: skip
    path.write_bytes(path.read_bytes()[:200])
    assert sample_sheet.read(path) is None
    assert sample_sheet.read(tmp_path / "none.npz") is None
