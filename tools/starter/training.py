"""A training of a fixed number of steps that goes on where it was killed.

Its whole state, weights and optimizer, is one `.keras` file.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

import keras
import numpy as np

from pipeline.files import PARTIAL
from pipeline.training.models.hanzi import hanzi_s
from starter.batches import Batches
from starter.loss import accuracy, cross_entropy
from starter.schedule import Schedule

SAVED_EVERY = 250
WEIGHT_DECAY = 0.02


def train(batches: Batches, classes: int, schedule: Schedule, state: Path) -> keras.Model:
    """Trains `hanzi_s` by AdamW, from `state` where that exists.

    Args:
        batches: what it learns from.
        classes: of the last layer.
        schedule: steps, learning rate and stages.
        state: file that the state is kept in, written every `SAVED_EVERY` steps.
    """
    model = keras.saving.load_model(state) if state.exists() else _new(batches.seed, classes)
    model.compile(model.optimizer, cross_entropy, metrics=[accuracy])
    first = int(model.optimizer.iterations)
    lines: list[tuple[float, float]] = []
    began = time.monotonic()
    stream = batches.stream(first, schedule.steps, schedule.stage)
    for done, (images, targets) in enumerate(stream, first + 1):
        model.optimizer.learning_rate = schedule.rate(done - 1)
        logs = model.train_on_batch(images, targets, return_dict=True)
        lines.append((logs["loss"], logs["accuracy"]))
        if done % SAVED_EVERY == 0 or done == schedule.steps:
            _save(model, state)
            loss, right = np.mean(lines, axis=0)
            rate = len(lines) * len(targets) / (time.monotonic() - began)
            print(f"{state.stem}: step {done:,} of {schedule.steps:,}, {images.shape[1]} px, "
                  f"loss {loss:.3f}, accuracy {right:.3f}, {rate:.0f} images/s",
                  flush=True)  # fmt: skip
            lines, began = [], time.monotonic()
    return model


def _new(seed: int, classes: int) -> keras.Model:
    keras.utils.set_random_seed(seed)
    # All layers but the last are convolutions and a mean: one network for every size of image.
    model = hanzi_s((None, None, 1), classes, 0.0, False)
    optimizer = keras.optimizers.AdamW(0.0, weight_decay=WEIGHT_DECAY)
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    model.compile(optimizer)
    return model


def _save(model: keras.Model, state: Path) -> None:
    state.parent.mkdir(parents=True, exist_ok=True)
    partial = state.with_name(f"{state.stem}{PARTIAL}.keras")
    model.save(partial)
    os.replace(partial, state)
