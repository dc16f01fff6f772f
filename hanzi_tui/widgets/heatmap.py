"""The confusion matrix: all classes at once, and down to the single pair of characters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from numpy.typing import ArrayLike
from rich.segment import Segment
from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Offset, Region
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from hanzi_tui.i18n import _
from hanzi_tui.signs import ASCII, UNICODE, Signs
from hanzi_tui.widgets.heatmap_ink import Ink
from hanzi_tui.widgets.heatmap_sight import CENTRE, Cell, Sight
from hanzi_tui.widgets.heatmap_window import Integers, Mode

STEPS = (("up", -1, 0, _("Up")), ("down", 1, 0, _("Down")), ("left", 0, -1, _("Left")),
         ("right", 0, 1, _("Right")))  # fmt: skip
JUMP = 10
DEEP_STEP, FINE_STEP = 10, 2
MANY_COLOURS = ("256", "truecolor")


class Heatmap(Widget, can_focus=True):
    """A confusion matrix of any size, one row a true class, one column a guess.

    Args:
        labels: of the classes, shown literally.
        truth, guess, count: its non-zero entries, int `[M]`; see `Confusion`.
        signs: ASCII draws densities in place of half blocks.
    """

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "heatmap--sheet", "heatmap--label", "heatmap--chosen", "heatmap--cursor",
    }  # fmt: skip
    DEFAULT_CSS = """
    Heatmap { height: 1fr; min-height: 3; }
    Heatmap > .heatmap--sheet { background: $panel; }
    Heatmap > .heatmap--label { color: $muted; }
    Heatmap > .heatmap--chosen { color: $error; text-style: bold; }
    Heatmap > .heatmap--cursor { background: $error; color: auto; text-style: bold; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "zoom_in", _("zoom in"), id="heatmap.zoom_in",
                tooltip=_("Into the block under the cursor, a tenth of it a step")),
        Binding("plus,equals_sign", "zoom_in", _("Zoom in"), id="heatmap.plus", show=False,
                tooltip=_("Into the block under the cursor, a tenth of it a step")),
        Binding("minus,escape,backspace", "zoom_out", _("zoom out"), id="heatmap.zoom_out",
                tooltip=_("Ten times as many classes in a cell")),
        Binding("home", "zoom_whole", _("Whole matrix"), id="heatmap.whole", show=False,
                tooltip=_("Show all classes")),
        Binding("n", "next_mode", _("scale"), id="heatmap.mode",
                tooltip=_("What the colours stand for: images, shares of a class, or log scale")),
        Binding("d", "toggle_diagonal", _("diagonal"), id="heatmap.diagonal",
                tooltip=_("Hide what was recognised, so that errors stand out")),
        *(Binding(key, f"move({down}, {right})", text, id=f"heatmap.{key}", show=False,
                  tooltip=_("Move the cursor by a cell; the matrix follows"))
          for key, down, right, text in STEPS),
        *(Binding(f"shift+{key}", f"move({JUMP * down}, {JUMP * right})", text,
                  id=f"heatmap.far_{key}", show=False, tooltip=_("Move the cursor by ten cells"))
          for key, down, right, text in STEPS),
    ]  # fmt: skip

    mode: reactive[Mode] = reactive(Mode.COUNTS)
    diagonal: reactive[bool] = reactive(True)
    cell: reactive[Cell | None] = reactive(None, repaint=False)
    empty: reactive[str] = reactive("")
    """What is said before there are entries; each line of it is kept."""

    @dataclass
    class CellRead(Message):
        """The cursor is on another cell, or the cell has other content."""

        heatmap: Heatmap
        cell: Cell

    @dataclass
    class CellChosen(Message):
        """Enter or a double click on a pair of single classes."""

        heatmap: Heatmap
        cell: Cell

    def __init__(
        self,
        labels: Sequence[str] = (),
        truth: ArrayLike = (),
        guess: ArrayLike = (),
        count: ArrayLike = (),
        *,
        signs: Signs = UNICODE,
        id: str | None = None,  # noqa: A002 - as every Textual widget calls it
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._signs = signs
        self._sight = Sight(labels, truth, guess, count)
        self._ink: Ink | None = None
        self._grip: tuple[Offset, int, int] | None = None
        self._dragged = False

    def show(
        self, labels: Sequence[str], truth: ArrayLike, guess: ArrayLike, count: ArrayLike,
        at: tuple[int, int] | None = None,
    ) -> None:  # fmt: skip
        """Shows another matrix, whole, with the cursor at a pair, or on its largest error.

        Raises:
            ValueError: an entry is of no class that has a label.
        """
        self._sight = Sight(labels, truth, guess, count)
        if at is not None:
            self._sight.put_on(*at)
        self.refresh_bindings()
        self._look()

    def order(self, permutation: Sequence[int] | Integers) -> None:
        """Shows the classes in another order; the cursor stays on its pair.

        Args:
            permutation: class indices, each once, in the order to show them in.

        Raises:
            ValueError: it does not hold each class once.
        """
        self._sight.order(permutation)
        self._look(CENTRE)

    def go_to(self, truth_index: int, guess_index: int) -> None:
        """Puts the cursor on a pair of classes, at the nearest zoom.

        Raises:
            IndexError: there is no such class.
        """
        self._sight.go_to(truth_index, guess_index)
        self._look(CENTRE)

    def width_within(self, width: int, height: int) -> int:
        """Returns how many of `width` columns the whole matrix can make use of."""
        return self._sight.width_within(width, height)

    def _look(self, keep: tuple[float, float] | None = None) -> None:
        """Draws what changed, and tells if the cursor reads something else."""
        if not self.is_mounted or not self.size:
            return
        sight, before = self._sight, self._sight.picture
        sight.mode, sight.diagonal = self.mode, self.diagonal
        halves = self._colours and self._signs != ASCII
        sight.look(self.size.width, self.size.height, halves, keep)
        after = sight.picture
        if before is not None and after is not None and after.moved_only(before):
            for y in sorted(before.cursor_lines | after.cursor_lines):
                self.refresh(Region(0, y, self.size.width, 1).translate(self.content_offset))
        else:
            self.refresh()
        if sight.cell != self.cell:
            self.cell = sight.cell
            if sight.cell is not None:
                self.post_message(self.CellRead(self, sight.cell))

    @property
    def _colours(self) -> bool:
        many = self.app.is_headless or self.app.console.color_system in MANY_COLOURS
        return many and not self.app.no_color

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._ink = None

    def render_line(self, y: int) -> Strip:
        picture = self._sight.picture
        if picture is None:
            return self._empty_line(y)
        if self._ink is None:
            style = self.get_component_rich_style
            self._ink = Ink(
                self.rich_style, style("heatmap--sheet"), style("heatmap--label"),
                style("heatmap--chosen"), style("heatmap--cursor"),
                dark=self.app.current_theme.dark, colours=self._colours,
            )  # fmt: skip
        return picture.line(y, self._ink)

    def _empty_line(self, y: int) -> Strip:
        words = self.empty or _("No answers yet. An evaluation fills this matrix: a row for each "
                                "character, a column for each guess.")  # fmt: skip
        width, height = self.size
        lines = Text(words).wrap(self.app.console, max(1, width))
        at = y - max(0, height - len(lines)) // 3
        plain = lines[at].plain if 0 <= at < len(lines) else ""
        return Strip([Segment(plain, self.rich_style)]).adjust_cell_length(width, self.rich_style)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return len(self._sight.matrix.count) > 0

    def on_mount(self) -> None:
        self._look()

    def on_resize(self) -> None:
        self._look()

    def watch_mode(self) -> None:
        self._look()

    def watch_diagonal(self) -> None:
        self._look()

    def action_next_mode(self) -> None:
        self.mode = self.mode.next

    def action_toggle_diagonal(self) -> None:
        self.diagonal = not self.diagonal

    def action_move(self, down: int, right: int) -> None:
        self._sight.move(down, right)
        self._look()

    def action_zoom_in(self) -> None:
        if self._sight.zoom_in(DEEP_STEP):
            self._look(CENTRE)
        elif self.cell is not None:
            self.post_message(self.CellChosen(self, self.cell))

    def action_zoom_out(self) -> None:
        self._sight.zoom_out(DEEP_STEP)
        self._look(CENTRE)

    def action_zoom_whole(self) -> None:
        self._sight.zoom_whole()
        self._look()

    def on_mouse_down(self, event: events.MouseDown) -> None:
        picture, self._dragged = self._sight.picture, False
        if picture is not None and event.button == 1:
            self.capture_mouse()
            self._grip = event.screen_offset, picture.top, picture.left

    def on_mouse_move(self, event: events.MouseMove) -> None:
        picture = self._sight.picture
        if self._grip is None or picture is None:
            return
        start, top, left = self._grip
        away = event.screen_offset - start
        view = picture.view
        down, right = round(away.y * view.per_line / view.tall), round(away.x / view.cell)
        if self._sight.pan(top - down, left - right):
            self._dragged = True
            self._look()

    def on_mouse_up(self) -> None:
        self.release_mouse()
        self._grip = None

    def on_click(self, event: events.Click) -> None:
        if event.button == 3:
            self.action_zoom_out()
        elif not self._dragged and self._point(event):
            self._look()
            if event.chain == 2:
                self.action_zoom_in()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self._wheel(event, nearer=True)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self._wheel(event, nearer=False)

    def _wheel(self, event: events.MouseEvent, nearer: bool) -> None:
        """Zooms gently; what is under the pointer stays there."""
        event.stop()
        event.prevent_default()
        if self._point(event):
            self._look()
            picture = self._sight.picture
            assert picture is not None
            keep = picture.cursor_share
            if nearer:
                self._sight.zoom_in(FINE_STEP)
            else:
                self._sight.zoom_out(FINE_STEP)
            self._look(keep)

    def _point(self, event: events.MouseEvent) -> bool:
        """Puts the cursor on the cell under the pointer; returns whether there is one."""
        picture, offset = self._sight.picture, event.get_content_offset(self)
        cell = None if picture is None or offset is None else picture.cell_at(offset.x, offset.y)
        if cell is None:
            return False
        self._sight.point_at(*cell)
        return True
