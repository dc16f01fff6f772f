"""The trainings of a workspace, as lists offer them to pick from."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import asdict

from hanzi_tui.run_facts import result
from hanzi_tui.signs import Signs
from hanzi_tui.widgets.pick import Choice
from hanzi_tui.wording import status_word
from pipeline import jobs, runs
from pipeline.jobs import TrainJob
from pipeline.problems import Problem
from pipeline.runs import Run
from pipeline.workspace import Workspace


def trainings(workspace: Workspace, signs: Signs) -> list[Choice]:
    """Returns the ids of all trainings, live ones first and then the newest, each with a note."""
    choices = [(run.status().live, _choice(run, job, signs)) for run, job in _found(workspace)]
    choices.reverse()
    return [choice for live, choice in sorted(choices, key=lambda each: not each[0])]


def _found(workspace: Workspace) -> Iterator[tuple[Run, TrainJob]]:
    for run in runs.listed(workspace.runs):
        try:
            job = jobs.read_job(run)
        except Problem:
            continue
        if isinstance(job, TrainJob):
            yield run, job


def _choice(run: Run, job: TrainJob, signs: Signs) -> Choice:
    status, done, epoch = run.status(), run.finished(), run.last_epoch()
    known = {"summary": done.summary if done else None, "epoch": asdict(epoch) if epoch else None}
    words = (f"{signs.of(status)} {status_word(status)}", job.dataset, job.training.model,
             result(known))  # fmt: skip
    return Choice(run.id, "  ".join(filter(None, words)))
