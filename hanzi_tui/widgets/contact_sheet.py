"""The images of a source for a grid: small pictures that come while one looks."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import overload

import numpy as np
from rich.cells import cell_len

from hanzi_tui.i18n import printable
from hanzi_tui.signs import Signs
from hanzi_tui.source_findings import Example
from hanzi_tui.widgets.glyphs import GlyphItem
from hanzi_tui.widgets.long_list import path_end
from hanzi_tui.widgets.raster import Image
from pipeline.dataset.sources import Listing
from pipeline.problems import Problem

IMAGE_COLUMNS = 14
BATCH = 48
"""Pictures that are read at once: as many as a large terminal shows."""
FEWEST_COLUMNS = 6
"""That tell anything of a file's name beside a label."""
_NONE_YET = np.zeros((2, 2), np.uint8)


class ClassExamples(Sequence[Example]):
    """The images of a listing at some indices; lazy."""

    def __init__(self, listing: Listing, indices: range) -> None:
        self._listing, self._indices = listing, indices

    def __len__(self) -> int:
        return len(self._indices)

    @overload
    def __getitem__(self, index: int) -> Example: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Example]: ...
    def __getitem__(self, index: int | slice) -> Example | Sequence[Example]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        image = self._listing.images[self._indices[index]]
        return Example(image.path, image)


class ContactSheet(Sequence[GlyphItem]):
    """Items of a grid, of which those that are drawn ask for their pictures.

    Args:
        examples: the images.
        ask: called when a picture is wanted; then `wanted` says which.
        signs: that of failure stands before the name of what cannot be read.
    """

    def __init__(
        self, examples: Sequence[Example], ask: Callable[[ContactSheet], None], signs: Signs
    ) -> None:
        self.examples = examples
        self._ask = ask
        self._signs = signs
        self._pictures: dict[int, Image | Problem] = {}
        self._wanted: list[int] = []

    def __len__(self) -> int:
        return len(self.examples)

    @overload
    def __getitem__(self, index: int) -> GlyphItem: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[GlyphItem]: ...
    def __getitem__(self, index: int | slice) -> GlyphItem | Sequence[GlyphItem]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        example = self.examples[index]
        stem = os.path.splitext(os.path.basename(example.path))[0]
        if example.note and example.image is not None:
            # Images of several classes stand side by side.
            label = f"{printable(example.image.label)} "
            room = IMAGE_COLUMNS - cell_len(label)
            stem = label + (path_end(stem, room) if room >= FEWEST_COLUMNS else "")
        unread = example.image is None or isinstance(self._pictures.get(index), Problem)
        if unread:
            name = path_end(stem, IMAGE_COLUMNS - 2)
            return GlyphItem(_NONE_YET, f"{self._signs.failed} {name}", "wrong")
        return GlyphItem(lambda: self.picture(index), path_end(stem, IMAGE_COLUMNS))

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
