"""The evaluation stage: a bundle judged by one split of a prepared dataset."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.bundle import KERAS, Bundle, open_bundle
from pipeline.dataset.records import PreparedDataset, Split, open_dataset
from pipeline.environment.gpu import gpus
from pipeline.evaluation.confusion import Confusion
from pipeline.events import Report, StopCheck
from pipeline.files import write_json, write_table
from pipeline.litert import softmax
from pipeline.problems import Problem, StopAsked
from pipeline.processes import usable_cores
from pipeline.settings import EvaluationSettings

TOP = 5
SUMMARY_PAIRS = 10
NAMES_SHOWN = 12

Network = Callable[[NDArray[np.uint8]], NDArray[np.float32]]


@dataclass(frozen=True)
class Answers:
    """What the network said to each of N images.

    `guess` int64 `[N]` in the dataset's classes, C for a label outside them; `probability`
    float32 `[N]` of the guess; `rank` int64 `[N]` of the truth, 0 for right.
    """

    guess: NDArray[np.int64]
    probability: NDArray[np.float32]
    rank: NDArray[np.int64]


def evaluate(
    bundle_path: Path,
    dataset_path: Path,
    run_path: Path,
    settings: EvaluationSettings,
    report: Report,
    should_stop: StopCheck,
) -> dict[str, Any]:
    """Judges a bundle and writes evaluation.json, confusion.csv, classes.csv, pairs.csv and
    predictions.csv into the run directory.

    Returns:
        The summary: images, top-1, top-5, mean recall, the most-confused pairs, images a second.

    Raises:
        Problem: bundle and dataset do not fit each other, or are damaged.
        StopAsked: when somebody asked for it.
    """
    report.stage("load")
    bundle, dataset = open_bundle(bundle_path), open_dataset(dataset_path)
    split = dataset.require_split(settings.split)
    _require_same_pixels(bundle, dataset)
    _warn_of_training_images(bundle, dataset, settings.split, report)
    index = _index_in_dataset(bundle, dataset, report)
    network = _network(bundle, settings.runtime)
    report.stage("evaluate")
    began = time.monotonic()
    answers = _answers(network, split, index, settings.batch_size, report, should_stop)
    seconds = time.monotonic() - began
    confusion = Confusion.of(split.labels, answers.guess, len(dataset.labels))
    recall = confusion.recall()
    pairs = confusion.pairs(settings.pairs)
    labels = dataset.labels
    result: dict[str, Any] = {
        "model": bundle.name,
        "dataset": dataset.name,
        "split": split.name,
        "images": len(split.labels),
        "classes": int(np.count_nonzero(confusion.images())),
        "top_1": float(np.mean(answers.rank == 0)),
        f"top_{TOP}": float(np.mean(answers.rank < TOP)),
        "mean_recall": float(np.nanmean(recall)),
        "images_per_s": round(len(split.labels) / seconds, 1),
        "pairs": [
            {"first": labels[p.first], "second": labels[p.second],
             "first_as_second": p.first_as_second, "second_as_first": p.second_as_first}
            for p in pairs
        ],
    }  # fmt: skip
    _write(run_path, result, dataset, split, answers, confusion)
    report.artifact("evaluation", run_path / "evaluation.json")
    return {**result, "pairs": result["pairs"][:SUMMARY_PAIRS]}


def _require_same_pixels(bundle: Bundle, dataset: PreparedDataset) -> None:
    ours, theirs = bundle.description.spec.to_dict(), dataset.spec.to_dict()
    changed = [f"{key} {ours[key]}, not {theirs[key]}" for key in ours
               if key != "max_pixels" and ours[key] != theirs[key]]  # fmt: skip
    if changed:
        raise Problem("evaluation.normalizer", model=bundle.name, dataset=dataset.name,
                      changed=", ".join(changed))  # fmt: skip


def _warn_of_training_images(
    bundle: Bundle, dataset: PreparedDataset, split: str, report: Report
) -> None:
    if bundle.description.dataset_hash == dataset.content_hash and split != "test":
        report.warn("evaluation.trained_on" if split == "train" else "evaluation.chosen_by")


def _index_in_dataset(
    bundle: Bundle, dataset: PreparedDataset, report: Report
) -> NDArray[np.int64]:
    """Returns for each of the bundle's outputs the dataset's class; C where it has none."""
    of_label = {label: index for index, label in enumerate(dataset.labels)}
    known = set(bundle.description.labels)
    unknown = [label for label in dataset.labels if label not in known]
    if len(unknown) == len(dataset.labels):
        raise Problem("evaluation.no_common_label", model=bundle.name, dataset=dataset.name)
    if unknown:
        names = ", ".join(unknown[:NAMES_SHOWN]) + (", …" if len(unknown) > NAMES_SHOWN else "")
        report.warn("evaluation.unknown_labels", count=len(unknown), names=names)
    outside = len(dataset.labels)
    return np.array([of_label.get(label, outside) for label in bundle.description.labels])


def _network(bundle: Bundle, runtime: str) -> Network:
    if runtime == "auto":
        seen = any(gpu.visible for gpu in gpus().gpus)
        runtime = "keras" if KERAS in bundle.hashes and seen else "litert"
    if runtime == "litert":
        return bundle.network(usable_cores()).logits
    os.environ["TF_FORCE_GPU_ALLOW_GROWTH"] = "true"
    model = bundle.keras_model()
    return lambda images: np.asarray(model.predict_on_batch(images))


def _answers(
    network: Network,
    split: Split,
    index: NDArray[np.int64],
    batch_size: int,
    report: Report,
    should_stop: StopCheck,
) -> Answers:
    count = len(split.labels)
    guess, rank = np.empty(count, np.int64), np.empty(count, np.int64)
    probability = np.empty(count, np.float32)
    for start in range(0, count, batch_size):
        here = slice(start, start + batch_size)
        likely = softmax(network(np.ascontiguousarray(split.images[here])))
        best = np.argmax(likely, axis=1)
        guess[here] = index[best]
        probability[here] = np.take_along_axis(likely, best[:, None], 1)[:, 0]
        rank[here] = _ranks(likely, split.labels[here], index)
        report.progress(min(start + batch_size, count), count, "images")
        if (request := should_stop()) is not None:
            raise StopAsked(request)
    return Answers(guess, probability, rank)


def _ranks(
    likely: NDArray[np.float32], truth: NDArray[np.int32], index: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Returns how many outputs are likelier than the truth; all of them where it is unknown."""
    output_of = np.full(index.max() + 2, -1)
    output_of[index] = np.arange(len(index))
    output = output_of[np.minimum(truth, len(output_of) - 1)]
    of_truth = np.take_along_axis(likely, np.maximum(output, 0)[:, None], 1)
    # Of equal outputs the first is the answer, as argmax has it.
    earlier = np.arange(likely.shape[1]) < output[:, None]
    ahead = np.sum((likely > of_truth) | ((likely == of_truth) & earlier), axis=1)
    ranks: NDArray[np.int64] = np.where(output >= 0, ahead, likely.shape[1])
    return ranks


