"""The evaluation stage: a model judged by labelled images, and what is found, written down."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.calibration import fit_temperature
from pipeline.dataset.groups import Groups, group_ids
from pipeline.dataset.records import PreparedDataset, open_dataset
from pipeline.evaluation import judged, seen
from pipeline.evaluation.answers import UNKNOWN, Begun, Temperatures, answers
from pipeline.evaluation.confusion import Confusion
from pipeline.evaluation.judged import Judged
from pipeline.evaluation.model import JudgedModel, require_same_pixels, training_dataset
from pipeline.evaluation.orders import orders
from pipeline.evaluation.summary import summary
from pipeline.evaluation.tables import ANSWER, SUMMARY, Found, write_arrays, write_tables
from pipeline.events import Report, StopCheck
from pipeline.files import write_json
from pipeline.problems import Problem
from pipeline.settings import EvaluationSettings
from pipeline.workspace import Workspace

FORMAT = 2
SUMMARY_PAIRS = 10
NAMES_SHOWN = 12
WORKING = "judging"


def evaluate(
    model: JudgedModel,
    what: Path,
    workspace: Workspace,
    run_path: Path,
    settings: EvaluationSettings,
    report: Report,
    should_stop: StopCheck,
) -> dict[str, Any]:
    """Judges a model and writes what is found into the run directory; see `tables`.

    What was answered before a stop or a kill is not asked again.

    Args:
        what: a prepared dataset, or any source of labelled images.
        workspace: where the dataset of its training may be.

    Returns:
        The summary: images, accuracies, the most-confused pairs, images a second.

    Raises:
        Problem: model and images do not fit each other, are damaged, or there are none.
        StopAsked: when somebody asked for it.
    """
    report.stage("load")
    trained_on = training_dataset(model, workspace)
    images = _images(model, what, run_path, settings.split, report, should_stop)
    grouped = _groups(images, settings.group)
    output_of = _outputs(model, images, report)
    met = seen.seen_before(model, images, trained_on)
    seen.warn(met, images, model, report)
    begun = Begun(run_path, {**model.identity, **images.identity})
    temperatures = begun.temperatures
    if temperatures is None:
        report.stage("calibrate")
        temperatures = _temperatures(model, trained_on or _dataset_at(what))
        begun.begin(temperatures)
    report.stage("evaluate")
    began = time.monotonic()
    said, asked = answers(model.network, images, output_of, len(model.labels), begun,
                          settings.batch_size, report, should_stop)  # fmt: skip
    seconds = time.monotonic() - began
    report.stage("write")
    found = _found(model, images, grouped, said, trained_on)
    pairs = found.confusion.pairs(settings.pairs)
    result: dict[str, Any] = {
        "format": FORMAT,
        "model": model.name, "model_path": model.path, "checkpoint": model.checkpoint,
        "dataset": images.name, "source": images.source, "split": images.split,
        "dataset_hash": images.content_hash,
        **summary(found, temperatures, pairs, top=settings.top, bins=settings.bins),
        "images_per_s": round(asked / max(seconds, 1e-9), 1),
        "seen": asdict(met),
        "group_pattern": settings.group or images.group_pattern,
        "speed": {"seconds": round(seconds, 2), "images": asked, "runtime": model.runtime},
        "settings": settings.model_dump(mode="json"),
        "created": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }  # fmt: skip
    write_arrays(run_path, found, orders(found.labels, found.confusion))
    write_tables(run_path, found, pairs, result)
    if images.source or images.split == judged.ALL:
        judged.keep_images(images, run_path / WORKING, run_path)
    write_json(run_path / SUMMARY, result)
    begun.forget()
    report.artifact("evaluation", run_path / SUMMARY)
    told = ("model", "dataset", "source", "split", "images", "classes", "top_1", "top_5",
            "mean_recall", "macro", "loss", "seen", "images_per_s")  # fmt: skip
    return {**{key: result[key] for key in told}, "ece": result["calibration"]["ece"],
            "pairs": result["pairs"][:SUMMARY_PAIRS]}  # fmt: skip


def _dataset_at(what: Path) -> PreparedDataset | None:
    return open_dataset(what) if (what / "dataset.json").is_file() else None


def _images(
    model: JudgedModel,
    what: Path,
    run_path: Path,
    split: str,
    report: Report,
    should_stop: StopCheck,
) -> Judged:
    dataset = _dataset_at(what)
    if dataset is None:
        return judged.of_source(what, model.spec, run_path / WORKING, split, report, should_stop)
    images = judged.of_dataset(dataset, split)
    require_same_pixels(model, dataset)
    return images


def _groups(images: Judged, pattern: str) -> Groups | None:
    """Returns the group of each image, names sorted; None where no pattern tells them."""
    pattern = pattern or images.group_pattern
    if not pattern:
        return None
    groups = group_ids(images.paths, pattern)
    order = np.argsort(np.array(groups.names, object), kind="stable")
    place = np.empty(len(order), np.int32)
    place[order] = np.arange(len(order))
    return Groups(place[groups.ids], tuple(groups.names[i] for i in order))


def _outputs(model: JudgedModel, images: Judged, report: Report) -> NDArray[np.int64]:
    """Returns the output of each judged class, int64 `[C]`; `UNKNOWN` where there is none."""
    output = {label: index for index, label in enumerate(model.labels)}
    output_of = np.array([output.get(label, UNKNOWN) for label in images.labels], np.int64)
    unknown = _unknown(images.labels, model)
    if len(unknown) == len(images.labels):
        raise Problem("evaluation.no_common_label", model=model.name,
                      dataset=images.name or images.source)  # fmt: skip
    if unknown:
        names = ", ".join(unknown[:NAMES_SHOWN]) + (", …" if len(unknown) > NAMES_SHOWN else "")
        report.warn("evaluation.unknown_labels", count=len(unknown), names=names)
    return output_of


def _unknown(labels: Sequence[str], model: JudgedModel) -> list[str]:
    known = set(model.labels)
    return [label for label in labels if label not in known]


def _temperatures(model: JudgedModel, dataset: PreparedDataset | None) -> Temperatures:
    """Returns the model's own temperature, and the one that the validation images ask for."""
    if dataset is None or not dataset.counts["validation"]:
        return Temperatures(model.temperature)
    split = dataset.split("validation")
    output = {label: index for index, label in enumerate(model.labels)}
    output_of = np.array([output.get(label, UNKNOWN) for label in dataset.labels], np.int64)
    fitted = fit_temperature(model.network, split.images, output_of[split.labels])
    return Temperatures(model.temperature, fitted, dataset.name)


def _found(
    model: JudgedModel,
    images: Judged,
    grouped: Groups | None,
    said: NDArray[Any],
    trained_on: PreparedDataset | None,
) -> Found:
    """Puts answers in terms of all classes: those judged, and those outside them that came up."""
    guessed = np.unique(said["guess"])
    labels = tuple(sorted({*images.labels, *(model.labels[output] for output in guessed)}))
    index = {label: number for number, label in enumerate(labels)}
    rows = np.empty(len(said), ANSWER)
    for name in ("rank", "probability", "calibrated", "loss", "calibrated_loss"):
        rows[name] = said[name]
    rows["truth"] = np.array([index[label] for label in images.labels])[images.truth]
    of_output = np.array([index.get(label, 0) for label in model.labels])
    rows["guess"] = of_output[said["guess"]]
    rows["group"] = 0 if grouped is None else grouped.ids
    return Found(
        labels=labels, answers=rows, paths=images.paths,
        groups=() if grouped is None else grouped.names,
        confusion=Confusion.of(rows["truth"], rows["guess"], len(labels)),
        training_images=seen.training_images(labels, trained_on),
        unknown=tuple(_unknown(images.labels, model)),
    )  # fmt: skip
