"""Validation images of a training, each with its truth and the network's guess."""

from __future__ import annotations

import numpy as np
from textual.geometry import Region

from hanzi_tui.i18n import _, printable
from hanzi_tui.signs import ASCII, UNICODE, Signs
from hanzi_tui.widgets.glyphs import GlyphGrid, GlyphItem
from pipeline.training.sample_sheet import SampleSheet

IMAGE_COLUMNS = 15


def caption(truth: str, guess: str, probability: float, signs: Signs) -> str:
    """Returns sign, label and probability of an answer, and both labels where they differ."""
    arrow = ">" if signs == ASCII else "→"
    sign = signs.done if truth == guess else signs.failed
    labels = truth if truth == guess else f"{truth}{arrow}{guess}"
    return f"{sign} {printable(labels)} {probability:.2f}"


class SampleGrid(GlyphGrid):
    """Shows a sheet; of the next one with the same images it paints only the captions that differ.

    Args:
        signs: Unicode or ASCII.
    """

    def __init__(self, *, signs: Signs = UNICODE, id: str | None = None) -> None:  # noqa: A002
        super().__init__(
            image_columns=IMAGE_COLUMNS, signs=signs, id=id,
            empty=_("Samples appear after the first epoch."),
        )  # fmt: skip
        self._sheet: SampleSheet | None = None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return action != "open"

    def show(self, sheet: SampleSheet | None) -> None:
        """Shows a sheet, None for none yet."""
        before, self._sheet = self._sheet, sheet
        items = [] if sheet is None else self._items_of(sheet)
        same = before is not None and sheet is not None
        if not same or not np.array_equal(before.images, sheet.images):  # type: ignore[union-attr]
            self.items = items
            return
        old = self.items
        self.set_reactive(GlyphGrid.items, items)
        for index, item in enumerate(items):
            if item.caption != old[index].caption:
                self._retell(index)

    def _retell(self, index: int) -> None:
        for selected in (False, True):
            self._cache.discard((index, selected))
        x, y, width, _height = self._place(index)
        caption = Region(x, y + self._image_size.height, width, 1)
        self.refresh(caption.translate(-self.scroll_offset))

    def _items_of(self, sheet: SampleSheet) -> list[GlyphItem]:
        items = []
        rows = zip(sheet.images, sheet.truths, sheet.guesses, sheet.probabilities, strict=True)
        for image, truth, guess, probability in rows:
            text = caption(truth, guess, probability, self.signs)
            shown = image[:, :, 0] if image.shape[2] == 1 else image
            items.append(GlyphItem(shown, text, "right" if truth == guess else "wrong"))
        return items
