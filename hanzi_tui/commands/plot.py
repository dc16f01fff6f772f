"""`hanzi-tui plot`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from hanzi_tui.commands import console
from hanzi_tui.commands.options import Common, CommonOptions, context
from hanzi_tui.i18n import _


def plot(
    *names: str,
    output: Annotated[Path, Parameter(name=("--output", "-o"))] = Path("curves.png"),
    across: Literal["epochs", "minutes"] = "epochs",
    common: CommonOptions = Common(),
) -> int:
    """Draw loss and accuracy of trainings, also of one under way.

    Args:
        names: runs, by id, a unique part of it, or "last"; several are drawn over each other.
            Default: the last training
        output: file to write: .png, .svg, or .csv for the numbers
        across: what the curves run over; minutes compare networks that take unlike time for an
            epoch
    """
    from hanzi_tui.plotting import named_trainings, write_plot

    workspace = context(common).workspace
    runs = named_trainings(workspace, names)
    write_plot(output, runs, across)
    if common.json:
        console.print_json({"path": str(output), "runs": [run.id for run in runs]})
    else:
        console.say(_("written: {path}").format(path=output))
    return 0
