"""A model with its labels and its normaliser, in one folder: written, verified, loaded.

Loading runs no code from the folder: the network is a LiteRT file or two, the rest is text.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from pipeline.files import PARTIAL, locked, publish, write_bytes, write_json
from pipeline.litert import LiteRTNetwork
from pipeline.normalizer import NormalizerSpec
from pipeline.problems import Problem
from pipeline.workspace import STARTER

if TYPE_CHECKING:
    import keras

    from pipeline.conversion import Change

FORMAT_VERSION = 1
LITERT = "model.tflite"
INT8 = "model.int8.tflite"
KERAS = "model.keras"
LABELS = "labels.txt"

Precision = Literal["auto", "float32", "int8"]
"""Which LiteRT file answers; auto: int8, a quarter of the size and the quicker, where it is."""


@dataclass(frozen=True)
class Description:
    """What a bundle says of its network; `metrics` are those of its best epoch."""

    model: str
    labels: tuple[str, ...]
    spec: NormalizerSpec
    dataset: str
    dataset_hash: str
    metrics: Mapping[str, float]
    settings: Mapping[str, Any]


@dataclass(frozen=True)
class Bundle:
    """An opened bundle; `file` gives its verified files."""

    path: Path
    description: Description
    hashes: Mapping[str, str]

    @property
    def name(self) -> str:
        """The folder's, or "starter" for the one that comes with the program."""
        from pipeline.starter import model_folder  # its zipfile is for those who need it

        return STARTER if self.path == model_folder() else self.path.name

    @property
    def temperature(self) -> float:
        """By which logits are divided before the softmax: fitted at export, 1 where it was not."""
        return float(self.description.metrics.get("temperature", 1.0))

    def file(self, name: str) -> bytes:
        """Returns the content of a file of the bundle, verified.

        Raises:
            Problem: `bundle.no_file` or `bundle.damaged`.
        """
        if name not in self.hashes:
            raise Problem("bundle.no_file", path=str(self.path), file=name)
        return _verified(self.path / name, self.hashes[name])

    def network(self, threads: int, precision: Precision = "auto") -> LiteRTNetwork:
        """Returns the LiteRT network, checked against the labels and the normaliser.

        Raises:
            Problem: `bundle.no_file` when it has none of that precision, `bundle.damaged`, or
                `bundle.mismatch` when it takes or gives something else than the bundle says.
        """
        small = precision == "int8" or (precision == "auto" and INT8 in self.hashes)
        try:
            network = LiteRTNetwork(self.file(INT8 if small else LITERT), threads)
        except ValueError as error:
            raise Problem("bundle.damaged", path=str(self.path), detail=str(error)) from error
        spec = self.description.spec
        said = ((spec.size_px, spec.size_px, spec.channels), len(self.description.labels))
        if (network.input_shape, network.classes) != said:
            found = f"{network.input_shape} → {network.classes}"
            raise Problem("bundle.mismatch", path=str(self.path), found=found,
                          said=f"{said[0]} → {said[1]}")  # fmt: skip
        return network

    def keras_model(self) -> keras.Model:
        """Returns the Keras network, for evaluation and fine-tuning; imports TensorFlow."""
        import keras

        self.file(KERAS)
        return keras.saving.load_model(self.path / KERAS, compile=False, safe_mode=True)


