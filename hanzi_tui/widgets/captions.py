"""The words round a chart: its title, legend and state above, what it reads below."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from rich.cells import cell_len

from hanzi_tui.i18n import _
from hanzi_tui.widgets.chart import Chart, smoothed
from hanzi_tui.widgets.plot import Cell, Look
from hanzi_tui.wording import measured

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
    smoothing: float, width: int,
) -> list[Span]:  # fmt: skip
    """Returns title, legend, and what is special about the drawing, in few words if need be.

    A weight after "~" is that of the smoothing.
    """
    legend = [(f"{look.sign} {series.name}", look.style)
              for series, look in zip(chart.series, drawn, strict=True)]  # fmt: skip
    words, few = [], []
    if log:
        words.append((_("log scale"), "axis"))
        few.append((_("log"), "axis"))
    if smoothing and any(series.scope == "step" for series in chart.series):
        words.append((_("smoothed {weight:g}").format(weight=smoothing), "axis"))
        few.append((f"~{smoothing:g}", "axis"))
    if view:
        shown = (_("{low:.4g} to {high:.4g}").format(low=view[0], high=view[1]), "cursor")
        words.append(shown)
        few.append(shown)
    told = [(chart.title, "title"), *legend]
    columns = sum(cell_len(text) + len(GAP) for text, _style in [*told, *words])
    return [*told, *(words if columns <= width + len(GAP) else few)]


def reading(
    chart: Chart, drawn: Iterable[Look], cursor: float | None, near: float, smoothing: float,
    best_sign: str, width: int,
) -> list[Span]:  # fmt: skip
    """Returns what the series measured at the cursor, or last and at best without one.

    A value after "~" is smoothed. What does not fit is left out from the end on.
    """
    values = list(_values(chart, drawn, cursor, near, smoothing, best_sign))
    if not values:
        return []
    if cursor is not None:
        return _fitting([(f"{chart.x_label} {cursor:.5g}", "cursor"), *values], width)
    # A value may need what "now" takes.
    now = (_("now"), "axis")
    return max(_fitting(values, width), _fitting([now, *values], width), key=len)


def _fitting(spans: Sequence[Span], width: int) -> list[Span]:
    """Returns as many texts as fit in `width`, with gaps between them, and two in any case."""
    fitting: list[Span] = []
    used = 0
    for number, (text, style) in enumerate(spans):
        shown = f"{GAP}{text}" if number else text
        used += cell_len(shown)
        if number > 1 and used > width:
            break
        fitting.append((shown, style))
    return fitting


def _values(
    chart: Chart, drawn: Iterable[Look], cursor: float | None, near: float, smoothing: float,
    best_sign: str,
) -> Iterator[Span]:  # fmt: skip
    """Yields a text for each value of which `reading` tells."""
    last: dict[str, float] = {}
    for number, (series, look) in enumerate(zip(chart.series, drawn, strict=True)):
        xs, ys, _gaps = series.points
        at = len(xs) - 1 if cursor is None else chart.nearest(number, cursor, near)
        if at is None or at < 0:
            continue
        value = measured(float(ys[at]))
        if smoothing and series.scope == "step":
            smooth = float(smoothed(ys, smoothing, np.array([at]))[0])
            value = f"~{measured(smooth)}" if cursor is None else f"{value} ~{measured(smooth)}"
            last[series.role] = smooth
        else:
            last[series.role] = float(ys[at])
        yield f"{series.name} {value}", look.style
    if cursor is None and chart.best_point:
        x, y = chart.best_point
        best = _("best {value} @ {x:g}").format(value=measured(y), x=x)
        yield f"{best_sign} {best}", "best"
    if cursor is None and {"train", "validation"} <= last.keys():
        gap = abs(last["train"] - last["validation"])
        yield _("gap {value:.4f}").format(value=gap), "axis"
