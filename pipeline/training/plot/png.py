"""A drawing as pixels, by Pillow and the one font that comes with it."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise

from PIL import Image, ImageDraw, ImageFont

from pipeline.training.plot.drawing import DASH, Drawing, Line, Point, Ring

SCALE = 2
"""Pixels of the file for a pixel of the drawing: sharp on screens of double density."""

_FINER = 2
"""Drawn so much larger, then made smaller, since Pillow's lines have hard edges."""

_ANCHORS = {"start": "ls", "middle": "ms", "end": "rs"}


def png(drawing: Drawing) -> bytes:
    """Returns the drawing as a PNG file.

    Pillow's font knows Latin letters: others, as in the name of a run, become question marks.
    """
    scale = SCALE * _FINER
    size = (drawing.width * SCALE, drawing.height * SCALE)
    image = Image.new("RGB", (size[0] * _FINER, size[1] * _FINER), drawing.ground)
    pen = ImageDraw.Draw(image)
    for shape in drawing.shapes:
        if isinstance(shape, Line):
            width = max(1, round(shape.width * scale))
            for part in _dashes(shape.points) if shape.dashed else [shape.points]:
                scaled = [(x * scale, y * scale) for x, y in part]
                pen.line(scaled, shape.colour, width, joint="curve")
        elif isinstance(shape, Ring):
            x, y = (value * scale for value in shape.centre)
            radius, width = shape.radius * scale, round(shape.width * scale)
            box = (x - radius, y - radius, x + radius, y + radius)
            pen.ellipse(box, outline=shape.colour, width=width)
        else:
            x, y = (value * scale for value in shape.at)
            text = shape.text.encode("latin-1", "replace").decode("latin-1")
            pen.text((x, y), text, shape.colour, _font(shape.size * scale), _ANCHORS[shape.anchor])
    file = io.BytesIO()
    image.resize(size, Image.Resampling.BOX).save(file, "PNG", optimize=True)
    return file.getvalue()


@cache
def _font(size: float) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


def _dashes(points: Sequence[Point]) -> Iterator[list[Point]]:
    """Yields the dashes along a line; they go round its corners."""
    drawn, left = True, DASH[0]
    dash = [points[0]]
    for (x, y), (end_x, end_y) in pairwise(points):
        length = math.hypot(end_x - x, end_y - y)
        at = 0.0
        while length - at > left:
            at += left
            here = (x + (end_x - x) * at / length, y + (end_y - y) * at / length)
            if drawn:
                yield [*dash, here]
            drawn, dash = not drawn, [here]
            left = DASH[0] if drawn else DASH[1]
        left -= length - at
        dash.append((end_x, end_y))
    if drawn:
        yield dash
