"""The training room: what is drawn of a run, and what its keys do."""

from __future__ import annotations

import csv
import time

import numpy as np
import pytest
from acted import EPOCHS, STEPS, Acted, epoch_values
from on_screen import SIZES, dashboard, seen, text_of
from textual.widgets import OptionList
from workers import train_job

from hanzi_tui.course import TAKEN_AT_ONCE, Course, table
from hanzi_tui.run_state import RunState
from hanzi_tui.screens import training_watch
from hanzi_tui.widgets import training_board
from hanzi_tui.widgets.curves import Curves
from pipeline.events import Failed, Finished, Log, Metric, Resumed, Stage, Stopped
from pipeline.workspace import Workspace

NASTY = ("a[/b]", "[red]x", "[/", "你好[/我]", "<3[ok]", "${HOME}")


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draws what is new at once; that it waits is a promise of the widgets, tested below."""
    monkeypatch.setattr(training_watch, "DRAW_S", 0.05)
    monkeypatch.setattr(training_watch, "SAMPLES_S", 0.0)
    monkeypatch.setattr(training_board, "CURVES_S", 0.0)


@pytest.fixture
def acted(workspace: Workspace) -> Acted:
    return Acted(train_job(workspace.root))


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
        text = await seen(pilot, "◆ best 0.9000 @ 4") if size[0] > 100 else text_of(app)
        assert "▞▞ val" in text
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


async def test_a_run_that_is_opened_takes_the_focus_off_the_form(
    acted: Acted, workspace: Workspace
) -> None:
    acted.begin()
    acted.train(1, 5)
    acted.say(Stopped("batch"))
    app = dashboard(workspace)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("f6")
        await seen(pilot, acted.run.id)
        await pilot.press("enter")
        await seen(pilot, "resumes it exactly there")
        await pilot.press("question_mark")
        assert "training.export" in await seen(pilot, "training.resume")
        assert "pick_row" not in text_of(app)


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
        await pilot.press("e", "a")
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


@pytest.mark.parametrize("request_", ["epoch", "batch"])
async def test_a_stop_asked_of_it_elsewhere_is_seen_here_and_its_withdrawal_too(
    acted: Acted, workspace: Workspace, request_: str
) -> None:
    acted.begin()
    acted.train(1, 5)
    app = dashboard(workspace)
    async with app.run_test(size=(120, 36)) as pilot:
        await seen(pilot, "5/80 steps")
        acted.run.request(request_)
        asked_s = time.monotonic()
        await seen(pilot, f"! stops after this {request_}, as asked")
        assert time.monotonic() - asked_s < 2
        acted.run.control.unlink()
        await seen(pilot, lambda: "as asked" not in text_of(app))


async def test_what_was_asked_before_is_not_said_of_a_run_that_was_resumed(
    acted: Acted, workspace: Workspace
) -> None:
    acted.begin()
    acted.train(1, 5)
    app = dashboard(workspace)
    async with app.run_test(size=(120, 36)) as pilot:
        await seen(pilot, "5/80 steps")
        await pilot.press("s", "e")
        await seen(pilot, "stops after this epoch, as asked")
        acted.say(Stopped("epoch"))
        await seen(pilot, "resumes it exactly there")
        acted.run.control.unlink()
        acted.come_back()
        app.follow(acted.run)
        acted.begin()
        acted.train(6, 7)
        assert "stops after" not in await seen(pilot, "7/80 steps")


async def test_at_80_columns_the_curves_keep_twelve_rows(
    acted: Acted, workspace: Workspace
) -> None:
    acted.begin()
    acted.train(1, 45)
    app = dashboard(workspace)
    async with app.run_test(size=(80, 24)) as pilot:
        await seen(pilot, "epoch 5/8")
        for keys in ((), ("l",)):
            await pilot.press(*keys)
            text = await seen(pilot, "~0.6")
            assert sum("│" in line or "┤" in line for line in text.splitlines()) >= 12


async def test_the_window_is_said_to_be_safe_to_close_once(
    acted: Acted, workspace: Workspace
) -> None:
    acted.begin()
    acted.train(1, 5)
    app = dashboard(workspace)
    async with app.run_test(size=(120, 36)) as pilot:
        text = await seen(pilot, "5/80 steps")
        assert text.count("safe") == 1


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
        for expected in ("[loss]", "永→水", "10/80 steps"):
            await pilot.press("tab")
            shown.append(await seen(pilot, expected))
        assert "[job]" in shown[-1]
        await pilot.press("tab")
        await seen(pilot, "[accuracy]")
        await pilot.resize_terminal(120, 36)
        text = await seen(pilot, "永→水")
        assert "10/80 steps" in text


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


def test_a_long_course_is_taken_in_parts(acted: Acted) -> None:
    state = RunState(acted.run)
    values = {"accuracy": 0.5, "loss": 1.0}
    state.metrics = [Metric("step", 0, step, values) for step in range(1, 25_001)]
    state.caught_up = True
    course = Course(state)
    parts = 0
    while not course.complete:
        assert course.take()
        parts += 1
    assert parts == 25_000 / TAKEN_AT_ONCE
    assert not course.take()
    header, rows = table(state.metrics[:1], 10)
    assert header == ["scope", "epoch", "step", "x", "accuracy", "loss"]
    assert rows == [["step", 1, 1, 0.1, 0.5, 1.0]]
