"""Evaluations as the worker leaves them, of answers and pictures that a test chooses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.evaluation import figures
from pipeline.evaluation.confusion import Confusion
from pipeline.evaluation.orders import orders
from pipeline.evaluation.tables import ANSWER, IMAGES, SUMMARY, Found, write_arrays, write_tables
from pipeline.files import write_json
from pipeline.runs import Run
from pipeline.workspace import Workspace

Indices = NDArray[np.integer]


def write_evaluation(
    workspace: Workspace,
    labels: Sequence[str],
    truth: Indices,
    guess: Indices,
    pixels: NDArray[np.uint8] | None = None,
    *,
    run: str = "judged",
    paths: Sequence[str] | None = None,
    **said: Any,
) -> Run:
    """Writes the evaluation of a plain folder.

    Args:
        truth, guess: class indices `[N]`.
        pixels: uint8 `[N, S, S, C]`, ink 255 on 0; none where they are gone.
        **said: keys of evaluation.json that differ.
    """
    written = Run(workspace.runs / run)
    written.path.mkdir(parents=True)
    written.job.touch()
    written.events.touch()
    count, classes = len(truth), len(labels)
    right = truth == guess
    answers = np.zeros(count, ANSWER)
    answers["truth"], answers["guess"], answers["rank"] = truth, guess, ~right
    answers["probability"] = answers["calibrated"] = np.where(right, 0.95, 0.6)
    answers["loss"] = answers["calibrated_loss"] = np.where(right, 0.05, 1.2)
    confusion = Confusion.of(truth, guess, classes)
    found = Found(tuple(labels), answers, paths or [f"{row}.png" for row in range(count)], (),
                  confusion, None)  # fmt: skip
    bins = [
        {**row, **{f"{key}_calibrated": row[key] for key in ("images", "confidence", "accuracy")}}
        for row in figures.reliability(answers["probability"], right, 10)
    ]
    averages = vars(figures.macro(confusion))
    top_1 = float(right.mean())
    low, high = figures.wilson(int(right.sum()), count)
    summary: dict[str, Any] = {
        "format": 2, "model": "few-cnn", "model_path": "", "checkpoint": None, "dataset": "",
        "source": "/home/somebody/characters", "split": "", "images": count, "classes": classes,
        "top_1": top_1, "top_1_low": float(low), "top_1_high": float(high), "top_5": 1.0,
        "mean_recall": averages["recall"], "macro": averages, "micro": averages, "loss": 0.2,
        "images_per_s": 900.0, "unknown": {"labels": [], "images": 0},
        "seen": {"known": True, "train": 0, "validation": 0},
        "calibration": {"ece": 0.01, "temperature_of_model": 1.0, "fitted": None, "bins": bins},
        "coverage": figures.coverage(answers["probability"], right), "sizes": [], "groups": [],
        "settings": {"split": "test"}, "created": "2026-11-22T13:00:00Z", "pairs": [], **said,
    }  # fmt: skip
    write_arrays(written.path, found, orders(found.labels, confusion))
    write_tables(written.path, found, confusion.pairs(50), summary)
    if pixels is not None:
        np.save(written.path / IMAGES, pixels)
    write_json(written.path / SUMMARY, summary)
    return written


def blots(count: int, edge: int = 64, seed: int = 0) -> NDArray[np.uint8]:
    """Returns pictures that compress no better than handwriting, uint8 `[count, edge, edge, 1]`."""
    coarse = np.random.default_rng(seed).random((count, edge // 8, edge // 8), np.float32)
    fine = coarse.repeat(8, axis=1).repeat(8, axis=2)
    smooth = (fine + np.roll(fine, 3, 1) + np.roll(fine, 3, 2) + np.roll(fine, 5, (1, 2))) / 4
    return (np.clip(smooth - 0.6, 0, 0.12) * 2125).astype(np.uint8)[..., np.newaxis]
