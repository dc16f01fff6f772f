"""One of a few values on one line: a word between arrows, or a box that is ticked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from rich.cells import cell_len
from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from hanzi_tui.i18n import _


class Choice(Widget, can_focus=True):
    """A value out of `values`, shown as its word.

    Args:
        values: what can be chosen.
        words: how each is shown, literally.
        value: the first choice.
    """

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    Choice { width: auto; height: 1; }
    Choice:focus { text-style: bold reverse; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "step(-1)", _("Previous"), id="choice.previous", show=False,
                tooltip=_("The value before this one")),
        Binding("right,space,enter", "step(1)", _("Next"), id="choice.next", show=False,
                tooltip=_("The value after this one")),
    ]  # fmt: skip

    value: reactive[Any] = reactive[Any](None)

    @dataclass
    class Changed(Message):
        """The user chose another value."""

        choice: Choice
        value: Any

    def __init__(self, values: Sequence[Any], words: Sequence[str], value: Any) -> None:
        super().__init__()
        self._values, self._words = list(values), list(words)
        self.set_reactive(Choice.value, value)

    def render(self) -> Content:
        word = self._words[self._values.index(self.value)]
        room = max(map(cell_len, self._words)) - cell_len(word)
        return Content(f"< {word}{' ' * room} >")

    def get_content_width(self, *_sizes: object) -> int:
        return self.render().cell_length

    def action_step(self, step: int) -> None:
        self.value = self._values[(self._values.index(self.value) + step) % len(self._values)]
        self.post_message(self.Changed(self, self.value))

    def on_click(self, event: events.Click) -> None:
        # With two values either arrow leads to the other one, so this serves the boxes too.
        self.action_step(-1 if event.x < len("< ") else 1)


class Toggle(Choice):
    """Yes or no: a box and a word."""

    def __init__(self, value: bool, off: str | None = None, on: str | None = None) -> None:
        super().__init__([False, True], [off or _("off"), on or _("on")], value)

    def render(self) -> Content:
        word = self._words[self.value]
        room = max(map(cell_len, self._words)) - cell_len(word)
        return Content(f"[{'x' if self.value else ' '}] {word}{' ' * room}")


class Fold(Toggle):
    """Whether more is shown below."""

    def render(self) -> Content:
        return Content(f"{'-' if self.value else '+'} {self._words[self.value]}")
