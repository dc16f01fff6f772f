"""A drawing of lines, rings and texts, which SVG and PNG are written from. Lengths are pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Point = tuple[float, float]
Anchor = Literal["start", "middle", "end"]

DASH = (5.0, 4.0)
"""Length of a dash and of the gap after it."""


@dataclass(frozen=True)
class Line:
    """A line through points, solid or dashed."""

    points: Sequence[Point]
    colour: str
    width: float = 1.0
    dashed: bool = False


@dataclass(frozen=True)
class Ring:
    """A circle round a point."""

    centre: Point
    radius: float
    colour: str
    width: float = 2.0


@dataclass(frozen=True)
class Text:
    """A line of text; `at` is on its baseline, at the end that `anchor` names."""

    at: Point
    text: str
    size: float
    colour: str
    anchor: Anchor = "start"


@dataclass(frozen=True)
class Drawing:
    """Shapes on a ground of one colour, the later ones on top."""

    width: int
    height: int
    ground: str
    shapes: Sequence[Line | Ring | Text]
