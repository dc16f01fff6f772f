"""The training stage: dataset and settings in, checkpoints, events and a bundle out."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from pipeline.augment import BORDERS, distortion_for
from pipeline.dataset.records import open_dataset
from pipeline.events import Report, Resumed, StopCheck
from pipeline.problems import Problem
from pipeline.settings import AugmentSettings, TrainingSettings
from pipeline.training import checkpoint, export, memory, resuming, weights
from pipeline.training.callbacks import (
    BestCallback,
    EventCallback,
    GuardCallback,
    PlateauCallback,
)
from pipeline.training.checkpoint import Checkpoints, Position, Snapshot
from pipeline.training.companions import companions
from pipeline.training.distribute import devices
from pipeline.training.input import TrainingBatches
from pipeline.training.learner import learner
from pipeline.training.loop import Loop
from pipeline.training.mixing import Mixing
from pipeline.training.plan import plan_for
from pipeline.training.samples import SamplesCallback
from pipeline.training.schedules import level


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
        Problem: the dataset, the devices, the memory or the disk are not fit for it, or it
            learns nothing any more.
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
    plan = plan_for(settings, len(training.labels), chosen.replicas)
    checkpoints = Checkpoints(run_path / "checkpoints", settings.keep_every)
    snapshot = checkpoints.newest(partial(_passed_over, report))
    if snapshot is not None:
        resuming.compare(snapshot.origin, plan, report)
    shape = (dataset.spec.size_px, dataset.spec.size_px, dataset.spec.channels)
    counts = np.bincount(training.labels, minlength=len(dataset.labels))

    def start(model: keras.Model) -> None:
        if snapshot is None:
            loaded = weights.load(model, settings.model, settings.weights, dataset.labels,
                                  counts, models_folder=bundle_path.parent)  # fmt: skip
            if loaded is not None:
                report.log("training.weights", source=loaded.source, common=loaded.common)

    try:
        learning = learner(settings, shape, counts, chosen, plan, start)
    except tf.errors.ResourceExhaustedError as error:
        raise Problem("training.memory_network", model=settings.model) from error
    loop = Loop(learning)
    report.log("training.model", model=settings.model, parameters=learning.model.count_params(),
               images=len(training.labels), steps=plan.steps, epochs=plan.epochs)  # fmt: skip

    position = Position()
    variables = {**learning.variables(), "meter": [loop.meter.totals]}
    origin = resuming.origin(plan)
    if snapshot is not None:
        checkpoint.restore(snapshot, variables)
        vars(position).update(vars(snapshot.position))
    if report.continued:
        report.event(Resumed(len(position.history), position.step))

    def require_sane(state: Snapshot | None = None) -> None:
        lost_at = loop.guard.lost_at()
        if lost_at is None and state is not None and not state.finite:
            lost_at = position.step
        if lost_at is not None:
            kept = checkpoints.withdraw(loop.guard.sound_step())
            raise Problem("training.diverged" if kept else "training.diverged_early",
                          step=lost_at, limit=round(loop.guard.limit, 1), kept=kept,
                          run=run_path.name, rate=f"{settings.learning_rate / 4:.1g}")  # fmt: skip

    best = BestCallback(position, settings.best, settings.patience, plan.steps_per_epoch)
    callbacks = [GuardCallback(require_sane), best,
                 EventCallback(report, loop.meter, position, plan)]  # fmt: skip
    lowered = level(learning.schedule)
    if settings.schedule == "plateau" and lowered is not None:
        callbacks.append(PlateauCallback(lowered, position, settings.plateau_factor,
                                         settings.plateau_patience))  # fmt: skip
    if len(validation.labels):
        callbacks.append(SamplesCallback(report, run_path, validation, dataset.labels,
                                         learning.judged))  # fmt: skip
    callbacks += companions(
        settings, report, run_path, validation if len(validation.labels) else training,
        dataset.labels, position, learning.judged,
    )  # fmt: skip

    def captured() -> Snapshot:
        return checkpoint.capture(variables, callbacks, position, origin)

    checkpoints.require_space(captured())

    def on_begin() -> None:
        if snapshot is not None:
            checkpoint.restore(snapshot, {}, callbacks)
        best.stop_if_stale()

    def save() -> None:
        state = captured()
        require_sane(state)
        try:
            path = checkpoints.save(state, plan.steps_per_epoch)
        except OSError as error:
            report.warn("checkpoint.not_saved", detail=str(error))
        else:
            report.artifact("checkpoint", path)

    report.stage("train")
    try:
        loop.run(
            TrainingBatches(training, plan.batch_size, settings.seed, distortion,
                            BORDERS[dataset.spec.kind], settings.balance,
                            Mixing(settings.mixup, settings.cutmix)),
            validation if len(validation.labels) else None,
            position,
            keras.callbacks.CallbackList(callbacks, model=learning.model, epochs=plan.epochs,
                                         steps=plan.steps_per_epoch),
            on_begin, save, settings.checkpoint_minutes * 60, should_stop,
        )  # fmt: skip
    except tf.errors.ResourceExhaustedError as error:
        fits = memory.fitting_batch(loop, shape, plan.batch_size, chosen.replicas)
        raise Problem("training.memory" if fits else "training.memory_none",
                      batch_size=plan.batch_size, fits=fits) from error  # fmt: skip
    if len(position.history) < plan.epochs:
        report.log("training.stopped_early", epoch=len(position.history),
                   patience=settings.patience)  # fmt: skip

    report.stage("export")
    found = export.best(checkpoints, position, captured(), plan.steps_per_epoch, report)
    model, metrics = export.finished_network(found, settings, dataset, report)
    path = export.write_bundle(bundle_path, model, metrics, settings, dataset, run_path.name)
    report.artifact("bundle", path)
    return {
        "model": path.name,
        "path": str(path),
        "best_epoch": found.epoch,
        "epochs": len(position.history),
        "metrics": metrics,
        "seconds": round(time.monotonic() - began, 1),
    }


def _passed_over(report: Report, damage: Problem) -> None:
    report.warn("checkpoint.passed_over", detail=str(damage))
