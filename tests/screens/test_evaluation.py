"""The evaluation room: the numbers of the command line, and the images behind them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from on_screen import SIZES, dashboard, seen, text_of
from textual.pilot import Pilot
from workers import done, train_job

from hanzi_tui.app import Dashboard
from hanzi_tui.widgets.heatmap import Heatmap
from hanzi_tui.widgets.pair_samples import PairSamples
from hanzi_tui.widgets.pair_table import PairTable
from hanzi_tui.widgets.path_line import PathLine
from pipeline.dataset.records import open_dataset
from pipeline.jobs import EvaluateJob
from pipeline.runs import Run, Status
from pipeline.settings import EvaluationSettings
from pipeline.workspace import Workspace

EVERY_SIZE = [(200, 60), (120, 36), (100, 24), (80, 24), (60, 20)]


@pytest.fixture(scope="module")
def evaluated_once(trained_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("evaluated") / "workspace"
    shutil.copytree(trained_once, root)
    # Of a network that has learned well, there are too few errors to look at.
    shutil.rmtree(root / "models" / "few-cnn")
    assert done(train_job(root, epochs=1)).status() is Status.FINISHED
    run = done(EvaluateJob(workspace=root, model="few-cnn", evaluation=EvaluationSettings()))
    assert run.status() is Status.FINISHED
    return root


@pytest.fixture
def evaluated(evaluated_once: Path, workspace: Workspace) -> Workspace:
    """A workspace of the test's own with an evaluation of "few-cnn"."""
    shutil.copytree(evaluated_once, workspace.root)
    return workspace


def evaluation(workspace: Workspace) -> Run:
    return next(Run(path.parent) for path in workspace.runs.glob("*/evaluation.json"))


def summary_of(workspace: Workspace) -> dict[str, Any]:
    text = (evaluation(workspace).path / "evaluation.json").read_text("utf-8")
    summary: dict[str, Any] = json.loads(text)
    return summary


async def opened(pilot: Pilot[None]) -> None:
    """Goes to the room and waits for the evaluation."""
    await pilot.press("f4")
    samples = pilot.app.screen.query_one(PairSamples)
    await seen(pilot, lambda: len(samples.items) > 0)


def chosen(app: Dashboard) -> set[str]:
    """Returns the two labels of the matrix cell under the cursor."""
    cell = app.screen.query_one(Heatmap).cell
    return set() if cell is None else {cell.truth_label, cell.guess_label}


@pytest.mark.parametrize("size", SIZES)
async def test_the_numbers_are_those_of_the_run(
    evaluated: Workspace, size: tuple[int, int]
) -> None:
    summary = summary_of(evaluated)
    app = dashboard(evaluated)
    async with app.run_test(size=size) as pilot:
        await pilot.press("f4")
        text = await seen(pilot, f"top-1 {summary['top_1']:.2%}")
        assert "few-cnn" in text
        for label in open_dataset(evaluated.dataset("few")).labels:
            assert label in text


@pytest.mark.parametrize("size", EVERY_SIZE)
async def test_the_facts_take_one_line_and_the_accuracy_is_always_among_them(
    evaluated: Workspace, size: tuple[int, int]
) -> None:
    app = dashboard(evaluated)
    async with app.run_test(size=size) as pilot:
        await opened(pilot)
        lines = text_of(app).splitlines()
        assert f"top-1 {summary_of(evaluated)['top_1']:.2%}" in lines[2]
        assert "[Matrix]" in lines[3] or "truth down" in lines[3]


async def test_a_pair_leads_to_its_images_and_to_its_place_in_the_matrix(
    evaluated: Workspace,
) -> None:
    pairs = summary_of(evaluated)["pairs"]
    assert len(pairs) > 1
    app = dashboard(evaluated)
    async with app.run_test(size=(120, 36)) as pilot:
        await opened(pilot)
        samples = app.screen.query_one(PairSamples)
        await seen(pilot, lambda: chosen(app) == {pairs[0]["first"], pairs[0]["second"]})
        await pilot.press("tab", "down")
        await seen(pilot, lambda: chosen(app) == {pairs[1]["first"], pairs[1]["second"]})
        wrong = [item for item in samples.items if item.verdict == "wrong"]
        assert len(wrong) == pairs[1]["first_as_second"] + pairs[1]["second_as_first"]
        await pilot.click(PairTable, offset=(3, 1))
        await seen(pilot, lambda: chosen(app) == {pairs[0]["first"], pairs[0]["second"]})
        wrong = [item for item in samples.items if item.verdict == "wrong"]
        assert len(wrong) == pairs[0]["first_as_second"] + pairs[0]["second_as_first"]


async def test_a_cell_of_the_matrix_leads_to_its_images(evaluated: Workspace) -> None:
    label = open_dataset(evaluated.dataset("few")).labels[0]
    app = dashboard(evaluated)
    async with app.run_test(size=(120, 36)) as pilot:
        await opened(pilot)
        await pilot.press("shift+up", "shift+left")
        await seen(pilot, lambda: chosen(app) == {label})
        text = await seen(pilot, f"{label} recognised")
        assert f"{app.screen.query_one(Heatmap).cell.count} of " in text  # type: ignore[union-attr]
        samples = app.screen.query_one(PairSamples)
        assert all(label in item.caption and item.verdict == "right" for item in samples.items)


@pytest.mark.parametrize("size", EVERY_SIZE)
async def test_no_caption_is_cut_off(evaluated: Workspace, size: tuple[int, int]) -> None:
    app = dashboard(evaluated)
    async with app.run_test(size=size) as pilot:
        await opened(pilot)
        await pilot.press("tab")
        await seen(pilot, lambda: isinstance(app.focused, PairTable))
        samples = app.screen.query_one(PairSamples)
        await seen(pilot, lambda: samples.size.height > 1)
        captions = [item.caption for item in samples.items]
        image_lines = 14 // 2
        assert (samples.size.height + 1) % (samples._image_size.height + 2) == 0
        assert samples.size.height >= image_lines + 1
        assert captions[0] in text_of(app)


