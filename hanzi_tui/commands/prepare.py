"""`hanzi-tui prepare`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from hanzi_tui.commands import console
from hanzi_tui.commands.folder_options import NO_FOLDERS, FolderOptions, folder_export
from hanzi_tui.commands.options import Common, CommonOptions, Flag, awaited, context
from hanzi_tui.i18n import _
from pipeline.settings import AugmentSettings, DatasetSettings

DatasetFlags = Annotated[DatasetSettings, Parameter(name="*", group="Dataset")]
AugmentFlags = Annotated[AugmentSettings, Parameter(name="augment", group="Distorted copies")]


def prepare(
    source: Path,
    /,
    *,
    name: str | None = None,
    replace: Flag = False,
    after: str | None = None,
    detach: Flag = False,
    dataset: DatasetFlags = DatasetSettings(),
    folders: FolderOptions = NO_FOLDERS,
    augment: AugmentFlags = AugmentSettings(),
    common: CommonOptions = Common(),
) -> int:
    """Pack labelled images into a dataset that training reads at once.

    A source is a folder of label folders, a .zip or .tar of one, a .gnt file or a folder of
    those, or a list of paths and labels (.csv, .tsv, .txt). It is only read. Images that cannot be
    read are left out and listed with the reason.

    Args:
        source: folder, archive, .gnt file or list
        name: name of the dataset; default: the source's name without its suffix
        replace: overwrite a dataset of that name made from something else
        after: run to wait for; the job begins when that one has finished
        detach: return at once; see hanzi-tui attach
    """
    from hanzi_tui.commands import following
    from pipeline.dataset.sources import name_of
    from pipeline.jobs import PrepareJob

    given = context(common, dataset=dataset, augment=augment)
    source = source.expanduser().absolute()
    name = name or name_of(source)
    given.workspace.dataset(name)
    run = following.start(
        PrepareJob(workspace=given.workspace.root, source=source, name=name, replace=replace,
                   dataset=given.settings.dataset, after=awaited(given, after),
                   export=folder_export(folders, given.settings.augment)),
        given,
    )  # fmt: skip
    if detach:
        return following.detached(run, given.json)
    code = following.follow(run, given)
    done = run.finished()
    if code == 0 and done and not given.json:
        counts = done.summary["counts"]
        console.print_table(
            (_("dataset"), _("classes"), *counts, _("rejected")),
            [(done.summary["dataset"], str(done.summary["classes"]),
              *(str(count) for count in counts.values()), str(done.summary["rejected"]))],
            right="bcdef",
        )  # fmt: skip
        if written := done.summary.get("export"):
            console.print_table(
                (_("folder"), "train", "val", "test", _("copies")),
                [(written["path"], *(str(written[part]) for part in ("train", "val", "test")),
                  str(written["copies"]))],
                right="bcde",
            )  # fmt: skip
    return code
