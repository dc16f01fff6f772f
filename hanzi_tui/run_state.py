"""What a screen knows of a run: its events folded into one state as they come."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hanzi_tui.i18n import _
from hanzi_tui.wording import told
from pipeline import jobs
from pipeline.events import (
    Artifact,
    Event,
    Failed,
    Finished,
    Log,
    Metric,
    Progress,
    Resumed,
    Stage,
    Stamped,
    Started,
    Stopped,
    Warned,
)
from pipeline.jobs import AnyJob
from pipeline.problems import Problem
from pipeline.runs import Run, Status

LOG_LINES = 500
_CHECKPOINT = re.compile(r"checkpoints/step-(\d+)\.npz$")


@dataclass(frozen=True)
class LogLine:
    """A line of a run's log: when, in seconds since 1970, how grave, and what."""

    time: float
    kind: str
    text: str


@dataclass(frozen=True)
class Saved:
    """A checkpoint: when it was written, in seconds since 1970, and after which step."""

    time: float
    step: int


class RunState:
    """A run as its events tell it, with `metrics` as one line over all resumes.

    Args:
        run: the run directory.
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        self.status = run.status()
        self.following = False
        self.caught_up = False
        """Whether all that the log held at first has been told."""
        self.begin()

    def begin(self) -> None:
        """Forgets all events: they are about to be told from the first."""
        self.job: AnyJob | None = _job(self.run)  # a resume may have changed it
        self.stage = ""
        self.progress: Progress | None = None
        self.metrics: list[Metric] = []
        self.log: deque[LogLine] = deque(maxlen=LOG_LINES)
        self.said: dict[str, dict[str, Any]] = {}
        """Code of a message → parameters of the newest one."""
        self.started_s = 0.0
        """When the worker came up, or came up again, in seconds since 1970."""
        self.warnings = 0
        self.warned: Warned | None = None
        """The newest warning, unless what it warned of has been made good since."""
        self.saved: Saved | None = None
        self.failure: Failed | None = None
        self.finished: Finished | None = None
        self.artifacts: list[Artifact] = []
        self.version = 0
        """Grows with each event, so that a screen can tell whether it has drawn this state."""

    @property
    def kind(self) -> str:
        """The job's kind; "?" when job.toml cannot be understood."""
        return self.job.kind if self.job else "?"

    @property
    def about(self) -> str:
        """What the job works on: the name of a dataset or a model."""
        job = self.job
        if job is None:
            return self.run.id
        if isinstance(job, jobs.PrepareJob):
            return job.name
        if isinstance(job, jobs.TrainJob):
            return job.dataset
        return job.model.rsplit("/", 1)[-1] or job.dataset

    @property
    def share(self) -> float | None:
        """How much of the stage is done, 0 to 1."""
        if self.progress is None or not self.progress.total:
            return None
        return self.progress.done / self.progress.total

    def epochs(self) -> list[Metric]:
        return [metric for metric in self.metrics if metric.scope == "epoch"]

    def add(self, stamped: Stamped) -> None:
        """Takes the next event."""
        event = stamped.event
        self.version += 1
        if isinstance(event, Metric):
            self.metrics.append(event)
        elif isinstance(event, Progress):
            self.progress = event
        elif isinstance(event, Started):
            self.status, self.failure, self.finished = Status.RUNNING, None, None
            self.stage, self.progress, self.started_s = "", None, stamped.time
        elif isinstance(event, Resumed):
            self.metrics = [metric for metric in self.metrics if metric.step <= event.step]
        elif isinstance(event, Stage):
            self.stage, self.progress = event.name, None
        elif isinstance(event, Artifact):
            self.artifacts.append(event)
        elif isinstance(event, Stopped):
            self.status = Status.STOPPED
        elif isinstance(event, Finished):
            self.status, self.finished = Status.FINISHED, event
        if isinstance(event, Log):
            self.said[event.code] = event.params
        if isinstance(event, Warned):
            self.warnings, self.warned = self.warnings + 1, event
        if isinstance(event, Artifact) and (step := _CHECKPOINT.search(event.path)):
            self.saved = Saved(stamped.time, int(step[1]))
            if self.warned is not None and self.warned.code == "checkpoint.not_saved":
                self.warned = None
        if isinstance(event, Failed):
            self.status, self.failure = Status.FAILED, event
        if line := told(event) or _saved(event):
            self.log.append(LogLine(stamped.time, event.kind, line))


def _saved(event: Event) -> str:
    """Returns in words that a checkpoint was written, "" for anything else."""
    if not isinstance(event, Artifact) or event.name != "checkpoint":
        return ""
    return _("checkpoint {name} saved").format(name=Path(event.path).stem)


def _job(run: Run) -> AnyJob | None:
    try:
        return jobs.read_job(run)
    except Problem:
        return None
