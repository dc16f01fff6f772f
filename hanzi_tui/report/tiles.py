"""Samples as small tiles on one sheet, which a page carries as a data URI."""

from __future__ import annotations

import base64
import io
import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from hanzi_tui.report.markup import Markup, element
from pipeline.evaluation.results import Results

GRAYS = 16
"""Shades of ink that a tile keeps: as many as the eye tells apart at this size."""

COLUMNS = 64
_JPEG_QUALITY = 82


@dataclass(frozen=True, eq=False)
class Sheet:
    """Tiles side by side.

    Args:
        name: its class in the style sheet.
        tile_px: edge of a tile.
        rows: images of the evaluation that the tiles show, in order.
        content: PNG, or JPEG where the images have colours.
    """

    name: str
    tile_px: int
    rows: tuple[int, ...]
    content: bytes

    @property
    def columns(self) -> int:
        return min(COLUMNS, max(len(self.rows), 1))

    @property
    def style(self) -> Markup:
        """Returns the rule of the style sheet that holds the picture."""
        lines = math.ceil(len(self.rows) / self.columns)
        return Markup(
            f".{self.name}{{background-image:url({self.uri});--columns:{self.columns};"
            f"--lines:{lines}}}"
        )

    @property
    def uri(self) -> str:
        kind = "jpeg" if self.content.startswith(b"\xff\xd8") else "png"
        return f"data:image/{kind};base64,{base64.b64encode(self.content).decode('ascii')}"

    def tile(self, row: int, told: str = "") -> Markup:
        """Returns the element that shows an image of `rows`; `told` is what it shows, in words."""
        line, column = divmod(self._places[row], self.columns)
        return element("i", class_=f"tile {self.name}", role="img" if told else None,
                       aria_label=told or None, style=f"--c:{column};--r:{line}")  # fmt: skip

    @cached_property
    def _places(self) -> dict[int, int]:
        return {row: place for place, row in enumerate(self.rows)}


def sheet(name: str, images: NDArray[np.uint8], rows: list[int], tile_px: int) -> Sheet:
    """Returns a sheet of some images.

    Args:
        images: uint8 `[N, S, S, C]`, glyphs as ink 255 on 0.
        rows: of the images to show.
        tile_px: edge of a tile; smaller images keep their size.
    """
    edge = min(tile_px, images.shape[1])
    columns = min(COLUMNS, max(len(rows), 1))
    glyphs = images.shape[-1] == 1
    size = (edge * columns, edge * max(math.ceil(len(rows) / columns), 1))
    paper = Image.new("L" if glyphs else "RGB", size, "white")
    for index, row in enumerate(rows):
        line, column = divmod(index, columns)
        paper.paste(picture(images[row], edge), (column * edge, line * edge))
    file = io.BytesIO()
    if glyphs:
        _in_few_grays(paper).save(file, "PNG", optimize=True)
    else:
        paper.save(file, "JPEG", quality=_JPEG_QUALITY)
    return Sheet(name, edge, tuple(rows), file.getvalue())


def picture(image: NDArray[np.uint8], edge: int) -> Image.Image:
    """Returns an image `[S, S, C]` with its ink dark on white, `edge` pixels wide."""
    glyph = image.shape[-1] == 1
    drawn = Image.fromarray(255 - image[..., 0] if glyph else np.asarray(image))
    return drawn.resize((edge, edge), Image.Resampling.BOX)


def shown_rows(results: Results) -> NDArray[np.int64]:
    """Returns an image of each class to know it by, int64 `[C]`: the surest of those read rightly.

    A class of which all were misread has the surest of these, a class without images -1.
    """
    answers = results.answers
    order = np.lexsort(
        (-answers["probability"], answers["guess"] != answers["truth"], answers["truth"])
    )
    truth, first = np.unique(answers["truth"][order], return_index=True)
    rows = np.full(len(results.labels), -1, np.int64)
    rows[truth] = order[first]
    return rows


def _in_few_grays(paper: Image.Image) -> Image.Image:
    """Returns a gray picture with a palette of `GRAYS`, four bits a pixel in a file."""
    step = 255 // (GRAYS - 1)
    few = paper.point([round(value / step) for value in range(256)])
    drawn = Image.fromarray(np.asarray(few)).convert("P")
    drawn.putdata(few.tobytes())
    drawn.putpalette([value * step for value in range(GRAYS) for _channel in "RGB"])
    return drawn
