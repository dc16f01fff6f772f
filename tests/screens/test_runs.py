"""The runs room: find a run, compare, and do with it what can be done."""

from __future__ import annotations

import pytest
from acted import Acted
from on_screen import SIZES, dashboard, seen, text_of
from workers import train_job

from hanzi_tui.app import Dashboard
from hanzi_tui.course import short_name
from hanzi_tui.run_facts import facts, result
from hanzi_tui.widgets.runs_table import RunsTable
from hanzi_tui.widgets.sparkline import BARS
from hanzi_tui.wording import duration
from pipeline import runs
from pipeline.configuration import Layer, merge
from pipeline.events import EventLog, Started, Stopped
from pipeline.processes import this_process
from pipeline.runs import Run, Status
from pipeline.workspace import Workspace


def stopped_run(workspace: Workspace) -> Run:
    me = this_process()
    run = runs.create(workspace.runs, "")
    log = EventLog(run.events)
    log.append(Started(me.pid, 1.0, me.host, me.boot_id))
    log.append(Stopped("batch"))
    return run


@pytest.mark.parametrize("size", [*SIZES, (200, 60), (60, 20), (40, 12)])
async def test_each_run_is_a_row_with_what_the_command_line_says_as_far_as_there_is_room(
    trained: Workspace, size: tuple[int, int]
) -> None:
    app = dashboard(trained)
    async with app.run_test(size=size) as pilot:
        await pilot.press("f6")
        table = app.screen.query_one(RunsTable)
        await seen(pilot, lambda: table.row_count > 0)
        lines = text_of(app).splitlines()
        assert table.virtual_size.width <= table.scrollable_content_region.width
        for run in runs.listed(trained.runs):
            known = facts(run)
            [line] = [line for line in lines[2:-4] if short_name(run.id) in line]
            assert ("✓ finished" if size[0] >= 100 else " ✓ ") in line
            assert result(known)[:12] in line
            if size[0] >= 80:
                assert f"{known['kind']} {known['about']}" in line
            if size[0] >= 100:
                assert run.id in line
                assert duration(known["seconds"]) in line


async def test_what_the_row_has_no_room_for_is_told_of_the_selected_run(
    trained: Workspace,
) -> None:
    first, last = runs.listed(trained.runs)[0], runs.listed(trained.runs)[-1]
    first.set_note("seed 3, with the old margins")
    app = dashboard(trained)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("f6")
        text = await seen(pilot, last.id)
        assert first.id not in text
        await pilot.press(*["down"] * len(runs.listed(trained.runs)))
        text = await seen(pilot, first.id)
        assert "finished" in text
        assert "seed 3, with" in text


@pytest.mark.parametrize("theme", ["ink", "paper", "contrast"])
async def test_the_curve_of_the_selected_run_is_seen_on_it(trained: Workspace, theme: str) -> None:
    values = {"general": {"workspace": trained.root}, "interface": {"theme": theme}}
    app = Dashboard(merge([Layer("test", values)]))
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("f6")
        run = next(r for r in runs.listed(trained.runs) if r.last_epoch())
        await seen(pilot, run.id)
        table = app.screen.query_one(RunsTable)
        table.move_cursor(row=table.get_row_index(run.id))
        await pilot.pause()
        rows = app.screen._compositor.render_strips()
        [row] = [row for row in rows[2:-4] if run.id in row.text]
        styles = {part.text.strip(): part.style for part in row if part.text.strip() and part.style}
        bars = next(style for text, style in styles.items() if set(text) <= set(BARS))
        assert {style.bgcolor for style in styles.values()} == {bars.bgcolor}
        assert bars.color != styles[run.id].color


async def test_the_row_of_a_training_follows_its_epochs(workspace: Workspace) -> None:
    acted = Acted(train_job(workspace.root))
    acted.begin()
    acted.train(1, 10)
    app = dashboard(workspace)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("f6")
        await seen(pilot, "epoch 1: 0.6000")
        acted.train(11, 20)
        acted.show_samples(2, ("永",))
        await seen(pilot, "epoch 2: 0.7000")


async def test_marked_runs_are_drawn_together(trained: Workspace) -> None:
    app = dashboard(trained)
    async with app.run_test(size=(160, 40)) as pilot:
        await pilot.press("f6")
        training = next(r for r in runs.listed(trained.runs) if r.last_epoch())
        await seen(pilot, training.id)
        table = app.screen.query_one(RunsTable)
        table.move_cursor(row=table.get_row_index(training.id))
        await pilot.press("space")
        text = await seen(pilot, "accuracy of the marked runs")
        assert text.count(training.id) >= 2


async def test_a_text_narrows_the_table_and_escape_shows_all(trained: Workspace) -> None:
    app = dashboard(trained)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("f6")
        one, two = runs.listed(trained.runs)[-2:]
        await seen(pilot, two.id)
        await pilot.press("slash", *one.id)
        await seen(pilot, lambda: two.id not in text_of(app) and one.id in text_of(app))
        await pilot.press("escape")
        await seen(pilot, two.id)


async def test_a_run_is_noted_renamed_and_deleted(workspace: Workspace) -> None:
    run = stopped_run(workspace)
    app = dashboard(workspace)
    async with app.run_test(size=(160, 36)) as pilot:
        await pilot.press("f6")
        await seen(pilot, run.id)
        await pilot.press("e")
        await seen(pilot, "Note on")
        await pilot.press(*"good", "enter")
        await seen(pilot, lambda: run.note() == "good")
        await pilot.press("R")
        await seen(pilot, "New name")
        await pilot.press("ctrl+u", *"mine", "enter")
        renamed = Run(workspace.runs / "mine")
        await seen(pilot, lambda: renamed.path.is_dir())
        await seen(pilot, "mine")
        await pilot.press("x")
        await seen(pilot, "Its model stays")
        await pilot.press("k")
        await pilot.pause()
        assert renamed.status() is Status.STOPPED
        await pilot.press("x")
        await seen(pilot, "Its model stays")
        await pilot.press("d")
        await seen(pilot, lambda: not renamed.path.exists())
        await seen(pilot, "no runs yet")
