"""A drawing as SVG text, for browsers and documents."""

from __future__ import annotations

from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from pipeline.training.plot.drawing import DASH, Drawing, Line, Ring, Text

FONTS = "Helvetica, Arial, 'Noto Sans CJK SC', 'Microsoft YaHei', sans-serif"


def svg(drawing: Drawing) -> str:
    """Returns the drawing as a document of its own; texts stay texts."""
    return "\n".join(_lines(drawing)) + "\n"


def _lines(drawing: Drawing) -> Iterator[str]:
    size = f'width="{drawing.width}" height="{drawing.height}"'
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} '
        f'viewBox="0 0 {drawing.width} {drawing.height}" font-family={quoteattr(FONTS)}>'
    )
    yield f'<rect {size} fill="{drawing.ground}"/>'
    for shape in drawing.shapes:
        if isinstance(shape, Line):
            points = " ".join(f"{x:.1f},{y:.1f}" for x, y in shape.points)
            dashes = ' stroke-dasharray="{:g} {:g}"'.format(*DASH) if shape.dashed else ""
            yield (
                f'<polyline points="{points}" fill="none" stroke="{shape.colour}" '
                f'stroke-width="{shape.width:g}" stroke-linejoin="round"{dashes}/>'
            )
        elif isinstance(shape, Ring):
            x, y = shape.centre
            yield (
                f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{shape.radius:g}" fill="none" '
                f'stroke="{shape.colour}" stroke-width="{shape.width:g}"/>'
            )
        else:
            yield _text(shape)
    yield "</svg>"


def _text(text: Text) -> str:
    x, y = text.at
    anchor = "" if text.anchor == "start" else f' text-anchor="{text.anchor}"'
    safe = "".join(char for char in text.text if char.isprintable())
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{text.size:g}" '
        f'fill="{text.colour}"{anchor}>{escape(safe)}</text>'
    )
