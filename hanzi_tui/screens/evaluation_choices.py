"""What the evaluation room lets one pick: models and images to judge, and evaluations."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from hanzi_tui.evaluation_results import subject
from hanzi_tui.i18n import _
from hanzi_tui.screens.room import Room
from hanzi_tui.widgets.entry import Entry
from hanzi_tui.widgets.pick import Choice, Pick
from pipeline import runs
from pipeline.evaluation.tables import SUMMARY
from pipeline.jobs import EvaluateJob
from pipeline.runs import Run
from pipeline.workspace import Workspace, names_in

SAME = ("dataset", "source", "split", "images")
"""Of a summary: what two evaluations of the same images have in common."""


def evaluations(workspace: Workspace) -> list[Run]:
    """Returns the runs that hold an evaluation, the newest first."""
    return [run for run in reversed(runs.listed(workspace.runs))
            if (run.path / SUMMARY).is_file()]  # fmt: skip


def pick_evaluation(
    room: Room, title: str, done: Callable[[Run], None], like: dict[str, Any] | None = None,
    but: str = "",
) -> None:  # fmt: skip
    """Asks for an evaluation.

    Args:
        done: hears which.
        like: summary of another of the same images; None for any.
        but: id of a run that is none of the choices.
    """
    workspace = room.workspace

    def choices() -> list[Choice]:
        found = []
        for run in evaluations(workspace):
            said = _said(run)
            same = like is None or all(said.get(key, "") == like.get(key, "") for key in SAME)
            if run.id != but and said and same:
                found.append(Choice(run.id, f"{subject(said)}  top-1 {said['top_1']:.2%}"))
        return found

    def picked(name: str | None) -> None:
        if name is not None:
            done(Run(workspace.runs / name))

    empty = _("No evaluation yet: e makes one.")
    if like is not None:
        empty = _("No other evaluation of the same images: e judges another model by them.")
    room.app.push_screen(Pick(title, asyncio.to_thread(choices), empty), picked)


def pick_what_to_judge(room: Room) -> None:
    """Asks for a model and for what to judge it by, and starts that."""
    models = [Choice(name) for name in names_in(room.workspace.models, "bundle.json")]
    empty = _("No model yet: F3 trains one.")

    def picked(model: str | None) -> None:
        if model is not None:
            pick_images(room, model)

    room.app.push_screen(Pick(_("Model to judge"), models, empty), picked)


def pick_images(room: Room, model: str) -> None:
    """Asks for what to judge a model by, and starts that."""
    split = room.settings.evaluation.split
    own = _("its own dataset: the {split} split, by the settings").format(split=split)
    choices = [Choice(own), *(Choice(name, split) for name in
                              names_in(room.workspace.datasets, "dataset.json"))]  # fmt: skip
    elsewhere = _("a folder or file of labelled images…")
    choices.append(Choice(elsewhere))

    def picked(name: str | None) -> None:
        if name == elsewhere:
            title = _("Folder, archive, .gnt file or list of labelled images")
            room.app.push_screen(Entry(title), partial(_judge_source, room, model))
        elif name is not None:
            judge(room, model, dataset="" if name == own else name)

    room.app.push_screen(Pick(_("Judge {model} by").format(model=model), choices), picked)


def judge(room: Room, model: str, dataset: str = "", source: Path | None = None) -> None:
    """Starts an evaluation."""
    room.start_job(EvaluateJob(workspace=room.workspace.root, model=model, dataset=dataset,
                               source=source, evaluation=room.settings.evaluation))  # fmt: skip


def _judge_source(room: Room, model: str, text: str | None) -> None:
    if text and text.strip():
        source = Path(text.strip()).expanduser().absolute()
        if source.exists():
            judge(room, model, source=source)
        else:
            room.tell(_("{path} does not exist").format(path=source), "error")


def _said(run: Run) -> dict[str, Any]:
    """Returns the summary of an evaluation; nothing where it cannot be read."""
    try:
        said: dict[str, Any] = json.loads((run.path / SUMMARY).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return said if {"model", "dataset", "split", "top_1"} <= said.keys() else {}
