"""The images behind a pair of classes, as large as the room allows."""

from __future__ import annotations

from collections.abc import Container
from functools import partial
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message

from hanzi_tui.evaluation_results import EvaluationResults
from hanzi_tui.i18n import _
from hanzi_tui.signs import UNICODE, Signs
from hanzi_tui.widgets.glyphs import GlyphGrid, GlyphItem
from hanzi_tui.widgets.sample_grid import caption

SMALLEST, LARGEST = 14, 48
MARGIN = 2
"""Columns beside an image; below it are as many lines, one for the caption."""


class PairSamples(GlyphGrid):
    """Images of one pair, each with truth, answer and probability; Enter shows them larger.

    Args:
        signs: Unicode or ASCII.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", _("larger"), id="glyphs.open",
                tooltip=_("Show the images as large as there is room for, or small again")),
    ]  # fmt: skip

    class SizeChanged(Message):
        """Larger images were asked for, or small ones again."""

    def __init__(self, *, signs: Signs = UNICODE, id: str | None = None) -> None:  # noqa: A002
        super().__init__(image_columns=SMALLEST, signs=signs, id=id,
                         empty=_("Images of the chosen pair."))  # fmt: skip
        self._is_large = False

    def show(
        self, results: EvaluationResults, rows: list[int], marked: Container[str] = ()
    ) -> None:
        """Shows judged images, in this order, with none of them selected.

        Args:
            marked: paths of those on the review list; the sign before their caption is another.
        """
        self.index = None
        self.items = self._items_of(results, rows, marked)
        self.scroll_to(y=0, animate=False)

    def tell_marks(
        self, results: EvaluationResults, rows: list[int], marked: Container[str]
    ) -> None:
        """Shows the same images after the review list has changed."""
        self.items = self._items_of(results, rows, marked)

    def _items_of(
        self, results: EvaluationResults, rows: list[int], marked: Container[str]
    ) -> list[GlyphItem]:
        probability = results.answers.probability
        items = []
        for row in rows:
            truth, guess = int(results.truth[row]), int(results.guess[row])
            text = caption(results.label(truth), results.label(guess),
                           float(probability[row]), self.signs)  # fmt: skip
            if results.sources[row] in marked:
                text = self.signs.warning + text[1:]
            items.append(GlyphItem(partial(results.image, row), text,
                                   "right" if truth == guess else "wrong"))  # fmt: skip
        return items

    def lines_within(self, width: int, height: int) -> int:
        """Chooses the size of the images for so much room, and returns the lines they fill.

        The largest of which so many go side by side and one above the other as are wanted; one
        of large ones, else three and two.
        """
        wide, high = (1, 1) if self._is_large else (3, 2)
        fitting = (
            columns
            for columns in range(LARGEST, SMALLEST, -2)
            if (width - 1) // (columns + MARGIN) >= wide
            and (height + 1) // (columns // 2 + MARGIN) >= high
        )
        columns = next(fitting, SMALLEST)
        self._image_size = Size(columns, columns // 2)
        self._arrange()
        self.refresh()
        each = self._image_size.height + MARGIN
        return max(1, (height + 1) // each) * each - 1

    def action_open(self) -> None:
        self._is_large = not self._is_large
        self.post_message(self.SizeChanged())
