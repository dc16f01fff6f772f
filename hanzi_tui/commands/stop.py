"""`hanzi-tui stop`."""

from __future__ import annotations

from typing import Annotated, Literal

from cyclopts import Parameter

from hanzi_tui.commands import console
from hanzi_tui.commands.options import Common, CommonOptions, Flag, context
from hanzi_tui.i18n import _


def stop(
    run: str = "last",
    /,
    *,
    after: Annotated[Literal["batch", "epoch"], Parameter()] = "batch",
    now: Flag = False,
    kill: Flag = False,
    common: CommonOptions = Common(),
) -> int:
    """Stop a run. A training keeps a checkpoint, and goes on with hanzi-tui train --resume RUN.

    Args:
        run: id, a unique part of it, or "last"
        after: stop after this batch, or after this epoch
        now: stop wherever it is, in a validation too, with a checkpoint of this moment; what does
            not listen is ended by force and keeps its last one
        kill: end it without asking; a training goes on from its last checkpoint
    """
    import asyncio

    from hanzi_tui.wording import status_word
    from pipeline import jobs, runs

    given = context(common)
    found = runs.find(given.workspace.runs, run)
    asyncio.run(jobs.stop(found, "kill" if kill else "now" if now else after))
    status = found.status()
    if given.json:
        console.print_json({"run": found.id, "status": status.value})
    elif status.live:
        console.say(_("Run {run} stops after this epoch.").format(run=found.id))
    else:
        console.say(_("Run {run}: {status}.").format(run=found.id, status=status_word(status)))
    return 0
