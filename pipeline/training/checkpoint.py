"""The whole state of a training in one file, written so that a kill at any moment loses nothing.

A checkpoint is an uncompressed `.npz` without pickle: the zip's CRCs tell a torn file.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from pipeline.files import require_room, write_bytes
from pipeline.problems import Problem

KEPT_LAST = 2
Arrays = dict[str, NDArray[Any]]


@dataclass
class Position:
    """How far a training is: `step` batches done, `history` the logs of each finished epoch.

    `best_rank` orders epochs, greater is better, and `best_step` is where the best one ended.
    """

    step: int = 0
    history: list[dict[str, float]] = field(default_factory=list)
    best_step: int | None = None
    best_rank: list[float] | None = None


@dataclass(frozen=True)
class Snapshot:
    """A checkpoint in memory: arrays by name, callbacks' attributes, position.

    `origin` tells what it was made with; see `resuming.origin`.
    """

    arrays: Arrays
    callbacks: list[dict[str, Any]]
    position: Position
    origin: dict[str, Any] = field(default_factory=dict)

    @property
    def judged(self) -> list[NDArray[Any]]:
        """The variables of the network whose answers count: the average, if there is one."""
        return self.group("average") or self.group("model")

    @property
    def finite(self) -> bool:
        """Whether all numbers are; NaN in the weights spoils every step to come."""
        floats = (a for a in self.arrays.values() if a.dtype.kind == "f")
        return all(np.isfinite(array).all() for array in floats)

    def group(self, name: str) -> list[NDArray[Any]]:
        """Returns the arrays stored as `name/0`, `name/1`, …"""
        count = sum(key.startswith(f"{name}/") for key in self.arrays)
        return [self.arrays[f"{name}/{i}"] for i in range(count)]


def capture(
    groups: Mapping[str, Iterable[Any]],
    callbacks: Iterable[keras.callbacks.Callback],
    position: Position,
    origin: dict[str, Any],
) -> Snapshot:
    """Copies the state of a training.

    Args:
        groups: name → variables, such as "model" → `model.variables` (which include the seed
            state of dropout) and "optimizer" → `optimizer.variables`.
        callbacks: their plain attributes and weight lists are kept.
        position: of the training.
        origin: what the training is made with, in JSON types.
    """
    arrays = {
        f"{name}/{i}": np.array(keras.ops.convert_to_numpy(variable))
        for name, variables in groups.items()
        for i, variable in enumerate(variables)
    }
    states = []
    for number, callback in enumerate(callbacks):
        states.append({k: v for k, v in vars(callback).items() if _is_plain(k, v)})
        for key, value in vars(callback).items():
            if _is_weights(value):
                name = f"callback-{number}-{key}"
                arrays |= {f"{name}/{i}": np.array(v) for i, v in enumerate(value)}
    copied = Position(**{**vars(position), "history": list(position.history)})
    return Snapshot(arrays, states, copied, origin)


def restore(
    snapshot: Snapshot,
    groups: Mapping[str, Iterable[Any]],
    callbacks: Iterable[keras.callbacks.Callback] = (),
) -> None:
    """Puts a captured state back into variables and callbacks.

    Raises:
        Problem: `checkpoint.mismatch` when the variables are not those that were captured.
    """
    for name, variables in groups.items():
        put(snapshot.group(name), variables, name)
    for number, (callback, state) in enumerate(zip(callbacks, snapshot.callbacks, strict=False)):
        vars(callback).update(state)
        prefix = f"callback-{number}-"
        for name in {k.split("/")[0] for k in snapshot.arrays if k.startswith(prefix)}:
            setattr(callback, name.removeprefix(prefix), snapshot.group(name))


def put(values: list[NDArray[Any]], variables: Iterable[Any], name: str) -> None:
    """Assigns arrays to variables.

    Raises:
        Problem: `checkpoint.mismatch` naming the part, when they do not fit.
    """
    targets = list(variables)
    if [tuple(v.shape) for v in targets] != [v.shape for v in values]:
        raise Problem("checkpoint.mismatch", part=name)
    for variable, value in zip(targets, values, strict=True):
        variable.assign(value)


class Checkpoints:
    """The checkpoint files of a run: the best, the last two and every Nth epoch.

    Args:
        folder: where they lie; made when needed.
        keep_every: N in epochs, 0 for none.
    """

    def __init__(self, folder: Path, keep_every: int) -> None:
        self._folder = folder
        self._keep_every = keep_every

    def save(self, snapshot: Snapshot, steps_per_epoch: int) -> Path:
        """Writes a snapshot atomically, then deletes those no longer kept.

        Raises:
            OSError: the file could not be written; the ones before are as they were.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        content = io.BytesIO()
        meta = json.dumps({"callbacks": snapshot.callbacks, "position": vars(snapshot.position),
                           "origin": snapshot.origin})  # fmt: skip
        arrays: dict[str, Any] = {**snapshot.arrays, "meta": np.frombuffer(meta.encode(), np.uint8)}
        np.savez(content, **arrays)
        path = self._path(snapshot.position.step)
        write_bytes(path, content.getvalue())
        self._clear(snapshot.position, steps_per_epoch)
        return path

    def newest(self, passed_over: Callable[[Problem], None]) -> Snapshot | None:
        """Returns the newest checkpoint that is whole, None when there is none.

        Args:
            passed_over: told of each newer one that is not.
        """
        for path in reversed(self._paths()):
            try:
                return load(path)
            except Problem as damage:
                passed_over(damage)
        return None

    def withdraw(self, after: int) -> int:
        """Deletes the checkpoints of later steps; returns the step of the newest one left, or 0."""
        for path in self._paths():
            if _step(path) > after:
                path.unlink()
        return max(map(_step, self._paths()), default=0)

    def at(self, step: int) -> Snapshot:
        """Returns the checkpoint of `step`.

        Raises:
            Problem: `checkpoint.damaged`.
        """
        return load(self._path(step))

    def require_space(self, snapshot: Snapshot) -> None:
        """Checks that the disk has room for the checkpoints to come.

        Raises:
            Problem: `disk.full`.
        """
        require_room(
            self._folder, (KEPT_LAST + 2) * sum(a.nbytes for a in snapshot.arrays.values())
        )

    def _path(self, step: int) -> Path:
        return self._folder / f"step-{step:09d}.npz"

    def _paths(self) -> list[Path]:
        return sorted(self._folder.glob("step-*.npz"))

    def _clear(self, position: Position, steps_per_epoch: int) -> None:
        paths = self._paths()
        kept = set(paths[-KEPT_LAST:])
        if position.best_step is not None:
            kept.add(self._path(position.best_step))
        for path in paths:
            epoch, rest = divmod(_step(path), steps_per_epoch)
            nth = self._keep_every and rest == 0 and epoch % self._keep_every == 0
            if path not in kept and not nth:
                path.unlink()


def load(path: Path) -> Snapshot:
    """Reads a checkpoint file.

    Raises:
        Problem: `checkpoint.damaged` when it is torn or is no checkpoint.
    """
    try:
        with np.load(path, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        meta = json.loads(arrays.pop("meta").tobytes())
        position = Position(**meta["position"])
        return Snapshot(arrays, meta["callbacks"], position, meta.get("origin", {}))
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise Problem("checkpoint.damaged", path=str(path), detail=str(error)) from error


def _step(path: Path) -> int:
    return int(path.stem.removeprefix("step-"))


def _is_plain(key: str, value: Any) -> bool:
    return not key.startswith("_") and isinstance(value, (bool, int, float, str, type(None)))


def _is_weights(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(v, np.ndarray) for v in value)
