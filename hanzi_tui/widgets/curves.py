"""Live curves of one metric: zoom, smoothing, log scale, and a cursor that reads points off."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import var
from textual.strip import Strip
from textual.timer import Timer
from textual.widget import Widget

from hanzi_tui.i18n import _
from hanzi_tui.signs import ASCII, UNICODE, Signs
from hanzi_tui.widgets.captions import centred_row, flowing, heading, reading, text_row
from hanzi_tui.widgets.chart import Chart, Series
from hanzi_tui.widgets.plot import STYLES, Cell, Drawing, best_sign, differences, draw, looks, runs

__all__ = ["Chart", "Curves", "Series"]

INTERVAL_S = 1.0
SMOOTHINGS = (0.0, 0.6, 0.9, 0.99)
DEEPEST_ZOOM = 1 / 1024
LEAST_COLUMNS, LEAST_ROWS = 20, 5  # a plot smaller than that says nothing
LEGEND_SHARE = 4  # of so many rows one may be legend
WANTED_ROWS = 15  # 12 of curves, their axis and what they read, before a legend takes two


class Curves(Widget, can_focus=True):
    """Shows a `Chart`; set `chart` to a new one when there is more to show.

    Rows are kept as cells, and an update repaints only the spans of them that differ.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"curves--{style}" for style in STYLES}
    DEFAULT_CSS = """
    Curves {
        width: 1fr;
        height: 1fr;
        .curves--axis, .curves--raw { color: $foreground 50%; }
        .curves--title { text-style: bold; }
        &:focus .curves--title { text-style: bold underline; }
        .curves--best { color: $success; text-style: bold; }
        .curves--cursor { color: $primary; text-style: bold; }
        .curves--train, .curves--other1 { color: $foreground; }
        .curves--validation, .curves--other2 { color: $accent; }
        .curves--other3 { color: $success; }
        .curves--other4 { color: $secondary; }
        .curves--other5 { color: $warning; }
        .curves--other6 { color: $error; }
        &:ansi .curves--axis, &:ansi .curves--raw { text-style: dim; }
    }
    """
    ALLOW_SELECT = False
    BINDING_GROUP_TITLE = _("Curves")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "read(-1)", _("Read left"), id="curves.left",
                tooltip=_("Move the reading line to the point on the left")),
        Binding("right", "read(1)", _("Read right"), id="curves.right",
                tooltip=_("Move the reading line to the point on the right")),
        Binding("home", "read(-1000)", _("First point"), id="curves.first", show=False,
                tooltip=_("Read the first point that is shown")),
        Binding("end", "read(1000)", _("Last point"), id="curves.last", show=False,
                tooltip=_("Read the last point that is shown")),
        Binding("z,plus", "zoom(0.5)", _("Zoom in"), id="curves.zoom_in",
                tooltip=_("Show half as much, about the reading line")),
        Binding("Z,minus", "zoom(2.0)", _("Zoom out"), id="curves.zoom_out",
                tooltip=_("Show twice as much")),
        Binding("shift+left,left_square_bracket", "pan(-0.25)", _("Earlier"), id="curves.earlier",
                show=False, tooltip=_("Move a zoomed view to the left")),
        Binding("shift+right,right_square_bracket", "pan(0.25)", _("Later"), id="curves.later",
                show=False, tooltip=_("Move a zoomed view to the right")),
        Binding("escape", "reset", _("Whole"), id="curves.reset",
                tooltip=_("Show everything again and put the reading line away")),
        Binding("l", "log", _("Log scale"), id="curves.log",
                tooltip=_("Switch the vertical axis between linear and logarithmic")),
        Binding("m", "smooth", _("Smooth"), id="curves.smooth",
                tooltip=_("Smooth what was measured per step: not at all, 0.6, 0.9, 0.99")),
    ]  # fmt: skip

    chart: var[Chart] = var(Chart, init=False)
    view: var[tuple[float, float] | None] = var(None, init=False)
    cursor: var[float | None] = var(None, init=False)
    log_scale: var[bool] = var(False, init=False)
    smoothing: var[float] = var(0.6, init=False)
    signs: var[Signs] = var(UNICODE, init=False)

    @dataclass
    class PointRead(Message):
        """The cursor stands at `x`; `values` has what each series measured nearest to it."""

        curves: Curves
        x: float
        values: Mapping[str, float]

        @property
        def control(self) -> Curves:
            return self.curves

    @dataclass
    class ViewChanged(Message):
        """The x range shown is `view` now, None for all of it."""

        curves: Curves
        view: tuple[float, float] | None

        @property
        def control(self) -> Curves:
            return self.curves

    def __init__(
        self, chart: Chart | None = None, *, signs: Signs = UNICODE, smoothing: float = 0.6,
        log_scale: bool = False, interval_s: float = INTERVAL_S, name: str | None = None,
        id: str | None = None, classes: str | None = None,  # noqa: A002
    ) -> None:  # fmt: skip
        """Makes the widget; new charts are drawn at most once in `interval_s`, keys at once."""
        super().__init__(name=name, id=id, classes=classes)
        self._rows: list[list[Cell]] = []
        self._drawing: Drawing | None = None
        self._planned = False
        self._interval_s = interval_s
        self._due_s = 0.0
        self._timer: Timer | None = None
        self.set_reactive(Curves.chart, chart or Chart())
        self.set_reactive(Curves.signs, signs)
        self.set_reactive(Curves.smoothing, smoothing)
        self.set_reactive(Curves.log_scale, log_scale)

    def zoom(self, factor: float) -> None:
        """Shows `factor` times the present x range about the cursor, or about its middle."""
        low, high = self.view or self.chart.extent
        centre = (low + high) / 2 if self.cursor is None else self.cursor
        share = (centre - low) / (high - low)
        first, last = self.chart.extent
        width = max((high - low) * factor, (last - first) * DEEPEST_ZOOM)
        self._look_at(centre - share * width, width)

    def pan(self, share: float) -> None:
        """Moves a zoomed view by a share of its width."""
        if self.view:
            low, high = self.view
            self._look_at(low + share * (high - low), high - low)

    def reset(self) -> None:
        """Shows everything and puts the cursor away."""
        self.view, self.cursor = None, None

    def _look_at(self, low: float, width: float) -> None:
        first, last = self.chart.extent
        if width >= last - first:
            self.view = None
        else:
            low = min(max(low, first), last - width)
            self.view = (low, low + width)

    def read(self, x: float) -> None:
        """Puts the cursor at `x` and posts what each series measured there."""
        self.cursor = x
        values = {}
        for number, series in enumerate(self.chart.series):
            if (at := self.chart.nearest(number, x, self._near)) is not None:
                values[series.name] = float(series.points[1][at])
        self.post_message(self.PointRead(self, x, values))

    def action_read(self, steps: int) -> None:
        stops = self._drawing.stops if self._drawing else {}
        xs = np.array([stops[column] for column in sorted(stops)])
        if not len(xs):
            return
        if self.cursor is None:
            target = 0 if steps < -1 else len(xs) - 1
        else:
            target = int(np.abs(xs - self.cursor).argmin()) + steps
        self.read(float(xs[min(max(target, 0), len(xs) - 1)]))

    action_zoom, action_pan, action_reset = zoom, pan, reset

    def action_log(self) -> None:
        self.log_scale = not self.log_scale

    def action_smooth(self) -> None:
        higher = [weight for weight in SMOOTHINGS if weight > self.smoothing]
        self.smoothing = higher[0] if higher else SMOOTHINGS[0]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return action != "reset" or self.view is not None or self.cursor is not None

    def on_mouse_down(self, event: events.MouseDown) -> None:
        self._read_under(event)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if event.button:
            self._read_under(event)

    def _read_under(self, event: events.MouseEvent) -> None:
        place = event.get_content_offset(self)
        if place and self._drawing and self._drawing.stops:
            column = place.x - self._drawing.left
            nearest = min(self._drawing.stops, key=lambda stop: abs(stop - column))
            self.read(self._drawing.stops[nearest])

    def on_mount(self) -> None:
        self._plan()

    def on_resize(self) -> None:
        self._plan()

    def watch_chart(self) -> None:
        wait_s = self._due_s - time.monotonic()
        if wait_s <= 0:
            self._plan(redraw=True)
        elif self._timer is None:
            self._timer = self.set_timer(wait_s, self._come_due)

    def _come_due(self) -> None:
        self._timer = None
        self._redraw()

    def _redraw(self) -> None:
        self._plan(redraw=True)

    watch_log_scale = watch_smoothing = watch_signs = _redraw

    def validate_smoothing(self, weight: float) -> float:
        return min(max(weight, 0.0), SMOOTHINGS[-1])

    def watch_cursor(self) -> None:
        self.refresh_bindings()
        self._plan()

    def watch_view(self) -> None:
        self.refresh_bindings()
        self.post_message(self.ViewChanged(self, self.view))
        self._plan(redraw=True)

    def _plan(self, redraw: bool = False) -> None:
        """Asks for new rows; many requests before the next idle moment are one."""
        if redraw:
            self._drawing = None
        if not self._planned:
            self._planned = True
            self.call_later(self._update)

    def _update(self) -> None:
        self._planned = False
        width, height = self.size
        before, self._rows = self._rows, self._new_rows(width, height) if width else []
        if [len(row) for row in before] != [len(row) for row in self._rows]:
            self.refresh()
        elif regions := list(differences(before, self._rows)):
            self.refresh(*regions)

    def _new_rows(self, width: int, height: int) -> list[list[Cell]]:
        chart, ascii_only = self.chart, self.signs == ASCII
        drawn = looks(chart, ascii_only)
        above = heading(chart, drawn, self.view, self.log_scale, self.smoothing, width)
        most = min(height // LEGEND_SHARE, height - WANTED_ROWS)
        rows = flowing(above, width, max(1, most))
        rows += self._body(width, height - len(rows) - 1)
        sign = best_sign(ascii_only)
        below = reading(chart, drawn, self.cursor, self._near, self.smoothing, sign, width)
        return [*rows, text_row(below, width)][:height]

    def _body(self, width: int, height: int) -> list[list[Cell]]:
        if width < LEAST_COLUMNS or height < LEAST_ROWS:
            return [text_row([], width)] * height
        if not any(len(series.points[0]) for series in self.chart.series):
            rows = [text_row([], width)] * height
            rows[height // 2] = centred_row(_("Curves appear after the first steps."), width)
            return rows
        ascii_only = self.signs == ASCII
        if self._drawing is None or self._drawing.size != (width, height):
            self._due_s = time.monotonic() + self._interval_s
            self._drawing = draw(self.chart, width, height, view=self.view, log=self.log_scale,
                                 smoothing=self.smoothing, ascii_only=ascii_only)  # fmt: skip
        return self._drawing.with_cursor(self.cursor, "|" if ascii_only else "│")

    @property
    def _near(self) -> float:
        low, high = self.view or self.chart.extent
        return (high - low) / max(1, self.size.width)

    def render_line(self, y: int) -> Strip:
        if y >= len(self._rows):
            return Strip.blank(self.size.width, self.rich_style)
        return Strip(
            [Segment(text, self.get_component_rich_style(f"curves--{style}"))
             for text, style in runs(self._rows[y])],
            len(self._rows[y]),
        ).simplify()  # fmt: skip
