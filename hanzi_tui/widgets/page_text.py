"""The text of a page, character by character, with one of them selected."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Region
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from hanzi_tui.i18n import _
from hanzi_tui.widgets.long_list import cell
from pipeline.recognition.page_text import Page, PageCharacter

CELLS = 2
"""A character's width in the terminal; longer labels are cut to it."""
Place = tuple[int, int]
"""Line, and character in it, from 0."""


class PageText(Widget, can_focus=True):
    """A line of the page is a line here, or several; what is not sure is marked."""

    DEFAULT_CSS = """
    PageText { height: auto; }
    """
    BINDING_GROUP_TITLE = _("Text of a page")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "move(-1)", _("Character before"), id="page.previous", show=False,
                tooltip=_("Select the character before this one")),
        Binding("right", "move(1)", _("Next character"), id="page.next", show=False,
                tooltip=_("Select the character after this one")),
        Binding("up", "line(-1)", _("Line before"), id="page.up", show=False,
                tooltip=_("Select a character of the line before")),
        Binding("down", "line(1)", _("Next line"), id="page.down", show=False,
                tooltip=_("Select a character of the next line")),
        Binding("n", "doubtful", _("next not sure"), id="page.doubtful",
                tooltip=_("Select the next character that is not sure")),
    ]  # fmt: skip

    page: reactive[Page | None] = reactive[Page | None](None, layout=True)
    place: reactive[Place] = reactive((0, 0))

    @dataclass
    class Selected(Message):
        """Another character was selected."""

        character: PageCharacter

    @property
    def selected(self) -> PageCharacter | None:
        """The character at `place`."""
        if self.page is None or not self.page.lines:
            return None
        line, place = self.place
        return self.page.lines[line][place]

    def watch_page(self) -> None:
        # Another page has another character there, so that this is told in any case.
        self.set_reactive(PageText.place, (0, 0))
        self.watch_place()

    def watch_place(self) -> None:
        if self.selected is not None:
            self.post_message(self.Selected(self.selected))
            # Beyond the border of what is shown the text follows.
            self.call_after_refresh(self._follow)

    def _follow(self) -> None:
        row, column = self._drawn_at(self.place)
        if self.parent is not None and isinstance(self.parent, Widget):
            self.parent.scroll_to_region(Region(column, row, CELLS, 1), animate=False)

    @property
    def _across(self) -> int:
        """Characters in a row of the terminal."""
        return max(1, self.size.width // CELLS)

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        lines = self.page.lines if self.page is not None else ()
        across = max(1, width // CELLS)
        return max(1, sum(-(-len(line) // across) for line in lines))

    def _drawn_at(self, place: Place) -> tuple[int, int]:
        """Returns row and column, in cells."""
        lines = self.page.lines if self.page is not None else ()
        above = sum(-(-len(line) // self._across) for line in lines[: place[0]])
        return above + place[1] // self._across, place[1] % self._across * CELLS

    def _places(self) -> list[Place]:
        lines = self.page.lines if self.page is not None else ()
        return [(i, j) for i, line in enumerate(lines) for j in range(len(line))]

    def action_move(self, characters: int) -> None:
        places = self._places()
        if places:
            at = places.index(self.place) + characters
            self.place = places[max(0, min(at, len(places) - 1))]

    def action_line(self, lines: int) -> None:
        if self.page is not None and self.page.lines:
            line = max(0, min(self.place[0] + lines, len(self.page.lines) - 1))
            self.place = (line, min(self.place[1], len(self.page.lines[line]) - 1))

    def action_doubtful(self) -> None:
        places = self._places()
        if self.page is None or not places:
            return
        at = places.index(self.place) + 1
        for line, place in places[at:] + places[:at]:
            if self.page.lines[line][place].verdict != "sure":
                self.place = (line, place)
                return

    def on_click(self, event: events.Click) -> None:
        at = event.y, event.x // CELLS * CELLS
        for place in self._places():
            if self._drawn_at(place) == at:
                self.place = place

    def render(self) -> Content:
        lines = self.page.lines if self.page is not None else ()
        rows = []
        for number, line in enumerate(lines):
            parts = [self._drawn(one, (number, at)) for at, one in enumerate(line)]
            starts = range(0, len(parts), self._across)
            rows += [Content.assemble(*parts[start : start + self._across]) for start in starts]
        return Content("\n").join(rows)

    def _drawn(self, character: PageCharacter, place: Place) -> tuple[str, str]:
        style = "" if character.verdict == "sure" else "$warning"
        if place == self.place:
            style += " reverse" if self.has_focus else " underline"
        return cell(character.label, CELLS), style.strip()
