"""Every network people arrive with: what it takes, what it gives, what it costs."""

from __future__ import annotations

from types import ModuleType

import keras
import numpy as np
import pytest
from keras.src.applications import densenet, mobilenet, resnet

from pipeline.anatomy.of_keras import keras_anatomy
from pipeline.problems import Problem
from pipeline.settings import TrainingSettings
from pipeline.training import models
from pipeline.training.costs import costs
from pipeline.training.models.scaling import Scaling, rgb, scaled
from pipeline.training.networks import NETWORKS, Network
from pipeline.training.outline import outline

NAMES = list(models.BUILDERS)
SIDE_PX, CLASSES = 33, 4


@pytest.fixture(scope="module")
def gray() -> dict[str, keras.Model]:
    """Each network once, for gray images of an odd side."""
    return {name: models.build(name, (SIDE_PX, SIDE_PX, 1), CLASSES, 0.1) for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_costs_told_without_tensorflow_are_those_of_the_real_layers(
    gray: dict[str, keras.Model], name: str
) -> None:
    real = keras_anatomy(gray[name])
    layers = outline(name, SIDE_PX, 1, CLASSES)
    assert sum(layer.parameters for layer in layers) == real.parameters
    assert gray[name].count_params() == real.parameters
    weighed = [layer.macs for layer in real.layers if layer.macs]
    assert sorted(layer.macs for layer in layers if layer.macs) == sorted(weighed)


@pytest.mark.parametrize("name", NAMES)
def test_a_network_takes_bytes_and_gives_float32_logits(
    gray: dict[str, keras.Model], name: str
) -> None:
    images = np.random.default_rng(0).integers(0, 256, (2, SIDE_PX, SIDE_PX, 1), np.uint8)
    logits = gray[name](images)
    assert (tuple(logits.shape), str(logits.dtype)) == ((2, CLASSES), "<dtype: 'float32'>")
    assert np.isfinite(logits).all()


@pytest.mark.parametrize("name", NAMES)
def test_each_layer_is_either_of_the_head_or_of_the_backbone(
    gray: dict[str, keras.Model], name: str
) -> None:
    head, backbone = models.head_layers(gray[name]), models.backbone_layers(gray[name])
    assert head[-1].name == "logits"
    assert len(head) + len(backbone) == len(gray[name].layers)
    assert not any(
        layer.weights for layer in backbone if isinstance(layer, keras.layers.Dense)
    ) or (name == "cnn")


@pytest.mark.parametrize("name", ["hanzi_m", "mobilenet"])
def test_several_devices_share_their_normalisation_and_the_same_variables(
    gray: dict[str, keras.Model], name: str
) -> None:
    synchronized = models.build(name, (SIDE_PX, SIDE_PX, 1), CLASSES, 0.1, synchronized=True)
    normalizations = [
        layer for layer in synchronized.layers if isinstance(layer, keras.layers.BatchNormalization)
    ]
    assert normalizations
    assert all(layer.synchronized for layer in normalizations)
    assert [v.shape for v in synchronized.variables] == [v.shape for v in gray[name].variables]


@pytest.mark.parametrize(
    ("scaling", "original"), [("caffe", resnet), ("torch", densenet), ("-1-1", mobilenet)]
)
@pytest.mark.parametrize("channels", [1, 3])
def test_pixels_are_scaled_as_imagenet_weights_want_them(
    scaling: Scaling, original: ModuleType, channels: int
) -> None:
    images = np.random.default_rng(1).integers(0, 256, (3, 8, 8, channels), np.uint8)
    source = keras.Input((8, 8, channels), dtype="uint8")
    ours = keras.Model(source, scaled(rgb(source), scaling))(images)
    colour = np.repeat(images, 3, -1) if channels == 1 else images
    theirs = original.preprocess_input(colour.astype(np.float32))
    np.testing.assert_allclose(ours, theirs, atol=2e-5)


@pytest.mark.parametrize(("name", "network"), NETWORKS.items())
def test_the_smallest_images_are_taken_and_smaller_ones_refused(
    name: str, network: Network
) -> None:
    side = network.smallest_px
    assert outline(name, side, 1, CLASSES)[-2].side_px == 1
    with pytest.raises(Problem, match=f"{side} px") as raised:
        models.build(name, (side - 1, side - 1, 1), CLASSES, 0.1)
    assert raised.value.code == "model.input_small"


def test_downloads_are_those_that_keras_itself_makes() -> None:
    assert NETWORKS["resnet50"].imagenet is not None
    assert NETWORKS["resnet50"].imagenet.md5 == resnet.WEIGHTS_HASHES["resnet50"][1]
    assert NETWORKS["resnet50"].imagenet.url.startswith(resnet.BASE_WEIGHTS_PATH)
    assert NETWORKS["densenet169"].imagenet is not None
    assert NETWORKS["densenet169"].imagenet.url == densenet.DENSENET169_WEIGHT_PATH_NO_TOP
    assert NETWORKS["mobilenet"].imagenet is not None
    assert NETWORKS["mobilenet"].imagenet.url.startswith(mobilenet.BASE_WEIGHT_PATH)


def test_memory_grows_with_batch_precision_and_optimizer() -> None:
    settings = TrainingSettings(model="hanzi_s", batch_size=64)
    known = costs(settings, 64, 1, 60)
    assert known.parameters == 704_412
    assert known.macs == 78_953_472
    one_slot = settings.model_copy(update={"optimizer": "sgd"})
    averaged = settings.model_copy(update={"ema": 0.999})
    weights_bytes = 4 * known.parameters
    assert costs(one_slot, 64, 1, 60).memory_bytes == known.memory_bytes - weights_bytes
    assert costs(averaged, 64, 1, 60).memory_bytes == known.memory_bytes + weights_bytes
    activations = known.memory_bytes - 4 * weights_bytes
    half = settings.model_copy(update={"precision": "mixed_bfloat16"})
    assert costs(half, 64, 1, 60).memory_bytes == 4 * weights_bytes + activations // 2
    double = settings.model_copy(update={"batch_size": 128})
    assert costs(double, 64, 1, 60).memory_bytes == 4 * weights_bytes + 2 * activations
    assert costs(double, 64, 1, 60, replicas=2).memory_bytes == known.memory_bytes
