"""First weights: found, fetched or refused before anything is trained."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np
import pytest
from keras.src.legacy.saving import legacy_h5_format

from pipeline.bundle import Description, open_bundle, write
from pipeline.normalizer import NormalizerSpec
from pipeline.problems import Problem
from pipeline.starter import model_folder
from pipeline.training import models, weights
from pipeline.training.networks import NETWORKS, Download, Network
from pipeline.training.weights_path import require_weights

SHAPE = (32, 32, 1)
KNOWN = ("一", "丁", "七", "万")
WANTED = ("丈", "七", "一")
COUNTS = np.array([3, 3, 3])


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model "known" of four characters."""
    model = models.build("hanzi_s", SHAPE, len(KNOWN), 0.1)
    spec = NormalizerSpec(size_px=SHAPE[0])
    described = Description("hanzi_s", KNOWN, spec, "", "", {}, {})
    samples = np.random.default_rng(0).integers(0, 256, (32, *SHAPE), np.uint8)
    return write(tmp_path_factory.mktemp("models") / "known", model, described, samples, "test")


@pytest.fixture
def fresh() -> keras.Model:
    return models.build("hanzi_s", SHAPE, len(WANTED), 0.1)


def arrays(layers: list[keras.layers.Layer]) -> list[Any]:
    return [w.numpy() for layer in layers for w in layer.weights]


def refused(model: keras.Model, choice: str, folder: Path, network: str = "hanzi_s") -> Problem:
    """Returns why first weights are refused; the network must be as it was."""
    before = [w.numpy() for w in model.weights]
    with pytest.raises(Problem) as raised:
        weights.load(model, network, choice, WANTED, COUNTS, folder)
    assert all(np.array_equal(a, w.numpy()) for a, w in zip(before, model.weights, strict=True))
    return raised.value


def test_another_model_gives_its_layers_and_the_classes_both_know(
    bundle: Path, fresh: keras.Model
) -> None:
    new = fresh.get_layer("logits").kernel.numpy()
    loaded = weights.load(fresh, "hanzi_s", "known", WANTED, COUNTS, bundle.parent)
    assert loaded is not None
    assert (loaded.source, loaded.common) == (str(bundle), 2)
    source = keras.saving.load_model(bundle / "model.keras")
    for theirs, ours in zip(
        arrays(models.backbone_layers(source)), arrays(models.backbone_layers(fresh)), strict=True
    ):
        assert np.array_equal(theirs, ours)
    kernel, old = (
        fresh.get_layer("logits").kernel.numpy(),
        source.get_layer("logits").kernel.numpy(),
    )
    assert np.array_equal(kernel[:, 1:], old[:, [2, 0]])
    assert np.array_equal(kernel[:, 0], new[:, 0])


def test_a_weights_file_of_other_classes_gives_all_but_the_last_layer(
    bundle: Path, fresh: keras.Model, tmp_path: Path
) -> None:
    source = keras.saving.load_model(bundle / "model.keras")
    source.save_weights(tmp_path / "mine.weights.h5")
    new = fresh.get_layer("logits").kernel.numpy()
    loaded = weights.load(
        fresh, "hanzi_s", str(tmp_path / "mine.weights.h5"), WANTED, COUNTS, tmp_path
    )
    assert loaded is not None
    assert loaded.common == 0
    assert np.array_equal(fresh.layers[2].kernel.numpy(), source.layers[2].kernel.numpy())
    assert np.array_equal(fresh.get_layer("logits").kernel.numpy(), new)


def test_weights_of_another_network_are_refused(bundle: Path) -> None:
    small = models.build("cnn", SHAPE, len(WANTED), 0.1)
    problem = refused(small, "known", bundle.parent, "cnn")
    assert problem.code == "weights.mismatch"
    assert "cnn" in str(problem)


@pytest.mark.parametrize(
    ("choice", "code"),
    [("unknown", "weights.missing"), ("./unknown.keras", "weights.missing"),
     ("./old.h5", "weights.kind"), ("./cut.keras", "foreign.damaged"),
     ("./cut.weights.h5", "weights.damaged"), ("imagenet", "weights.no_imagenet")],
)  # fmt: skip
def test_what_is_no_first_weights_is_said(
    fresh: keras.Model, choice: str, code: str, bundle: Path
) -> None:
    Path("old.h5").write_bytes(b"")
    Path("cut.keras").write_bytes((bundle / "model.keras").read_bytes()[:5000])
    Path("cut.weights.h5").write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(1000))
    assert refused(fresh, choice, bundle.parent).code == code


def test_the_starter_gives_its_backbone_whatever_the_image_size() -> None:
    source = models.build("hanzi_s", (48, 48, 1), 9, 0.1)
    backbone = arrays(models.backbone_layers(source))
    content = starter_file(backbone, model="hanzi_s")
    model = models.build("hanzi_s", SHAPE, len(WANTED), 0.1)
    weights.load_backbone(model, "hanzi_s", content, "starter")
    for theirs, ours in zip(backbone, arrays(models.backbone_layers(model)), strict=True):
        np.testing.assert_allclose(theirs, ours, atol=2e-3)
    other = models.build("cnn", SHAPE, len(WANTED), 0.1)
    for damaged, code in ((content, "weights.mismatch"), (content[:999], "weights.damaged")):
        with pytest.raises(Problem) as raised:
            weights.load_backbone(other, "cnn", damaged, "starter")
        assert raised.value.code == code


