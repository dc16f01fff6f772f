"""Trainings in the test's own process, which has TensorFlow loaded: seconds, not workers."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

from workers import QUICK

from pipeline.events import Event, EventLog, EventReader, Report, StopCheck
from pipeline.problems import StopAsked
from pipeline.settings import AugmentSettings
from pipeline.training.train import train
from pipeline.workspace import Workspace


def train_here(
    workspace: Workspace, name: str = "here", should_stop: StopCheck = lambda: None, **changes: Any
) -> dict[str, Any]:
    """Trains on "few" in the run `name`, goes on where it is; `changes` are training settings."""
    folder = workspace.runs / name
    folder.mkdir(parents=True, exist_ok=True)
    log = EventLog(folder / "events.jsonl")
    try:
        return train(workspace.dataset("few"), workspace.model(name), folder,
                     QUICK.model_copy(update=changes), AugmentSettings(), Report(log),
                     should_stop)  # fmt: skip
    finally:
        log.close()


def train_until(
    workspace: Workspace, step: int, request: str = "batch", name: str = "here", **changes: Any
) -> None:
    """Trains as `train_here` does and asks it to stop once `step` batches were done in this go."""
    asked = 0

    def should_stop() -> str | None:
        nonlocal asked
        asked += 1
        return request if asked >= step else None

    with suppress(StopAsked):
        train_here(workspace, name, should_stop, **changes)


def events(workspace: Workspace, name: str = "here") -> list[Event]:
    path = workspace.runs / name / "events.jsonl"
    return [stamped.event for stamped in EventReader(path).read()]


def codes(workspace: Workspace, name: str = "here") -> list[str]:
    """Returns the codes of what was told: log lines, warnings, failures."""
    return [event.code for event in events(workspace, name) if hasattr(event, "code")]


def checkpoints(workspace: Workspace, name: str = "here") -> list[Path]:
    return sorted((workspace.runs / name / "checkpoints").glob("step-*.npz"))
