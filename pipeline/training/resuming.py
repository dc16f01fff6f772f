"""Whether a training may go on from a checkpoint, and what its user should know of it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from pipeline.events import Report
from pipeline.problems import Problem
from pipeline.training.plan import Plan
from pipeline.versions import versions

DECISIVE = ("hanzi-tui", "tensorflow", "keras", "numpy")
"""Packages that may turn the same step into other numbers."""


def origin(plan: Plan) -> dict[str, Any]:
    """Returns what a checkpoint says of the training that writes it."""
    return {"plan": asdict(plan), "versions": versions()}


def compare(before: dict[str, Any], plan: Plan, report: Report) -> None:
    """Compares the `origin` of a checkpoint with the present; warns of other versions.

    Raises:
        Problem: `resume.other_batches`: its step numbers mean other images now.
    """
    found = before.get("plan", asdict(plan))
    size = (found["batch_size"], found["steps_per_epoch"])
    if size != (plan.batch_size, plan.steps_per_epoch):
        raise Problem("resume.other_batches", before=f"{size[0]} × {size[1]}",
                      now=f"{plan.batch_size} × {plan.steps_per_epoch}")  # fmt: skip
    if found["epochs"] != plan.epochs:
        report.log("resume.other_plan", before=found["epochs"], now=plan.epochs)
    now = versions()
    changed = [f"{name} {known} → {now.get(name, '-')}"
               for name, known in before.get("versions", now).items()
               if name in DECISIVE and known != now.get(name)]  # fmt: skip
    if changed:
        report.warn("resume.versions", changed=", ".join(changed))
