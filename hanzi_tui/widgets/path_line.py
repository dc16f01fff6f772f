"""Where something came from, on one line."""

from __future__ import annotations

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from hanzi_tui.widgets.long_list import path_cell


class PathLine(Widget):
    """A path, shown literally; of a long one its end."""

    DEFAULT_CSS = "PathLine { height: 1; color: $muted; }"

    path: reactive[str] = reactive("")

    def render(self) -> Content:
        return Content(path_cell(self.path, self.size.width))
