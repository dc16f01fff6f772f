"""`hanzi-tui report`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from hanzi_tui.commands import console
from hanzi_tui.commands.options import Common, CommonOptions, context
from hanzi_tui.i18n import _, worded_problem


def report(
    run: str = "last",
    /,
    *,
    output: Annotated[Path, Parameter(name=("--output", "-o"))] = Path("report.html"),
    common: CommonOptions = Common(),
) -> int:
    """Write an evaluation for others to read: a page that needs no network, or its tables.

    Args:
        run: evaluation, by id, a unique part of it, or "last"; or a training, which means the
            newest evaluation of its model
        output: file to write: .html, .png for the matrix alone, .json for everything, or a table
            such as classes.csv or confusion.csv; without a suffix a folder that gets all of these
    """
    from hanzi_tui.report.findings import find
    from hanzi_tui.report.write import require_suffix, write

    workspace = context(common).workspace
    require_suffix(output)
    findings = find(workspace, run)
    if findings.no_pixels is not None:
        reason = worded_problem(findings.no_pixels)
        console.say(_("There are no pictures in the report: {reason}").format(reason=reason))
    written = write(output, findings)
    if common.json:
        console.print_json({"paths": [str(path) for path in written]})
    else:
        for path in written:
            console.say(_("written: {path}").format(path=path))
    return 0
