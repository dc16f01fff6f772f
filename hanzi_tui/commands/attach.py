"""`hanzi-tui attach`."""

from __future__ import annotations

from hanzi_tui.commands import console
from hanzi_tui.commands.options import Common, CommonOptions, context
from pipeline import runs


def attach(run: str = "last", /, *, common: CommonOptions = Common()) -> int:
    """Follow a run: its whole history, then live until it ends. Ctrl-C leaves the job running.

    Args:
        run: id, a unique part of it, or "last"
    """
    given = context(common)
    return console.follow(runs.find(given.workspace.runs, run), given.signs, given.json)
