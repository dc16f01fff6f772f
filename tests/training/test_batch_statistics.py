"""A finished network normalises by pictures as they come, not by the distorted ones it learned."""

from __future__ import annotations

import cv2
import keras
import numpy as np
import pytest

from pipeline.dataset.records import Split
from pipeline.training import models
from pipeline.training.batch_statistics import FEWEST_IMAGES, reestimated
from pipeline.training.losses import CrossEntropy

CLASSES = 4
LOSS = CrossEntropy(CLASSES, smoothing=0.1)


def strokes(name: str, count: int, seed: int) -> Split:
    """Returns bright lines on black, the class a line's slant."""
    random = np.random.default_rng(seed)
    labels = random.integers(0, CLASSES, count).astype(np.int32)
    images = np.zeros((count, 32, 32, 1), np.uint8)
    for image, label in zip(images, labels, strict=True):
        turn = np.pi * label / CLASSES + random.normal(0, 0.15)
        reach = 12 * np.array([np.cos(turn), np.sin(turn)])
        middle = 16 + random.normal(0, 2, 2)
        start, end = np.rint([middle - reach, middle + reach]).astype(int).tolist()
        cv2.line(image[..., 0], start, end, 255, 1)
    return Split(name, images, labels)


@pytest.fixture(scope="module")
def learned_of_softened() -> keras.Model:
    keras.utils.set_random_seed(0)
    model = models.build("hanzi_s", (32, 32, 1), CLASSES, 0.0, synchronized=False)
    seen = strokes("train", 2 * FEWEST_IMAGES, seed=1)
    softer = np.stack([cv2.GaussianBlur(image, (5, 5), 1.0) for image in seen.images])[..., None]
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.fit(softer, seen.labels, batch_size=32, epochs=4, verbose=0)
    return model


def loss_of(model: keras.Model, split: Split) -> float:
    return float(np.mean(LOSS.judging(model(split.images, training=False), split.labels)))


def test_what_learned_softened_strokes_reads_sharp_ones_better(
    learned_of_softened: keras.Model,
) -> None:
    model = keras.models.clone_model(learned_of_softened)
    model.set_weights(learned_of_softened.get_weights())
    training = strokes("train", 2 * FEWEST_IMAGES, seed=1)
    validation = strokes("validation", 130, seed=2)
    learned = [weights.numpy() for weights in model.trainable_variables]
    before = loss_of(model, validation)
    found = reestimated(model, training, validation, LOSS, before, seed=0)
    assert found["val_loss"] < 0.8 * before
    assert found["val_loss"] == pytest.approx(loss_of(model, validation), rel=1e-4)
    right = np.argmax(model(validation.images, training=False), -1) == validation.labels
    assert found["val_accuracy"] == pytest.approx(right.mean())
    assert all(
        np.array_equal(old, new.numpy())
        for old, new in zip(learned, model.trainable_variables, strict=True)
    )


@pytest.mark.parametrize("images, found_loss", [(2 * FEWEST_IMAGES, 0.0), (100, 9.0)])
def test_statistics_stay_where_new_ones_do_harm_or_images_are_too_few(
    learned_of_softened: keras.Model, images: int, found_loss: float
) -> None:
    before = learned_of_softened.get_weights()
    training, validation = strokes("train", images, seed=1), strokes("validation", 50, seed=2)
    assert not reestimated(learned_of_softened, training, validation, LOSS, found_loss, seed=0)
    after = learned_of_softened.get_weights()
    assert all(np.array_equal(old, new) for old, new in zip(before, after, strict=True))
