"""The evaluation room: the numbers of the command line, and the images behind them."""

from __future__ import annotations

import json

import pytest
from on_screen import SIZES, dashboard, seen, text_of
from textual.widgets import DataTable
from workers import done

from hanzi_tui.widgets.glyphs import GlyphGrid
from hanzi_tui.widgets.heatmap import Heatmap
from pipeline.dataset.records import open_dataset
from pipeline.jobs import EvaluateJob
from pipeline.runs import Run, Status
from pipeline.settings import EvaluationSettings
from pipeline.workspace import Workspace


@pytest.fixture
def evaluated(trained: Workspace) -> Run:
    run = done(EvaluateJob(workspace=trained.root, model="few-cnn",
                           evaluation=EvaluationSettings()))  # fmt: skip
    assert run.status() is Status.FINISHED
    return run


@pytest.mark.parametrize("size", SIZES)
async def test_the_numbers_are_those_of_the_run(
    trained: Workspace, evaluated: Run, size: tuple[int, int]
) -> None:
    summary = json.loads((evaluated.path / "evaluation.json").read_text("utf-8"))
    app = dashboard(trained)
    async with app.run_test(size=size) as pilot:
        await pilot.press("f4")
        text = await seen(pilot, f"top-1 {summary['top_1']:.2%}")
        assert "few-cnn" in text
        for label in open_dataset(trained.dataset("few")).labels:
            assert label in text


async def test_a_pair_leads_to_its_images_and_to_its_place_in_the_matrix(
    trained: Workspace, evaluated: Run
) -> None:
    summary = json.loads((evaluated.path / "evaluation.json").read_text("utf-8"))
    worst = summary["pairs"][0]
    app = dashboard(trained)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("f4")
        await seen(pilot, "most confused")
        await seen(pilot, lambda: app.screen.query_one(DataTable).row_count > 0)
        grid = app.screen.query_one(GlyphGrid)
        await seen(pilot, lambda: len(grid.items) > 0)
        wrong = [item for item in grid.items if item.verdict == "wrong"]
        assert len(wrong) == worst["first_as_second"] + worst["second_as_first"]
        await pilot.press("tab")
        await seen(pilot, lambda: isinstance(app.focused, DataTable))
        await pilot.press("enter")
        heatmap = app.screen.query_one(Heatmap)
        await seen(pilot, lambda: heatmap.cell is not None and {
            heatmap.cell.truth_label, heatmap.cell.guess_label
        } == {worst["first"], worst["second"]})  # fmt: skip


async def test_without_an_evaluation_the_room_says_how_to_make_one(workspace: Workspace) -> None:
    app = dashboard(workspace)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("f4")
        text = await seen(pilot, "No evaluation yet")
        assert "F3" in text
        await pilot.press("e")
        await seen(pilot, "No model yet")


async def test_an_evaluation_is_started_and_shown_when_it_is_done(trained: Workspace) -> None:
    app = dashboard(trained)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("f4")
        await seen(pilot, "No evaluation yet")
        await pilot.press("e")
        await seen(pilot, "Model to judge")
        await pilot.press("enter")
        text = await seen(pilot, "top-1 ", timeout_s=60)
        assert "few-cnn  few/test" in text
        assert "mean recall" in text_of(app)
