"""What was judged, and how well it did, on one line."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.widget import Widget

from hanzi_tui.i18n import printable

GAP = "   "
ENDS = ".."


class ScoreLine(Widget):
    """A subject and facts about it; those at the right end go first when room is short."""

    DEFAULT_CSS = "ScoreLine { height: 1; }"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._subject = ""
        self._facts: Sequence[str] = ()

    def show(self, subject: str, facts: Sequence[str]) -> None:
        """Shows another subject, literally; the first fact is never left out for its sake."""
        self._subject, self._facts = printable(subject), facts
        self.refresh()

    def render(self) -> Content:
        width = self.size.width
        first = len(GAP) + Content(self._facts[0]).cell_length if self._facts else 0
        line, room = Content(self._subject), max(0, width - first)
        if line.cell_length > room:
            line = (line.truncate(max(0, room - len(ENDS))) + Content(ENDS)).truncate(room)
        line = line.stylize("bold")
        for fact in self._facts:
            longer = Content.assemble(line, GAP, fact)
            if longer.cell_length > width:
                break
            line = longer
        return line
