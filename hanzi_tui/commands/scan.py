"""`hanzi-tui scan`: what a source holds and what is wrong with it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from hanzi_tui.commands import console
from hanzi_tui.commands.options import Common, CommonOptions, Flag, context
from hanzi_tui.i18n import _
from hanzi_tui.scan_report import scan_lines
from pipeline.settings import DatasetSettings


def scan(
    source: Path,
    /,
    *,
    quick: Flag = False,
    kind: Literal["glyph", "photo"] | None = None,
    group: str | None = None,
    common: CommonOptions = Common(),
) -> int:
    """Look at every image of a source before anything is made of it.

    Counts classes, sizes and polarities; finds unreadable and blank images, exact and near copies,
    and pictures under two labels. The source is only read, and nothing is written. Other settings
    are those of [dataset].

    Args:
        source: folder, archive, .gnt file or list
        quick: count only, open no image
        kind: glyph: ink on paper; photo: kept as it is
        group: regular expression that finds the writer, the master or the track in a path
    """
    from pipeline.dataset.groups import compiled
    from pipeline.dataset.scan import quick_scan
    from pipeline.dataset.scan import scan as full_scan
    from pipeline.dataset.sources import open_source
    from pipeline.dataset.sources.limits import MEGABYTE, Limits

    typed = {"kind": kind, "group": group and compiled(group).pattern}
    typed = {key: value for key, value in typed.items() if value is not None}
    given = context(common, dataset=DatasetSettings.model_validate(typed))
    settings = given.settings.dataset
    limits = Limits(settings.max_file_mb * MEGABYTE, settings.max_pixels)
    label_file = Path(settings.label_file) if settings.label_file else None
    opened = open_source(source.expanduser().absolute(), limits, label_file)
    if quick:
        found = quick_scan(opened, settings.group)
    else:
        with _counting(_("looking")) as progress:
            found = full_scan(
                opened, settings.kind, settings.max_pixels, group=settings.group,
                processes=settings.processes, distance=settings.near_duplicates, progress=progress,
            )  # fmt: skip
    if given.json:
        console.print_json(found.to_dict())
    else:
        for line in scan_lines(found, given.signs):
            print(line)
    return 0


@contextmanager
def _counting(text: str) -> Iterator[Callable[[int, int], None] | None]:
    """Shows on stderr how many images are done, where that is a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True, auto_refresh=False) as bar:
        task = bar.add_task(text, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total, refresh=True)
