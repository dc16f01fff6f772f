"""A chart as rows of cells: plotext draws axes and lines, the marks on them are set here."""

from __future__ import annotations

import math
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from rich.cells import cell_len
from textual.geometry import Region

from hanzi_tui.widgets.axes import Axis, x_axis, y_axis
from hanzi_tui.widgets.chart import Chart, Floats, Indices, Series, Trace, cells, trace

Cell = tuple[str, str]  # a character and its style; the right half of a wide character is ""
STYLES = ("axis", "title", "raw", "best", "cursor", "train", "validation",
          "other1", "other2", "other3", "other4", "other5", "other6")  # fmt: skip
OTHERS = 6
LETTERS = "abcdefghijklmnopqrstuvwxyz"
LETTER_EVERY_COLUMNS = 16
LABEL_COLUMNS = 5
AXIS_ROWS = 2
ASCII_AXES = str.maketrans("│┤└┬─", "|++--")
COLOR_CODE = re.compile(r"\x1b\[([0-9;]*)m")
PLOTEXT = threading.Lock()  # plotext draws on one figure of the whole process


@dataclass(frozen=True)
class Look:
    """How a series is told from others: by colour, by texture and by its sign in the legend."""

    style: str
    marker: str
    sign: str


@dataclass(frozen=True)
class Drawing:
    """A chart drawn: its cells, and by column the x of a point that stands there."""

    rows: list[list[Cell]]
    left: int
    x_range: tuple[float, float]
    stops: Mapping[int, float]

    @property
    def size(self) -> tuple[int, int]:
        return len(self.rows[0]), len(self.rows)

    def with_cursor(self, cursor: float | None, line: str) -> list[list[Cell]]:
        """Returns the rows with a vertical line at x `cursor`, under curves and marks."""
        rows = [row.copy() for row in self.rows]
        low, high = self.x_range
        if cursor is not None and low <= cursor <= high:
            columns = self.size[0] - self.left
            at = self.left + int(cells(np.array(cursor), low, high, columns))
            for row in rows[:-AXIS_ROWS]:
                row[at] = (line if row[at][1] in ("axis", "raw") else row[at][0], "cursor")
        return rows


def best_sign(ascii_only: bool) -> str:
    return "B" if ascii_only else "◆"


def looks(chart: Chart, ascii_only: bool) -> list[Look]:
    """Returns the look of each series; every "other" has the next colour and letter."""
    found: list[Look] = []
    others = 0
    for series in chart.series:
        if series.role == "other":
            letter = LETTERS[others % len(LETTERS)]
            style = f"other{others % OTHERS + 1}"
            found.append(Look(style, letter if ascii_only else "braille", letter))
            others += 1
        elif series.role == "train":
            found.append(Look("train", "*", "*") if ascii_only else Look("train", "braille", "⠒⠒"))
        else:
            marker, sign = ("o", "o") if ascii_only else ("hd", "▞▞")
            found.append(Look("validation", marker, sign))
    return found


def draw(
    chart: Chart, width: int, height: int, *, view: tuple[float, float] | None = None,
    log: bool = False, smoothing: float = 0.0, ascii_only: bool = False,
) -> Drawing:  # fmt: skip
    """Draws a chart on `width` by `height` cells, axes included.

    Args:
        view: the x range shown, None for all of it.
        log: whether y is on a log scale; values that are not positive are gaps then.
        smoothing: weight in [0, 1) for series of scope "step"; their raw values become a band.
        ascii_only: whether only ASCII is drawn.
    """
    low, high = view or chart.extent
    rows, named = height - AXIS_ROWS, cell_len(chart.x_label)
    left = max(LABEL_COLUMNS, named) + 1
    while True:
        columns = width - left
        traces = [trace(series, low, high, columns, smoothing) for series in chart.series]
        traces = [_log_scaled(reduced) for reduced in traces] if log else traces
        y = y_axis(traces, rows, log)
        needed = max(map(len, y.labels)) + 1
        if needed <= left:
            break
        left = needed
    x = x_axis(low, high, columns)
    lines = list(zip(chart.series, looks(chart, ascii_only), traces, strict=True))
    grid = _Grid(_plotted(lines, x, y, (width, height), left), left, rows, y)
    if ascii_only:
        grid.rows = [[(char.translate(ASCII_AXES), s) for char, s in row] for row in grid.rows]
    # Before the numbers, where nothing else stands: at the end of the axis it would cover a tick.
    name = [(part, "axis") for char in chart.x_label for part in (char, "")[: cell_len(char)]]
    grid.rows[-1][left - 1 - named : left - 1] = name
    stops: dict[int, float] = {}
    for number, (series, look, reduced) in enumerate(lines):
        if smoothing and series.scope == "step":
            grid.fill(reduced, "." if ascii_only else "⠂", "raw")
        if look.sign in LETTERS:
            known = np.isfinite(reduced.ys)
            at = cells(reduced.xs[known], low, high, columns)
            grid.letter(at, reduced.ys[known], look, 5 * number)
        found = dict(zip(reduced.columns.tolist(), reduced.lasts.tolist(), strict=True))
        # Where both are, reading off means the epoch, not the step next to it.
        stops = stops | found if series.scope == "epoch" else found | stops
    if chart.best_point and low <= chart.best_point[0] <= high:
        best_x, best_y = chart.best_point
        value = best_y if not log else math.log10(best_y) if best_y > 0 else -math.inf
        column = int(cells(np.array(best_x), low, high, columns))
        grid.put(column, value, best_sign(ascii_only), "best")
    return Drawing(grid.rows, left, (low, high), stops)


