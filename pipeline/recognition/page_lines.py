"""Finds the lines of a page: columns from right to left, or rows from the top down."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.recognition.page_ink import PageInk, Pixels
from pipeline.recognition.page_text import Reading

Band = tuple[int, int]
"""Where a line begins and ends, across its direction."""

_LEAST_INK = 0.2
"""Of the mean: places across the lines with less ink lie between two of them."""
_LONG = 4
"""A band of so many characters is not one row of them: the text runs along it."""
_PREFER_COLUMNS = 1.15
"""Rows are so much further apart than columns, or the page is read in columns."""
_DOUBLE = 1.55
"""A band so much wider than the others is more than one line."""
_SPILL = 1.35
"""Parts up to so much wider than a line belong to one line as a whole."""


@dataclass(frozen=True, eq=False)
class Lines:
    """The lines of a page, from one side to the other.

    Args:
        reading: their direction.
        bands: where they lie across it, in pixels.
        owners: int32 `[H, W]`, the band that each pixel of ink belongs to, -1 without ink.
    """

    reading: Reading
    bands: list[Band]
    owners: NDArray[np.int32]

    @property
    def width_px(self) -> float:
        """The median width of a line, and so the size of a character."""
        return _median_width(self.bands)


def lines_of(ink: PageInk, reading: Reading | None = None) -> Lines:
    """Finds the lines of a page that is not turned.

    Along a line characters are closer than lines are to each other, so the direction in which
    what stands in bands repeats sooner is that of reading.

    Args:
        ink: of the page.
        reading: None to find out.
    """
    columns, down = _bands(ink, 0)
    rows, across = _bands(ink, 1)
    if reading is None:
        wide, high = _pitch(columns, ink.size_px), _pitch(rows, ink.size_px)
        reading = "rows" if high > _PREFER_COLUMNS * wide else "columns"
    bands, profile = (columns, down) if reading == "columns" else (rows, across)
    bands = _parted(bands, profile)
    return Lines(reading, bands, _owners(ink.mask, bands, reading))


def _bands(ink: PageInk, axis: int) -> tuple[list[Band], NDArray[np.float64]]:
    """Returns the bands with ink, seen along an axis, and how much ink there is in each place."""
    profile = smoothed(np.count_nonzero(ink.mask, axis=axis), 0.12 * ink.size_px)
    level = _LEAST_INK * float(profile[profile > 0].mean())
    bands = [run for run in runs(profile > level) if run[1] - run[0] > 0.25 * ink.size_px]
    return bands or [(0, len(profile))], profile


def _pitch(bands: list[Band], size_px: int) -> float:
    """Returns how far bands are apart: 0 where text runs along them, infinity for a single one."""
    if max(end - start for start, end in bands) > _LONG * size_px:
        return 0.0
    if len(bands) == 1:
        return math.inf
    return float(np.median(np.diff([(start + end) / 2 for start, end in bands])))


def _median_width(bands: list[Band]) -> float:
    return float(np.median([end - start for start, end in bands]))


def _parted(bands: list[Band], profile: NDArray[np.float64]) -> list[Band]:
    """Parts bands that are several lines, where there is least ink."""
    width = _median_width(bands)
    parted = []
    for start, end in bands:
        left = round((end - start) / (1.25 * width))
        while end - start > _DOUBLE * width and left > 1:
            expected = start + (end - start) / left
            low, high = int(expected - 0.3 * width), int(expected + 0.3 * width)
            cut = low + int(np.argmin(profile[low:high]))
            parted.append((start, cut))
            start, left = cut, left - 1
        parted.append((start, end))
    return parted


def _owners(mask: Pixels, bands: list[Band], reading: Reading) -> NDArray[np.int32]:
    """Gives each connected part to the line with most of it; larger ones are cut between lines."""
    height, width = mask.shape
    between = [(before[1] + after[0]) // 2 for before, after in pairwise(bands)]
    ends = [0, *between, width if reading == "columns" else height]
    places = np.repeat(np.arange(len(bands), dtype=np.int32), np.diff(ends))
    here = np.broadcast_to(places if reading == "columns" else places[:, None], mask.shape)
    parts, labels, stats, _ = cv2.connectedComponentsWithStats(mask)
    pairs = labels[mask > 0] * len(bands) + here[mask > 0]
    votes = np.bincount(pairs, minlength=parts * len(bands)).reshape(parts, len(bands))
    side = cv2.CC_STAT_WIDTH if reading == "columns" else cv2.CC_STAT_HEIGHT
    whole = stats[:, side] <= _SPILL * _median_width(bands)
    owners = np.where(whole[labels], votes.argmax(axis=1).astype(np.int32)[labels], here)
    owners[mask == 0] = -1
    return np.asarray(owners, np.int32)


def runs(flags: NDArray[np.bool_]) -> list[Band]:
    """Returns start and end of the runs of True."""
    edges = np.flatnonzero(np.diff(flags.astype(np.int8), prepend=0, append=0)).tolist()
    return list(zip(edges[::2], edges[1::2], strict=True))


def smoothed(values: NDArray[np.intp], reach: float) -> NDArray[np.float64]:
    """Returns values averaged by a bell of this reach to either side."""
    bell = np.hanning(2 * max(1, int(reach)) + 3)[1:-1]
    padded = np.convolve(values, bell / bell.sum())
    surplus = len(bell) // 2
    return np.asarray(padded[surplus : surplus + len(values)], np.float64)
