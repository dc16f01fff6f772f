"""The starter recogniser: trained on what the fonts draw, written as a bundle and a backbone."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from pipeline.bundle import INT8, Description, publish_bundle
from pipeline.conversion import float_network, int8_network, measured_change
from pipeline.files import write_bytes
from pipeline.normalizer import NormalizerSpec
from pipeline.starter import BACKBONE, MODEL
from pipeline.training.models.hanzi import hanzi_s
from starter.batches import Batches, Stage
from starter.fonts import Pixels, open_faces
from starter.glyphs import EM_PX, Glyphs, glyphs
from starter.labels import starter_labels
from starter.schedule import Schedule
from starter.training import train

BATCH = 128
SEED = 0
VALIDATION_SEED = 1
VALIDATION_BATCHES = 70
TEMPERATURE = 1.3
"""Divides the logits. One fitted on the fonts, 0.77, makes it far too sure of real hands; see
docs/starter.md."""


def build_recognizer(fonts: Path, work: Path, out: Path, steps: int) -> None:
    """Trains in `work`, or goes on there, and writes `model/` and `backbone.npz` to `out`."""
    (widest, *_) = open_faces(fonts, EM_PX)
    labels = starter_labels(widest.covered)
    drawn = glyphs(fonts, labels, work)
    schedule = Schedule(steps)
    batches = Batches(drawn, BATCH, SEED)
    trained = train(batches, len(labels), schedule, work / "state.keras")
    size_px = schedule.late.size_px
    model = hanzi_s((size_px, size_px, 1), len(labels), 0.0, False)
    model.set_weights(trained.get_weights())
    int8 = int8_network(model)
    images, wanted = _unseen(drawn, schedule.late)
    change = measured_change(float_network(model, images), int8, images, wanted)
    description = Description(
        model="hanzi_s",
        labels=labels,
        spec=NormalizerSpec(size_px=size_px),
        dataset="starter fonts",
        dataset_hash=hashlib.sha256(drawn.images.tobytes()).hexdigest(),
        # No accuracy: on fonts it would promise what it does not keep on hands.
        metrics={"temperature": TEMPERATURE},
        settings={"steps": steps, "batch_size": BATCH, "seed": SEED},
    )
    built = work / MODEL
    shutil.rmtree(built, ignore_errors=True)
    publish_bundle(built, {INT8: int8}, description, model.count_params(), "starter", change)
    shutil.rmtree(out / MODEL, ignore_errors=True)
    shutil.copytree(built, out / MODEL)
    write_bytes(out / BACKBONE, _backbone(model))
    print(f"{out / MODEL}: {len(labels):,} characters, {change}")


def _unseen(drawn: Glyphs, stage: Stage) -> tuple[Pixels, NDArray[np.int32]]:
    """Returns each character once or twice, written as never in training, and its label."""
    batches = Batches(drawn, BATCH, VALIDATION_SEED)
    parts = [batches.batch(step, stage) for step in range(VALIDATION_BATCHES)]
    images, targets = zip(*parts, strict=True)
    return np.concatenate(images), np.concatenate(targets).argmax(1).astype(np.int32)


def _backbone(model: keras.Model) -> bytes:
    """Returns the weights below the last layer, in the layers' order, as an .npz without pickle."""
    weights = [w for layer in model.layers[:-1] for w in layer.get_weights()]
    about = json.dumps({"model": model.name, "input": list(model.input_shape[1:])})
    arrays = {str(number): weight for number, weight in enumerate(weights)}
    content = io.BytesIO()
    np.savez(content, meta=np.frombuffer(about.encode(), np.uint8), **arrays)
    return content.getvalue()
