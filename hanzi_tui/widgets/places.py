"""The parts of a room side by side on a line, one of them shown."""

from __future__ import annotations

from dataclasses import dataclass

from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.style import Style
from textual.widget import Widget


class Places(Widget):
    """Titles to click; the current one stands in brackets.

    Args:
        titles: name → title.
    """

    auto_links = False
    DEFAULT_CSS = "Places { height: 1; width: auto; color: $muted; }"

    current: reactive[str] = reactive("")

    @dataclass
    class Chosen(Message):
        """Another part was clicked."""

        name: str

    def __init__(self, titles: dict[str, str]) -> None:
        super().__init__()
        self._titles = titles
        self.set_reactive(Places.current, next(iter(titles)))

    def render(self) -> Content:
        return Content("").join(
            Content.styled(f"[{title}]" if name == self.current else f" {title} ",
                           "bold $foreground" if name == self.current else "")
            .stylize(Style.from_meta({"@click": f"choose('{name}')"}))
            for name, title in self._titles.items()
        )  # fmt: skip

    def get_content_width(self, *_sizes: object) -> int:
        return self.render().cell_length

    def action_choose(self, name: str) -> None:
        self.post_message(self.Chosen(name))