def open_bundle(path: Path) -> Bundle:
    """Opens a bundle and verifies its labels.

    Raises:
        Problem: `bundle.damaged` when a file is missing or changed, `bundle.version` when it was
            written by another version of the program.
    """
    try:
        described = json.loads((path / "bundle.json").read_text("utf-8"))
        if described["format_version"] != FORMAT_VERSION:
            raise Problem("bundle.version", path=str(path), found=described["format_version"],
                          known=FORMAT_VERSION)  # fmt: skip
        hashes = dict(described["files"])
        text = _verified(path / LABELS, hashes[LABELS]).decode("utf-8")
        labels = tuple(text.split("\n")[:-1])
        description = Description(
            model=described["model"],
            labels=labels,
            spec=NormalizerSpec.from_dict(described["normalizer"]),
            dataset=described["dataset"],
            dataset_hash=described["dataset_hash"],
            metrics=described["metrics"],
            settings=described["settings"],
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        detail = f"{type(error).__name__}: {error}"
        raise Problem("bundle.damaged", path=str(path), detail=detail) from error
    if len(labels) != described["classes"]:
        detail = f"{LABELS} has {len(labels)} lines for {described['classes']} classes"
        raise Problem("bundle.damaged", path=str(path), detail=detail)
    return Bundle(path, description, hashes)


def write(
    path: Path,
    model: keras.Model,
    description: Description,
    samples: NDArray[np.uint8],
    owner: str,
    labels: NDArray[np.int32] | None = None,
) -> Path:
    """Writes a bundle of a Keras model; it appears whole or not at all.

    Args:
        path: its folder; when that is taken, "-2", "-3", … is appended.
        model: float32, uint8 images `[N, S, S, C]` to logits `[N, classes]`.
        samples: images that the float32 LiteRT file must answer as `model` does.
        owner: who writes it; a run id.
        labels: of the samples, `[N]`; with them the accuracy that int8 costs is measured.

    Returns:
        The folder it went to.

    Raises:
        Problem: `bundle.differs` when LiteRT and Keras disagree, `lock.held`.
    """
    from pipeline.conversion import float_network, int8_network, measured_change

    litert, int8 = float_network(model, samples), int8_network(model)
    with tempfile.TemporaryDirectory() as folder:
        model.save(Path(folder) / KERAS)
        files = {LITERT: litert, INT8: int8, KERAS: (Path(folder) / KERAS).read_bytes()}
    change = None if labels is None else measured_change(litert, int8, samples, labels)
    return publish_bundle(path, files, description, model.count_params(), owner, change)


def publish_bundle(
    path: Path,
    files: Mapping[str, bytes],
    description: Description,
    parameters: int,
    owner: str,
    change: Change | None = None,
) -> Path:
    """Writes a bundle of finished files; it appears whole or not at all.

    Args:
        path: its folder; when that is taken, "-2", "-3", … is appended.
        files: contents by name, of `LITERT`, `INT8`, `KERAS`; one of the first two at least.
        description: what the bundle says of its network.
        parameters: of the network.
        owner: who writes it; a run id.
        change: what int8 changed.

    Returns:
        The folder it went to.

    Raises:
        Problem: `lock.held`.
    """
    contents = {**files, LABELS: "".join(f"{label}\n" for label in description.labels).encode()}
    manifest = _manifest(contents, description, parameters, change)
    with locked(path.with_name(path.name + ".lock"), owner):
        partial = path.with_name(path.name + PARTIAL)
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        for name, content in contents.items():
            write_bytes(partial / name, content)
        write_json(partial / "bundle.json", manifest)
        final = free_path(path)
        publish(partial, final)
    return final


def free_path(path: Path) -> Path:
    """Returns `path`, or the first of `path-2`, `path-3`, … that does not exist."""
    number, free = 1, path
    while free.exists():
        number += 1
        free = path.with_name(f"{path.name}-{number}")
    return free


def _manifest(
    contents: Mapping[str, bytes],
    description: Description,
    parameters: int,
    change: Change | None,
) -> dict[str, Any]:
    spec = description.spec
    return {
        "format_version": FORMAT_VERSION,
        "model": description.model,
        "parameters": parameters,
        "classes": len(description.labels),
        "input": {"shape": [spec.size_px, spec.size_px, spec.channels], "dtype": "uint8",
                  "range": [0, 255]},
        "output": {"shape": [len(description.labels)], "dtype": "float32", "meaning": "logits"},
        "normalizer": spec.to_dict(),
        "dataset": description.dataset,
        "dataset_hash": description.dataset_hash,
        "metrics": dict(description.metrics),
        **({"int8": asdict(change)} if change else {}),
        "settings": dict(description.settings),
        "versions": {name: importlib.metadata.version(name) for name in ("tensorflow", "keras")}
        | {"python": sys.version.split()[0]},
        "created": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()},
    }  # fmt: skip


def _verified(path: Path, wanted: str) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise Problem("bundle.damaged", path=str(path), detail=str(error.strerror)) from error
    if hashlib.sha256(content).hexdigest() != wanted:
        detail = "its content is not what was written (SHA-256 differs)"
        raise Problem("bundle.damaged", path=str(path), detail=detail)
    return content
