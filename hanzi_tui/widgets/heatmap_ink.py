"""How a line of a heatmap is drawn: shades, densities, labels on the axes and the legend."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

import numpy as np
from numpy.typing import NDArray
from rich.cells import cell_len, set_cell_size
from rich.color import Color
from rich.segment import Segment
from rich.style import Style

Shades = NDArray[np.uint8]

# Cividis, legible to colour-blind eyes (Nunez, Anderton and Renslow, PLOS ONE 13(7), 2018,
# e0199239), each step moved to a near colour of the xterm palette so that 256 colours keep it;
# CIE lightness rises from 38 to 97 on dark paper and falls from 84 to 9 on light.
ON_DARK = ("#005f87", "#5f5f87", "#767676", "#878787", "#afaf87", "#d7d75f", "#ffff5f")
ON_LIGHT = ("#d7d75f", "#afaf87", "#878787", "#767676", "#5f5f87", "#005f87", "#00005f")
DENSITIES = " .:-=+*#"
SHADES = len(ON_DARK)
CURSOR, PAPER = SHADES + 1, SHADES + 2
UPPER_HALF, LOWER_HALF = "▀", "▄"


@dataclass(frozen=True)
class Mark:
    """A label on the upper axis, from column `at` on; `chosen` is that of the cursor."""

    at: int
    text: str
    chosen: bool = False


class Ink:
    """Draws lines.

    Args:
        paper: style beside the matrix.
        sheet: of its empty cells.
        label, chosen: of text on the axes, and on the cursor's row and column.
        cursor: of the cursor's cell.
        dark: the paper is.
        colours: without them densities tell the shades.
    """

    def __init__(
        self,
        paper: Style,
        sheet: Style,
        label: Style,
        chosen: Style,
        cursor: Style,
        *,
        dark: bool,
        colours: bool,
    ) -> None:
        self.paper, self.label, self.chosen = paper, label, chosen
        self._colours = colours
        ramp = [Color.parse(name) for name in (ON_DARK if dark else ON_LIGHT)]
        text = [Style(color=_readable(colour), bgcolor=colour) for colour in ramp]
        plain = Style(bold=True)
        self._cells = (
            [sheet, *text, cursor]
            if colours
            else [plain] * CURSOR + [Style(bold=True, reverse=True)]
        )
        fills = [sheet.bgcolor, *ramp, cursor.bgcolor, paper.bgcolor]
        self._halves = {
            (upper, lower): _half(upper, lower, fills)
            for upper in range(PAPER)
            for lower in range(PAPER + 1)
        }

    def half_line(self, upper: Shades, lower: Shades, cell: int) -> list[Segment]:
        """Draws two rows of cells, uint8 `[cells]` each, in one line."""
        changes = np.flatnonzero((np.diff(upper) != 0) | (np.diff(lower) != 0)) + 1
        edges = [0, *changes.tolist(), len(upper)]
        segments = []
        for begin, end in pairwise(edges):
            character, style = self._halves[int(upper[begin]), int(lower[begin])]
            segments.append(Segment(character * ((end - begin) * cell), style))
        return segments

    def line(self, shades: Shades, texts: Sequence[str] | None, cell: int) -> list[Segment]:
        """Draws a row of cells with `texts` in them, or densities where there are none."""
        levels = shades.tolist()
        if texts is None:
            texts = [self._density(level) for level in levels]
        drawn = zip(levels, (centred(text, cell) for text in texts), strict=True)
        return [
            Segment("".join(text for _level, text in run), self._cells[level])
            for level, run in groupby(drawn, key=lambda pair: pair[0])
        ]

    def _density(self, level: int) -> str:
        return "[]" if level == CURSOR else DENSITIES[level] * 2

    def ramp(self, each: int, densities: bool) -> list[Segment]:
        """Draws the shades from low to high, `each` columns wide, as colours or densities."""
        signs = DENSITIES if densities or not self._colours else " " * len(DENSITIES)
        return [Segment(signs[level] * each, self._cells[level]) for level in range(1, SHADES + 1)]

    def axis(self, marks: Iterable[Mark], width: int) -> list[Segment]:
        """Writes labels; one that would cover part of an earlier one is left out."""
        kept: list[Mark] = []
        for mark in marks:
            at = max(0, min(mark.at, width - cell_len(mark.text)))
            end = at + cell_len(mark.text)
            if all(end <= k.at or at >= k.at + cell_len(k.text) for k in kept):
                kept.append(Mark(at, mark.text, mark.chosen))
        segments, column = [], 0
        for mark in sorted(kept, key=lambda mark: mark.at):
            style = self.chosen if mark.chosen else self.label
            segments += [Segment(" " * (mark.at - column), self.paper), Segment(mark.text, style)]
            column = mark.at + cell_len(mark.text)
        return segments


def centred(text: str, width: int) -> str:
    """Returns `text` in the middle of `width` columns, rather at the right than at the left.

    Pluses stand for a number that has no room.
    """
    gap = width - cell_len(text)
    if gap < 0:
        return "+" * width if text.isdigit() else set_cell_size(text, width)
    return " " * (gap - gap // 2) + text + " " * (gap // 2)


def _half(upper: int, lower: int, fills: list[Color | None]) -> tuple[str, Style]:
    # An empty cell may have the terminal's own background, which no foreground can draw.
    if upper == lower or (upper, lower) == (0, PAPER):
        return " ", Style(bgcolor=fills[upper])
    if upper == 0:
        return LOWER_HALF, Style(color=fills[lower], bgcolor=fills[0])
    return UPPER_HALF, Style(color=fills[upper], bgcolor=fills[lower])


def _readable(fill: Color) -> str:
    red, green, blue = fill.get_truecolor()
    return "black" if 0.299 * red + 0.587 * green + 0.114 * blue > 115 else "white"
