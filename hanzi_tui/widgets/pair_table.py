"""The pairs of classes that are most often taken for each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual.message import Message

from hanzi_tui.evaluation_results import ConfusedPair
from hanzi_tui.i18n import _
from hanzi_tui.widgets.long_list import LongList, Part, cell

GAP = "  "
FIGURES = 5
"""Columns of a number at least."""


class PairTable(LongList):
    """A row a pair; numbers that have no room are left out, the last column first."""

    BINDING_GROUP_TITLE = _("Most confused")
    HEAD = 1

    @dataclass
    class Chosen(Message):
        """The cursor came to a pair, or the pair under it was asked for again."""

        pair: ConfusedPair

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._pairs: Sequence[ConfusedPair] = ()
        self._labels = 0
        self.set_reactive(PairTable.empty, " " + _("Characters taken for each other."))

    def show(self, pairs: Sequence[ConfusedPair], empty: str = "") -> None:
        """Shows other pairs, with the cursor on the first.

        Args:
            empty: what is said where there are none.
        """
        self._pairs = pairs
        labels = [label for pair in pairs for label in (pair.truth_label, pair.guess_label)]
        self._labels = max(map(cell_len, labels), default=0)
        self.empty = f" {empty or _('Nothing was confused.')}"
        self.set_reactive(PairTable.cursor, 0)
        self.scroll_to(y=0, animate=False)
        self.changed()

    def mark(self, truth: int, guess: int) -> None:
        """Moves the cursor to a pair, told either way, where it is one of those shown."""
        for index, pair in enumerate(self._pairs):
            if {pair.truth, pair.guess} == {truth, guess}:
                with self.prevent(self.Chosen):
                    self.cursor = index

    def count(self) -> int:
        return len(self._pairs)

    def moved(self, index: int) -> None:
        if self._pairs:
            self.post_message(self.Chosen(self._pairs[index]))

    opened = moved

    def head_parts(self, width: int) -> list[Part]:
        if not self._pairs:
            return []
        words = (_("truth"), _("answer"), _("images"), _("share"), _("and back"))
        return [(self._row(words, width), "muted")]

    def parts(self, index: int, width: int) -> list[Part]:
        pair = self._pairs[index]
        share = f"{100 * pair.share:.0f} %"
        words = (pair.truth_label, pair.guess_label, f"{pair.count:,}", share, f"{pair.back:,}")
        return [(self._row(words, width), "")]

    def _row(self, words: Sequence[str], width: int) -> str:
        """Returns two labels and as many right-aligned numbers as there is room for."""
        heads = [cell_len(_("truth")), cell_len(_("answer"))]
        least = 1 + sum(heads) + len(GAP)
        numbers, left = "", width
        for word, head in zip(words[2:], (_("images"), _("share"), _("and back")), strict=True):
            columns = max(FIGURES, cell_len(head)) + len(GAP)
            if left - columns < least:
                break
            numbers += cell(word, columns, right=True)
            left -= columns
        left -= 1 + len(GAP)
        truth = max(0, min(left // 2, max(heads[0], self._labels)))
        guess = max(0, min(left - truth, max(heads[1], self._labels)))
        return f" {cell(words[0], truth)}{GAP}{cell(words[1], guess)}{numbers}"
