"""`hanzi-tui runs`: list, show, rm, prune."""

from __future__ import annotations

import sys
import time
from dataclasses import asdict
from typing import Annotated, Any

from cyclopts import App, Parameter

from hanzi_tui.commands import console
from hanzi_tui.commands.options import Common, CommonOptions, Flag, context
from hanzi_tui.i18n import _
from hanzi_tui.wording import duration, size
from pipeline import jobs
from pipeline import runs as run_folders
from pipeline.problems import Problem
from pipeline.runs import Run

runs = App(name="runs", help=_("List, show, delete and prune runs."), help_format="plaintext")

Positive = Annotated[int, Parameter(validator=lambda _type, value: _not_negative(value))]


@runs.default
def listing(*, common: CommonOptions = Common()) -> int:
    """List all runs, the newest last."""
    given = context(common)
    found = run_folders.listed(given.workspace.runs)
    if given.json:
        for run in found:
            console.print_json(facts(run))
        return 0
    if not found:
        console.say(
            _("No runs in {folder} yet. Try: hanzi-tui demo").format(folder=given.workspace.runs)
        )
        return 0
    console.print_table(
        (_("run"), _("status"), _("job"), _("about"), _("result"), _("time"), _("size")),
        [_row(facts(run), given.signs.of(run.status())) for run in found],
        right="fg",
    )
    return 0


@runs.command
def show(run: str = "last", /, *, common: CommonOptions = Common()) -> int:
    """Show one run: its job, its status, its result.

    Args:
        run: id, a unique part of it, or "last"
    """
    given = context(common)
    found = run_folders.find(given.workspace.runs, run)
    described = facts(found) | {"folder": str(found.path), "job": found.job.read_text("utf-8")}
    if given.json:
        console.print_json(described)
        return 0
    for key, value in described.items():
        if key == "job":
            print(f"\n{value.rstrip()}")
        else:
            print(f"{key:9} {value if value is not None else ''}")
    return 0


@runs.command
def rm(*names: str, common: CommonOptions = Common()) -> int:
    """Delete runs with their checkpoints. Datasets and models stay.

    Args:
        names: ids or unique parts of them
    """
    given = context(common)
    if not names:
        raise Problem("usage.no_run")
    found = [run_folders.find(given.workspace.runs, name) for name in names]
    freed = sum(run_folders.remove(run) for run in found)
    console.say(_("{count} runs deleted, {size} freed.")
                .format(count=len(found), size=size(freed)))  # fmt: skip
    return 0


@runs.command
def prune(*, keep: Positive = 20, yes: Flag = False, common: CommonOptions = Common()) -> int:
    """Delete old finished and failed runs. What can be resumed stays, and so do all models.

    Args:
        keep: how many of the newest finished or failed runs stay
        yes: delete without asking
    """
    given = context(common)
    old = run_folders.prunable(given.workspace.runs, keep)
    total = sum(run.size_bytes() for run in old)
    for run in old:
        console.say(f"{run.id}  {size(run.size_bytes())}")
    if not old:
        console.say(_("Nothing to prune."))
        return 0
    if not yes and not _agreed(len(old), total):
        return 1
    freed = sum(run_folders.remove(run) for run in old)
    console.say(_("{count} runs deleted, {size} freed.")
                .format(count=len(old), size=size(freed)))  # fmt: skip
    return 0


def facts(run: Run) -> dict[str, Any]:
    """Returns what is known of a run, in JSON types."""
    epoch = run.last_epoch()
    done = run.finished()
    ended = run.ended_s()
    return {
        "run": run.id,
        "status": run.status().value,
        **_about(run),
        "began": time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(run.began_s())),
        "seconds": round(ended - run.began_s(), 1) if ended else None,
        "size": run.size_bytes(),
        "epoch": asdict(epoch) if epoch else None,
        "summary": done.summary if done else None,
    }


def _about(run: Run) -> dict[str, str]:
    try:
        job = jobs.read_job(run)
    except Problem as problem:
        return {"kind": "?", "about": str(problem)}
    if isinstance(job, jobs.PrepareJob):
        return {"kind": job.kind, "about": job.name}
    if isinstance(job, jobs.TrainJob):
        return {"kind": job.kind, "about": f"{job.dataset} {job.training.model}"}
    return {"kind": job.kind, "about": f"{job.dataset}/{job.evaluation.split}"}


def _row(known: dict[str, Any], sign: str) -> tuple[str, ...]:
    return (known["run"], f"{sign} {known['status']}", known["kind"], known["about"],
            _result(known), duration(known["seconds"]),
            size(known["size"]))  # fmt: skip


def _result(known: dict[str, Any]) -> str:
    summary, epoch = known["summary"] or {}, known["epoch"]
    if "top_1" in summary:
        return f"top-1 {summary['top_1']:.2%}"
    if "counts" in summary:
        return _("{count} images").format(count=sum(summary["counts"].values()))
    if epoch:
        values = epoch["values"]
        accuracy = values.get("val_accuracy", values.get("accuracy"))
        shown = "nan" if accuracy is None else f"{accuracy:.4f}"
        return _("epoch {epoch}: {accuracy}").format(epoch=epoch["epoch"] + 1, accuracy=shown)
    return ""


def _agreed(count: int, total: int) -> bool:
    question = _("Delete these {count} runs ({size})? y/N ").format(count=count, size=size(total))
    if not sys.stdin.isatty():
        console.say(question + _("Nobody to ask: add --yes."))
        return False
    print(question, end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _not_negative(value: int) -> None:
    if value < 0:
        raise ValueError(_("must not be negative"))
