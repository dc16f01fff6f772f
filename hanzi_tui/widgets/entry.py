"""One line to type in."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from hanzi_tui.i18n import _, printable


class Entry(ModalScreen[str | None]):
    """Asks for a line of text; the result is what was typed, None for nothing.

    Args:
        title: shown literally.
        text: what stands there at first.
    """

    BINDINGS: ClassVar[list[BindingType]] = [("escape", "dismiss(None)", _("Back"))]

    def __init__(self, title: str, text: str = "") -> None:
        super().__init__()
        self._title = title
        self._text = text

    def compose(self) -> ComposeResult:
        with Vertical(id="ask"):
            yield Static(Content.styled(printable(self._title), "bold"))
            field = Input(printable(self._text), compact=True)
            field.cursor_blink = False
            yield field

    def on_key(self, event: events.Key) -> None:
        if event.is_printable and event.character:
            # The field keeps what it is given: this came before it could.
            event.stop()
            self.query_one(Input).insert_text_at_cursor(event.character)

    def on_click(self, event: events.Click) -> None:
        if event.widget is self:  # beside the line
            self.dismiss(None)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        self.dismiss(event.value)
