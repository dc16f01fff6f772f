"""One picture of a heatmap: what stands on each line, from the upper axis to the reading."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from textual.strip import Strip

from hanzi_tui.i18n import _
from hanzi_tui.widgets.heatmap_ink import CURSOR, PAPER, SHADES, Ink, Mark, Shades, centred
from hanzi_tui.widgets.heatmap_window import (
    CLOSE,
    WIDEST_LABEL,
    Blocks,
    Frame,
    Integers,
    Mode,
    View,
)

TICKS = 10
TICK_COLUMNS = 8
ENDS = ".."


@dataclass(frozen=True)
class Room:
    """How the lines and columns of the widget are shared out.

    Args:
        width, height: of the widget.
        longest: columns of the longest label.
        number: columns of the highest count.
    """

    width: int
    height: int
    longest: int
    number: int

    @property
    def gutter(self) -> int:
        """Columns of the labels at the left and the space behind them."""
        wanted = min(self.longest, max(2, self.width // 5)) + 1
        return wanted if self.width >= wanted + WIDEST_LABEL else 0

    @property
    def header(self) -> int:
        return int(self.height >= 4)

    @property
    def legend(self) -> int:
        return int(self.height >= 8)

    @property
    def lines(self) -> int:
        return max(1, self.height - self.header - self.legend - int(self.height >= 3))

    def frame(self, halves: bool) -> Frame:
        label = 2 if self.longest <= 2 else min(WIDEST_LABEL, self.longest + 1)
        return Frame(max(1, self.width - self.gutter), self.lines, label, self.number, halves)


@dataclass(frozen=True, eq=False)
class Picture:
    """Everything that is drawn.

    Args:
        names: labels by place, without control characters; the last is that of other answers.
        top, left: first row and column of cells in sight.
        row, column: cell of the cursor, in the whole matrix.
        reading: the sentence below the matrix.
    """

    room: Room
    names: Sequence[str]
    view: View
    blocks: Blocks
    mode: Mode
    diagonal: bool
    top: int
    left: int
    row: int
    column: int
    reading: str

    def line(self, y: int, ink: Ink) -> Strip:
        """Draws line `y` of the widget."""
        room, width = self.room, self.room.width
        if room.header and y == 0:
            segments = self._columns(ink)
        elif 0 <= y - room.header < self.view.lines:
            segments = self._row(y - room.header, ink)
        elif y == self._foot:
            segments = [Segment(set_cell_size(self.reading, width), ink.paper)]
        elif room.legend and y == self._foot + 1:
            segments = self._legend(ink)
        else:
            segments = []
        return Strip(segments).adjust_cell_length(width, ink.paper)

    @property
    def _foot(self) -> int:
        """The line of the reading: below the matrix, a blank one between where there is room."""
        below = self.room.header + self.view.lines
        return below + (self.room.lines > self.view.lines)

    @property
    def cursor_lines(self) -> set[int]:
        """The lines that change when the cursor comes or goes."""
        first = self.room.header + self.view.line_of(self.row - self.top)
        return {0, *range(first, first + self.view.tall), self._foot}

    def moved_only(self, before: Picture) -> bool:
        """Whether nothing but the cursor changed."""
        return all(
            getattr(self, name) == getattr(before, name)
            for name in ("room", "view", "mode", "diagonal", "top", "left")
        ) and (self.blocks is before.blocks and self.names is before.names)

    @property
    def cursor_share(self) -> tuple[float, float]:
        """Where in the room for cells the cursor is, as shares of its lines and columns."""
        line = self.view.line_of(self.row - self.top)
        column = (self.column - self.left) * self.view.cell
        return line / self.room.lines, column / max(1, self.room.width - self.room.gutter)

    def cell_at(self, x: int, y: int) -> tuple[int, int] | None:
        """Returns row and column of the cell drawn at a place, the fuller one of two halves."""
        view = self.view
        column, row = (x - self.room.gutter) // view.cell, view.row_at(y - self.room.header)
        if not (0 <= column < view.columns and 0 <= row < view.rows):
            return None
        halves = self._counts[row : min(row + view.per_line, view.rows), column]
        return self.top + row + int(halves.argmax()), self.left + column

    @cached_property
    def _counts(self) -> Integers:
        return self.blocks.window(self.top, self.left, self.view.rows, self.view.columns)

    @cached_property
    def _shades(self) -> Shades:
        peak, _written = self.blocks.peak(self.mode)
        shades = self.blocks.shades(self.mode, self._counts, self.top, SHADES, peak)
        shades[self.row - self.top, self.column - self.left] = CURSOR
        return shades

    def _columns(self, ink: Ink) -> list[Segment]:
        view, gutter, close = self.view, self.room.gutter, self.view.zoom == CLOSE
        each = close or self._labels_fit
        every = 1 if each else math.ceil(view.columns / TICKS)
        cursor = self.column - self.left
        marks = []
        for at in [cursor, *range(0, view.columns, every)]:
            label = self.names[(self.left + at) * view.block]
            width = view.cell - (view.cell > 2) if each else TICK_COLUMNS
            text = cut(label, width)
            text = centred(text, view.cell) if each else text + " "
            marks.append(Mark(gutter + at * view.cell, text, at == cursor))
        return ink.axis(marks, self.room.width)

    @property
    def _labels_fit(self) -> bool:
        """Whether every single class in sight can be named above its column."""
        return self.view.block == 1 and self.room.longest <= self.view.cell

    def _row(self, line: int, ink: Ink) -> list[Segment]:
        view, first = self.view, self.view.row_at(line)
        middle = line - view.line_of(first) == (view.tall - 1) // 2
        label = (
            self._row_label(first, ink) if middle else [Segment(" " * self.room.gutter, ink.paper)]
        )
        upper = self._shades[first]
        if view.per_line == 2:
            odd = first + 1 == view.rows
            lower = np.full_like(upper, PAPER) if odd else self._shades[first + 1]
            return label + ink.half_line(upper, lower, view.cell)
        if view.zoom != CLOSE:
            return label + ink.line(upper, None, view.cell)
        return label + ink.line(upper, self._numbers(first) if middle else [""] * len(upper),
                                view.cell)  # fmt: skip

    def _row_label(self, first: int, ink: Ink) -> list[Segment]:
        """Names the cursor's row, else the first one of a line that has a tick."""
        view, width = self.view, self.room.gutter - 1
        here = range(first, min(first + view.per_line, view.rows))
        every = 1 if view.block == 1 else math.ceil(view.rows / TICKS)
        cursor = self.row - self.top
        named = [cursor] if cursor in here else [at for at in here if at % every == 0]
        if width < 1 or not named:
            return [Segment(" " * self.room.gutter, ink.paper)]
        at = named[0]
        text = cut(self.names[(self.top + at) * view.block], width)
        style = ink.chosen if at == cursor else ink.label
        return [Segment(" " * (width - cell_len(text)) + text + " ", style)]

    def _numbers(self, row: int) -> list[str]:
        counts = self._counts[row]
        if self.mode is Mode.SHARES:
            images = max(1, int(self.blocks.images[self.top + row]))
            return [f"{100 * n / images:.0f}" if n else "" for n in counts.tolist()]
        return [str(n) if n else "" for n in counts.tolist()]

    def _legend(self, ink: Ink) -> list[Segment]:
        _value, high = self.blocks.peak(self.mode)
        share = self.mode is Mode.SHARES
        name = {
            Mode.COUNTS: _("images"),
            Mode.SHARES: _("share of the row"),
            Mode.LOG: _("images, log"),
        }[self.mode]
        top = f"{100 * high:.3g} %" if share else f"{high:,.0f}"
        notes = []
        if self.view.block > 1:
            notes.append(_("{count} classes a cell").format(count=self.view.block))
        if not self.diagonal:
            notes.append(_("diagonal hidden"))
        label, each = ink.label, 2 if self.room.width >= 60 else 1
        densities = self.view.zoom != CLOSE and self.view.per_line == 1
        return [
            Segment(f"{name}  0 ", label),
            *ink.ramp(each, densities),
            Segment(f" {top}  {'  '.join(notes)}", label),
        ]


def cut(text: str, width: int) -> str:
    """Returns `text` in at most `width` columns."""
    if cell_len(text) <= width:
        return text
    if width <= 2 * len(ENDS):
        return set_cell_size(text, max(0, width)).rstrip()
    return set_cell_size(text, width - len(ENDS)).rstrip() + ENDS
