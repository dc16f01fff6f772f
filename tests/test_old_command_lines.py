"""The command lines of the scripts people have: only the program's name is another."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from test_command_line import begun_by, called, one_line

from pipeline import jobs
from pipeline.dataset.records import open_dataset
from pipeline.jobs import read_job
from pipeline.runs import find, listed
from pipeline.workspace import Workspace

PROGRAM = f"{sys.executable} -m hanzi_tui"
THEIR_NETWORK = """
import keras
from keras import layers
keras.Sequential([
    keras.Input((128, 128, 3)), layers.Rescaling(1 / 255), layers.Conv2D(4, 3, activation="relu"),
    layers.GlobalMaxPooling2D(), layers.Dense(4, activation="softmax"),
]).save("results/model.h5")
"""


@pytest.fixture
def folders(characters: Path) -> None:
    """Puts label folders below path/to/train_data and path/to/test_data."""
    for label in characters.iterdir():
        for number, image in enumerate(sorted(label.iterdir())[:14]):
            part = "train_data" if number < 10 else "test_data"
            target = Path("path/to") / part / label.name
            target.mkdir(parents=True, exist_ok=True)
            shutil.copy(image, target)


def begin(line: str) -> subprocess.Popen[str]:
    """Runs a line as it stands in the script's manual, but for the program."""
    script = line.split()[1]
    shell = line.replace(f"python {script}", f"{PROGRAM} train", 1)
    quick = {"HANZI_TRAINING__MODEL": "cnn", "HANZI_TRAINING__DEVICES": "cpu"}
    return subprocess.Popen(shell, shell=True, text=True, env={**os.environ, **quick},
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE)  # fmt: skip


def run_line(line: str) -> tuple[str, str]:
    """Runs a line to its end, which is a good one, and returns what it printed, data first."""
    program = begin(line)
    printed = program.communicate(timeout=300)
    assert program.returncode == 0, printed[1]
    return printed


@pytest.mark.usefixtures("folders")
def test_each_command_line_of_the_scripts_works_as_it_stands(workspace: Workspace) -> None:
    run_line(
        'python script_name.py --train_data_dir "path/to/train_data" --test_data_dir '
        '"path/to/test_data" --img_height 128 --img_width 128 --batch_size 64 --epochs 1'
    )
    dataset = open_dataset(workspace.dataset("to-128"))
    assert dataset.spec.size_px == 128
    assert len(dataset.split("test").labels) == 4 * len(dataset.labels)
    assert {Path(image["path"]).parent.parent.name for image in dataset.sources("test")} == {
        "test_data"
    }
    [_prepare, train] = listed(workspace.runs)
    job = read_job(train)
    assert (job.training.batch_size, job.training.epochs) == (64, 1)
    assert (train.path / "curves.png").stat().st_size > 10_000

    _results, told = run_line("python train.py --epochs 1")
    assert "dataset to-128" in told
    long = begin("python train.py")
    run = find(workspace.runs, begun_by(long))
    asyncio.run(jobs.stop(run, "kill"))
    long.communicate(timeout=60)
    job = read_job(run)
    assert (job.dataset, job.training.epochs) == ("to-128", 0)

    Path("results").mkdir()
    subprocess.run([sys.executable, "-c", THEIR_NETWORK], check=True, capture_output=True)
    results, told = run_line("python train.py --test 1 --resume_model_path ./results/model.h5")
    assert "model model made of results/model.h5" in told
    assert "to-128/test" in results


@pytest.mark.usefixtures("folders")
def test_what_old_command_lines_cannot_mean_here_is_told() -> None:
    one_line(called("train", "--img_height", "128", "--img_width", "96"), "128", "96", "square")
    one_line(called("train", "--train_data_dir", "path/to/train_data"), "--test_data_dir")
    one_line(called("train", "--train_data_dir", "nowhere", "--test_data_dir", "nowhere"),
             "nowhere")  # fmt: skip
    one_line(called("train", "few", "--dataset.kind", "photo"), "--dataset.kind", "prepare")
    one_line(called("train"), "Name a prepared dataset")
