"""Curves into a file; its suffix says as what."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from pipeline.files import write_bytes
from pipeline.problems import Problem
from pipeline.training.plot.curves import Across, Curves

Writer = Callable[[Sequence[Curves], Across], bytes]


def write(path: Path, runs: Sequence[Curves], across: Across = "epochs") -> None:
    """Writes the curves of trainings as a picture or a table; the file appears whole.

    Args:
        path: ends in .png, .svg or .csv.
        runs: at least one.
        across: what a picture's curves run over; a table has both.

    Raises:
        Problem: `plot.suffix`.
        OSError: the file cannot be written.
    """
    write_bytes(path, writer(path)(runs, across))


def writer(path: Path) -> Writer:
    """Returns what makes a file of the kind that a path's suffix says.

    Raises:
        Problem: `plot.suffix`.
    """
    kinds: Mapping[str, Writer] = {".png": _png, ".svg": _svg, ".csv": _csv}
    try:
        return kinds[path.suffix.lower()]
    except KeyError:
        raise Problem("plot.suffix", path=str(path)) from None


def _png(runs: Sequence[Curves], across: Across) -> bytes:
    from pipeline.training.plot.chart import chart
    from pipeline.training.plot.png import png

    return png(chart(runs, across))


def _svg(runs: Sequence[Curves], across: Across) -> bytes:
    from pipeline.training.plot.chart import chart
    from pipeline.training.plot.svg import svg

    return svg(chart(runs, across)).encode("utf-8", "replace")


def _csv(runs: Sequence[Curves], _across: Across) -> bytes:
    """Returns a row an epoch: run, epoch counted from 1, step, minutes, and its metrics by name."""
    names = dict.fromkeys(key for curves in runs for metric in curves.epochs
                          for key in metric.values)  # fmt: skip
    table = io.StringIO()
    rows = csv.writer(table, lineterminator="\n")
    rows.writerow(["run", "epoch", "step", "minutes", *names])
    for curves in runs:
        for metric, minutes in zip(curves.epochs, curves.minutes, strict=True):
            values = [metric.values.get(name) for name in names]
            rows.writerow([curves.name, metric.epoch + 1, metric.step, round(minutes, 3), *values])
    return table.getvalue().encode("utf-8", "surrogateescape")
