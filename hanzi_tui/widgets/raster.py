"""Small images as strips of cells: half blocks in colour, or a ramp of characters without."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from rich.cells import cell_len
from rich.color import Color as RichColor
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.strip import Strip

Image = NDArray[np.uint8]
RAMP = " .:-=+*#%@"
SHADES = 16  # of gray: a stroke needs no more, and equal neighbours cost no bytes
INK, PAPER = Color(232, 227, 216), Color(22, 22, 26)


def half_blocks(
    image: Image, columns: int, rows: int, ink: Color = INK, paper: Color = PAPER
) -> list[Strip]:
    """Draws an image in cells of two pixels each, averaged by area and with its aspect kept.

    Args:
        image: uint8, [H, W] with ink as 255 on 0, or [H, W, 3] in RGB.
        columns, rows: size of the result in cells; what the image leaves free is paper.
        ink, paper: of a gray image.

    Returns:
        `rows` strips of `columns` cells.
    """
    pixels = np.empty((2 * rows, columns, 3))
    pixels[:] = paper.rgb
    place, small = _fitted(image, columns, 2 * rows, 1.0)
    if image.ndim == 2:
        shares = np.round(small / 255 * (SHADES - 1))[..., None] / (SHADES - 1)
        small = shares * np.array(ink.rgb) + (1 - shares) * np.array(paper.rgb)
    pixels[place] = small
    halves = np.round(pixels).astype(np.uint8).reshape(rows, 2, columns, 3)
    return [Strip(_cells(top, bottom), columns) for top, bottom in halves]


def density(image: Image, columns: int, rows: int, style: Style | None = None) -> list[Strip]:
    """Draws an image without colour, in characters that are the denser the more ink there is.

    Args and result are those of `half_blocks`; RGB counts by its brightness.
    """
    gray = image if image.ndim == 2 else image @ np.array([0.299, 0.587, 0.114])
    cells = np.zeros((rows, columns))
    place, small = _fitted(gray, columns, rows, 2.0)
    cells[place] = small
    levels = np.round(cells / 255 * (len(RAMP) - 1)).astype(int)
    return [Strip([Segment("".join(RAMP[n] for n in row), style)], columns) for row in levels]


def _fitted(
    image: NDArray[np.generic], columns: int, rows: int, pixel_aspect: float
) -> tuple[tuple[slice, slice], NDArray[np.float64]]:
    """Returns where an image goes that fills the space but keeps its aspect, and its pixels."""
    height, width = image.shape[:2]
    if not (height and width and columns and rows):
        return (slice(0, 0), slice(0, 0)), np.zeros((0, 0, *image.shape[2:]))
    scale = min(columns / width, rows * pixel_aspect / height)
    wide = min(columns, max(1, round(width * scale)))
    high = min(rows, max(1, round(height * scale / pixel_aspect)))
    top, left = (rows - high) // 2, (columns - wide) // 2
    down, across = _weights(height, high), _weights(width, wide).T
    planes = image.reshape(height, width, -1).astype(np.float64)
    small = np.stack([down @ planes[..., n] @ across for n in range(planes.shape[2])], axis=-1)
    place = slice(top, top + high), slice(left, left + wide)
    return place, small.reshape(high, wide, *image.shape[2:])


@lru_cache(maxsize=64)
def _weights(size: int, count: int) -> NDArray[np.float64]:
    """Returns [count, size]: which share each of `size` pixels has in each of `count` areas."""
    edges = np.linspace(0, size, count + 1)
    pixels = np.arange(size)
    overlap = np.minimum(edges[1:, None], pixels + 1) - np.maximum(edges[:-1, None], pixels)
    return np.asarray(overlap.clip(0) * count / size)


def _cells(top: Image, bottom: Image) -> list[Segment]:
    both = np.concatenate([top, bottom], axis=1)
    starts = np.flatnonzero(np.any(np.diff(both, axis=0, prepend=255 - both[:1]), axis=1))
    lengths = np.diff(starts, append=len(both)).tolist()
    return [
        Segment(("▀" if pair[:3] != pair[3:] else " ") * length, _colours(tuple(pair)))
        for pair, length in zip(both[starts].tolist(), lengths, strict=True)
    ]


@lru_cache(maxsize=4096)
def _colours(pair: tuple[int, ...]) -> Style:
    bottom = RichColor.from_rgb(*pair[3:])
    top = None if pair[:3] == pair[3:] else RichColor.from_rgb(*pair[:3])
    return Style(color=top, bgcolor=bottom)


def literal(text: str, columns: int, style: Style) -> Strip:
    """Returns outside text as it is, but for what would steer the terminal."""
    shown = "".join(char if char.isprintable() else " " for char in text)
    return Strip([Segment(shown, style)], cell_len(shown)).adjust_cell_length(columns, style)
