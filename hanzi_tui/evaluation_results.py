"""What an evaluation left in its run's folder, read back for a screen."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.dataset.records import PreparedDataset, Split, open_dataset
from pipeline.evaluation.confusion import Confusion
from pipeline.runs import Run
from pipeline.workspace import Workspace


@dataclass(frozen=True)
class ConfusedPair:
    """Two classes, told in the direction in which they are confused more often.

    Args:
        truth, guess: class indices.
        truth_label, guess_label: shown literally.
        count: images of `truth` that were taken for `guess`.
        images: of `truth` in all.
        back: images of `guess` that were taken for `truth`.
    """

    truth: int
    guess: int
    truth_label: str
    guess_label: str
    count: int
    images: int
    back: int


@dataclass(frozen=True)
class EvaluationResults:
    """An evaluation with the images it judged.

    Args:
        summary: content of evaluation.json.
        labels: of the dataset's classes.
        split: the images that were judged.
        sources: where each of them came from, paths.
        guess: class index of each answer, int64 `[N]`; the number of classes for an answer
            outside them.
        probability: of each answer, float64 `[N]`.
    """

    run: Run
    summary: dict[str, Any]
    labels: tuple[str, ...]
    split: Split
    sources: list[str]
    guess: NDArray[np.int64]
    probability: NDArray[np.float64]

    @cached_property
    def confusion(self) -> Confusion:
        return Confusion.of(self.split.labels, self.guess, len(self.labels))

    @cached_property
    def confused(self) -> list[ConfusedPair]:
        """The most-confused pairs, as many as the evaluation was asked for."""
        images = self.confusion.images()
        pairs = []
        for pair in self.confusion.pairs(max(len(self.summary["pairs"]), 1)):
            truth, guess = pair.first, pair.second
            if pair.second_as_first > pair.first_as_second:
                truth, guess = guess, truth
            back, count = sorted((pair.first_as_second, pair.second_as_first))
            pairs.append(ConfusedPair(truth, guess, self.labels[truth], self.labels[guess],
                                      count, int(images[truth]), back))  # fmt: skip
        return pairs

    def rows_behind(self, truth: int, guess: int) -> NDArray[np.int64]:
        """Returns the images behind a pair: misread ones, either way, then those read rightly."""
        pairs = [(truth, guess), (guess, truth), (truth, truth), (guess, guess)]
        return np.concatenate([self.taken_for(*pair) for pair in dict.fromkeys(pairs)])

    def label(self, index: int) -> str:
        """Returns the label of a class, "?" for an answer outside them."""
        return self.labels[index] if index < len(self.labels) else "?"

    def image(self, row: int) -> NDArray[np.uint8]:
        """Returns an image as the model saw it, uint8 `[H, W]` or `[H, W, 3]`."""
        image = np.asarray(self.split.images[row])
        return image[..., 0] if image.shape[-1] == 1 else image

    def taken_for(self, truth: int, guess: int) -> NDArray[np.int64]:
        """Returns the images of class `truth` that were read as `guess`, the surest first."""
        rows = np.flatnonzero((self.split.labels == truth) & (self.guess == guess))
        order: NDArray[np.int64] = rows[np.argsort(-self.probability[rows], kind="stable")]
        return order


def read_results(run: Run, workspace: Workspace) -> EvaluationResults:
    """Reads the results of a finished evaluation.

    Raises:
        Problem: its dataset is gone or damaged.
        OSError: a file of the run is gone.
        ValueError: a file of the run is damaged, or is of another dataset.
    """
    summary = json.loads((run.path / "evaluation.json").read_text("utf-8"))
    dataset = open_dataset(workspace.require_dataset(summary["dataset"]))
    split = dataset.split(summary["split"])
    rows = _predictions(run.path / "predictions.csv")
    if len(rows) != len(split.labels):
        raise ValueError(f"{run.path}: {len(rows)} predictions for {len(split.labels)} images")
    index = {label: number for number, label in enumerate(dataset.labels)}
    guess = np.array([index.get(row["guess"], len(index)) for row in rows], np.int64)
    probability = np.array([float(row["probability"]) for row in rows])
    _require_same_images(rows, split, dataset)
    return EvaluationResults(run, summary, dataset.labels, split, [row["path"] for row in rows],
                             guess, probability)  # fmt: skip


def _predictions(path: Path) -> list[dict[str, str]]:
    with open(path, encoding="utf-8", errors="surrogateescape", newline="") as file:
        return list(csv.DictReader(file))


def _require_same_images(
    rows: list[dict[str, str]], split: Split, dataset: PreparedDataset
) -> None:
    for row, label in zip(rows, split.labels, strict=True):
        if row["truth"] != dataset.labels[label]:
            raise ValueError(f"{dataset.name} was prepared anew since this evaluation")
