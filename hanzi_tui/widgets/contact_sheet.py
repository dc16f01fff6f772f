"""The images of a source for a grid: small pictures that come while one looks."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from rich.cells import cell_len

from hanzi_tui.i18n import printable
from hanzi_tui.mapped import Mapped
from hanzi_tui.signs import Signs
from hanzi_tui.source_look import Example
from hanzi_tui.widgets.class_browser import IMAGE_COLUMNS, caption
from hanzi_tui.widgets.glyphs import GlyphItem
from hanzi_tui.widgets.raster import Image
from pipeline.dataset.sources import Listing
from pipeline.problems import Problem

BATCH = 48
"""Pictures that are read at once: as many as a large terminal shows."""
FEWEST_COLUMNS = 6
"""That tell anything of a file's name beside a label."""
_NONE_YET = np.zeros((2, 2), np.uint8)


def class_examples(listing: Listing, indices: range) -> Mapped[Example]:
    """Returns the images of a listing at some indices."""

    def example(index: int) -> Example:
        image = listing.images[index]
        return Example(image.path, image)

    return Mapped(indices, example)


class ContactSheet(Mapped[GlyphItem]):
    """Items of a grid, of which those that are drawn ask for their pictures.

    Args:
        examples: the images.
        ask: called when a picture is wanted; then `wanted` says which.
        signs: that of failure stands before the name of what cannot be read.
    """

    def __init__(
        self, examples: Sequence[Example], ask: Callable[[ContactSheet], None], signs: Signs
    ) -> None:
        super().__init__(range(len(examples)), self._item)
        self.examples = examples
        self._ask = ask
        self._signs = signs
        self._pictures: dict[int, Image | Problem] = {}
        self._wanted: list[int] = []

    def _item(self, index: int) -> GlyphItem:
        example = self.examples[index]
        sign = label = ""
        unread = example.image is None or isinstance(self._pictures.get(index), Problem)
        if unread:
            sign = f"{self._signs.failed} "
        if example.note and example.image is not None:
            # Images of several classes stand side by side.
            label = f"{printable(example.image.label)} "
        room = IMAGE_COLUMNS - cell_len(sign + label)
        name = caption(example.path, room) if not label or room >= FEWEST_COLUMNS else ""
        if unread:
            return GlyphItem(_NONE_YET, sign + label + name, "wrong")
        return GlyphItem(lambda: self.picture(index), label + name)

    def picture(self, index: int) -> Image:
        """Returns the picture, or nothing to see and asks for it."""
        known = self._pictures.get(index)
        if known is None and self.examples[index].image is not None:
            self._wanted.append(index)
            self._ask(self)
        return _NONE_YET if known is None or isinstance(known, Problem) else known

    def problem(self, index: int) -> Problem | None:
        """Returns why there is no picture, where that is known."""
        known = self._pictures.get(index)
        return known if isinstance(known, Problem) else None

    def wanted(self) -> list[int]:
        """Takes the indices of pictures to read next; what is not among them asks again."""
        batch = sorted({i for i in self._wanted if i not in self._pictures})[:BATCH]
        self._wanted.clear()
        return batch

    def take(self, indices: Sequence[int], pictures: Sequence[Image | Problem]) -> None:
        """Takes what was read."""
        self._pictures.update(zip(indices, pictures, strict=True))
