"""All there is to report of an evaluation: its answers, and the model and data behind them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline import jobs, runs
from pipeline.dataset.records import describe
from pipeline.evaluation.results import Results, images, results_of
from pipeline.evaluation.tables import SUMMARY
from pipeline.events import EventReader, Started
from pipeline.jobs import TrainJob
from pipeline.problems import Problem
from pipeline.runs import Run
from pipeline.training.plot.curves import Curves, curves_of
from pipeline.workspace import Workspace


@dataclass(frozen=True, eq=False)
class Findings:
    """An evaluation and what belongs to it; what is gone is None.

    Args:
        results: of the evaluation.
        pixels: what the model saw, uint8 `[N, S, S, C]`, row for row as the answers.
        no_pixels: why there are none.
        training: the run that made the model.
        curves: of that.
        dataset: content of dataset.json of the images that were judged.
        model: content of bundle.json.
        versions: of packages, by name, when it was evaluated.
    """

    results: Results
    pixels: NDArray[np.uint8] | None
    no_pixels: Problem | None
    training: Run | None
    curves: Curves | None
    dataset: dict[str, Any] | None
    model: dict[str, Any] | None
    versions: dict[str, str]

    @property
    def summary(self) -> dict[str, Any]:
        return self.results.summary

    @property
    def judged(self) -> str:
        """The name of what was judged: a dataset and its split, or a source."""
        said = self.summary
        return Path(said["source"]).name if said.get("source") else (
            f"{said['dataset']} / {said['split']}")  # fmt: skip


def find(workspace: Workspace, name: str) -> Findings:
    """Finds an evaluation and reads all of it.

    Args:
        name: a run, by id or a unique part of it: the evaluation, or a training, which means the
            newest evaluation of its model. "last" is the newest evaluation.

    Raises:
        Problem: `run.missing`, `run.ambiguous`, `evaluation.no_results`, `evaluation.damaged`, or
            `report.not_evaluated` for a training whose model nobody has judged.
    """
    results = results_of(_evaluation(workspace, name))
    said = results.summary
    pixels, no_pixels = None, None
    try:
        pixels = images(results, workspace)
    except Problem as problem:
        no_pixels = problem
    except (OSError, ValueError) as error:
        no_pixels = Problem("evaluation.damaged", path=str(results.path), detail=str(error))
    training = _training(workspace, said)
    return Findings(
        results, pixels, no_pixels, training, _curves(training),
        _dataset(workspace, said), _model(workspace, said), _versions(Run(results.path)),
    )  # fmt: skip


def _evaluation(workspace: Workspace, name: str) -> Run:
    evaluations = [run for run in runs.listed(workspace.runs) if (run.path / SUMMARY).is_file()]
    if name == "last" and evaluations:
        return evaluations[-1]
    run = runs.find(workspace.runs, name)
    if (run.path / SUMMARY).is_file() or not isinstance(jobs.read_job(run), TrainJob):
        return run
    for evaluation in reversed(evaluations):
        if _is_of(_said(evaluation), run):
            return evaluation
    done = run.finished()
    what = f"--run {run.id}" if done is None else done.summary["model"]
    raise Problem("report.not_evaluated", run=run.id, what=what)


def _said(run: Run) -> dict[str, Any]:
    """Returns what an evaluation says of itself; nothing where that is damaged."""
    try:
        said: dict[str, Any] = json.loads((run.path / SUMMARY).read_text("utf-8", "replace"))
    except (OSError, ValueError):
        return {}
    return said


def _is_of(said: dict[str, Any], training: Run) -> bool:
    """Says whether an evaluation judged what a training made."""
    if said.get("checkpoint"):
        return bool(said["checkpoint"]["run"] == training.id)
    done = training.finished()
    if done is None or "path" not in done.summary:
        return False
    # Earlier versions noted the name alone.
    key = "path" if "model_path" in said else "model"
    return bool(done.summary[key] == said.get("model_path", said.get("model")))


def _training(workspace: Workspace, said: dict[str, Any]) -> Run | None:
    return next((run for run in _trainings(workspace) if _is_of(said, run)), None)


def _trainings(workspace: Workspace) -> Iterator[Run]:
    for run in reversed(runs.listed(workspace.runs)):
        try:
            if isinstance(jobs.read_job(run), TrainJob):
                yield run
        except Problem:
            continue


def _curves(training: Run | None) -> Curves | None:
    if training is None:
        return None
    job = jobs.read_job(training)
    return curves_of(training, job.training.best) if isinstance(job, TrainJob) else None


def _dataset(workspace: Workspace, said: dict[str, Any]) -> dict[str, Any] | None:
    if not said.get("dataset"):
        return None
    try:
        described = describe(workspace.dataset(said["dataset"]))
    except Problem:
        return None
    same = said.get("dataset_hash", described["content_hash"]) == described["content_hash"]
    return described if same else None


def _model(workspace: Workspace, said: dict[str, Any]) -> dict[str, Any] | None:
    folder = Path(said.get("model_path") or workspace.models / said["model"])
    try:
        described: dict[str, Any] = json.loads((folder / "bundle.json").read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return described


def _versions(run: Run) -> dict[str, str]:
    events = (stamped.event for stamped in EventReader(run.events).read())
    return next((event.versions for event in events if isinstance(event, Started)), {})
