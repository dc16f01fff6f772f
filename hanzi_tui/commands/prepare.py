"""`hanzi-tui prepare`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from hanzi_tui.commands import console
from hanzi_tui.commands.options import Common, CommonOptions, Flag, awaited, context
from hanzi_tui.i18n import _
from pipeline.settings import DatasetSettings

DatasetFlags = Annotated[DatasetSettings, Parameter(name="*", group="Dataset")]


def prepare(
    source: Path,
    /,
    *,
    name: str | None = None,
    replace: Flag = False,
    after: str | None = None,
    detach: Flag = False,
    dataset: DatasetFlags = DatasetSettings(),
    common: CommonOptions = Common(),
) -> int:
    """Pack a folder of label folders into a dataset that training reads at once.

    The source is only read. Images that cannot be read are left out and listed with the reason.

    Args:
        source: folder holding one folder a class, named by its label
        name: name of the dataset; default: the source folder's name
        replace: overwrite a dataset of that name made from something else
        after: run to wait for; the job begins when that one has finished
        detach: return at once; see hanzi-tui attach
    """
    from hanzi_tui.commands import following
    from pipeline.jobs import PrepareJob

    given = context(common, dataset=dataset)
    source = source.expanduser().absolute()
    name = name or source.name
    given.workspace.dataset(name)
    run = following.start(
        PrepareJob(workspace=given.workspace.root, source=source, name=name, replace=replace,
                   dataset=given.settings.dataset, after=awaited(given, after))
    )  # fmt: skip
    if detach:
        return following.detached(run, given.json)
    code = following.follow(run, given.signs, given.json)
    done = run.finished()
    if code == 0 and done and not given.json:
        counts = done.summary["counts"]
        console.print_table(
            (_("dataset"), _("classes"), *counts, _("rejected")),
            [(done.summary["dataset"], str(done.summary["classes"]),
              *(str(count) for count in counts.values()), str(done.summary["rejected"]))],
            right="bcdef",
        )  # fmt: skip
    return code
