"""A model file either is what it says, or is refused; and nothing in it can run."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from pipeline.bundle import INT8, LITERT, Precision, open_bundle, publish_bundle
from pipeline.dataset.records import open_dataset
from pipeline.problems import Problem
from pipeline.workspace import Workspace


@pytest.fixture
def folder(trained_once: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(trained_once / "models" / "few-cnn", tmp_path / "few-cnn"))


def test_a_bundle_tells_all_that_recognition_needs(folder: Path, trained_once: Path) -> None:
    bundle = open_bundle(folder)
    dataset = open_dataset(trained_once / "datasets" / "few")
    assert bundle.description.labels == dataset.labels
    assert bundle.description.spec == dataset.spec
    assert bundle.description.dataset_hash == dataset.content_hash
    assert {"val_accuracy", "val_loss"} <= bundle.description.metrics.keys()
    network = bundle.network(threads=1)
    assert network.classes == len(dataset.labels)
    assert {path.name for path in folder.iterdir()} == {
        "bundle.json", "labels.txt", "model.int8.tflite", "model.keras", "model.tflite",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "precision"),
    [("model.tflite", "float32"), ("model.int8.tflite", "int8"), ("labels.txt", "auto")],
)
@pytest.mark.parametrize("at", [0, 0.5, 1])
def test_a_changed_byte_is_found(folder: Path, name: str, precision: Precision, at: float) -> None:
    content = bytearray((folder / name).read_bytes())
    place = round(at * (len(content) - 1))
    content[place] ^= 1
    (folder / name).write_bytes(content)
    with pytest.raises(Problem, match=name):
        open_bundle(folder).network(1, precision)


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "model.tflite").unlink()
    with pytest.raises(Problem, match=r"model\.tflite"):
        open_bundle(folder).network(1, "float32")


def test_int8_is_a_quarter_of_the_size_and_answers_alike(folder: Path, trained_once: Path) -> None:
    bundle = open_bundle(folder)
    size = {name: (folder / name).stat().st_size for name in (LITERT, INT8)}
    assert size[INT8] < 0.35 * size[LITERT]
    test = open_dataset(trained_once / "datasets" / "few").split("test")
    images = np.array(test.images)
    full, small = (bundle.network(1, kind).logits(images) for kind in ("float32", "int8"))
    assert np.any(full != small)
    assert np.mean(full.argmax(1) == small.argmax(1)) >= 0.9
    assert np.array_equal(bundle.network(1).logits(images), small)


def test_what_int8_costs_is_measured_and_noted(folder: Path, trained_once: Path) -> None:
    noted = json.loads((folder / "bundle.json").read_text("utf-8"))["int8"]
    judged = open_dataset(trained_once / "datasets" / "few").split("validation")
    network = open_bundle(folder).network(1, "int8")
    right = network.logits(np.array(judged.images)).argmax(1) == judged.labels
    assert noted["images"] == len(judged.labels)
    assert noted["int8_accuracy"] == pytest.approx(right.mean(), abs=1e-5)
    assert noted["same_answer"] >= 0.9


def test_a_bundle_of_int8_alone_answers_and_says_that_it_has_no_float(folder: Path) -> None:
    opened = open_bundle(folder)
    small = publish_bundle(
        folder.with_name("small"), {INT8: opened.file(INT8)}, opened.description, 1, "test"
    )
    bundle = open_bundle(small)
    assert bundle.network(1).classes == len(bundle.description.labels)
    with pytest.raises(Problem, match=r"model\.tflite"):
        bundle.network(1, "float32")


def test_labels_that_do_not_fit_the_network_are_an_error_not_a_wrong_answer(folder: Path) -> None:
    import hashlib

    described = json.loads((folder / "bundle.json").read_text("utf-8"))
    text = (folder / "labels.txt").read_text("utf-8") + "多\n"
    (folder / "labels.txt").write_text(text, "utf-8")
    described["files"]["labels.txt"] = hashlib.sha256(text.encode()).hexdigest()
    described["classes"] += 1
    (folder / "bundle.json").write_text(json.dumps(described))
    with pytest.raises(Problem, match="labels and normaliser say"):
        open_bundle(folder).network(threads=1)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format_version": 99, "files": {}}'])
def test_a_description_that_is_none_is_refused_in_one_sentence(folder: Path, text: str) -> None:
    (folder / "bundle.json").write_text(text)
    with pytest.raises(Problem, match=str(folder)):
        open_bundle(folder)


def test_litert_and_keras_answer_alike(folder: Path, trained_once: Path) -> None:
    images = np.array(open_dataset(trained_once / "datasets" / "few").split("test").images)
    litert = open_bundle(folder).network(1, "float32").logits(images)
    np.save(folder / "images.npy", images)
    program = """
import sys
from pathlib import Path
import numpy as np
from pipeline.bundle import open_bundle
folder = Path(sys.argv[1])
model = open_bundle(folder).keras_model()
np.save(folder / "logits.npy", model(np.load(folder / "images.npy"), training=False).numpy())
"""
    subprocess.run([sys.executable, "-c", program, str(folder)], check=True, capture_output=True)
    assert np.abs(np.load(folder / "logits.npy") - litert).max() < 1e-4


def test_a_keras_file_with_code_in_it_does_not_run(folder: Path, tmp_path: Path) -> None:
    """A Lambda layer is the one way to put Python into a .keras file."""
    program = """
import hashlib, json, sys
from pathlib import Path
import keras
from pipeline.bundle import open_bundle
folder, trap = Path(sys.argv[1]), sys.argv[2]
inputs = keras.Input((32, 32, 1))
layer = keras.layers.Lambda(lambda x: (open(trap, "w").close(), x)[1])
keras.Model(inputs, layer(inputs)).save(folder / "model.keras")
Path(trap).unlink(missing_ok=True)
described = json.loads((folder / "bundle.json").read_text())
content = (folder / "model.keras").read_bytes()
described["files"]["model.keras"] = hashlib.sha256(content).hexdigest()
(folder / "bundle.json").write_text(json.dumps(described))
try:
    open_bundle(folder).keras_model()
except Exception as error:
    print("refused", type(error).__name__)
"""
    trap = tmp_path / "trap"
    ended = subprocess.run([sys.executable, "-c", program, str(folder), str(trap)],
                           capture_output=True, text=True, check=True)  # fmt: skip
    assert ended.stdout.startswith("refused")
    assert not trap.exists()


def test_no_code_of_ours_unpickles() -> None:
    root = Path(__file__).parents[1]
    for package in ("pipeline", "hanzi_tui"):
        for path in (root / package).rglob("*.py"):
            text = path.read_text("utf-8")
            for way in ("import pickle", "allow_pickle=True", "safe_mode=False", " eval("):
                assert way not in text, f"{path}: {way}"


def test_the_newest_model_is_taken_when_none_is_named(trained: Workspace) -> None:
    assert trained.require_model("").name == "few-cnn"
    assert trained.require_model(str(trained.models / "few-cnn")).name == "few-cnn"
    with pytest.raises(Problem, match=r"There is no model 'other'.*few-cnn"):
        trained.require_model("other")
