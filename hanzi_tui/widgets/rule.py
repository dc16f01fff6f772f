"""A rule between two regions, with their titles set into it."""

from __future__ import annotations

from rich.cells import cell_len
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from hanzi_tui.i18n import printable
from hanzi_tui.signs import UNICODE, Signs


class Rule(Widget):
    """A horizontal rule.

    Args:
        title: set into the rule at its left end, literally.
        signs: the line of the ASCII set is made of "-".
        right: set into its right end.
    """

    DEFAULT_CSS = """
    Rule {
        height: 1;
        color: $rule;
    }
    """
    title: reactive[str] = reactive("")
    right: reactive[str] = reactive("")

    def __init__(
        self,
        title: str = "",
        *,
        signs: Signs = UNICODE,
        right: str = "",
        id: str | None = None,  # noqa: A002
    ) -> None:
        super().__init__(id=id)
        self._line = signs.line
        self.set_reactive(Rule.title, title)
        self.set_reactive(Rule.right, right)

    def render(self) -> Content:
        width = self.size.width
        left, right = (f" {printable(text)} " if text else "" for text in (self.title, self.right))
        lead = self._line * 2 if left else ""
        gap = width - len(lead) - cell_len(left) - cell_len(right) - (2 if right else 0)
        if gap < 0:
            return Content.assemble(lead, (left, "$muted")).truncate(width)
        tail = self._line * 2 if right else ""
        return Content.assemble(lead, (left, "$muted"), self._line * gap, (right, "$muted"), tail)
