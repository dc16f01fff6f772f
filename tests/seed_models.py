"""Models as the scripts of others make and save them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

SIDE_PX = 40
LABELS = ("一", "丁", "七", "万")


def seed_cnn() -> keras.Model:
    """The CNN of the tutorial, layer by layer as it stands there, Lambda and all."""
    model = keras.models.Sequential([
        keras.Input((SIDE_PX, SIDE_PX, 3)),
        keras.layers.Lambda(lambda x: x / 255.0),
        keras.layers.Conv2D(32, (3, 3), activation="relu"),
        keras.layers.MaxPooling2D(2, 2),
        keras.layers.Conv2D(64, (3, 3), activation="relu"),
        keras.layers.MaxPooling2D(2, 2),
        keras.layers.Flatten(),
        keras.layers.Dense(128, activation="relu"),
        keras.layers.Dense(len(LABELS), activation="softmax"),
    ])  # fmt: skip
    model.compile(optimizer="sgd", loss="categorical_crossentropy", metrics=["accuracy"])
    return model


def plain_cnn(seed: keras.Model) -> keras.Model:
    """The same network with the layer that Keras has for it."""
    return keras.models.Sequential(
        [keras.Input((SIDE_PX, SIDE_PX, 3)), keras.layers.Rescaling(1 / 255), *seed.layers[1:]]
    )


def nested_mobilenet() -> keras.Model:
    """A network of `keras.applications` as one layer of another, its convolutions frozen."""
    backbone = keras.applications.MobileNet(
        include_top=False, weights=None, input_shape=(32, 32, 3)
    )
    generator = np.random.default_rng(0)
    backbone.set_weights([generator.random(w.shape, np.float32) / 9 for w in backbone.weights])
    backbone.trainable = False
    return keras.models.Sequential([
        backbone,
        keras.layers.GlobalAveragePooling2D(),
        keras.layers.Dense(24, activation="relu"),
        keras.layers.Dropout(0.5),
        keras.layers.Dense(len(LABELS), activation="softmax"),
    ])  # fmt: skip


def described_by_keras_2(file: Path) -> None:
    """Rewrites the description in an `.h5` file to what Keras 2 writes."""
    with h5py.File(file, "r+") as opened:
        config = _of_keras_2(json.loads(opened.attrs["model_config"]))
        opened.attrs["model_config"] = json.dumps(config).encode()
        opened.attrs["keras_version"] = b"2.7.0"


def _of_keras_2(value: Any) -> Any:
    if isinstance(value, list):
        return [_of_keras_2(item) for item in value]
    if not isinstance(value, dict):
        return value
    newer = ("module", "registered_name", "build_config", "quantization_config", "optional")
    kept = {key: _of_keras_2(item) for key, item in value.items() if key not in newer}
    if "batch_shape" in kept:
        kept |= {"batch_input_shape": kept.pop("batch_shape"), "ragged": False}
    if isinstance(kept.get("dtype"), dict):
        kept["dtype"] = "float32"
    return kept


def saved_by_keras_2(model: keras.Model, folder: Path) -> Path:
    """Writes the weights into the folder of a SavedModel as Keras 2 lays them out: an object for
    each layer with weights, and at the root the list of all variables."""
    named = {}
    root = tf.train.Checkpoint()
    for number, layer in enumerate(layer for layer in model.layers if layer.weights):
        variables = {w.name: tf.Variable(w.numpy(), name=f"{layer.name}/{w.name}")
                     for w in layer.weights}  # fmt: skip
        setattr(root, f"layer_with_weights-{number}", tf.train.Checkpoint(**variables))
        named |= {f"{number}/{name}": variable for name, variable in variables.items()}
    root.variables = list(named.values())
    root.optimizer = tf.train.Checkpoint(kernel=tf.Variable([0.5], name="SGD/kernel"))
    (folder / "variables").mkdir(parents=True)
    root.write(str(folder / "variables" / "variables"))
    (folder / "saved_model.pb").write_bytes(b"")
    return folder


def pictures(side_px: int = SIDE_PX) -> NDArray[np.uint8]:
    """Glyphs as our normaliser gives them: light ink on 0, gray."""
    images = np.zeros((6, side_px, side_px, 1), np.uint8)
    for number, image in enumerate(images):
        image[5 * number : 5 * number + 4, 3:-3] = 255
        image[3:-3, 4 * number + 2] = 130
    return images


def as_trained(images: NDArray[np.uint8]) -> NDArray[Any]:
    """The same glyphs as people train on them: dark on white, RGB floats of 0 to 255."""
    return np.repeat(255.0 - images.astype(np.float32), 3, axis=-1)
