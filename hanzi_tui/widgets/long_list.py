"""Any number of lines, of which only those in view are drawn; one of them is selected."""

from __future__ import annotations

from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.reactive import var
from textual.scroll_view import ScrollView
from textual.strip import Strip

from hanzi_tui.i18n import _, printable

Part = tuple[str, str]
"""A text as it may go to the terminal, and the component class that colours it, "" for none."""


class LongList(ScrollView, can_focus=True):
    """A list on the line API; subclasses say how many lines there are and what stands in each.

    A change of what `count` or `parts` return is told by `changed`.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"list--{part}" for part in ("cursor", "muted", "bad", "doubtful")
    }
    DEFAULT_CSS = """
    LongList {
        overflow-x: hidden;
        scrollbar-size-vertical: 1;
        scrollbar-color: $rule;
        scrollbar-background: $background;
        & > .list--cursor { background: $panel; text-style: bold; }
        & > .list--muted { color: $muted; }
        & > .list--bad { color: $error; }
        & > .list--doubtful { color: $warning; }
        &:focus > .list--cursor { background: $primary; color: $background; }
        &:nocolor > .list--cursor { text-style: bold reverse; }
    }
    """
    ALLOW_SELECT = False
    HEAD = 0
    """Lines at the top that stay when the others scroll."""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", _("Up"), id="list.up", show=False,
                tooltip=_("Select the line above")),
        Binding("down", "move(1)", _("Down"), id="list.down", show=False,
                tooltip=_("Select the line below")),
        Binding("pageup", "move_pages(-1)", _("Page up"), id="list.page_up", show=False,
                tooltip=_("Select a line one page above")),
        Binding("pagedown", "move_pages(1)", _("Page down"), id="list.page_down", show=False,
                tooltip=_("Select a line one page below")),
        Binding("home", "move(-999999999)", _("First"), id="list.first", show=False,
                tooltip=_("Select the first line")),
        Binding("end", "move(999999999)", _("Last"), id="list.last", show=False,
                tooltip=_("Select the last line")),
        Binding("enter", "open", _("open"), id="list.open", show=False,
                tooltip=_("Show more of the selected line")),
    ]  # fmt: skip

    _just_selected = False

    cursor: var[int] = var(0, init=False)
    empty: var[str] = var("", init=False)
    """What is said where there are no lines."""

    def count(self) -> int:
        """Returns how many lines there are."""
        raise NotImplementedError

    def parts(self, index: int, width: int) -> list[Part]:
        """Returns what stands in a line, for so many cells."""
        raise NotImplementedError

    def head_parts(self, width: int) -> list[Part]:
        """Returns what stands in the line above all others, where `HEAD` is 1."""
        return []

    def moved(self, index: int) -> None:
        """Hears that another line is selected."""

    def opened(self, index: int) -> None:
        """Hears that more of a line was asked for: by Enter, a click when selected, or two."""

    def opens_at(self, index: int, x: int) -> bool:
        """Says whether one click on this cell of a line opens it, selected or not."""
        return False

    def head_clicked(self, x: int) -> None:
        """Hears of a click on the head."""

    @property
    def _columns(self) -> int:
        """How many cells a line has: the scroll bar stands beside them."""
        return self.scrollable_content_region.width

    def changed(self) -> None:
        """Draws anew after lines came, went or changed."""
        self.virtual_size = Size(self._columns, self.count() + self.HEAD)
        self.cursor = self.validate_cursor(self.cursor)
        self.refresh()

    def extended(self, before: int) -> None:
        """Draws what is new after lines were appended to the first `before`."""
        self.virtual_size = Size(self._columns, self.count() + self.HEAD)
        if before < self.scroll_offset.y + self.size.height:
            self.refresh()

    def validate_cursor(self, cursor: int) -> int:
        return max(0, min(cursor, self.count() - 1))

    def watch_empty(self) -> None:
        self.refresh()

    def watch_cursor(self, before: int, cursor: int) -> None:
        for index in (before, cursor):
            y = index + self.HEAD - self.scroll_offset.y
            self.refresh(Region(0, y, self.size.width, 1))
        self._reveal()
        self.moved(cursor)

    def on_resize(self) -> None:
        self.virtual_size = Size(self._columns, self.count() + self.HEAD)
        self._reveal()

    def _reveal(self) -> None:
        top, height = self.scroll_offset.y, max(1, self.size.height - self.HEAD)
        if not top <= self.cursor < top + height:
            y = self.cursor if self.cursor < top else self.cursor - height + 1
            self.scroll_to(y=y, animate=False, force=True, immediate=True)

    def action_move(self, lines: int) -> None:
        self.cursor += lines

    def action_move_pages(self, pages: int) -> None:
        self.cursor += pages * max(1, self.size.height - self.HEAD - 1)

    def action_open(self) -> None:
        if self.count():
            self.opened(self.cursor)

    def on_click(self, event: events.Click) -> None:
        place = event.get_content_offset(self)
        if place is None:
            return
        if place.y < self.HEAD:
            self.head_clicked(place.x)
            return
        index = place.y - self.HEAD + self.scroll_offset.y
        if index < self.count():
            if event.chain == 1:
                self._just_selected = index != self.cursor and not self.opens_at(index, place.x)
                self.cursor = index
            # A double click opens once, be its first click on another line or on this one.
            if event.chain == (2 if self._just_selected else 1):
                self.opened(index)

    def render_line(self, y: int) -> Strip:
        width = self._columns
        if y < self.HEAD:
            return self._strip(self.head_parts(width), width, self.rich_style)
        index = y - self.HEAD + self.scroll_offset.y
        if index >= self.count():
            words = self.empty if index == 0 else ""
            return self._strip([(cell(words, width), "muted")], width, self.rich_style)
        if index == self.cursor:
            style = self.get_component_rich_style("list--cursor")
            texts = [(text, "") for text, _part in self.parts(index, width)]
            return self._strip(texts, width, style)
        return self._strip(self.parts(index, width), width, self.rich_style)

    def _strip(self, parts: list[Part], width: int, style: Style) -> Strip:
        segments = [
            Segment(text, style + self._colour(part) if part else style) for text, part in parts
        ]
        return Strip(segments).crop_extend(0, width, style)

    def _colour(self, part: str) -> Style:
        return self.get_component_rich_style(f"list--{part}", partial=True)


def cell(text: str, columns: int, right: bool = False) -> str:
    """Returns outside text in exactly so many cells, cut at its end."""
    text = printable(text)
    gap = columns - cell_len(text)
    return " " * gap + text if right and gap > 0 else set_cell_size(text, columns)


def path_cell(text: str, columns: int) -> str:
    """Returns a path in exactly so many cells, cut at its beginning: its end tells more."""
    return set_cell_size(path_end(text, columns), max(0, columns))


def path_end(text: str, columns: int) -> str:
    """Returns outside text in so many cells at most, the beginning left out where it is longer."""
    text = printable(text)
    if cell_len(text) > columns:
        while text and cell_len(text) > columns - 2:
            text = text[1:]
        text = ".." + text
    return text
