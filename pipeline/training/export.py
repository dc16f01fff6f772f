"""The end of a training: its best epoch becomes a bundle."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np

from pipeline import bundle
from pipeline.calibration import fit_temperature
from pipeline.dataset.records import PreparedDataset
from pipeline.events import Report
from pipeline.files import require_room
from pipeline.problems import Problem
from pipeline.settings import TrainingSettings
from pipeline.training import models, recipes
from pipeline.training.acceleration import built_with
from pipeline.training.batch_statistics import reestimated
from pipeline.training.checkpoint import Checkpoints, Position, Snapshot, put

COPIES = 4
"""Of the weights, that lie on the disk while the network is converted and packed."""
FLOAT_BYTES = 4
SAMPLES = 2000
"""Images by which the bundle's networks are compared."""


@dataclass(frozen=True)
class Best:
    """The state of the best epoch: its number counted from 1, and what was measured."""

    snapshot: Snapshot
    epoch: int
    metrics: Mapping[str, float]


def best(
    checkpoints: Checkpoints,
    position: Position,
    last: Snapshot,
    steps_per_epoch: int,
    report: Report,
) -> Best:
    """Returns the best epoch, the last one where the checkpoint of the best was lost."""
    snapshot = last
    if position.best_step not in (None, position.step):
        try:
            snapshot = checkpoints.at(position.best_step or 0)
        except Problem as damage:
            report.warn("training.best_lost", detail=str(damage))
    epoch = snapshot.position.step // steps_per_epoch
    return Best(snapshot, epoch, position.history[epoch - 1] if epoch else {})


def finished_network(
    found: Best, settings: TrainingSettings, dataset: PreparedDataset, report: Report
) -> tuple[keras.Model, dict[str, float]]:
    """Returns the network of the best epoch as it goes into the bundle, and its metrics.

    It is rebuilt in float32 and outside any strategy: what LiteRT runs must depend on neither.
    Its statistics of batch normalisation are estimated anew, unless that does harm.
    """
    spec = dataset.spec
    shape = (spec.size_px, spec.size_px, spec.channels)
    with built_with("float32"):
        model = models.build(settings.model, shape, len(dataset.labels), settings.dropout)
    put(found.snapshot.judged, model.variables, "model")
    metrics = dict(found.metrics)
    training = dataset.require_split("train")
    counts = np.bincount(training.labels, minlength=len(dataset.labels))
    before = metrics.get("val_loss", math.nan)
    better = reestimated(model, training, dataset.split("validation"),
                         recipes.loss(settings, counts), before, settings.seed)  # fmt: skip
    if better:
        report.log("training.statistics", before=round(before, 3),
                   after=round(better["val_loss"], 3))  # fmt: skip
    return model, metrics | better


def write_bundle(
    path: Path,
    model: keras.Model,
    metrics: Mapping[str, float],
    settings: TrainingSettings,
    dataset: PreparedDataset,
    run_id: str,
) -> Path:
    """Writes the bundle of a finished network and returns its folder; see `bundle.write`.

    Raises:
        Problem: `disk.full`, here or where temporary files go; and those of `bundle.write`.
    """
    for folder in (Path(tempfile.gettempdir()), path.parent):
        require_room(folder, COPIES * FLOAT_BYTES * model.count_params())
    validation = dataset.split("validation")
    judged = validation if len(validation.labels) else dataset.split("train")
    temperature = fit_temperature(
        lambda images: np.asarray(model(images, training=False)),
        validation.images,
        validation.labels,
    )
    return bundle.write(
        path,
        model,
        bundle.Description(
            model=settings.model,
            labels=dataset.labels,
            spec=dataset.spec,
            dataset=dataset.name,
            dataset_hash=dataset.content_hash,
            metrics={**metrics, **({"temperature": temperature} if temperature else {})},
            settings=settings.model_dump(mode="json"),
        ),
        np.array(judged.images[:SAMPLES]),
        owner=run_id,
        labels=np.array(judged.labels[:SAMPLES]),
    )
