"""What a pen did: strokes kept as points, drawn without steps at any size."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Point = tuple[float, float]
"""Right and down from the corner of the paper, in its sides."""

PICTURE_PX = 192
MARGIN_PX = 12
NEAREST = 1 / 256
"""Points closer together, in sides of the paper, are one."""
STEP = 1 / 64
"""Between the points that are left of a stroke when it is smoothed, in sides of the paper."""
EVENED = 0.6


@dataclass(eq=False)
class Stroke:
    """The way of a pen from where it was set down.

    Args:
        width: of the pen, in sides of the paper.
        points: at least one.
        grain: how far apart two places must be, in the same unit, for the pen to tell them apart.
    """

    width: float
    points: list[Point] = field(default_factory=list)
    grain: float = 0.0

    def lead(self, point: Point) -> bool:
        """Leads the pen to a point; returns whether that is far enough to count."""
        far = not self.points or math.dist(self.points[-1], point) >= NEAREST
        if far:
            self.points.append(point)
        return far

    def copy(self) -> Stroke:
        """Returns the stroke as it is now."""
        return Stroke(self.width, list(self.points), self.grain)


@dataclass(frozen=True)
class Place:
    """Where the paper lies among pixels: the length of its side, and its corner."""

    side_px: float
    left_px: float = 0.0
    top_px: float = 0.0

    def of(self, point: Point) -> Point:
        """Returns a point of the paper in pixels."""
        return self.left_px + point[0] * self.side_px, self.top_px + point[1] * self.side_px

    def on_paper(self, x_px: float, y_px: float) -> Point:
        """Returns a point in pixels on the paper."""
        return (x_px - self.left_px) / self.side_px, (y_px - self.top_px) / self.side_px


Area = tuple[slice, slice]
"""Rows and columns."""


def press(ink: NDArray[np.float32], start: Point, end: Point, width_px: float) -> Area:
    """Draws the straight way of a round pen, with soft edges.

    Args:
        ink: float32 `[H, W]`, the share of each pixel that is inked, 0 to 1; changed in place.
        start, end: in pixels; both may be the same.
        width_px: of the pen.

    Returns:
        The part of `ink` that may have changed.
    """
    height, width = ink.shape
    reach = width_px / 2 + 0.5
    left, top = (max(0, math.floor(min(a, b) - reach)) for a, b in zip(start, end, strict=True))
    right = min(width, math.ceil(max(start[0], end[0]) + reach))
    bottom = min(height, math.ceil(max(start[1], end[1]) + reach))
    area = slice(top, max(top, bottom)), slice(left, max(left, right))
    y, x = np.ogrid[area]
    across, down = end[0] - start[0], end[1] - start[1]
    x, y = x + (0.5 - start[0]), y + (0.5 - start[1])
    length2 = across * across + down * down
    along = ((x * across + y * down) / length2).clip(0, 1) if length2 else 0.0
    distance = np.hypot(x - along * across, y - along * down)
    part = ink[area]
    np.maximum(part, (reach - distance).clip(0, 1), out=part, casting="same_kind")
    return area


def draw(ink: NDArray[np.float32], strokes: Sequence[Stroke], place: Place) -> None:
    """Draws strokes into `ink`, as `press` does, with the paper at a place."""
    for stroke in strokes:
        points = [place.of(point) for point in stroke.points]
        for start, end in zip(points, points[1:] or points, strict=False):
            press(ink, start, end, stroke.width * place.side_px)


def smooth(stroke: Stroke) -> Stroke:
    """Returns a stroke without the steps of the grid that it was drawn on.

    Points at even distances are weighed with their neighbours, 1 2 1, as often as makes a normal
    curve of `EVENED` grains; the ends stay where they are.
    """
    points = np.array(stroke.points)
    lengths = np.hypot(*np.diff(points, axis=0).T)
    if not lengths.sum():
        return stroke
    along = np.concatenate([[0.0], lengths.cumsum()])
    even = np.linspace(0.0, along[-1], 2 + int(along[-1] / STEP))
    way = np.stack([np.interp(even, along, points[:, axis]) for axis in (0, 1)], axis=1)
    deviation = EVENED * stroke.grain / even[1]
    for _time in range(round(2 * deviation**2)):
        way[1:-1] = (way[:-2] + 2 * way[1:-1] + way[2:]) / 4
    return Stroke(stroke.width, [(float(x), float(y)) for x, y in way], stroke.grain)


def picture(strokes: Sequence[Stroke]) -> bytes:
    """Returns a drawing as an image file: dark ink on white, cropped to what was drawn.

    Args:
        strokes: at least one.

    Returns:
        A PGM file whose longer side is `PICTURE_PX` pixels and a margin.
    """
    smoothed = [smooth(stroke) for stroke in strokes]
    x, y = np.array([point for stroke in smoothed for point in stroke.points]).T
    half_pen = max(stroke.width for stroke in strokes) / 2
    left, right = float(x.min()) - half_pen, float(x.max()) + half_pen
    top, bottom = float(y.min()) - half_pen, float(y.max()) + half_pen
    side_px = PICTURE_PX / max(right - left, bottom - top)
    width, height = (math.ceil(extent * side_px) + 2 * MARGIN_PX
                     for extent in (right - left, bottom - top))  # fmt: skip
    ink = np.zeros((height, width), np.float32)
    draw(ink, smoothed, Place(side_px, MARGIN_PX - left * side_px, MARGIN_PX - top * side_px))
    gray = np.round(255 * (1 - ink)).astype(np.uint8)
    return b"P5 %d %d 255\n" % (width, height) + gray.tobytes()
