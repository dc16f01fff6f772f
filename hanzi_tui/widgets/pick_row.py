"""A line of a form whose value is picked from a list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from hanzi_tui.i18n import _, printable


class PickRow(Widget, can_focus=True):
    """A label, a value, and what is said of it; Enter or a click asks for another value.

    Args:
        label: shown in `label_columns` cells.
    """

    DEFAULT_CSS = """
    PickRow { height: 1; }
    """
    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space,right", "pick", _("Pick"), id="pick_row.pick", show=False,
                tooltip=_("Pick another value from a list")),
    ]  # fmt: skip

    @dataclass
    class Asked(Message):
        """Another value is wanted."""

        row: PickRow

        @property
        def control(self) -> PickRow:
            return self.row

    def __init__(self, label: str, label_columns: int, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._label = label
        self._label_columns = label_columns
        self._value = self._note = ""

    def show(self, value: str, note: str = "") -> None:
        """Shows another value, literally."""
        self._value, self._note = printable(value), printable(note)
        self.refresh()

    def render(self) -> Content:
        gap = " " * max(1, self._label_columns + 1 - cell_len(self._label))
        focused = "bold " if self.has_focus else ""
        return Content.assemble(
            (self._label, focused), gap,
            (f"< {self._value} >", f"{focused}reverse" if focused else "$foreground"),
            (f"  {self._note}", "$muted"),
        ).truncate(self.size.width)  # fmt: skip

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def on_click(self) -> None:
        self.action_pick()

    def action_pick(self) -> None:
        self.post_message(self.Asked(self))
