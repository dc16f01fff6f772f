"""Batches that are functions of (seed, step): shuffled, balanced, mixed, and the same again."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.augment import Distortion
from pipeline.dataset.records import Split
from pipeline.training.input import TrainingBatches
from pipeline.training.mixing import Mixing, mix
from pipeline.training.sampling import epoch_order, log_prior

LONG_TAIL = np.repeat(np.arange(4, dtype=np.int32), [900, 90, 9, 1])
IMAGES = np.random.default_rng(0).integers(0, 256, (32, 16, 16, 1), np.uint8)
SOME = np.arange(32, dtype=np.int32) % 5


def test_an_epoch_shows_each_image_once_unless_classes_are_balanced() -> None:
    order = epoch_order(LONG_TAIL, 0.0, seed=1, epoch=3)
    assert np.array_equal(np.sort(order), np.arange(1000))
    again = epoch_order(LONG_TAIL, 0.5, seed=1, epoch=3)
    assert np.array_equal(again, epoch_order(LONG_TAIL, 0.5, seed=1, epoch=3))
    assert not np.array_equal(again, epoch_order(LONG_TAIL, 0.5, seed=1, epoch=4))
    assert not np.array_equal(again, epoch_order(LONG_TAIL, 0.5, seed=2, epoch=3))


@pytest.mark.parametrize("balance", [0.25, 0.5, 1.0])
def test_classes_come_as_often_as_the_balance_says(balance: float) -> None:
    order = epoch_order(LONG_TAIL, balance, seed=0, epoch=0)
    shown = np.bincount(LONG_TAIL[order], minlength=4)
    due = np.array([900, 90, 9, 1]) ** (1 - balance)
    assert np.all(np.abs(shown - 1000 * due / due.sum()) <= 1 + 1e-6)
    times = np.bincount(order, minlength=1000)
    for label in range(4):
        of_class = times[label == LONG_TAIL]
        assert of_class.max() - of_class.min() <= 1
    assert np.allclose(np.exp(log_prior(np.bincount(LONG_TAIL), balance)), due / due.sum())


def test_mixup_blends_two_images_and_names_the_one_there_is_more_of() -> None:
    mixed, labels, others, shares = mix(IMAGES, SOME, Mixing(mixup=0.4), seed=5, step=9)
    assert np.array_equal(labels, SOME)
    assert shares.min() >= 0.5
    assert shares.dtype == np.float32
    known = IMAGES.astype(float)
    for row in range(len(IMAGES)):
        errors = [np.abs(mixed[row] - shares[row] * known[row] - (1 - shares[row]) * other).max()
                  for other in known]  # fmt: skip
        partner = int(np.argmin(errors))
        assert errors[partner] <= 0.51
        if shares[row] < 0.95:  # with less of the partner, several fit
            assert others[row] == SOME[partner]


def test_cutmix_takes_a_rectangle_of_the_area_it_says() -> None:
    mixed, _labels, others, shares = mix(IMAGES, SOME, Mixing(cutmix=1.0), seed=5, step=9)
    for row in range(len(IMAGES)):
        changed = (mixed[row] != IMAGES[row]).any(-1)
        # A pixel in a hundred is the same in both images.
        assert changed.mean() <= 1 - shares[row] + 1e-6
        assert changed.mean() >= (1 - shares[row]) * 0.8
    assert shares.min() >= 0.5
    assert set(others) <= set(SOME)


def test_with_both_ways_batches_are_mixed_now_in_one_now_in_the_other() -> None:
    both = Mixing(mixup=0.4, cutmix=1.0)
    kept = [(mix(IMAGES, SOME, both, seed=0, step=step)[0] == IMAGES).mean() for step in range(40)]
    cut = sum(share > 0.45 for share in kept)
    assert 8 <= cut <= 32


def test_mixed_and_balanced_batches_are_the_same_again_at_any_step() -> None:
    split = Split("train", IMAGES, SOME)

    def batches(seed: int) -> TrainingBatches:
        return TrainingBatches(split, 8, seed, Distortion(), "blank", 0.5, Mixing(0.2, 1.0))

    through, jumped = batches(7), batches(7)
    for step in range(11):
        through.batch(step)
    for one, other in zip(through.batch(11), jumped.batch(11), strict=True):
        assert np.array_equal(one, other)
    assert not np.array_equal(jumped.batch(11)[0], batches(8).batch(11)[0])
