"""Named recipes: where their values stand among the others, and the pictures they want."""

from __future__ import annotations

import csv
import shlex
from pathlib import Path

import pytest
from test_command_line import called

from hanzi_tui.new_training import new_training
from pipeline.configuration import FLAGS, resolve, user_file
from pipeline.problems import Problem
from pipeline.recipes import RECIPES, differences
from pipeline.settings import Settings, TrainingSettings
from pipeline.workspace import Workspace


def chosen(recipe: str, **values: object) -> dict[str, TrainingSettings]:
    return {"training": TrainingSettings.model_validate({"recipe": recipe, **values})}


def test_a_recipe_outranks_the_defaults_and_everything_that_somebody_set_outranks_it() -> None:
    user_file().parent.mkdir(parents=True)
    user_file().write_text("[training]\nepochs = 2\n")
    Path("settings.toml").write_text("[training]\nrecipe = 'classic-cnn'\nmomentum = 0.5\n")
    environ = {"HANZI_TRAINING__DROPOUT": "0.3"}
    found = resolve({"training": TrainingSettings(batch_size=8)}, environ=environ)
    training = found.settings.training
    assert (training.model, training.optimizer, training.learning_rate) == ("cnn", "sgd", 0.01)
    assert (training.epochs, training.momentum) == (2, 0.5)
    assert (training.dropout, training.batch_size) == (0.3, 8)
    assert found.origin("training", "model") == "recipe classic-cnn"
    assert found.origin("training", "epochs") == str(user_file())
    assert found.origin("training", "batch_size") == FLAGS
    assert found.origin("training", "seed") == "default"
    assert (found.settings.dataset.size, found.settings.dataset.channels) == (160, 3)


def test_the_strongest_word_on_the_recipe_counts() -> None:
    Path("settings.toml").write_text("[training]\nrecipe = 'classic-cnn'\n")
    found = resolve(chosen("classic-resnet50"))
    assert found.settings.training.model == "resnet50"
    assert found.settings.dataset.size == 128
    assert resolve(chosen("default")).settings.training == TrainingSettings()
    assert resolve().with_recipe("long-tail").settings.training.logit_adjustment == 1.0


def test_the_classic_recipes_are_what_people_had() -> None:
    cnn = resolve(chosen("classic-cnn")).settings
    assert (cnn.training.optimizer, cnn.training.batch_size, cnn.training.epochs) == ("sgd", 32, 40)
    assert (cnn.dataset.size, cnn.dataset.channels, cnn.augment.enabled) == (160, 3, False)
    resnet = resolve(chosen("classic-resnet50")).settings
    training = resnet.training
    assert (training.optimizer, training.learning_rate, training.momentum) == ("sgd", 0.01, 0.9)
    assert (training.schedule, training.decay_rate, training.decay_steps) == (
        "staircase", 0.9, 10_000,
    )  # fmt: skip
    assert (training.batch_size, training.epochs, training.patience) == (64, 15, 10)
    assert (training.warmup, training.label_smoothing, training.weights) == (0, 0, "imagenet")
    assert (resnet.dataset.size, resnet.dataset.channels) == (128, 3)


@pytest.mark.parametrize("name", RECIPES)
def test_every_recipe_can_be_chosen_and_shown(name: str) -> None:
    shown = called("config", "show", "--origin", env={"HANZI_TRAINING__RECIPE": name}).stdout
    values = sum(len(keys) for keys in RECIPES[name].values())
    assert shown.count(f"# recipe {name}") == values
    assert f'recipe = "{name}"' in shown


def test_what_differs_from_a_recipe_is_told_with_its_origin() -> None:
    found = resolve(chosen("classic-cnn", epochs=3, mixup=0.2))
    settings = found.settings
    sections = {name: getattr(settings, name) for name in ("training", "augment", "dataset")}
    told = differences("classic-cnn", sections, found.origins)
    assert [(d.key, d.wanted, d.value, d.origin) for d in told] == [
        ("epochs", 40, 3, FLAGS), ("mixup", 0.0, 0.2, FLAGS),
    ]  # fmt: skip
    usual = Settings()
    assert differences("default", {"training": usual.training, "augment": usual.augment}) == []


def test_pictures_that_are_too_small_are_told_with_the_command_that_makes_larger_ones(
    trained: Workspace,
) -> None:
    refused = called("train", "few", "--recipe", "classic-cnn")
    assert refused.returncode == 1
    assert "32x32x1; wanted are 160x160x3" in refused.stderr
    [command] = [line[line.index("hanzi-tui prepare") : line.index("   Or go on")]
                 for line in refused.stderr.splitlines()]  # fmt: skip
    prepared = called(*shlex.split(command)[1:])
    assert prepared.returncode == 0, prepared.stderr
    assert split_of(trained, "few-160-rgb") == split_of(trained, "few")
    wanted = resolve(chosen("classic-cnn")).settings
    new_training(trained, "few-160-rgb", wanted.training, wanted.augment, wanted=wanted.dataset)


def test_who_wants_smaller_pictures_gets_them(trained: Workspace) -> None:
    small = resolve({**chosen("classic-cnn"), "dataset": Settings().dataset.model_validate(
        {"size": 32, "channels": 1})}).settings  # fmt: skip
    job = new_training(trained, "few", small.training, small.augment, wanted=small.dataset)
    assert job.training.recipe == "classic-cnn"
    large = small.dataset.model_copy(update={"size": 33})
    with pytest.raises(Problem, match="wanted are 33x33x1"):
        new_training(trained, "few", small.training, small.augment, wanted=large)


def split_of(workspace: Workspace, dataset: str) -> list[list[str]]:
    with open(workspace.dataset(dataset) / "split.csv", encoding="utf-8", newline="") as table:
        return sorted(csv.reader(table))
