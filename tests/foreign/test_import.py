"""A model trained elsewhere answers here as it did there, and nothing in its file is run."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from seed_models import (
    LABELS,
    SIDE_PX,
    as_trained,
    described_by_keras_2,
    nested_mobilenet,
    pictures,
    plain_cnn,
    saved_by_keras_2,
    seed_cnn,
)

from pipeline.bundle import KERAS, open_bundle
from pipeline.foreign.arrays import weights_by_role
from pipeline.foreign.convert import imported
from pipeline.foreign.rebuild import rebuilt
from pipeline.foreign.request import ImportRequest
from pipeline.keras_files import open_model
from pipeline.litert import softmax
from pipeline.problems import Problem

Imported = Callable[..., Path]


@pytest.fixture(scope="module")
def seed() -> keras.Model:
    return seed_cnn()


@pytest.fixture(scope="module")
def files(seed: keras.Model, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the tutorial's CNN, saved in every way people save."""
    folder = tmp_path_factory.mktemp("files")
    seed.save(folder / "seed.h5")
    seed.save(folder / "seed.keras")
    seed.save_weights(folder / "seed.weights.h5")
    plain = plain_cnn(seed)
    plain.save(folder / "plain.h5")
    plain.save(folder / "plain.keras")
    plain.export(folder / "exported", verbose=False)
    return folder


@pytest.fixture
def made(files: Path, tmp_path: Path) -> Imported:
    """Gives a function that imports a file and returns the bundle."""

    def make(name: str | Path, **said: object) -> Path:
        request = ImportRequest(file=files / name, labels=said.pop("labels", LABELS),
                                target=tmp_path / "bundle", **said)  # fmt: skip
        return Path(imported(request)["path"])

    return make


def refused(made: Imported, name: str | Path, **said: object) -> Problem:
    with pytest.raises(Problem) as raised:
        made(name, **said)
    return raised.value


def answers(bundle: Path, images: np.ndarray) -> np.ndarray:
    return softmax(open_bundle(bundle).network(1, "float32").logits(images))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("seed.h5", {"architecture": "cnn", "input": "0-1"}),
        ("plain.h5", {}),
        ("exported", {}),
    ],
)
def test_an_imported_model_answers_as_it_did_where_it_was_trained(
    made: Imported, seed: keras.Model, name: str, said: dict[str, Any]
) -> None:
    bundle = made(name, **said)
    images = pictures()
    np.testing.assert_allclose(answers(bundle, images), seed(as_trained(images)), atol=1e-5)
    opened = open_bundle(bundle)
    assert opened.description.labels == LABELS
    assert (opened.description.spec.kind, opened.description.spec.channels) == ("glyph", 1)
    litert_only = (name, said) == ("exported", {})
    assert (KERAS in opened.hashes) is not litert_only


def test_the_description_that_keras_2_wrote_is_understood(
    seed: keras.Model, files: Path, tmp_path: Path
) -> None:
    file = Path(shutil.copy(files / "plain.h5", tmp_path))
    described_by_keras_2(file)
    np.testing.assert_allclose(
        open_model(file)(as_trained(pictures())), seed(as_trained(pictures())), atol=1e-6
    )


def test_a_photo_and_light_ink_go_to_the_network_as_they_are(
    made: Imported, seed: keras.Model
) -> None:
    colour = np.random.default_rng(0).integers(0, 256, (3, SIDE_PX, SIDE_PX, 3), np.uint8)
    photo = made("plain.h5", kind="photo")
    assert open_bundle(photo).description.spec.channels == 3
    np.testing.assert_allclose(answers(photo, colour), seed(colour.astype(float)), atol=1e-5)
    light = made("plain.h5", polarity="light-on-dark")
    images = pictures()
    there = seed(np.repeat(images.astype(float), 3, -1))
    np.testing.assert_allclose(answers(light, images), there, atol=1e-5)


@pytest.mark.parametrize("name", ["seed.h5", "seed.keras"])
def test_a_lambda_is_refused_with_the_way_round(made: Imported, name: str) -> None:
    problem = refused(made, name)
    assert problem.code == "foreign.lambda"
    assert problem.params["layer"].startswith("lambda")
    assert "--architecture cnn" in str(problem)


def rebuilt_answers(file: Path, architecture: str, scaling: str, images: np.ndarray) -> np.ndarray:
    """Returns what our own building of a network answers with the weights of a file."""
    request = ImportRequest(file=file, labels=LABELS, target=file, architecture=architecture,
                            input=scaling)  # fmt: skip
    model = rebuilt(request, images.shape[1], weights_by_role(file))
    return softmax(np.asarray(model(images)))


@pytest.mark.parametrize("name", ["seed.keras", "seed.weights.h5", "exported"])
def test_weights_are_found_however_they_were_saved(
    files: Path, seed: keras.Model, name: str
) -> None:
    images = pictures()
    here = rebuilt_answers(files / name, "cnn", "0-1", images)
    np.testing.assert_allclose(here, seed(as_trained(images)), atol=1e-5)


