"""Evaluations in the test's own process, and models that answer what a test wants."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.evaluation.evaluate import evaluate
from pipeline.evaluation.model import JudgedModel, bundle_at
from pipeline.events import EventLog, EventReader, Log, Report
from pipeline.runs import Run
from pipeline.settings import EvaluationSettings
from pipeline.workspace import Workspace

Network = Callable[[NDArray[np.uint8]], NDArray[np.float32]]


def few_cnn(workspace: Workspace) -> JudgedModel:
    return bundle_at(workspace.require_model("few-cnn"), "litert", "float32")


def judge(
    workspace: Workspace,
    what: Path | None = None,
    model: JudgedModel | None = None,
    *,
    should_stop: Callable[[], str | None] = lambda: None,
    folder: str = "judged",
    **settings: Any,
) -> Run:
    """Judges "few-cnn", or another model, by "few" or whatever else, without a worker."""
    run = Run(workspace.runs / folder)
    run.path.mkdir(parents=True, exist_ok=True)
    evaluate(model or few_cnn(workspace), what or workspace.dataset("few"), workspace, run.path,
             EvaluationSettings(**settings), Report(EventLog(run.events)), should_stop)  # fmt: skip
    return run


def warnings(run: Run) -> list[str]:
    events = [stamped.event for stamped in EventReader(run.events).read()]
    return [event.code for event in events if isinstance(event, Log)]


def table(path: Path) -> list[dict[str, str]]:
    with open(path, encoding="utf-8", errors="surrogateescape", newline="") as file:
        return list(csv.DictReader(file))
