"""What an evaluation left in its run's folder, read back: light, and the same for every reader."""

from __future__ import annotations

import csv
import json
import zipfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.dataset.records import open_dataset
from pipeline.evaluation.confusion import Confusion
from pipeline.evaluation.orders import ORDERS, orders
from pipeline.evaluation.tables import (
    ANSWER,
    ANSWERS,
    CLASSES,
    IMAGES,
    LABELS,
    ORDERS_FILE,
    PREDICTIONS,
    SUMMARY,
)
from pipeline.problems import Problem
from pipeline.runs import Run
from pipeline.workspace import Workspace

Indices = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Results:
    """The answers of an evaluation, and what follows from them.

    Args:
        path: the run's folder.
        summary: content of evaluation.json.
        labels: of the C classes, the rows and columns of the confusion.
        answers: rows of `ANSWER`, `[N]`. Of an evaluation by an earlier version a guess may be C,
            an answer outside the classes, and losses are NaN.
        groups: names that `group` counts; empty without groups.
    """

    path: Path
    summary: dict[str, Any]
    labels: tuple[str, ...]
    answers: NDArray[Any]
    groups: tuple[str, ...] = ()

    @property
    def truth(self) -> Indices:
        """The right class of each image, int64 `[N]`."""
        return self.answers["truth"].astype(np.int64)

    @property
    def guess(self) -> Indices:
        """The class that each was taken for, int64 `[N]`."""
        return self.answers["guess"].astype(np.int64)

    @property
    def rank(self) -> Indices:
        """How many classes were thought likelier than the right one, int64 `[N]`."""
        return self.answers["rank"].astype(np.int64)

    @property
    def group(self) -> Indices:
        """The group of each image, int64 `[N]`, indices into `groups`."""
        return self.answers["group"].astype(np.int64)

    @property
    def probability(self) -> NDArray[np.float32]:
        """How sure each answer was, as the recogniser shows it."""
        return np.ascontiguousarray(self.answers["probability"])

    @property
    def calibrated(self) -> NDArray[np.float32]:
        """How sure each answer was at the temperature fitted here; else as `probability`."""
        return np.ascontiguousarray(self.answers["calibrated"])

    @property
    def loss(self) -> NDArray[np.float32]:
        """The cross-entropy of each answer, in nats."""
        return np.ascontiguousarray(self.answers["loss"])

    @cached_property
    def paths(self) -> list[str]:
        """Where each image came from."""
        return [row["path"] for row in _table(self.path / PREDICTIONS)]

    @cached_property
    def confusion(self) -> Confusion:
        return Confusion.of(self.truth, self.guess, len(self.labels))

    @cached_property
    def orders(self) -> dict[str, Indices]:
        """The orders of classes by name, int64 `[C]` each."""
        try:
            with np.load(self.path / ORDERS_FILE, allow_pickle=False) as stored:
                known = {name: stored[name].astype(np.int64) for name in ORDERS}
            if all(len(order) == len(self.labels) for order in known.values()):
                return known
        except (OSError, ValueError, KeyError, zipfile.BadZipFile):
            pass  # an earlier version wrote none, and what is damaged can be found again
        return orders(self.labels, self.confusion)

    @cached_property
    def classes(self) -> list[dict[str, Any]]:
        """The rows of classes.csv; None for what is undefined."""
        return [{key: _typed(key, value) for key, value in row.items()}
                for row in _table(self.path / CLASSES)]  # fmt: skip

    def rows(self, truth: int, guess: int) -> Indices:
        """Returns the images of one class that were read as another, the surest first."""
        return self._surest((self.answers["truth"] == truth) & (self.answers["guess"] == guess))

    def misread(self, truth: int) -> Indices:
        """Returns the images of a class: those misread, the surest first, then the others."""
        of_class = self.answers["truth"] == truth
        right = self.answers["guess"] == truth
        return np.concatenate([self._surest(of_class & ~right), self._surest(of_class & right)])

    def label(self, index: int) -> str:
        """Returns the label of a class, "?" for an answer outside them."""
        return self.labels[index] if index < len(self.labels) else "?"

    def taken_for(self, truth: int) -> list[tuple[int, int]]:
        """Returns what a class was taken for and how often, most often first."""
        return self.confusion.taken_for(truth)

    def _surest(self, chosen: NDArray[np.bool_]) -> Indices:
        rows = np.flatnonzero(chosen)
        order: Indices = rows[np.argsort(-self.answers["probability"][rows], kind="stable")]
        return order


