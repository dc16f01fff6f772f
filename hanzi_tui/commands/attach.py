"""`hanzi-tui attach`."""

from __future__ import annotations

from hanzi_tui.commands.options import Common, CommonOptions, context


def attach(run: str = "last", /, *, common: CommonOptions = Common()) -> int:
    """Follow a run: its whole history, then live until it ends. Ctrl-C leaves the job running.

    Args:
        run: id, a unique part of it, or "last"
    """
    from hanzi_tui.commands import following
    from pipeline import runs

    given = context(common)
    return following.follow(runs.find(given.workspace.runs, run), given)
