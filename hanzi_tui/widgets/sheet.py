"""A sheet of paper over the room: something to read, put away by escape or a click beside it."""

from __future__ import annotations

from typing import ClassVar, TypeVar

from textual import events
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

from hanzi_tui.i18n import _

Result = TypeVar("Result")


class Sheet(ModalScreen[Result | None]):
    """Fills most of the window; subclasses yield one container."""

    DEFAULT_CSS = """
    Sheet > Vertical, Sheet > VerticalScroll {
        width: 96%;
        max-width: 132;
        height: 94%;
        padding: 1 2;
        background: $panel;
        scrollbar-gutter: stable;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss(None)", _("Back"), id="sheet.back",
                tooltip=_("Back to the room")),
    ]  # fmt: skip

    def on_click(self, event: events.Click) -> None:
        if event.widget is self:  # beside the sheet
            self.dismiss(None)
