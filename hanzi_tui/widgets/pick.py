"""A list to pick one thing from, narrowed by typing."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events, work
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

    What is typed narrows the list from the first key on, wherever the focus is.

    Args:
        title: shown literally.
        choices: in the order to show them in; they may come later.
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

    def __init__(
        self, title: str, choices: Sequence[Choice] | Awaitable[Sequence[Choice]], empty: str = ""
    ) -> None:
        super().__init__()
        self._title = title
        self._asked = choices
        self._choices: Sequence[Choice] = ()
        self._empty = empty
        self._waiting = False

    def compose(self) -> ComposeResult:
        with Vertical(id="pick"):
            yield Static(Content.styled(printable(self._title), "bold"))
            field = Input(placeholder=_("type to narrow the list"), compact=True)
            field.cursor_blink = False
            yield field
            yield OptionList()
            yield Static(Content.styled(_("looking…"), "$muted"), id="nothing")

    def on_mount(self) -> None:
        if isinstance(self._asked, Sequence):
            self._show(self._asked)
        else:
            self.set_focus(self.query_one(Input))
            self._await(self._asked)

    @work(exit_on_error=False)
    async def _await(self, choices: Awaitable[Sequence[Choice]]) -> None:
        self._show(await choices)

    def _show(self, choices: Sequence[Choice]) -> None:
        self._choices = choices
        nothing = self.query_one("#nothing", Static)
        nothing.update(Content.styled(printable(self._empty), "$muted"))
        nothing.display = not choices
        typed = self.query_one(Input).value
        self._narrow(typed)
        self.set_focus(self.query_one(OptionList if len(choices) <= 10 and not typed else Input))
        if self._waiting:
            self.on_input_submitted()

    def on_input_changed(self, event: Input.Changed) -> None:
        self._narrow(event.value)

    def on_input_submitted(self) -> None:
        self._waiting = not self._choices
        self.query_one(OptionList).action_select()

    def on_key(self, event: events.Key) -> None:
        field = self.query_one(Input)
        if event.key in ("down", "up") and self.focused is field:
            event.stop()
            self.set_focus(self.query_one(OptionList))
        elif event.is_printable and event.character and event.key != "space":
            # The field itself keeps what it is given: this went to the list, or came before both.
            event.stop()
            self.set_focus(field)
            field.insert_text_at_cursor(event.character)

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