def test_nested_and_frozen_layers_are_taken_in_the_right_order(tmp_path: Path) -> None:
    model = nested_mobilenet()
    images = pictures(32)
    there = model(as_trained(images) / 127.5 - 1)
    for file in ("nested.h5", "nested.keras"):
        model.save(tmp_path / file)
        here = rebuilt_answers(tmp_path / file, "mobilenet", "-1-1", images)
        np.testing.assert_allclose(here, there, atol=1e-5)


def test_the_weights_of_a_saved_model_of_keras_2_are_taken_without_its_program(
    seed: keras.Model, tmp_path: Path
) -> None:
    images = pictures()
    here = rebuilt_answers(saved_by_keras_2(seed, tmp_path / "old"), "cnn", "0-1", images)
    np.testing.assert_allclose(here, seed(as_trained(images)), atol=1e-5)


def test_a_model_trained_in_half_precision_becomes_float32(made: Imported, tmp_path: Path) -> None:
    keras.config.set_dtype_policy("mixed_float16")
    try:
        plain_cnn(seed_cnn()).save(tmp_path / "half.h5")
    finally:
        keras.config.set_dtype_policy("float32")
    assert answers(made(tmp_path / "half.h5"), pictures()).shape == (6, len(LABELS))


@pytest.mark.parametrize(
    ("name", "said", "code"),
    [
        ("plain.h5", {"labels": LABELS[:3]}, "foreign.labels"),
        ("exported", {"labels": (*LABELS, "丈")}, "foreign.labels"),
        ("plain.h5", {"size_px": 64}, "foreign.size"),
        ("seed.weights.h5", {}, "foreign.weights_only"),
        ("seed.weights.h5", {"architecture": "cnn"}, "foreign.no_size"),
        ("seed.h5", {"architecture": "cnn", "size_px": 64}, "foreign.architecture"),
        ("seed.h5", {"architecture": "mobilenet"}, "foreign.architecture"),
    ],
)
def test_what_does_not_fit_is_said(
    made: Imported, name: str, said: dict[str, Any], code: str
) -> None:
    assert refused(made, name, **said).code == code


@pytest.mark.parametrize("name", ["plain.h5", "plain.keras", "exported/saved_model.pb"])
def test_a_truncated_file_is_damaged(
    made: Imported, files: Path, tmp_path: Path, name: str
) -> None:
    copy = Path(shutil.copytree(files, tmp_path / "copy"))
    cut = copy / name
    cut.write_bytes(cut.read_bytes()[: cut.stat().st_size // 2])
    file = cut.parent if cut.suffix == ".pb" else cut
    assert refused(made, file).code == "foreign.damaged"
    if file is cut:
        assert refused(made, file, architecture="cnn").code in (
            "foreign.damaged", "foreign.no_size",
        )  # fmt: skip


def changed(file: Path, change: Callable[[dict[str, Any]], None], to: Path) -> Path:
    """Copies a `.keras` file with another description of the network."""
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(to, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "config.json":
                config = json.loads(content)
                change(config)
                content = json.dumps(config).encode()
            new.writestr(name, content)
    return to


def test_nothing_that_a_file_names_is_imported_or_called(
    made: Imported, files: Path, tmp_path: Path
) -> None:
    def other_module(config: dict[str, Any]) -> None:
        config["config"]["layers"][1] |= {"module": "os", "class_name": "system"}

    def a_function(config: dict[str, Any]) -> None:
        layer = config["config"]["layers"][2]["config"]
        layer["activation"] = {"module": "builtins", "class_name": "function", "config": "exec"}

    def a_saved_model(config: dict[str, Any]) -> None:
        config["config"]["layers"][1]["class_name"] = "TFSMLayer"

    for change in (other_module, a_function, a_saved_model):
        file = changed(files / "plain.keras", change, tmp_path / f"{change.__name__}.keras")
        assert refused(made, file).code == "foreign.custom"


def test_a_network_of_another_input_or_output_is_refused(made: Imported, tmp_path: Path) -> None:
    for shape, code in (((8, 12, 3), "foreign.input"), ((16,), "foreign.input")):
        model = keras.Sequential(
            [keras.Input(shape), keras.layers.Flatten(), keras.layers.Dense(len(LABELS))]
        )
        model.save(tmp_path / "other.keras")
        assert refused(made, tmp_path / "other.keras").code == code
    keras.Sequential([keras.Input((16, 16, 1)), keras.layers.Conv2D(4, 3)]).save(
        tmp_path / "map.keras"
    )
    assert refused(made, tmp_path / "map.keras").code == "foreign.outputs"


def test_a_saved_model_that_reads_files_is_not_loaded(made: Imported, tmp_path: Path) -> None:
    class Reader(tf.Module):  # type: ignore[misc]
        @tf.function(input_signature=[tf.TensorSpec((None, 16, 16, 1), tf.float32)])
        def __call__(self, images: Any) -> Any:
            size = tf.strings.length(tf.io.read_file("/etc/hostname"))
            return tf.reduce_sum(images, (1, 2)) * tf.cast(size, tf.float32)

    reader = Reader()
    tf.saved_model.save(reader, str(tmp_path / "reader"), signatures=reader.__call__)
    problem = refused(made, tmp_path / "reader", labels=("一",))
    assert problem.code == "foreign.operators"
    assert problem.params["names"] == "ReadFile"
