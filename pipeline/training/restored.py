"""The network of a checkpoint, for whoever judges a training before or beside its bundle."""

from __future__ import annotations

import json
import zipfile
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np

from pipeline.dataset.records import PreparedDataset, open_dataset
from pipeline.problems import Problem
from pipeline.runs import Run
from pipeline.settings import TrainingSettings
from pipeline.training import models
from pipeline.training.acceleration import built_with
from pipeline.training.checkpoint import load, put


@dataclass(frozen=True)
class Restored:
    """A network as it was at a step of its training, in float32, and what it learned from."""

    model: keras.Model
    dataset: PreparedDataset
    step: int
    epoch: int


@dataclass(frozen=True)
class _Kept:
    """A checkpoint file: its step, the epochs finished by then, and the best step so far."""

    path: Path
    step: int
    epochs: int
    best_step: int | None


def restored(run: Run, at: str, settings: TrainingSettings, dataset_path: Path) -> Restored:
    """Builds the network of a training run and gives it the weights of a checkpoint.

    Args:
        run: a training.
        at: "best", "last", or the number of an epoch whose checkpoint was kept.
        settings: of that training.
        dataset_path: the dataset of that training.

    Raises:
        Problem: `evaluation.no_checkpoint` or `evaluation.no_epoch`; the dataset has other labels
            now; the checkpoint is damaged.
    """
    kept = _chosen(run, at)
    snapshot = load(kept.path)
    dataset = open_dataset(dataset_path)
    spec = dataset.spec
    shape = (spec.size_px, spec.size_px, spec.channels)
    with built_with("float32"):
        model = models.build(settings.model, shape, len(dataset.labels), settings.dropout)
    put(snapshot.judged, model.variables, "model")
    return Restored(model, dataset, kept.step, kept.epochs)


def _chosen(run: Run, at: str) -> _Kept:
    kept = [_described(path) for path in sorted((run.path / "checkpoints").glob("step-*.npz"))]
    whole = [one for one in kept if one is not None]
    if not whole:
        raise Problem("evaluation.no_checkpoint", run=run.id)
    if at == "last":
        return whole[-1]
    if at == "best":
        return next((one for one in whole if one.step == whole[-1].best_step), whole[-1])
    for one in whole:
        if at == str(one.epochs):
            return one
    there = ", ".join(str(epochs) for epochs in sorted({one.epochs for one in whole}))
    raise Problem("evaluation.no_epoch", run=run.id, epoch=at, there=there)


def _described(path: Path) -> _Kept | None:
    """Returns what a checkpoint says of itself, None for one that is torn."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            position = json.loads(stored["meta"].tobytes())["position"]
        return _Kept(path, position["step"], len(position["history"]), position["best_step"])
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
        return None
