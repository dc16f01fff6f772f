"""`hanzi-tui runs`: list, show, rm, prune."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Annotated, Any

from cyclopts import App, Parameter

from hanzi_tui.commands import console
from hanzi_tui.commands.judged import print_result
from hanzi_tui.commands.options import Common, CommonOptions, Flag, context
from hanzi_tui.i18n import _, ngettext
from hanzi_tui.run_facts import facts, result
from hanzi_tui.wording import duration, job_word, size, status_word
from pipeline import runs as run_folders
from pipeline.problems import Problem

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
    known, job = facts(found), found.job.read_text("utf-8")
    if given.json:
        console.print_json(known | {"folder": str(found.path), "job": job})
        return 0
    console.print_facts((
        (_("run"), known["run"]),
        (_("status"), status_word(run_folders.Status(known["status"]))),
        (_("job"), f"{job_word(known['kind'])} {known['about']}"),
        (_("began"), known["began"]),
        (_("time"), duration(known["seconds"])),
        (_("size"), size(known["size"])),
        (_("result"), result(known)),
        (_("note"), known["note"]),
        (_("folder"), str(found.path)),
    ))  # fmt: skip
    console.print_lines("\n" + job.rstrip())
    if (evaluation := found.path / "evaluation.json").is_file():
        print("")
        print_result(json.loads(evaluation.read_text("utf-8", "surrogateescape")))
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
    return _remove(found)


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
    return _remove(old)


def _remove(found: Sequence[run_folders.Run]) -> int:
    freed = sum(run_folders.remove(run) for run in found)
    text = ngettext("{count} run deleted, {size} freed.", "{count} runs deleted, {size} freed.",
                    len(found))  # fmt: skip
    console.say(text.format(count=len(found), size=size(freed)))
    return 0


def _row(known: dict[str, Any], sign: str) -> tuple[str, ...]:
    status = status_word(run_folders.Status(known["status"]))
    return (known["run"], f"{sign} {status}", job_word(known["kind"]), known["about"],
            result(known), duration(known["seconds"]), size(known["size"]))  # fmt: skip


def _agreed(count: int, total: int) -> bool:
    text = ngettext("Delete this run ({size})? y/N ",
                    "Delete these {count} runs ({size})? y/N ", count)  # fmt: skip
    question = text.format(count=count, size=size(total))
    if not sys.stdin.isatty():
        console.say(question + _("Nobody to ask: add --yes."))
        return False
    print(question, end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


@runs.command
def note(run: str, text: str, /, *, common: CommonOptions = Common()) -> int:
    """Keep a line of your own with a run.

    Args:
        run: id, a unique part of it, or "last"
        text: the note; "" takes it away
    """
    run_folders.find(context(common).workspace.runs, run).set_note(text)
    return 0


@runs.command
def rename(run: str, name: str, /, *, common: CommonOptions = Common()) -> int:
    """Give a run that has ended another name.

    Args:
        run: id, a unique part of it, or "last"
        name: its new id
    """
    found = run_folders.find(context(common).workspace.runs, run)
    console.say(_("Run {run}.").format(run=run_folders.rename(found, name).id))
    return 0


def _not_negative(value: int) -> None:
    if value < 0:
        raise ValueError(_("must not be negative"))
