"""`hanzi-tui status`: what is running, and what there is."""

from __future__ import annotations

from hanzi_tui.commands import console
from hanzi_tui.commands.options import Common, CommonOptions, context
from hanzi_tui.i18n import _
from hanzi_tui.wording import amount, duration
from pipeline import runs
from pipeline.workspace import Workspace, names_in


def status(*, common: CommonOptions = Common()) -> int:
    """Show what is running, and the datasets and models there are."""
    given = context(common)
    found = runs.listed(given.workspace.runs)
    live = [(run, now) for run in found if (now := run.status()).live]
    if given.json:
        console.print_json({
            "workspace": str(given.workspace.root),
            "running": [run.id for run, _now in live],
            "last": found[-1].id if found else None,
            **_contents(given.workspace),
        })  # fmt: skip
        return 0
    print(_("workspace  {folder}").format(folder=given.workspace.root))
    for run, now in live:
        print(f"{given.signs.of(now)} {run.id}  {_progress(run)}")
    if not live:
        print(_("nothing is running"))
    if found and not live:
        last = found[-1]
        print(_("last run   {sign} {run}").format(sign=given.signs.of(last.status()), run=last.id))
    contents = _contents(given.workspace)
    for title, kind in ((_("datasets"), "datasets"), (_("models"), "models")):
        print(f"{title:10} {', '.join(contents[kind]) or _('none')}")
    return 0


def _contents(workspace: Workspace) -> dict[str, list[str]]:
    return {
        "datasets": names_in(workspace.datasets, "dataset.json"),
        "models": names_in(workspace.models, "bundle.json"),
    }


def _progress(run: runs.Run) -> str:
    progress = run.last_progress()
    if progress is None:
        return ""
    share = progress.done / max(progress.total, 1)
    left = f"  ETA {duration(progress.eta_s)}" if progress.eta_s else ""
    return f"{share:.0%}  {amount(progress)}{left}"
