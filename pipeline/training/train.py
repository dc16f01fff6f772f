"""The training stage: dataset and settings in, checkpoints, events and a bundle out."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import keras
import numpy as np

from pipeline import bundle
from pipeline.augment import BORDERS, distortion_for
from pipeline.dataset.records import PreparedDataset, Split, open_dataset
from pipeline.events import Report, Resumed, StopCheck
from pipeline.problems import Problem
from pipeline.settings import AugmentSettings, TrainingSettings
from pipeline.training import checkpoint, recipes
from pipeline.training.callbacks import BestCallback, EventCallback
from pipeline.training.checkpoint import Checkpoints, Position, Snapshot
from pipeline.training.distribute import devices
from pipeline.training.input import TrainingBatches
from pipeline.training.loop import Loop
from pipeline.training.models import build
from pipeline.training.plan import plan_for
from pipeline.training.samples import SamplesCallback

VERIFIED_IMAGES = 32


def train(
    dataset_path: Path,
    bundle_path: Path,
    run_path: Path,
    settings: TrainingSettings,
    augment: AugmentSettings,
    report: Report,
    should_stop: StopCheck,
) -> dict[str, Any]:
    """Trains a network and writes the bundle of its best epoch.

    Goes on from the newest checkpoint in `run_path`, if there is one.

    Args:
        dataset_path: a prepared dataset.
        bundle_path: where the bundle goes; a number is appended when the name is taken.
        run_path: the run directory; checkpoints lie in it.

    Returns:
        The summary: bundle, best epoch and its metrics, seconds.

    Raises:
        Problem: the dataset, the devices or the disk are not fit for it.
        StopAsked: as requested; a checkpoint is written.
    """
    began = time.monotonic()
    dataset = open_dataset(dataset_path)
    training, validation = dataset.require_split("train"), dataset.split("validation")
    distortion = distortion_for(dataset.spec.kind, augment.model_dump())
    keras.utils.set_random_seed(settings.seed)
    chosen = devices(settings.devices)
    report.log("training.devices", devices=", ".join(chosen.names))
    report.stage("build")
    replicas = chosen.strategy.num_replicas_in_sync
    plan = plan_for(settings, len(training.labels), replicas)
    loss = recipes.loss(settings, len(dataset.labels))
    with chosen.strategy.scope():
        model = _build(settings, dataset, synchronized=replicas > 1)
        model.compile(optimizer=recipes.optimizer(settings, plan))
        model.optimizer.build(model.trainable_variables)
        loop = Loop(model, loss, chosen.strategy, plan)
    report.log("training.model", model=settings.model, parameters=model.count_params(),
               images=len(training.labels), steps=plan.steps, epochs=plan.epochs)  # fmt: skip

    position = Position()
    variables = {"model": model.variables, "optimizer": model.optimizer.variables,
                 "meter": [loop.meter.totals]}  # fmt: skip
    callbacks = [BestCallback(position, settings.best),
                 EventCallback(report, loop.meter, position, plan)]  # fmt: skip
    if len(validation.labels):
        callbacks.append(SamplesCallback(report, run_path, validation, dataset.labels))
    checkpoints = Checkpoints(run_path / "checkpoints", settings.keep_every)
    snapshot = checkpoints.newest()
    if snapshot is not None:
        checkpoint.restore(snapshot, variables)
        vars(position).update(vars(snapshot.position))
    if report.continued:
        report.event(Resumed(position.step // plan.steps_per_epoch, position.step))
    checkpoints.require_space(checkpoint.capture(variables, callbacks, position))

    def on_begin() -> None:
        if snapshot is not None:
            checkpoint.restore(snapshot, {}, callbacks)

    def save() -> None:
        state = checkpoint.capture(variables, callbacks, position)
        try:
            path = checkpoints.save(state, plan.steps_per_epoch)
        except OSError as error:
            report.warn("checkpoint.not_saved", detail=str(error))
        else:
            report.artifact("checkpoint", path)

    report.stage("train")
    loop.run(
        TrainingBatches(training, plan.batch_size, settings.seed, distortion,
                        BORDERS[dataset.spec.kind]),
        validation if len(validation.labels) else None,
        position,
        keras.callbacks.CallbackList(callbacks, model=model, epochs=plan.epochs,
                                     steps=plan.steps_per_epoch),
        on_begin, save, settings.checkpoint_minutes * 60, should_stop,
    )  # fmt: skip

    report.stage("export")
    best = _best(checkpoints, position, checkpoint.capture(variables, callbacks, position))
    metrics = best.position.history[-1] if best.position.history else {}
    judged = validation if len(validation.labels) else training
    path = _export(settings, dataset, best, metrics, judged, bundle_path, run_path.name)
    report.artifact("bundle", path)
    return {
        "model": path.name,
        "path": str(path),
        "best_epoch": best.position.step // plan.steps_per_epoch,
        "epochs": len(position.history),
        "metrics": metrics,
        "seconds": round(time.monotonic() - began, 1),
    }


def _build(
    settings: TrainingSettings, dataset: PreparedDataset, synchronized: bool = False
) -> keras.Model:
    spec = dataset.spec
    shape = (spec.size_px, spec.size_px, spec.channels)
    return build(settings.model, shape, len(dataset.labels), settings.dropout, synchronized)


def _best(checkpoints: Checkpoints, position: Position, last: Snapshot) -> Snapshot:
    """Returns the best epoch's state, the last one where its checkpoint could not be kept."""
    if position.best_step is None or position.best_step == position.step:
        return last
    try:
        return checkpoints.at(position.best_step)
    except Problem:
        return last


def _export(
    settings: TrainingSettings,
    dataset: PreparedDataset,
    best: Snapshot,
    metrics: dict[str, float],
    judged: Split,
    path: Path,
    run_id: str,
) -> Path:
    # Rebuilt in float32 and outside any strategy: what LiteRT runs must not depend on either.
    model = _build(settings, dataset)
    checkpoint.restore(best, {"model": model.variables})
    return bundle.write(
        path,
        model,
        bundle.Description(
            model=settings.model,
            labels=dataset.labels,
            spec=dataset.spec,
            dataset=dataset.name,
            dataset_hash=dataset.content_hash,
            metrics=metrics,
            settings=settings.model_dump(mode="json"),
        ),
        np.array(judged.images[:VERIFIED_IMAGES]),
        owner=run_id,
    )
