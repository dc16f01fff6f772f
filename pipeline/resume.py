"""How a training that goes on may differ from how it began."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeline.problems import Problem
from pipeline.runs import Run, Status
from pipeline.settings import TrainingSettings

CHANGEABLE = (
    "epochs", "steps", "patience", "learning_rate", "clip_norm", "devices", "xla", "keep_every",
    "checkpoint_minutes",
)  # fmt: skip
"""What changes neither the network nor the order of images, so that the curve stays one."""
LENGTHS = ("epochs", "steps", "patience")


def changed(settings: TrainingSettings, changes: Mapping[str, Any]) -> TrainingSettings:
    """Returns the settings to go on with.

    Raises:
        Problem: `resume.fixed` naming what cannot change.
    """
    fixed = [key for key, value in changes.items()
             if key not in CHANGEABLE and value != getattr(settings, key)]  # fmt: skip
    if fixed:
        raise Problem("resume.fixed", keys=", ".join(fixed), allowed=", ".join(CHANGEABLE))
    return settings.model_copy(update=dict(changes))


def require_unfinished(run: Run, status: Status, changes: Mapping[str, Any]) -> None:
    """Checks that there is something left to do.

    Raises:
        Problem: `run.finished`, or `resume.no_more` when no more epochs are asked for.
    """
    finished = run.finished() if status is Status.FINISHED else None
    if finished is None:
        return
    if not set(LENGTHS) & set(changes):
        raise Problem("run.finished", run=run.id)
    done = int(finished.summary.get("epochs", 0))
    if changes.get("epochs", done + 1) <= done:
        raise Problem("resume.no_more", run=run.id, done=done, more=2 * done)
