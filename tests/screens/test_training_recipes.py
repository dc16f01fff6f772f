"""The form of a new training: recipes, the pictures they want, and first weights."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from on_screen import SIZES, configuration, dashboard, seen, text_of
from textual.widgets import Input
from workers import done

from hanzi_tui.app import Dashboard
from hanzi_tui.screens import training_start
from hanzi_tui.widgets.dataset_steps import DatasetSteps
from hanzi_tui.widgets.lines import Lines
from hanzi_tui.widgets.training_card import TrainingCard
from hanzi_tui.widgets.training_form import TrainingForm
from pipeline import runs
from pipeline.configuration import Layer, merge
from pipeline.jobs import PrepareJob
from pipeline.problems import Problem
from pipeline.settings import DatasetSettings
from pipeline.workspace import Workspace


@pytest.fixture(scope="session")
def small_once(characters: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("small") / "workspace"
    done(PrepareJob(workspace=root, source=characters, name="few",
                    dataset=DatasetSettings(size=32)))  # fmt: skip
    return root


@pytest.fixture
def small(small_once: Path, workspace: Workspace) -> Workspace:
    """A workspace with the dataset "few": gray pictures of 32 px."""
    shutil.copytree(small_once, workspace.root)
    return workspace


def card(app: Dashboard) -> str:
    """Returns what the training will be, without the breaks of its lines."""
    lines = app.screen.query_one(TrainingCard).query_one(Lines)
    return " ".join(lines.render().plain.split())


@pytest.mark.parametrize("size", SIZES)
async def test_a_recipe_fills_the_form_and_what_is_changed_then_is_listed(
    small: Workspace, size: tuple[int, int]
) -> None:
    app = dashboard(small)
    async with app.run_test(size=size) as pilot:
        await pilot.press("f3")
        await seen(pilot, "4 classes")
        await pilot.press(*"pcnn", "enter")
        await seen(pilot, "< classic-cnn >")
        form = app.screen.query_one(TrainingForm)
        training, augment = form.entered()
        assert (training.model, training.optimizer, training.epochs) == ("cnn", "sgd", 40)
        assert not augment.enabled
        assert "recipe classic-cnn" in text_of(app)  # where a value comes from
        assert "but " not in text_of(app)
        epochs = form.query("#training SettingsField Input").first(Input)
        epochs.focus()
        epochs.value = "3"
        await pilot.press("enter")
        await seen(pilot, "< classic-cnn >  but epochs")
        if size[0] > 100:
            await seen(pilot, lambda: "epochs 3 in place of 40 (changed here)" in card(app))


async def test_a_setting_of_the_user_stays_above_the_recipe(small: Workspace) -> None:
    values = {"general": {"workspace": small.root}, "training": {"batch_size": 8}}
    app = Dashboard(merge([Layer("mine.toml", values)]))
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("f3")
        await seen(pilot, "4 classes")
        await pilot.click("#recipe")
        await seen(pilot, "classic-resnet50")
        await pilot.press(*"cnn", "enter")
        await seen(pilot, "batch_size 8 in place of 32 (mine.toml)")
        form = app.screen.query_one(TrainingForm)
        assert form.entered()[0].batch_size == 8


async def test_pictures_too_small_for_the_recipe_are_offered_to_be_prepared(
    small: Workspace, characters: Path
) -> None:
    app = dashboard(small)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("f3")
        await seen(pilot, "4 classes")
        await pilot.press(*"pcnn", "enter")
        await seen(pilot, "larger pictures")
        assert "wants pictures of 160x160x3, few holds 32x32x1" in card(app)
        before = runs.listed(small.runs)
        await pilot.press("ctrl+s")
        await seen(pilot, "in the same split")
        await pilot.press("p")
        await seen(pilot, "few-160-rgb")
        steps = app.screen.query_one(DatasetSteps)
        assert (steps.dataset.size, steps.dataset.channels) == (160, 3)
        assert steps.dataset.split_file == str(small.dataset("few") / "split.csv")
        await seen(pilot, lambda: app.screen.query_one("#path", Input).value == str(characters))
        assert runs.listed(small.runs) == before


async def test_first_weights_that_cannot_be_had_are_told_before_anything_starts(
    small: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable(network: str) -> Path:
        raise Problem("weights.no_download", file=f"{network}.h5", detail="no route",
                      url="https://example.org/w.h5", folder="/keras", md5="-")  # fmt: skip

    monkeypatch.setattr(training_start, "imagenet_file", unreachable)
    values = {"training": {"model": "mobilenet", "weights": "imagenet"}}
    app = Dashboard(merge([*configuration(small).layers, Layer("mine.toml", values)]))
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("f3")
        await seen(pilot, lambda: "is fetched before the start" in card(app))
        before = runs.listed(small.runs)
        await pilot.press("ctrl+s")
        await seen(pilot, lambda: "cannot be downloaded (no route)" in card(app))
        assert "! mobilenet.h5 is not on this machine" in card(app)
        assert runs.listed(small.runs) == before
