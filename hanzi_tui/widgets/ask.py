"""A question with a few answers, each a key."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from hanzi_tui.i18n import _, printable


class Ask(ModalScreen[str | None]):
    """Asks; the result is the key of the answer, None for none.

    Args:
        question: shown literally.
        answers: key → what it does.
    """

    BINDINGS: ClassVar[list[BindingType]] = [("escape", "dismiss(None)", _("Back"))]

    def __init__(self, question: str, answers: dict[str, str]) -> None:
        super().__init__()
        self._question = question
        self._answers = answers

    def compose(self) -> ComposeResult:
        with Vertical(id="ask"):
            yield Static(Content(printable(self._question)))
            yield OptionList(*(
                Option(Content.assemble((f" {key} ", "bold $primary"), printable(text)), id=key)
                for key, text in self._answers.items()
            ))  # fmt: skip

    def on_key(self, event: events.Key) -> None:
        if event.character in self._answers:
            event.stop()
            self.dismiss(event.character)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option.id)
