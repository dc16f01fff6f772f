"""Finds the ink of a whole page: without paper, shadows, red seals, ruled lines and specks."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.ink import is_light_ink

Pixels = NDArray[np.uint8]

_PAPER_PX = 256
_PAPER_REACH = 0.12
"""Of the longer side: ink thinner than this is bridged to see the paper below it."""
_LEAST_RULE = 0.3
"""Of the page: no stroke is as long; nor as `_RULE_SIZES` characters."""
_RULE_SIZES = 2.5
_RULE_THICKNESS = 0.2
"""Of a character: what is thicker is no ruled line."""


@dataclass(frozen=True, eq=False)
class PageInk:
    """The ink of a page.

    Args:
        gray: uint8 `[H, W]`, ink 255 on 0.
        mask: uint8 `[H, W]`, 255 where there is ink, 0 elsewhere.
        size_px: how large its connected parts are, which is a little less than a character.
    """

    gray: Pixels
    mask: Pixels
    size_px: int


def page_ink(pixels: Pixels) -> PageInk | None:
    """Cuts the ink out of a page.

    Args:
        pixels: uint8, gray `[H, W]` or RGB `[H, W, 3]`; dark ink on light paper, or light on dark.

    Returns:
        The ink; None where there is none.
    """
    # Of the three colours the lightest: red seals vanish in it, and gold on black gets stronger.
    gray = pixels if pixels.ndim == 2 else pixels.max(axis=2)
    flat = _on_white(gray)
    _, mask = cv2.threshold(flat, 0, 255, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)
    mask = _without_specks(_without_rules(np.asarray(mask, np.uint8)))
    if not mask.any():
        return None
    near = cv2.dilate(mask, np.ones((3, 3), np.uint8))
    ink = np.asarray(cv2.bitwise_and(cv2.bitwise_not(flat), near), np.uint8)
    return PageInk(ink, mask, _size_px(mask, max(mask.shape)))


def _on_white(gray: Pixels) -> Pixels:
    """Returns the page with dark ink on even, white paper."""
    light_ink = is_light_ink(gray)
    page = cv2.bitwise_not(gray) if light_ink else gray
    scale = min(1.0, _PAPER_PX / max(page.shape))
    size = max(1, round(page.shape[1] * scale)), max(1, round(page.shape[0] * scale))
    low = cv2.resize(page, size, interpolation=cv2.INTER_AREA)
    reach = max(9, int(_PAPER_REACH * max(low.shape)) | 1)
    square = np.ones((min(reach, low.shape[0] | 1), min(reach, low.shape[1] | 1)), np.uint8)
    paper = cv2.blur(cv2.morphologyEx(low, cv2.MORPH_CLOSE, square), (5, 5))
    paper = cv2.resize(paper, page.shape[::-1], interpolation=cv2.INTER_LINEAR)
    if light_ink:
        return np.asarray(cv2.bitwise_not(cv2.subtract(paper, page)), np.uint8)
    return np.asarray(cv2.divide(page, paper, scale=255), np.uint8)


def _size_px(mask: Pixels, most_px: float) -> int:
    """Returns the longer side of the part in which the middle one of all pixels of ink lies."""
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask)
    sides = stats[1:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]].max(axis=1)
    areas = stats[1:, cv2.CC_STAT_AREA]
    sides, areas = sides[sides <= most_px], areas[sides <= most_px]
    if not len(sides):
        return 0
    order = np.argsort(sides)
    upto = areas[order].cumsum()
    return int(sides[order][upto.searchsorted(upto[-1] / 2)])


def _without_rules(mask: Pixels) -> Pixels:
    """Takes ruled lines and the lines of a grid out of a mask."""
    height, width = mask.shape
    size_px = _size_px(mask, 0.4 * max(mask.shape))
    if not size_px:
        return mask
    least_px = int(_RULE_SIZES * size_px)
    level = _rules(mask, max(least_px, int(_LEAST_RULE * width)), size_px)
    upright = np.zeros_like(mask)
    if height > least_px:
        upright = _rules(mask.T, max(least_px, int(_LEAST_RULE * height)), size_px).T
    rows = _middles(np.count_nonzero(level, axis=1) > 0.15 * width)
    cells = np.diff(rows)
    cells = cells[cells > 0.8 * size_px]
    if len(cells) >= 3:
        # A grid whose upright lines reach from one level line to the next.
        upright = upright | _rules(mask.T, int(0.75 * np.median(cells)), size_px).T
    elif height < 2 * size_px:
        upright = upright | _rules(mask.T, int(0.85 * height), size_px).T
    level = cv2.dilate(level, np.ones((5, 1), np.uint8))
    upright = cv2.dilate(np.ascontiguousarray(upright), np.ones((1, 5), np.uint8))
    return np.asarray(cv2.subtract(mask, cv2.bitwise_or(level, upright)), np.uint8)


def _rules(mask: Pixels, length_px: int, size_px: int) -> Pixels:
    """Returns the level lines of at least this length, which may slope a little."""
    mask = np.ascontiguousarray(mask)
    thicker = cv2.dilate(mask, np.ones((3, 1), np.uint8))
    long = cv2.morphologyEx(thicker, cv2.MORPH_OPEN, np.ones((1, max(2, length_px)), np.uint8))
    tall = np.ones((max(5, int(_RULE_THICKNESS * size_px)), 1), np.uint8)
    thick = cv2.morphologyEx(mask, cv2.MORPH_OPEN, tall)
    return np.asarray(cv2.subtract(cv2.bitwise_and(long, mask), thick), np.uint8)


def _middles(flags: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Returns the middles of the runs of True."""
    edges = np.flatnonzero(np.diff(flags.astype(np.int8), prepend=0, append=0))
    return (edges[::2] + edges[1::2]) / 2


def _without_specks(mask: Pixels) -> Pixels:
    """Drops parts too small for a dot, frames, and shadows along the edges of the page."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask)
    size_px = _size_px(mask, max(mask.shape))
    x, y, width, height, area = stats.T
    longer, shorter = np.maximum(width, height), np.minimum(width, height)
    tiny = (longer < 0.08 * size_px) | (area < 0.002 * size_px**2)
    at_edge = (x == 0) | (y == 0) | (x + width == mask.shape[1]) | (y + height == mask.shape[0])
    shadow = at_edge & ((longer > 3 * size_px) | (shorter < 0.05 * size_px))
    keep = ~(tiny | shadow | (longer > 5 * size_px))
    keep[0] = False
    return np.asarray(keep[labels] * np.uint8(255), np.uint8)
