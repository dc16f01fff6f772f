"""Paper to draw a character on, by the mouse or by keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.color import Color
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from hanzi_tui.i18n import _
from hanzi_tui.signs import ASCII, UNICODE, Signs
from hanzi_tui.strokes import Point, Stroke
from hanzi_tui.widgets.raster import INK, PAPER
from hanzi_tui.widgets.sketch_sheet import Sheet

PENS = (0.04, 0.065, 0.1)
"""Widths of the pen, in sides of the paper."""
KEY_STEPS = 24
"""Steps of the pen, led by keys, along a side of the paper."""
MIDDLE = (0.5, 0.5)
FIXED = {"ink": INK, "paper": PAPER, "guides": Color(51, 50, 46)}
"""Where the theme has ANSI colours: what those look like only the terminal knows."""


def _leads(key: str, name: str, across: int, down: int) -> Binding:
    return Binding(key, f"lead({across}, {down})", name, id=f"pad.{key}", show=False,
                   tooltip=_("Lead the pen that keys draw with"))  # fmt: skip


class SketchPad(Widget, can_focus=True):
    """Takes strokes, and draws them over the guide lines of a copybook.

    The square with the guide lines is the paper that strokes are measured by; one may draw beside
    it. A terminal that reports the mouse by pixels gives finer strokes than its cells.

    Args:
        signs: Unicode or ASCII.
    """

    BINDING_GROUP_TITLE = _("Sketch")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("u,ctrl+z", "undo", _("undo"), id="pad.undo", key_display="u",
                tooltip=_("Take back the last stroke")),
        Binding("c,delete", "clear", _("clear"), id="pad.clear", key_display="c",
                tooltip=_("Take an empty sheet")),
        Binding("w", "pen", _("pen"), id="pad.pen",
                tooltip=_("Take the next wider pen, or the thinnest again")),
        Binding("space", "lower", _("pen down/up"), id="pad.lower",
                tooltip=_("Set the pen down to draw by the arrow keys, or lift it")),
        _leads("left", _("Left"), -1, 0),
        _leads("right", _("Right"), 1, 0),
        _leads("up", _("Up"), 0, -1),
        _leads("down", _("Down"), 0, 1),
        _leads("home", _("Up and left"), -1, -1),
        _leads("pageup", _("Up and right"), 1, -1),
        _leads("end", _("Down and left"), -1, 1),
        _leads("pagedown", _("Down and right"), 1, 1),
    ]  # fmt: skip
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"sketch--{part}" for part in ("ink", "paper", "guides", "pen")
    }
    DEFAULT_CSS = """
    SketchPad {
        & > .sketch--ink { color: $foreground; }
        & > .sketch--paper { color: $surface; }
        & > .sketch--guides { color: $rule; }
        & > .sketch--pen { color: $primary; text-style: bold; }
    }
    """
    ALLOW_SELECT = False

    @dataclass
    class Changed(Message):
        """The drawing or the pen changed."""

    def __init__(self, *, signs: Signs = UNICODE, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._signs = signs
        self._sheet = Sheet(Size(0, 0))
        self._stroke: Stroke | None = None
        self._by_mouse = False
        self._pen_at: Point | None = None
        self._in_pixels = False
        self.strokes: list[Stroke] = []
        """What was drawn."""
        self.pen = 1
        """Which of `PENS` draws."""

    @property
    def pen_is_down(self) -> bool:
        """Whether a stroke is being drawn."""
        return self._stroke is not None

    def action_undo(self) -> None:
        self._stroke = None
        if self.strokes:
            self.strokes.pop()
            self._redraw()
            self.post_message(self.Changed())

    def action_clear(self) -> None:
        self._stroke = None
        self.strokes = []
        self._redraw()
        self.post_message(self.Changed())

    def action_pen(self) -> None:
        self._stroke = None
        self.pen = (self.pen + 1) % len(PENS)
        self.post_message(self.Changed())

    def action_lower(self) -> None:
        if self._stroke is None:
            self._set_down(self._pen_at or MIDDLE, by_mouse=False)
        else:
            self._lift()
        self._show_pen(self._pen_at or MIDDLE)

    def action_lead(self, across: int, down: int) -> None:
        x, y = self._pen_at or MIDDLE
        point = _stepped(x, across), _stepped(y, down)
        if self._stroke is not None and not self._by_mouse:
            self._lead(point)
        self._show_pen(point)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        if event.button == 1:
            event.stop()
            self.capture_mouse()
            self._show_pen(None)
            point = self._pointed_at(event)
            self._set_down(point, by_mouse=True)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        point = self._pointed_at(event)
        if self._stroke is not None and self._by_mouse:
            event.stop()
            if event.button == 1:
                self._lead(point)
            else:  # the button was released where the terminal does not see it
                self.on_mouse_up()

    def on_mouse_up(self) -> None:
        self.release_mouse()
        if self._by_mouse:
            self._lift()

    def on_resize(self) -> None:
        self._redraw()

    def on_blur(self) -> None:
        self._lift()
        self._show_pen(None)

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self.refresh()

    def render_line(self, y: int) -> Strip:
        # A line may be asked for before the event tells of another size.
        if self._sheet.size != self.size:
            self._take_sheet()
        if self._signs == ASCII:
            strip = self._sheet.in_characters(y, self._style("ink"), self._style("guides"))
        else:
            colours = (self._colour(part) for part in ("ink", "paper", "guides"))
            strip = self._sheet.in_half_blocks(y, *colours)
        if self._pen_at is None:
            return strip
        column, row = self._sheet.cell(self._pen_at)
        if row != y:
            return strip
        sign = Segment("x" if self.pen_is_down else "+", self._style("pen"))
        return Strip.join([strip.crop(0, column), Strip([sign], 1), strip.crop(column + 1)])

    def _set_down(self, point: Point, by_mouse: bool) -> None:
        self._by_mouse = by_mouse
        grain = self._mouse_grain if by_mouse else 1 / KEY_STEPS
        self._stroke = Stroke(PENS[self.pen], grain=grain)
        self.strokes.append(self._stroke)
        self._lead(point)

    def _lead(self, point: Point) -> None:
        if self._stroke is not None and self._stroke.lead(point):
            self.refresh(self._sheet.lengthen(self._stroke))
            self.post_message(self.Changed())

    def _lift(self) -> None:
        if self._stroke is not None:
            self._stroke = None
            self.post_message(self.Changed())

    @property
    def _mouse_grain(self) -> float:
        return 0.0 if self._in_pixels else 2 / self._sheet.place.side_px

    def _pointed_at(self, event: events.MouseEvent) -> Point:
        x, y = event.pointer_x, event.pointer_y
        self._in_pixels = self._in_pixels or bool(x % 1 or y % 1)
        if not self._in_pixels:
            x, y = x + 0.5, y + 0.5
        width, height = self.size
        return self._sheet.place.on_paper(min(max(x, 0), width), 2 * min(max(y, 0), height))

    def _take_sheet(self) -> None:
        self._sheet = Sheet(self.size)
        self._sheet.draw(self.strokes)

    def _redraw(self) -> None:
        self._take_sheet()
        self.refresh()

    def _show_pen(self, point: Point | None) -> None:
        for at in (self._pen_at, point):
            if at is not None:
                self.refresh(Region(*self._sheet.cell(at), 1, 1))
        self._pen_at = point

    def _colour(self, part: str) -> Color:
        colour = self.get_component_styles(f"sketch--{part}").color
        return colour if colour.ansi is None else FIXED[part]

    def _style(self, part: str) -> Style:
        return self.get_component_rich_style(f"sketch--{part}")


def _stepped(at: float, steps: int) -> float:
    """Returns a place along a side after some steps of the keys, still on the paper."""
    return min(max(round(at * KEY_STEPS) + steps, 0), KEY_STEPS) / KEY_STEPS
