"""The graph of a network as a picture (SVG) and for Graphviz (DOT); needs neither."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from pipeline.anatomy.blocks import Block, blocks
from pipeline.anatomy.layers import Anatomy
from pipeline.anatomy.layout import Edge, Layout, layout

BOX_PX = (300, 50)
LONGEST_LINE = 44
GAP_PX = (40, 26)
LANE_PX = 18
MARGIN_PX = 24
TITLE_PX = 34
COLOURS = {"Conv": "#dbe9f6", "Dense": "#fde7c8", "Pool": "#dff0d8", "Add": "#f3dcea",
           "Conc": "#f3dcea", "Inpu": "#eeeeee"}  # fmt: skip
OTHER_COLOUR = "#ffffff"
STYLE = (
    "text{font:13px system-ui,'Noto Sans CJK SC',sans-serif;fill:#222}"
    ".small{font-size:11px;fill:#555}.head{font-size:16px}"
    "rect{stroke:#667;stroke-width:1}path{fill:none;stroke:#667;stroke-width:1.3}"
)


def svg(anatomy: Anatomy) -> str:
    """Returns the drawing as an SVG document."""
    boxes = blocks(anatomy)
    placed = layout(boxes)
    width, height = _size(placed)
    total = f"{anatomy.name}: {anatomy.parameters:,} parameters, {anatomy.macs:,} MACs"
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}">',
        f"<style>{STYLE}</style>",
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" '
        'markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" style="fill:#667;stroke:none"/>'
        "</marker></defs>",
        f'<rect width="{width}" height="{height}" style="fill:#fff;stroke:none"/>',
        f'<text class="head" x="{MARGIN_PX}" y="{MARGIN_PX + 12}">{escape(total)}</text>',
        *(_path(placed, edge) for edge in placed.edges),
        *_boxes(boxes, placed),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def dot(anatomy: Anatomy) -> str:
    """Returns the graph in Graphviz's language."""
    boxes = blocks(anatomy)
    lines = [f'digraph "{_quoted(anatomy.name)}" {{', "  node [shape=box, fontsize=11]"]
    for number, block in enumerate(boxes):
        label = "\\n".join(_quoted(line) for line in _lines(block))
        lines.append(f'  n{number} [label="{label}"]')
    for number, block in enumerate(boxes):
        lines += [f"  n{source} -> n{number}" for source in block.sources]
    return "\n".join([*lines, "}"]) + "\n"


def _lines(block: Block) -> list[str]:
    counts = f"{block.parameters:,} parameters" if block.parameters else ""
    if block.macs:
        counts += f", {block.macs:,} MACs"
    return [line for line in (block.title, block.text, counts) if line]


def _boxes(boxes: Sequence[Block], placed: Layout) -> Iterator[str]:
    for number, block in enumerate(boxes):
        x, y = _corner(placed, number)
        colour = COLOURS.get(block.layers[0].kind[:4].capitalize(), OTHER_COLOUR)
        if "pool" in block.layers[0].kind.lower():
            colour = COLOURS["Pool"]
        yield (f'<rect x="{x}" y="{y}" width="{BOX_PX[0]}" height="{BOX_PX[1]}" rx="5" '
               f'style="fill:{colour}"/>')  # fmt: skip
        title, *small = (_fitted(line) for line in _lines(block))
        yield f'<text x="{x + 8}" y="{y + 17}">{escape(title)}</text>'
        for row, text in enumerate(small):
            yield f'<text class="small" x="{x + 8}" y="{y + 31 + 13 * row}">{escape(text)}</text>'


def _fitted(line: str) -> str:
    """Returns a line that a box has room for."""
    return line if len(line) <= LONGEST_LINE else line[: LONGEST_LINE - 1] + "…"


def _path(placed: Layout, edge: Edge) -> str:
    (x1, y1), (x2, y2) = _corner(placed, edge.source), _corner(placed, edge.target)
    right = BOX_PX[0]
    if edge.lane is None:
        x1, x2, y1 = x1 + right // 2, x2 + right // 2, y1 + BOX_PX[1]
        middle = (y1 + y2) // 2
        course = f"M{x1} {y1}C{x1} {middle} {x2} {middle} {x2} {y2}"
    else:
        lane = _lanes_from(placed) + edge.lane * LANE_PX
        x1, y1, x2, y2 = x1 + right, y1 + BOX_PX[1] - 12, x2 + right, y2 + 12
        course = f"M{x1} {y1}H{lane - 6}Q{lane} {y1} {lane} {y1 + 6}V{y2 - 6}Q{lane} {y2} "
        course += f"{lane - 6} {y2}H{x2}"
    return f'<path d="{course}" marker-end="url(#tip)"/>'


def _corner(placed: Layout, number: int) -> tuple[int, int]:
    place = placed.places[number]
    x = MARGIN_PX + place.column * (BOX_PX[0] + GAP_PX[0])
    return x, MARGIN_PX + TITLE_PX + place.row * (BOX_PX[1] + GAP_PX[1])


def _lanes_from(placed: Layout) -> int:
    return MARGIN_PX + placed.columns * (BOX_PX[0] + GAP_PX[0]) - GAP_PX[0] // 2


def _size(placed: Layout) -> tuple[int, int]:
    width = _lanes_from(placed) + placed.lanes * LANE_PX + MARGIN_PX
    height = 2 * MARGIN_PX + TITLE_PX + placed.rows * (BOX_PX[1] + GAP_PX[1])
    return max(width, 640), height


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