class _Grid:
    """The cells of a plot; marks are put by column of the canvas and value."""

    def __init__(self, cells_of_rows: list[list[Cell]], left: int, height: int, y: Axis) -> None:
        self.rows = cells_of_rows
        self._left, self._height, self._y = left, height, y

    def _row(self, values: Floats) -> Indices:
        return self._height - 1 - cells(values, self._y.low, self._y.high, self._height)

    def put(self, column: int, value: float, char: str, style: str) -> None:
        if not math.isfinite(value):
            return
        row = int(self._row(np.array(value)))
        if 0 <= row < self._height:
            self.rows[row][self._left + column] = (char, style)

    def fill(self, reduced: Trace, char: str, style: str) -> None:
        """Fills what is blank between the extremes of each column."""
        known = np.isfinite(reduced.lows) & np.isfinite(reduced.highs)
        bottoms, tops = self._row(reduced.lows[known]), self._row(reduced.highs[known])
        columns = reduced.columns[known] + self._left
        for column, top, bottom in np.column_stack([columns, tops, bottoms]).tolist():
            for row in range(max(0, top), min(self._height, bottom + 1)):
                if self.rows[row][column][0] == " ":
                    self.rows[row][column] = (char, style)

    def letter(self, columns: Indices, values: Floats, look: Look, offset: int) -> None:
        """Sets the sign of a series on its line, again and again and at its end."""
        following, last = offset, len(columns) - 1
        for number, column in enumerate(columns.tolist()):
            if column >= following or number == last:
                self.put(column, float(values[number]), look.sign, look.style)
                following = column + LETTER_EVERY_COLUMNS


def _plotted(
    lines: Sequence[tuple[Series, Look, Trace]], x: Axis, y: Axis, size: tuple[int, int], left: int
) -> list[list[Cell]]:  # fmt: skip
    """Lets plotext draw axes and lines; its colours are the places of our styles in `STYLES`."""
    import plotext

    with PLOTEXT:
        plotext.clear_figure()
        plotext.limit_size(False, False)
        plotext.plot_size(*size)
        plotext.theme("clear")
        plotext.xaxes(True, False)
        plotext.yaxes(True, False)
        plotext.xlim(x.low, x.high)
        plotext.ylim(y.low, y.high)
        plotext.xticks(x.ticks, x.labels)
        plotext.yticks(y.ticks, [label.rjust(left - 1) for label in y.labels])
        for _series, look, reduced in lines:
            if len(reduced.xs):
                marker = look.sign[0] if len(reduced.xs) == 1 else look.marker
                color = STYLES.index(look.style)
                plotext.plot(reduced.xs.tolist(), reduced.ys.tolist(), marker=marker, color=color)
        canvas = plotext.build()
    return [_cells(row) for row in canvas.splitlines()]


def _cells(row: str) -> list[Cell]:
    found: list[Cell] = []
    style = "axis"
    for number, part in enumerate(COLOR_CODE.split(row)):
        if number % 2:
            style = STYLES[int(part[5:])] if part.startswith("38;5;") else "axis"
        else:
            found += [(char, style) for char in part]
    return found


def _log_scaled(reduced: Trace) -> Trace:
    with np.errstate(divide="ignore", invalid="ignore"):
        scaled = [np.log10(values) for values in (reduced.ys, reduced.lows, reduced.highs)]
    ys, lows, highs = (np.where(np.isfinite(values), values, np.nan) for values in scaled)
    return replace(reduced, ys=ys, lows=lows, highs=highs)


def differences(before: Sequence[list[Cell]], after: Sequence[list[Cell]]) -> Iterator[Region]:
    """Yields the span of each row in which two drawings of one size differ."""
    for y, (old, new) in enumerate(zip(before, after, strict=True)):
        if old != new:
            changed = [x for x, pair in enumerate(zip(old, new, strict=True)) if pair[0] != pair[1]]
            first, end = changed[0], changed[-1] + 1
            # Never half a wide character.
            while first and "" in (old[first][0], new[first][0]):
                first -= 1
            while end < len(new) and "" in (old[end][0], new[end][0]):
                end += 1
            yield Region(first, y, end - first, 1)


def runs(row: Sequence[Cell]) -> Iterator[tuple[str, str]]:
    """Yields texts and their styles; a blank goes along with the curve that precedes it."""
    text, style = "", row[0][1] if row else ""
    for char, own in row:
        if own != style and (char.strip() or style == "title"):
            yield text, style
            text, style = "", own
        text += char
    yield text, style
