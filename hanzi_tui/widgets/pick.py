"""A list to pick one thing from, narrowed by typing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from hanzi_tui.i18n import _, printable

SHOWN = 500


@dataclass(frozen=True)
class Choice:
    """Something to pick: its value, and what is said of it."""

    value: str
    note: str = ""


class Pick(ModalScreen[str | None]):
    """Picks from a list; the result is the value, None for none.

    Args:
        title: shown literally.
        choices: in the order to show them in.
        empty: what to say when there is nothing to pick from.
    """

    DEFAULT_CSS = """
    Pick OptionList {
        text-wrap: nowrap;
        text-overflow: clip;
        & > .option-list--option { padding: 0; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [("escape", "dismiss(None)", _("Back"))]

    def __init__(self, title: str, choices: Sequence[Choice], empty: str = "") -> None:
        super().__init__()
        self._title = title
        self._choices = choices
        self._empty = empty

    def compose(self) -> ComposeResult:
        with Vertical(id="pick"):
            yield Static(Content.styled(printable(self._title), "bold"))
            field = Input(placeholder=_("type to narrow the list"), compact=True)
            field.cursor_blink = False
            yield field
            yield OptionList()
            if not self._choices:
                yield Static(Content.styled(printable(self._empty), "$muted"))

    def on_mount(self) -> None:
        self._narrow("")
        self.set_focus(self.query_one(OptionList if len(self._choices) <= 10 else Input))

    def on_input_changed(self, event: Input.Changed) -> None:
        self._narrow(event.value)

    def on_input_submitted(self) -> None:
        self.query_one(OptionList).action_select()

    def on_key(self, event: events.Key) -> None:
        if event.key in ("down", "up") and isinstance(self.focused, Input):
            event.stop()
            self.set_focus(self.query_one(OptionList))

    def on_click(self, event: events.Click) -> None:
        if event.widget is self:  # beside the list
            self.dismiss(None)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._choices[int(event.option.id or 0)].value)

    def _narrow(self, text: str) -> None:
        found = [(number, choice) for number, choice in enumerate(self._choices)
                 if text.lower() in f"{choice.value} {choice.note}".lower()]  # fmt: skip
        options = self.query_one(OptionList)
        options.clear_options()
        for number, choice in found[:SHOWN]:
            note = (f"  {printable(choice.note)}", "$text-muted")
            line = Content.assemble((printable(choice.value), "bold"), note)
            options.add_option(Option(line, id=str(number)))
        if found:
            options.highlighted = 0
