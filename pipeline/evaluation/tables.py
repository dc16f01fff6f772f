"""The files of an evaluation: arrays for the program, and all of it again as CSV for people."""

from __future__ import annotations

import io
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.evaluation.confusion import Confusion, Pair
from pipeline.evaluation.figures import Row, wilson
from pipeline.files import write_bytes, write_table

LABELS, ANSWERS, ORDERS_FILE, SUMMARY = "labels.txt", "answers.npy", "orders.npz", "evaluation.json"
CLASSES, CONFUSION, PAIRS = "classes.csv", "confusion.csv", "pairs.csv"
PREDICTIONS, GROUPS, SIZES = "predictions.csv", "groups.csv", "sizes.csv"
CALIBRATION, COVERAGE = "calibration.csv", "coverage.csv"
IMAGES = "images.npy"

ANSWER = np.dtype([("truth", "<i4"), ("guess", "<i4"), ("rank", "<i4"), ("group", "<i4"),
                   ("probability", "<f4"), ("calibrated", "<f4"), ("loss", "<f4"),
                   ("calibrated_loss", "<f4")])  # fmt: skip
"""A row of answers.npy; truth and guess are lines of labels.txt."""

SHARES = ("images", "right", "accuracy", "low", "high")


@dataclass(frozen=True)
class Found:
    """What an evaluation found, as it is written.

    Args:
        labels: of the C classes.
        answers: rows of `ANSWER`, `[N]`.
        paths: of the N images.
        groups: names that `answers["group"]` counts; empty without groups.
        confusion: of the answers.
        training_images: int64 `[C]`, None where nobody can tell.
        unknown: labels that the model does not know.
    """

    labels: tuple[str, ...]
    answers: NDArray[Any]
    paths: Sequence[str]
    groups: tuple[str, ...]
    confusion: Confusion
    training_images: NDArray[np.int64] | None
    unknown: tuple[str, ...] = ()


def write_arrays(folder: Path, found: Found, orders: dict[str, NDArray[np.int64]]) -> None:
    """Writes labels.txt, answers.npy and orders.npz."""
    write_bytes(folder / LABELS, "".join(f"{label}\n" for label in found.labels).encode())
    content = io.BytesIO()
    np.save(content, found.answers, allow_pickle=False)
    write_bytes(folder / ANSWERS, content.getvalue())
    content = io.BytesIO()
    np.savez(content, **{name: order.astype(np.int32) for name, order in orders.items()})  # type: ignore[arg-type]
    write_bytes(folder / ORDERS_FILE, content.getvalue())


def write_tables(folder: Path, found: Found, pairs: Sequence[Pair], summary: Row) -> None:
    """Writes all CSV tables; those of rows that `summary` holds are taken from it."""
    confusion, names = found.confusion, found.labels
    write_table(folder / CONFUSION, ("truth", "guess", "count"), zip(
        map(names.__getitem__, confusion.truth), map(names.__getitem__, confusion.guess),
        confusion.count, strict=True))  # fmt: skip
    write_table(folder / CLASSES, CLASS_COLUMNS, class_rows(found))
    write_table(folder / PAIRS, PAIR_COLUMNS, (
        (names[p.first], names[p.second], p.first_as_second, p.second_as_first, p.total,
         number(p.rate))
        for p in pairs))  # fmt: skip
    write_table(folder / PREDICTIONS, PREDICTION_COLUMNS, _predictions(found))
    for name, columns, rows in (
        (GROUPS, ("group", *SHARES), summary["groups"]),
        (SIZES, ("size", "classes", *SHARES), summary["sizes"] or []),
        (CALIBRATION, CALIBRATION_COLUMNS, summary["calibration"]["bins"]),
        (COVERAGE, ("threshold", "images", "coverage", "accuracy"), summary["coverage"]),
    ):
        write_table(folder / name, columns, ([cell(row[c]) for c in columns] for row in rows))


CLASS_COLUMNS = ("label", "images", "right", "recall", "precision", "f1", "low", "high",
                 "answered", "training_images", "taken_for", "taken_for_count")  # fmt: skip
PAIR_COLUMNS = ("first", "second", "first_as_second", "second_as_first", "total", "rate")
PREDICTION_COLUMNS = ("path", "truth", "guess", "probability", "rank", "group", "loss")
CALIBRATION_COLUMNS = ("low", "high", "images", "confidence", "accuracy", "images_calibrated",
                       "confidence_calibrated", "accuracy_calibrated")  # fmt: skip


def class_rows(found: Found) -> Iterator[list[Any]]:
    """Yields a row of `CLASS_COLUMNS` for each class."""
    confusion = found.confusion
    images = confusion.images()
    low, high = wilson(confusion.right(), images)
    trained = found.training_images
    worst = _most_taken_for(confusion)
    columns = (images, confusion.right(), confusion.recall(), confusion.precision(),
               confusion.f1(), np.where(images > 0, low, np.nan),
               np.where(images > 0, high, np.nan), confusion.answered())  # fmt: skip
    for index, (label, *values) in enumerate(zip(found.labels, *columns, strict=True)):
        guess, count = worst.get(index, (-1, 0))
        yield [label, *map(cell, values), "" if trained is None else int(trained[index]),
               found.labels[guess] if count else "", count]  # fmt: skip


def _most_taken_for(confusion: Confusion) -> dict[int, tuple[int, int]]:
    """Returns of each class that is ever misread what it is most often taken for, and how often."""
    cells = confusion.wrong()
    order = np.lexsort((cells.guess, -cells.count, cells.truth))
    truth, first = np.unique(cells.truth[order], return_index=True)
    at = order[first]
    return dict(zip(truth.tolist(), zip(cells.guess[at].tolist(), cells.count[at].tolist(),
                                        strict=True), strict=True))  # fmt: skip


def _predictions(found: Found) -> Iterator[tuple[Any, ...]]:
    names = found.labels
    columns: Iterable[list[Any]] = (
        found.answers[c].tolist()
        for c in ("truth", "guess", "probability", "rank", "group", "loss")
    )
    for path, truth, guess, probability, rank, group, loss in zip(
        found.paths, *columns, strict=True
    ):
        yield (path, names[truth], names[guess], f"{probability:.4f}", rank,
               found.groups[group] if found.groups else "", f"{loss:.5g}")  # fmt: skip


def cell(value: Any) -> Any:
    """Returns a value as a table has it: nothing for None and NaN, few digits for a fraction."""
    if value is None:
        return ""
    return number(float(value)) if isinstance(value, (float, np.floating)) else value


def number(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.6g}"
