"""The confusion matrix as a PNG, its labels drawn from samples: a server has no Chinese font."""

from __future__ import annotations

import io
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageColor, ImageDraw, ImageFont

from hanzi_tui.report.findings import Findings
from hanzi_tui.report.matrix import RAMP, blocks
from hanzi_tui.report.tiles import picture, shown_rows
from pipeline.evaluation.orders import CONFUSION

SIDE_PX = 2000
"""Edge of the matrix, at the most; a block of classes has `LEAST_PX` at least."""

LEAST_PX, MOST_PX = 4, 44
LABEL_PX = 34
MARGIN = 3 * LABEL_PX
TEXT_PX, LINE_PX, CAPTION_PX = 22, 30, 900
PAPER, INK, MUTED, RIGHT = "#fdfcf9", "#26241f", "#77736a", "#d9d5cb"
LATIN = 0x250
"""Pillow's own font draws the characters below."""


def heatmap(findings: Findings) -> bytes:
    """Returns the matrix as a PNG file, the classes so that look-alikes are neighbours.

    Rows are what the images are, columns what they were read as. What was read rightly is a pale
    diagonal; the darker a cell, the more images (by their logarithm) were misread.
    """
    results = findings.results
    order = results.orders[CONFUSION]
    size = -(-len(order) * LEAST_PX // SIDE_PX)
    misread, right = blocks(results, order, size)
    cell = min(max(SIDE_PX // len(misread), LEAST_PX), MOST_PX)
    side = cell * len(misread)
    width = max(side, CAPTION_PX) + MARGIN + LABEL_PX
    image = Image.new("RGB", (width, side + MARGIN + 4 * LINE_PX), PAPER)
    drawn = Image.fromarray(_coloured(misread, right))
    image.paste(drawn.resize((side, side), Image.Resampling.NEAREST), (MARGIN, MARGIN))
    pen = ImageDraw.Draw(image)
    frame = (MARGIN - 1, MARGIN - 1, MARGIN + side, MARGIN + side)
    pen.rectangle(frame, outline=MUTED)
    names = Names(findings)
    for block in range(0, len(misread), -(-(LABEL_PX + 4) // cell)):
        label = names.drawn(int(order[block * size]))
        at = MARGIN + block * cell + max(cell - LABEL_PX, 0) // 2
        image.paste(label, (MARGIN - label.width - 6, at))
        upright = label.rotate(90, expand=True) if label.width > LABEL_PX else label
        image.paste(upright, (at, MARGIN - upright.height - 6))
    for line, text in enumerate(_captions(findings, size, int(misread.max(initial=0)))):
        at_line = (MARGIN, MARGIN + side + 16 + line * LINE_PX)
        pen.text(at_line, text, INK if not line else MUTED, ImageFont.load_default(TEXT_PX))
    file = io.BytesIO()
    image.save(file, "PNG", optimize=True)
    return file.getvalue()


def _coloured(misread: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Returns the colour of each block, uint8 `[B, B, 3]`."""
    ramp = np.array([ImageColor.getrgb(colour) for colour in RAMP])
    most = np.log(max(int(misread.max(initial=0)), 2))
    along = np.log(np.maximum(misread, 1)) / most * (len(ramp) - 1)
    low = np.minimum(along.astype(int), len(ramp) - 2)
    part = (along - low)[..., np.newaxis]
    mixed = ramp[low] * (1 - part) + ramp[low + 1] * part
    empty = np.array(ImageColor.getrgb(PAPER))
    colours = np.where((misread > 0)[..., np.newaxis], mixed, empty)
    hit = np.flatnonzero((right > 0) & (np.diagonal(misread) == 0))
    colours[hit, hit] = ImageColor.getrgb(RIGHT)
    rounded: NDArray[np.uint8] = colours.round().astype(np.uint8)
    return rounded


class Names:
    """The labels of classes as pictures: text in Latin letters, else a sample."""

    def __init__(self, findings: Findings) -> None:
        self._labels = findings.results.labels
        self._pixels = findings.pixels
        self._rows = shown_rows(findings.results)

    def drawn(self, index: int) -> Image.Image:
        """Returns the label of a class, `LABEL_PX` high."""
        label, row = self._labels[index], int(self._rows[index])
        if all(ord(char) < LATIN for char in label):
            return _text(label)
        if self._pixels is None or row < 0:
            return _text(" ".join(f"{ord(char):X}" for char in label))
        return picture(self._pixels[row], LABEL_PX)


def _text(text: str) -> Image.Image:
    image = Image.new("RGB", (MARGIN - 8, LABEL_PX), PAPER)
    pen = ImageDraw.Draw(image)
    font = ImageFont.load_default(TEXT_PX)
    pen.text((0, LABEL_PX // 2), text, INK, font, "lm")
    width = min(int(pen.textlength(text, font)) + 1, image.width)
    return image.crop((0, 0, width, LABEL_PX))


def _captions(findings: Findings, size: int, most: int) -> Iterator[str]:
    """Yields what stands below: in English, which Pillow's font can draw."""
    said = findings.summary
    name = f"{said['model']}: {findings.judged}"
    yield name.encode("latin-1", "replace").decode("latin-1")
    yield (f"{said['images']:,} images, {said['classes']:,} classes, top-1 {said['top_1']:.2%}. "
           f"Rows: truth. Columns: answer. Pale: right.")  # fmt: skip
    block = f"A cell is {size} x {size} classes. " if size > 1 else ""
    yield f"{block}Yellow: 1 image misread, dark blue: {most}, by the logarithm."