def test_with_the_starter_a_network_reads_what_the_starter_knows_before_it_has_learned() -> None:
    bundle = open_bundle(model_folder())
    labels = ("土", "?", "末", "一")
    model = models.build("hanzi_s", (48, 48, 1), len(labels), 0.1)
    new = model.get_layer("logits").kernel.numpy()
    counts = np.array([5, 5, 5, 5])
    loaded = weights.load(model, "hanzi_s", "starter", labels, counts, model_folder())
    assert loaded is not None
    assert loaded.common == 3
    assert np.array_equal(model.get_layer("logits").kernel.numpy()[:, 1], new[:, 1])
    images = np.random.default_rng(0).integers(0, 256, (8, 48, 48, 1), np.uint8)
    theirs = bundle.network(threads=1).logits(images)
    known = [bundle.description.labels.index(label) for label in labels if label != "?"]
    ours = np.asarray(model(images, training=False))[:, [0, 2, 3]]
    # The starter's activations are int8 between its layers, too.
    assert np.corrcoef(theirs[:, known].ravel(), ours.ravel())[0, 1] > 0.99


def test_the_starter_is_as_sure_as_it_was_of_what_no_image_will_teach() -> None:
    labels = ("土", "末", "一")
    heads = []
    for counts in ([5, 5, 5], [5, 0, 5]):
        model = models.build("hanzi_s", (48, 48, 1), len(labels), 0.1)
        weights.load(model, "hanzi_s", "starter", labels, np.array(counts), model_folder())
        heads.append(model.get_layer("logits").kernel.numpy())
    shown, one_unshown = heads
    assert np.array_equal(shown[:, [0, 2]], one_unshown[:, [0, 2]])
    assert np.allclose(one_unshown[:, 1], shown[:, 1] / weights.STARTER_SHARE)


def starter_file(backbone: list[Any], **meta: object) -> bytes:
    """Returns an `.npz` such as the package carries: half precision, `meta` as JSON."""
    import io

    content = io.BytesIO()
    described = np.frombuffer(json.dumps({**meta, "input": [48, 48, 1]}).encode(), np.uint8)
    numbered: dict[str, Any] = {str(i): a.astype(np.float16) for i, a in enumerate(backbone)}
    np.savez(content, **numbered, meta=described)
    return content.getvalue()


@pytest.fixture
def keras_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keras's own folder, empty, and no way to the internet."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    return tmp_path / "models"


def test_imagenet_weights_are_taken_from_keras_own_folder(keras_home: Path) -> None:
    original = keras.applications.MobileNet(
        include_top=False, weights=None, input_shape=(32, 32, 3)
    )
    keras_home.mkdir()
    with h5py.File(keras_home / "mobilenet_1_0_224_tf_no_top.h5", "w") as file:
        legacy_h5_format.save_weights_to_hdf5_group(file, original)
    model = models.build("mobilenet", SHAPE, len(WANTED), 0.1)
    loaded = weights.load(model, "mobilenet", "imagenet", WANTED, COUNTS, keras_home)
    assert loaded is not None
    assert loaded.common == 0
    for theirs, ours in zip(
        arrays(original.layers), arrays(models.backbone_layers(model)), strict=True
    ):
        assert np.array_equal(theirs, ours)


def test_a_download_that_cannot_happen_says_what_to_fetch_and_where_to_put_it(
    keras_home: Path,
) -> None:
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    problem = refused(model, "imagenet", keras_home, "resnet50")
    file = "resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5"
    assert problem.code == "weights.no_download"
    assert problem.params["url"] == (
        f"https://storage.googleapis.com/tensorflow/keras-applications/resnet/{file}"
    )
    assert problem.params["folder"] == str(keras_home)
    for part in (file, str(keras_home), "4d473c1dd8becc155b73f8504c6f6626"):
        assert part in str(problem)
    assert list(keras_home.iterdir()) == []


def test_a_file_that_is_not_what_keras_names_is_refused(keras_home: Path) -> None:
    keras_home.mkdir()
    file = keras_home / "resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5"
    file.write_bytes(b"half of it")
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    problem = refused(model, "imagenet", keras_home, "resnet50")
    assert problem.code == "weights.changed"
    assert problem.params["found"] == hashlib.md5(b"half of it").hexdigest()


def test_a_whole_file_of_something_else_is_refused(
    keras_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    download = Download("other.h5", "https://localhost/other.h5")
    monkeypatch.setitem(NETWORKS, "mobilenet", Network(32, download))
    keras_home.mkdir()
    (keras_home / "other.h5").write_bytes(b"not HDF5 at all")
    model = models.build("mobilenet", SHAPE, len(WANTED), 0.1)
    assert refused(model, "imagenet", keras_home, "mobilenet").code == "weights.damaged"


def test_what_cannot_be_is_told_before_a_run_is_made(tmp_path: Path) -> None:
    for network, choice, code in (
        ("hanzi_s", "imagenet", "weights.no_imagenet"), ("cnn", "nowhere", "weights.missing"),
    ):  # fmt: skip
        with pytest.raises(Problem) as raised:
            require_weights(network, choice, tmp_path)
        assert raised.value.code == code
    require_weights("resnet50", "imagenet", tmp_path)
    require_weights("hanzi_s", "none", tmp_path)
