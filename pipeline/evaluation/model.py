"""The model that is judged: a bundle's network, or the state of a training at some epoch."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.bundle import KERAS, Precision, open_bundle
from pipeline.calibration import Network
from pipeline.dataset.records import PreparedDataset, describe, open_dataset
from pipeline.environment.gpu import gpus
from pipeline.normalizer import NormalizerSpec
from pipeline.problems import Problem
from pipeline.processes import usable_cores
from pipeline.workspace import Workspace, names_in

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class JudgedModel:
    """A network and what is known of it.

    Args:
        name: of the bundle, or of the run that a checkpoint is of.
        labels: K, one an output.
        spec: how its images are normalised.
        network: uint8 `[B, S, S, C]` to logits float32 `[B, K]`.
        runtime: "litert" or "keras".
        dataset: name of the dataset it was trained on.
        dataset_hash: content hash of that.
        temperature: by which the recogniser divides its logits.
        path: of the bundle; "" for a checkpoint.
        checkpoint: `run`, `step` and `epoch` of a checkpoint; None for a bundle.
        identity: says whether answers begun earlier were of this network.
    """

    name: str
    labels: tuple[str, ...]
    spec: NormalizerSpec
    network: Network
    runtime: str
    dataset: str
    dataset_hash: str
    temperature: float = 1.0
    path: str = ""
    checkpoint: dict[str, Any] | None = None
    identity: dict[str, Any] = field(default_factory=dict)


def bundle_at(path: Path, runtime: str, precision: Precision = "auto") -> JudgedModel:
    """Returns the network of a bundle, ready to answer.

    Args:
        path: of the bundle.
        runtime: "litert", "keras", or "auto": Keras where there is a GPU.
        precision: of the LiteRT network.

    Raises:
        Problem: the bundle is damaged, or holds no such network.
    """
    bundle = open_bundle(path)
    if runtime == "auto":
        seen = any(gpu.visible for gpu in gpus().gpus)
        runtime = "keras" if KERAS in bundle.hashes and seen else "litert"
    said = bundle.description
    if runtime == "keras":
        network = _answering(bundle.keras_model())
    else:
        network = bundle.network(usable_cores(), precision).logits
    return JudgedModel(
        name=bundle.name, labels=said.labels, spec=said.spec, network=network,
        runtime=runtime, dataset=said.dataset, dataset_hash=said.dataset_hash,
        temperature=bundle.temperature, path=str(bundle.path),
        identity={"files": dict(bundle.hashes), "runtime": runtime, "precision": precision},
    )  # fmt: skip


def of_keras(
    model: keras.Model,
    name: str,
    labels: tuple[str, ...],
    spec: NormalizerSpec,
    *,
    dataset: str,
    dataset_hash: str,
    checkpoint: dict[str, Any],
) -> JudgedModel:
    """Returns the network of a checkpoint, ready to answer; arguments as of `JudgedModel`."""
    return JudgedModel(
        name=name, labels=labels, spec=spec, network=_answering(model), runtime="keras",
        dataset=dataset, dataset_hash=dataset_hash, checkpoint=checkpoint,
        identity={"checkpoint": checkpoint},
    )  # fmt: skip


def _answering(model: keras.Model) -> Network:
    return lambda images: np.asarray(model.predict_on_batch(images))


def training_dataset(model: JudgedModel, workspace: Workspace) -> PreparedDataset | None:
    """Returns the dataset that a model was trained on, under whatever name; None if it is gone."""
    names = names_in(workspace.datasets, "dataset.json")
    for name in sorted(names, key=lambda name: name != model.dataset):
        path = workspace.dataset(name)
        try:
            if describe(path)["content_hash"] == model.dataset_hash:
                return open_dataset(path)
        except Problem:
            continue
    return None


def require_same_pixels(model: JudgedModel, dataset: PreparedDataset) -> None:
    """Checks that a dataset was normalised as a model wants it.

    Raises:
        Problem: `evaluation.normalizer`.
    """
    ours, theirs = model.spec.to_dict(), dataset.spec.to_dict()
    changed = [f"{key} {ours[key]}, not {theirs[key]}" for key in ours
               if key != "max_pixels" and ours[key] != theirs[key]]  # fmt: skip
    if changed:
        raise Problem("evaluation.normalizer", model=model.name, dataset=dataset.name,
                      changed=", ".join(changed))  # fmt: skip
