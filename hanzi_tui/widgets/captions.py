"""The words round a chart: its title, legend and state above, what it reads below."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from rich.cells import cell_len

from hanzi_tui.i18n import _
from hanzi_tui.widgets.chart import Chart, smoothed
from hanzi_tui.widgets.plot import Cell, Look

Span = tuple[str, str]  # a text and its style
GAP = "  "


def text_row(spans: Iterable[Span], width: int) -> list[Cell]:
    """Returns texts one after the other as `width` cells; what cannot be printed is a blank."""
    row: list[Cell] = []
    for text, style in spans:
        for char in text:
            shown = char if char.isprintable() else " "
            columns = cell_len(shown)
            if len(row) + columns > width:
                return row + [(" ", style)] * (width - len(row))
            if columns:
                row += [(shown, style), ("", style)][:columns]
            elif row:
                row[-1] = (row[-1][0] + shown, row[-1][1])
    return row + [(" ", "axis")] * (width - len(row))


def centred_row(text: str, width: int) -> list[Cell]:
    return text_row([(" " * ((width - cell_len(text)) // 2) + text, "axis")], width)


def fitting(spans: Iterable[Span], width: int) -> Iterator[Span]:
    """Yields those texts that fit in `width`, and the first two in any case."""
    used = 0
    for number, (text, style) in enumerate(spans):
        columns = cell_len(text)
        if number < 2 or used + columns <= width:
            yield text, style
            used += columns


def flowing(entries: Iterable[Span], width: int, most_rows: int) -> list[list[Cell]]:
    """Sets texts in as many rows as they need, at most `most_rows`; says how many did not fit."""
    rows: list[list[Span]] = [[]]
    used = hidden = 0
    for text, style in entries:
        columns = cell_len(text) + len(GAP)
        if used and used + columns > width + len(GAP):
            if len(rows) == most_rows:
                hidden += 1
                continue
            rows.append([])
            used = 0
        if not hidden and text:
            rows[-1] += [(text, style), (GAP, "axis")]
            used += columns
        elif text:
            hidden += 1
    cells = [text_row(row, width) for row in rows]
    if hidden:
        more = text_row([(f" +{hidden}", "axis")], min(width, len(str(hidden)) + 2))
        cells[-1][width - len(more) :] = more
    return cells


def heading(
    chart: Chart, drawn: Iterable[Look], view: tuple[float, float] | None, log: bool,
    smoothing: float,
) -> Iterator[Span]:  # fmt: skip
    """Yields the title, the legend, and what is special about the drawing."""
    yield chart.title, "title"
    for series, look in zip(chart.series, drawn, strict=True):
        yield f"{look.sign} {series.name}", look.style
    if log:
        yield _("log scale"), "axis"
    if smoothing and any(series.scope == "step" for series in chart.series):
        yield _("smoothed {weight:g}").format(weight=smoothing), "axis"
    if view:
        yield _("{low:.4g} to {high:.4g}").format(low=view[0], high=view[1]), "cursor"


def reading(
    chart: Chart, drawn: Iterable[Look], cursor: float | None, near: float, smoothing: float,
    best_sign: str,
) -> Iterator[Span]:  # fmt: skip
    """Yields what the series measured at the cursor, or last and at best without one.

    A value after "~" is smoothed.
    """
    if not any(len(series.points[0]) for series in chart.series):
        return
    yield ((_("now"), "axis") if cursor is None else (f"{chart.x_label} {cursor:.5g}", "cursor"))
    last: dict[str, float] = {}
    for number, (series, look) in enumerate(zip(chart.series, drawn, strict=True)):
        xs, ys, _gaps = series.points
        at = len(xs) - 1 if cursor is None else chart.nearest(number, cursor, near)
        if at is None or at < 0:
            continue
        value = f"{ys[at]:.4g}"
        if smoothing and series.scope == "step":
            smooth = float(smoothed(ys, smoothing, np.array([at]))[0])
            value = f"~{smooth:.4g}" if cursor is None else f"{value} ~{smooth:.4g}"
            last[series.role] = smooth
        else:
            last[series.role] = float(ys[at])
        yield f"{GAP}{series.name} {value}", look.style
    if cursor is None and chart.best_point:
        x, y = chart.best_point
        best = _("best {value:.4g} @ {x:g}").format(value=y, x=x)
        yield f"{GAP}{best_sign} {best}", "best"
    if cursor is None and {"train", "validation"} <= last.keys():
        gap = abs(last["train"] - last["validation"])
        yield GAP + _("gap {value:.2g}").format(value=gap), "axis"
