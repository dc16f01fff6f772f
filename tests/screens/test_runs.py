"""The runs room: find a run, compare, and do with it what can be done."""

from __future__ import annotations

import pytest
from on_screen import SIZES, dashboard, seen, text_of
from textual.widgets import DataTable

from pipeline import runs
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


@pytest.mark.parametrize("size", SIZES)
async def test_each_run_is_a_row_with_what_the_command_line_says(
    trained: Workspace, size: tuple[int, int]
) -> None:
    app = dashboard(trained)
    async with app.run_test(size=size) as pilot:
        await pilot.press("f6")
        found = runs.listed(trained.runs)
        text = await seen(pilot, found[-1].id)
        for run in found:
            [line] = [line for line in text.splitlines() if run.id in line]
            assert "finished" in line


async def test_marked_runs_are_drawn_together(trained: Workspace) -> None:
    app = dashboard(trained)
    async with app.run_test(size=(160, 40)) as pilot:
        await pilot.press("f6")
        training = next(r for r in runs.listed(trained.runs) if r.last_epoch())
        await seen(pilot, training.id)
        table = app.screen.query_one(DataTable)
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
        await pilot.press("slash", *one.id[-6:])
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
