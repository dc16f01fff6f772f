"""What a picture may show, the likeliest first, with bars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from hanzi_tui.i18n import printable
from hanzi_tui.signs import UNICODE, Signs
from hanzi_tui.widgets.long_list import cell
from hanzi_tui.wording import probability

LABEL_WIDTH = 24
BAR_WIDTH = 40


class Candidates(Widget):
    """Rank, label, probability and a bar on each line.

    Args:
        signs: Unicode or ASCII.
    """

    DEFAULT_CSS = "Candidates { height: auto; }"

    candidates: reactive[Sequence[tuple[str, float]]] = reactive[Sequence[tuple[str, float]]](
        (), layout=True
    )
    """Labels with their probabilities, 0 to 1."""
    sure: reactive[bool] = reactive(True)
    """Whether the first of them is the answer."""
    empty: reactive[str] = reactive("", layout=True)
    """What is said where there are none."""

    @dataclass
    class Clicked(Message):
        """A candidate was clicked; the likeliest has rank 1."""

        rank: int

    def __init__(self, signs: Signs = UNICODE, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._signs = signs

    def on_click(self, event: events.Click) -> None:
        if event.y < len(self.candidates):
            self.post_message(self.Clicked(event.y + 1))

    def render(self) -> Content:
        if not self.candidates:
            return Content.styled(self.empty, "$muted")
        width = self.size.width
        longest = max((cell_len(printable(label)) for label, _p in self.candidates), default=0)
        label_width = max(1, min(longest, LABEL_WIDTH, width - 11))
        rank_width = max(2, len(str(len(self.candidates))))
        bar_width = max(0, min(BAR_WIDTH, width - rank_width - label_width - 10))
        lines = []
        for rank, (label, share) in enumerate(self.candidates, 1):
            full = round(bar_width * share)
            first = rank == 1 and self.sure
            lines.append(Content.assemble(
                (f"{rank:>{rank_width}} ", "$muted"),
                (cell(label, label_width), "bold" if first else ""),
                f"  {probability(share)}  ",
                (self._signs.full * full, "$primary" if first else "$muted"),
                (self._signs.empty * (bar_width - full), "$rule"),
            ))  # fmt: skip
        return Content("\n").join(lines)