def results_of(run: Run) -> Results:
    """Reads the evaluation of a run.

    Raises:
        Problem: `evaluation.no_results` or `evaluation.damaged`.
    """
    try:
        return read_results(run.path)
    except FileNotFoundError as error:
        raise Problem("evaluation.no_results", run=run.id) from error
    except (OSError, ValueError, KeyError) as error:
        raise Problem("evaluation.damaged", path=str(run.path), detail=str(error)) from error


def read_results(path: Path) -> Results:
    """Reads the evaluation in a run's folder.

    Raises:
        OSError: a file of it is gone.
        ValueError: a file of it is damaged.
    """
    summary = json.loads((path / SUMMARY).read_text("utf-8", "surrogateescape"))
    if "format" not in summary:
        return _of_earlier_version(path, summary)
    labels = tuple((path / LABELS).read_text("utf-8").split("\n")[:-1])
    answers = np.load(path / ANSWERS, mmap_mode=None, allow_pickle=False)
    inside = len(answers) and max(answers["truth"].max(), answers["guess"].max()) < len(labels)
    if answers.dtype != ANSWER or not inside:
        raise ValueError(f"{path / ANSWERS} does not fit {LABELS}")
    groups = tuple(row["group"] for row in summary["groups"])
    return Results(path, summary, labels, answers, tuple(sorted(groups)))


def images(results: Results, workspace: Workspace) -> NDArray[np.uint8]:
    """Returns what the model saw, uint8 `[N, S, S, C]`, mapped; row for row as the answers.

    Raises:
        Problem: the dataset is gone or damaged, or `evaluation.other_dataset`: it was prepared
            anew since.
        OSError, ValueError: the images that the run keeps are damaged.
    """
    said = results.summary
    if said.get("source") or (results.path / IMAGES).is_file():
        seen: NDArray[np.uint8] = np.load(results.path / IMAGES, mmap_mode="r", allow_pickle=False)
        return seen
    dataset = open_dataset(workspace.require_dataset(said["dataset"]))
    split = dataset.split(said["split"])
    names = np.array(results.labels)
    same = len(split.labels) == len(results.answers) and np.array_equal(
        np.array(dataset.labels)[split.labels], names[results.answers["truth"]]
    )
    if not same or said.get("dataset_hash", dataset.content_hash) != dataset.content_hash:
        raise Problem("evaluation.other_dataset", dataset=dataset.name, run=results.path.name)
    return split.images


def _of_earlier_version(path: Path, summary: dict[str, Any]) -> Results:
    """Reads what format 1 left: its tables are all there is."""
    rows = _table(path / PREDICTIONS)
    labels = tuple(row["label"] for row in _table(path / CLASSES))
    index = {label: number for number, label in enumerate(labels)}
    answers = np.zeros(len(rows), ANSWER)
    try:
        answers["truth"] = [index[row["truth"]] for row in rows]
        answers["guess"] = [index.get(row["guess"], len(labels)) for row in rows]
        answers["rank"] = [int(row["rank"]) for row in rows]
        answers["probability"] = [float(row["probability"]) for row in rows]
    except (KeyError, TypeError) as error:
        raise ValueError(f"{path / PREDICTIONS} does not fit {CLASSES}") from error
    answers["calibrated"] = answers["probability"]
    answers["loss"] = answers["calibrated_loss"] = np.nan
    return Results(path, summary, labels, answers)


def _table(path: Path) -> list[dict[str, str]]:
    with open(path, encoding="utf-8", errors="surrogateescape", newline="") as file:
        return list(csv.DictReader(file))


def _typed(key: str, value: str) -> Any:
    if key in ("label", "taken_for"):
        return value
    if not value:
        return None
    return float(value) if key in ("recall", "precision", "f1", "low", "high") else int(value)
