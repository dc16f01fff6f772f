"""The curves of trainings into a file: the same for the command and for a key."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline import jobs, runs
from pipeline.jobs import TrainJob
from pipeline.problems import Problem
from pipeline.runs import Run
from pipeline.workspace import Workspace

if TYPE_CHECKING:
    from pipeline.training.plot.curves import Across


def named_trainings(workspace: Workspace, names: Sequence[str]) -> list[Run]:
    """Returns the trainings that names mean, in their order; the last one where there are none.

    Raises:
        Problem: `run.missing`, `run.ambiguous`, or `plot.not_training` for a run of another kind.
    """
    if names in ((), ("last",)):
        return [next(all_trainings(workspace), None) or runs.find(workspace.runs, "last")]
    found = [runs.find(workspace.runs, name) for name in names]
    for run in found:
        training_job(run)
    return found


def training_job(run: Run) -> TrainJob:
    """Returns the job of a training.

    Raises:
        Problem: `job.bad`, or `plot.not_training` for a run of another kind.
    """
    job = jobs.read_job(run)
    if not isinstance(job, TrainJob):
        raise Problem("plot.not_training", run=run.id)
    return job


def write_plot(path: Path, trainings: Sequence[Run], across: Across = "epochs") -> None:
    """Draws trainings over each other, also those under way.

    Args:
        path: ends in .png, .svg or .csv.
        across: what the curves run over.

    Raises:
        Problem: `plot.suffix`, `plot.no_epoch` or `plot.unwritable`.
    """
    from pipeline.training.plot.curves import Curves, curves_of
    from pipeline.training.plot.write import write, writer

    writer(path)
    shown: list[Curves] = []
    for run in trainings:
        curves = curves_of(run, training_job(run).training.best)
        if curves is None:
            raise Problem("plot.no_epoch", run=run.id)
        shown.append(curves)
    try:
        write(path, shown, across)
    except OSError as error:
        detail = error.strerror or str(error)
        raise Problem("plot.unwritable", path=str(path), detail=detail) from error


def all_trainings(workspace: Workspace) -> Iterator[Run]:
    """Yields the trainings of a workspace, the newest first."""
    for run in reversed(runs.listed(workspace.runs)):
        try:
            training_job(run)
        except Problem:
            continue
        yield run
