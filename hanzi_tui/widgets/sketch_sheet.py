"""A sheet of cells with the guide lines of a copybook, and the ink on it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.geometry import Region, Size
from textual.strip import Strip

from hanzi_tui.strokes import Place, Point, Stroke, draw, press
from hanzi_tui.widgets.raster import SHADES, half_blocks

DASH_PX = 2
LEAST_INK = 0.3
"""The share of a cell that makes it inked where there are no half blocks."""


class Sheet:
    """Pixels as wide as a cell and half as high; the paper is the largest square among them.

    Args:
        size: in cells.
    """

    def __init__(self, size: Size) -> None:
        self.size = size
        width_px, height_px = size.width, 2 * size.height
        side_px = max(1, min(width_px, height_px))
        self.place = Place(side_px, (width_px - side_px) // 2, (height_px - side_px) // 2)
        """Where the paper lies among the pixels."""
        self._ink = np.zeros((height_px, width_px), np.float32)
        self._guides = np.zeros((height_px, width_px), bool)
        top, left = int(self.place.top_px), int(self.place.left_px)
        square = self._guides[top : top + side_px, left : left + side_px]
        square[:] = _guides(side_px)[: square.shape[0], : square.shape[1]]

    def draw(self, strokes: Sequence[Stroke]) -> None:
        """Puts strokes on the sheet."""
        draw(self._ink, strokes, self.place)

    def lengthen(self, stroke: Stroke) -> Region:
        """Puts the last step of a stroke on the sheet; returns the cells that may have changed."""
        start, end = (self.place.of(at) for at in (stroke.points[-2:] * 2)[-2:])
        rows, columns = press(self._ink, start, end, stroke.width * self.place.side_px)
        top = rows.start // 2
        return Region(columns.start, top, columns.stop - columns.start, -(-rows.stop // 2) - top)

    def cell(self, point: Point) -> tuple[int, int]:
        """Returns column and row of a point of the paper."""
        x, y = self.place.of(point)
        return min(int(x), self.size.width - 1), min(int(y) // 2, self.size.height - 1)

    def in_half_blocks(self, y: int, ink: Color, paper: Color, guides: Color) -> Strip:
        """Returns a row of cells in colours."""
        share, lines = self._ink[2 * y : 2 * y + 2], self._guides[2 * y : 2 * y + 2]
        shares = np.round(share * (SHADES - 1))[:, :, None] / (SHADES - 1)
        empty = np.where(lines[:, :, None], np.array(guides.rgb), np.array(paper.rgb))
        pixels = np.asarray(shares * np.array(ink.rgb) + (1 - shares) * empty, np.uint8)
        return half_blocks(pixels, self.size.width, 1)[0]

    def in_characters(self, y: int, ink: Style, guides: Style) -> Strip:
        """Returns a row of cells for terminals without half blocks."""
        inked = (self._ink[2 * y : 2 * y + 2].mean(axis=0) >= LEAST_INK).tolist()
        upper, lower = self._guides[2 * y : 2 * y + 2]
        return Strip([
            Segment("#", ink) if here else Segment("." if line else " ", guides)
            for here, line in zip(inked, (upper | lower).tolist(), strict=True)
        ]).simplify()  # fmt: skip


def _guides(side_px: int) -> np.ndarray:
    """Returns bool `[side_px, side_px]`: a dashed square with its cross and its diagonals."""
    y, x = np.ogrid[:side_px, :side_px]
    last, middle = side_px - 1, side_px // 2
    upright = (x == 0) | (x == last) | (x == middle) | (x == y) | (x == last - y)
    level = (y == 0) | (y == last) | (y == middle)
    lines: np.ndarray = (upright & (y // DASH_PX % 2 == 0)) | (level & (x // DASH_PX % 2 == 0))
    return lines
