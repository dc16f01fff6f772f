"""One line that says what matters most, in as many words as there is room for."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.widget import Widget

from hanzi_tui.i18n import printable
from hanzi_tui.signs import UNICODE, Signs
from hanzi_tui.widgets.lines import cut


class VerdictLine(Widget):
    """Shows a sign and the first of several wordings that fits; the last one is cut.

    Args:
        signs: Unicode or ASCII.
    """

    DEFAULT_CSS = """
    VerdictLine {
        height: 1;
        padding: 0 1;
    }
    """

    def __init__(self, signs: Signs = UNICODE) -> None:
        super().__init__()
        self._signs = signs
        self._sign = Content("")
        self._wordings: tuple[Content, ...] = ()

    def show(self, sign: str, wordings: Sequence[str], style: str = "", of_sign: str = "") -> None:
        """Shows other words.

        Args:
            wordings: the longest first; literal.
            style: of the words.
            of_sign: style of the sign.
        """
        self._sign = Content.styled(f"{sign} ", of_sign or style)
        self._wordings = tuple(Content.styled(printable(one), style) for one in wordings)
        self.refresh()

    def render(self) -> Content:
        if not self._wordings:
            return Content("")
        room = self.content_size.width - self._sign.cell_length
        fitting = (one for one in self._wordings if one.cell_length <= room)
        return self._sign + cut(next(fitting, self._wordings[-1]), room, self._signs)
