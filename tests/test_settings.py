"""Where a value comes from, and what a wrong one is told."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pipeline.configuration import FLAGS, resolve, template, user_file, write_value
from pipeline.problems import Problem
from pipeline.settings import Settings, TrainingSettings, sections

ROOT = Path(__file__).parents[1]


def test_each_source_outranks_the_ones_before_it() -> None:
    user_file().parent.mkdir(parents=True)
    user_file().write_text("[training]\nepochs = 2\nseed = 2\nbatch_size = 2\nwarmup = 0.2\n")
    Path("settings.toml").write_text("[training]\nseed = 3\nbatch_size = 3\nwarmup = 0.3\n")
    environ = {"HANZI_TRAINING__BATCH_SIZE": "4", "HANZI_TRAINING__WARMUP": "0.4"}
    found = resolve({"training": TrainingSettings(warmup=0.5)}, environ=environ)
    training = found.settings.training
    assert (training.epochs, training.seed, training.batch_size, training.warmup) == (2, 3, 4, 0.5)
    assert training.dropout == TrainingSettings().dropout
    assert found.origin("training", "epochs") == str(user_file())
    assert found.origin("training", "seed") == "settings.toml"
    assert found.origin("training", "batch_size") == "environment"
    assert found.origin("training", "warmup") == FLAGS
    assert found.origin("training", "dropout") == "default"


def test_a_flag_that_was_not_typed_does_not_hide_the_file() -> None:
    Path("settings.toml").write_text("[training]\nepochs = 7\n")
    assert resolve({"training": TrainingSettings(seed=1)}).settings.training.epochs == 7


def test_a_named_file_replaces_the_one_in_the_folder() -> None:
    Path("settings.toml").write_text("[training]\nepochs = 7\n")
    Path("night.toml").write_text("[training]\nseed = 5\n")
    training = resolve(explicit_file=Path("night.toml")).settings.training
    assert (training.epochs, training.seed) == (TrainingSettings().epochs, 5)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[trainnig]\nepochs = 1\n", ["settings.toml", "trainnig", "training"]),
        ("[training]\nepoch = 1\n", ["settings.toml", "[training]", "epoch", "epochs"]),
        ("[training]\nseed = -1\n", ["settings.toml", "[training]", "seed", "-1", "from 0"]),
        ("[training]\nepochs = 'many'\n", ["epochs", "many", "a whole number"]),
        ("[training]\nmodel = 'resnet'\n", ["model", "resnet", "hanzi_s, hanzi_m, cnn"]),
        ("[training]\ndevices = 'gpu'\n", ["devices", "gpu", "auto, cpu, or GPU numbers"]),
        ("[augment]\nscale = 1.0\n", ["[augment]", "scale", "below 1"]),
        ("training = 3\n", ["settings.toml", "training"]),
        ("[training\n", ["settings.toml"]),
    ],
)
def test_an_error_names_file_section_key_and_what_is_allowed(text: str, said: list[str]) -> None:
    Path("settings.toml").write_text(text)
    with pytest.raises(Problem) as caught:
        resolve()
    for words in said:
        assert words in str(caught.value)
    assert "\n" not in str(caught.value).strip() or "[training\n" in text


def test_an_environment_variable_with_a_typo_is_named() -> None:
    with pytest.raises(Problem, match=r"HANZI_TRAINING__EPOCH.*epochs"):
        resolve(environ={"HANZI_TRAINING__EPOCH": "3"})


def test_a_settings_file_that_was_named_must_exist() -> None:
    with pytest.raises(Problem, match=r"nowhere\.toml"):
        resolve(explicit_file=Path("nowhere.toml"))


def test_writing_a_value_keeps_comments_and_everything_else() -> None:
    file = Path("settings.toml")
    file.write_text("# mine\n[training]\nepochs = 3  # short\nseed = 4\n")
    write_value(file, "training", "epochs", "9")
    assert file.read_text() == "# mine\n[training]\nepochs = 9 # short\nseed = 4\n" or (
        file.read_text() == "# mine\n[training]\nepochs = 9  # short\nseed = 4\n"
    )
    write_value(file, "augment", "scale", 0.5)
    assert "# mine" in file.read_text()
    assert resolve().settings.augment.scale == 0.5


def test_a_value_that_is_not_allowed_is_not_written() -> None:
    file = Path("settings.toml")
    file.write_text("[training]\nepochs = 3\n")
    with pytest.raises(Problem):
        write_value(file, "training", "epochs", "none")
    assert file.read_text() == "[training]\nepochs = 3\n"
    file.write_text("[training\n")
    with pytest.raises(Problem, match=r"settings\.toml"):
        write_value(file, "training", "epochs", "3")
    assert file.read_text() == "[training\n"


def test_the_settings_file_of_the_project_shows_every_key() -> None:
    text = (ROOT / "settings.toml").read_text("utf-8")
    assert text == template(), "make it anew: hanzi-tui config template > settings.toml"
    for model in sections().values():
        for key in model.model_fields:
            assert f"\n#{key} = " in text


def test_the_settings_file_of_the_project_is_valid_with_every_key_taken_in() -> None:
    text = (ROOT / "settings.toml").read_text("utf-8")
    keys = [line[1:] if line[:1] == "#" and line[1:2] != " " else line for line in text.split("\n")]
    Path("settings.toml").write_text("\n".join(keys))
    assert resolve(environ=os.environ).settings == Settings()