async def test_the_file_of_an_image_is_told(evaluated: Workspace) -> None:
    app = dashboard(evaluated)
    async with app.run_test(size=(120, 36)) as pilot:
        await opened(pilot)
        samples, path = app.screen.query_one(PairSamples), app.screen.query_one(PathLine)
        first = path.path
        assert first and first in text_of(app)
        await pilot.press("tab", "tab", "right", "right")
        await seen(pilot, lambda: samples.index == 1)
        assert path.path != first and path.path in text_of(app)
        await pilot.press("shift+tab", "down")
        await seen(pilot, lambda: samples.index is None and path.path != first)


async def test_images_are_shown_larger_and_small_again(evaluated: Workspace) -> None:
    app = dashboard(evaluated)
    async with app.run_test(size=(120, 36)) as pilot:
        await opened(pilot)
        samples = app.screen.query_one(PairSamples)
        small = samples._image_size
        await pilot.press("tab", "tab")
        await seen(pilot, lambda: app.focused is samples)
        await pilot.press("enter")
        await seen(pilot, lambda: samples._image_size.area > 2 * small.area)
        assert samples.items[0].caption in text_of(app)
        await pilot.press("enter")
        await seen(pilot, lambda: samples._image_size == small)


async def test_in_a_narrow_window_keys_and_mouse_lead_to_the_pairs_and_back(
    evaluated: Workspace,
) -> None:
    worst = summary_of(evaluated)["pairs"][0]
    app = dashboard(evaluated)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        assert "[Matrix]" in text_of(app)
        await pilot.press("tab")
        text = await seen(pilot, "[Most confused]")
        assert "truth" in text and worst["first"] in text
        assert app.screen.query_one(PairSamples).items[0].caption in text
        await pilot.click(offset=(3, 3))
        await seen(pilot, "[Matrix]")
        await pilot.click(offset=(12, 3))
        await seen(pilot, "[Most confused]")


async def test_the_classes_come_in_the_order_that_was_asked_for(evaluated: Workspace) -> None:
    app = dashboard(evaluated)
    async with app.run_test(size=(120, 36)) as pilot:
        await opened(pilot)
        before = text_of(app).splitlines()[4]
        for order in ("by code point", "by radical", "by accuracy", "by confusion", "by code"):
            await seen(pilot, order)
            shown = text_of(app).splitlines()[4]
            assert sorted(shown.split()) == sorted(before.split())
            await pilot.press("w")
        assert shown == before


async def test_without_an_evaluation_the_room_says_how_to_make_one(workspace: Workspace) -> None:
    app = dashboard(workspace)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("f4")
        text = await seen(pilot, "No evaluation yet")
        assert "F3" in text
        assert "zoom in" not in text
        await pilot.press("e")
        await seen(pilot, "No model yet")


async def test_the_numbers_are_told_with_their_calibration(evaluated: Workspace) -> None:
    summary = summary_of(evaluated)
    app = dashboard(evaluated)
    async with app.run_test(size=(120, 36)) as pilot:
        await opened(pilot)
        await pilot.press("i")
        text = await seen(pilot, "calibration error (ECE)")
        assert f"{summary['calibration']['ece']:.4f}" in text
        assert f"{summary['top_1_low']:.2%} - {summary['top_1_high']:.2%}" in text
        assert f"F1 {summary['macro']['f1']:.2%}" in text
        assert all(row["size"] in text for row in summary["sizes"])
        await seen(pilot, "coverage 0")
        await pilot.press("escape")
        await seen(pilot, "most confused")


async def test_without_its_dataset_an_evaluation_is_shown_without_images(
    evaluated: Workspace,
) -> None:
    shutil.rmtree(evaluated.dataset("few"))
    app = dashboard(evaluated)
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        await opened(pilot)
        text = await seen(pilot, "few")
        assert f"top-1 {summary_of(evaluated)['top_1']:.2%}" in text


async def test_a_damaged_evaluation_says_why_it_is_not_shown(evaluated: Workspace) -> None:
    (evaluation(evaluated).path / "predictions.csv").write_text("path,truth,guess,probability\n")
    app = dashboard(evaluated)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("f4")
        await seen(pilot, "cannot be shown")
        assert "0 predictions" in text_of(app)


async def test_an_evaluation_is_started_and_shown_when_it_is_done(trained: Workspace) -> None:
    app = dashboard(trained)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("f4")
        await seen(pilot, "No evaluation yet")
        await pilot.press("e")
        await seen(pilot, "Model to judge")
        await pilot.press("enter")
        text = await seen(pilot, "Judge few-cnn by")
        assert "few  test" in text and "a folder or file of labelled images" in text
        await pilot.press("enter")
        text = await seen(pilot, "top-1 ", timeout_s=60)
        assert "few-cnn  few/test" in text
        assert "mean recall" in text_of(app)


async def test_a_folder_is_judged_and_what_the_model_saw_of_it_is_shown(
    trained: Workspace, pictures: Path
) -> None:
    app = dashboard(trained)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("f4", "e")
        await seen(pilot, "Model to judge")
        await pilot.press("enter")
        await seen(pilot, "Judge few-cnn by")
        await pilot.press(*"folder", "enter")
        await seen(pilot, "Folder, archive")
        await pilot.press(*str(pictures), "enter")
        text = await seen(pilot, "top-1 ", timeout_s=60)
        assert "few-cnn  pictures" in text
        assert app.screen.query_one(PairSamples).items
