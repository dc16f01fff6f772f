"""The regions of a room: side by side, or one at a time where there is no room for more."""

from __future__ import annotations

from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widget import Widget

from hanzi_tui.i18n import _
from hanzi_tui.widgets.places import Places


class Regions(Horizontal):
    """Holds regions, of which one is current: that with the focus.

    The room's CSS says when only the current one is shown, by its class `-current`; the line of
    titles is for then. What holds a part of the regions in a column has the class `column`.

    Args:
        titles: id of a region → its title, in the order in which tab goes round.
    """

    DEFAULT_CSS = """
    Regions > Places { dock: top; display: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "tab(1)", _("Next"), id="regions.next", show=False,
                tooltip=_("To the next field, list or region, and round")),
        Binding("shift+tab", "tab(-1)", _("Previous"), id="regions.previous", show=False,
                tooltip=_("To the field, list or region before")),
    ]  # fmt: skip

    def __init__(self, titles: dict[str, str], *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._titles = titles
        self.current = next(iter(titles))

    def compose(self) -> ComposeResult:
        yield Places(self._titles)

    def on_mount(self) -> None:
        self._mark(self.current)

    def go_to(self, name: str, focus: Widget | None = None, *, last: bool = False) -> None:
        """Shows a region and moves the focus there.

        Args:
            name: of the region.
            focus: what gets the focus; by default the region's first widget that takes it.
            last: the last one instead.
        """
        self._mark(name)
        # Once the region is shown: what is hidden takes no focus.
        self.call_after_refresh(self._focus, name, focus, last)

    def _focus(self, name: str, widget: Widget | None, last: bool) -> None:
        if widget is None:
            inside = self._inside(name)
            widget = inside[-1 if last else 0] if inside else None
        self.screen.set_focus(widget)

    def _inside(self, name: str) -> list[Widget]:
        """Returns what takes the focus in a region, in order."""
        region = self.get_widget_by_id(name)
        chain = self.screen.focus_chain
        return [widget for widget in chain if region in widget.ancestors_with_self]

    def _mark(self, name: str) -> None:
        self.current = name
        for each in self._titles:
            self.get_widget_by_id(each).set_class(each == name, "-current")
        region = self.get_widget_by_id(name)
        for column in self.query(".column"):
            column.set_class(column in region.ancestors, "-current")
        self.query_one(Places).current = name

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        around = {widget.id for widget in event.widget.ancestors_with_self}
        for name in self._titles:
            if name in around and name != self.current:
                self._mark(name)

    @on(Places.Chosen)
    def _chosen(self, event: Places.Chosen) -> None:
        event.stop()
        self.go_to(event.name)

    def action_tab(self, step: int) -> None:
        inside, focused = self._inside(self.current), self.screen.focused
        at = inside.index(focused) + step if focused in inside else -1
        if 0 <= at < len(inside):
            self.screen.set_focus(inside[at])
            return
        names = list(self._titles)
        name = names[(names.index(self.current) + step) % len(names)]
        self.go_to(name, last=step < 0)
