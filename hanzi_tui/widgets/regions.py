"""The regions of a room: side by side, or one at a time where there is no room for more."""

from __future__ import annotations

from itertools import takewhile
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

    Where there is no room for all, and while `alone` is on, only the current region is shown,
    below a line of the titles; the class `-single` says so. What holds some of the regions in a
    column has the class `column`.

    Args:
        titles: id of a region → its title, in the order in which tab goes round.
        room_for_all: columns that all regions need side by side; with 0 the room's CSS decides,
            and knows the current region by its class `-current`.
    """

    DEFAULT_CSS = """
    Regions > Places { dock: top; display: none; }
    Regions.-single > Places { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "tab(1)", _("Next"), id="regions.next", show=False,
                tooltip=_("To the next field, list or region, and round")),
        Binding("shift+tab", "tab(-1)", _("Previous"), id="regions.previous", show=False,
                tooltip=_("To the field, list or region before")),
    ]  # fmt: skip

    def __init__(
        self, titles: dict[str, str], room_for_all: int = 0, *, id: str | None = None  # noqa: A002
    ) -> None:  # fmt: skip
        super().__init__(id=id)
        self._titles = titles
        self._room_for_all = room_for_all
        self.current = next(iter(titles))
        self.alone = False

    def compose(self) -> ComposeResult:
        yield Places(self._titles)

    @property
    def single(self) -> bool:
        return self.alone or self.size.width < self._room_for_all

    def on_resize(self) -> None:
        self._show()

    def go_to(self, name: str, focus: Widget | None = None, *, last: bool = False) -> None:
        """Shows a region and moves the focus there.

        Args:
            name: of the region.
            focus: what gets the focus; by default the first of the region's widgets that take it,
                of which there is one at any time.
            last: the last one instead.
        """
        widget = focus or self._inside(name)[-1 if last else 0]
        # Before the old region hides: what is hidden while it has the focus drops it.
        self.screen.set_focus(widget)
        self.current = name
        self._show()
        # Where the widgets of a region lie is known once it is laid out.
        self.screen.refresh(layout=True)
        self.call_after_refresh(widget.scroll_visible, animate=False)

    def _show(self) -> None:
        self.query_one(Places).current = self.current
        if not self._room_for_all:
            for name in self._titles:
                self.get_widget_by_id(name).set_class(name == self.current, "-current")
            return
        # Not by classes: a change of one costs a look at all the widgets in a region.
        single = self.single
        self.set_class(single, "-single")
        for name in self._titles:
            self.get_widget_by_id(name).display = not single or name == self.current
        around = self.get_widget_by_id(self.current).ancestors
        for column in self.query(".column"):
            column.display = not single or column in around

    def _inside(self, name: str) -> list[Widget]:
        """Returns what takes the focus in a region, in order, also before the region is shown."""
        region = self.get_widget_by_id(name)
        return [widget for widget in region.walk_children(Widget, with_self=True)
                if widget.focusable and _is_shown_in(region, widget)]  # fmt: skip

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        around = {widget.id for widget in event.widget.ancestors_with_self}
        for name in self._titles:
            if name in around and name != self.current:
                self.current = name
                self._show()

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


def _is_shown_in(region: Widget, widget: Widget) -> bool:
    around = takewhile(lambda node: node is not region, widget.ancestors_with_self)
    return all(node.display for node in around)