def _write(
    folder: Path,
    result: dict[str, Any],
    dataset: PreparedDataset,
    split: Split,
    answers: Answers,
    confusion: Confusion,
) -> None:
    names = (*dataset.labels, "")
    write_json(folder / "evaluation.json", result)
    write_table(
        folder / "confusion.csv", ("truth", "guess", "count"),
        zip(map(names.__getitem__, confusion.truth), map(names.__getitem__, confusion.guess),
            confusion.count, strict=True),
    )  # fmt: skip
    columns = (confusion.images(), confusion.right(), confusion.recall(), confusion.precision())
    write_table(
        folder / "classes.csv", ("label", "images", "right", "recall", "precision"),
        [(label, *map(_number, row)) for label, *row in zip(dataset.labels, *columns, strict=True)],
    )  # fmt: skip
    write_table(
        folder / "pairs.csv", ("first", "second", "first_as_second", "second_as_first"),
        [tuple(pair.values()) for pair in result["pairs"]],
    )  # fmt: skip
    write_table(
        folder / "predictions.csv", ("path", "truth", "guess", "probability", "rank"),
        [
            (source["path"], source["label"], names[guess], f"{probability:.4f}", rank)
            for source, guess, probability, rank in zip(
                dataset.sources(split.name), answers.guess, answers.probability, answers.rank,
                strict=True,
            )
        ],
    )  # fmt: skip


def _number(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.6g}"
