"""Evaluations whose every answer is known, as an evaluation leaves them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from pipeline.evaluation.confusion import Confusion
from pipeline.evaluation.orders import orders
from pipeline.evaluation.tables import ANSWER, IMAGES, SUMMARY, Found, write_arrays, write_tables
from pipeline.runs import Run
from pipeline.workspace import Workspace

SIDE_PX = 16


def write_evaluation(
    workspace: Workspace, name: str, labels: Sequence[str], truth: ArrayLike, guess: ArrayLike,
    **said: Any,
) -> Run:  # fmt: skip
    """Writes the evaluation of a folder of images, each of which is called by its row.

    Args:
        name: of the run.
        truth, guess: class indices, `[N]`.
        said: more of evaluation.json.
    """
    run = Run(workspace.runs / name)
    run.path.mkdir(parents=True)
    run.job.touch()
    truth, guess = np.asarray(truth), np.asarray(guess)
    answers = np.zeros(len(truth), ANSWER)
    answers["truth"], answers["guess"], answers["rank"] = truth, guess, truth != guess
    answers["probability"] = answers["calibrated"] = np.linspace(0.99, 0.5, len(truth))
    confusion = Confusion.of(truth, guess, len(labels))
    paths = [f"{labels[index]}/{row}.png" for row, index in enumerate(truth.tolist())]
    found = Found(tuple(labels), answers, paths, (), confusion, None)
    write_arrays(run.path, found, orders(labels, confusion))
    pairs, right = confusion.pairs(50), float(np.mean(truth == guess))
    summary: dict[str, Any] = {
        "format": 2, "model": name, "dataset": "", "source": "/known", "split": "",
        "images": len(truth), "classes": len(labels), "top_1": right, "top_5": 1.0,
        "mean_recall": float(np.nanmean(confusion.recall())), "groups": [], "sizes": [],
        "coverage": [], "calibration": {"bins": []}, "pairs": [vars(pair) for pair in pairs],
    }  # fmt: skip
    write_tables(run.path, found, pairs, summary)
    del summary["calibration"], summary["coverage"]
    (run.path / SUMMARY).write_text(json.dumps({**summary, **said}), "utf-8")
    images = np.zeros((len(truth), SIDE_PX, SIDE_PX, 1), np.uint8)
    images[:, 4:-4, 4:-4] = 255
    np.save(run.path / IMAGES, images)
    return run
