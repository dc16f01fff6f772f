"""One image with a caption, and grids of thousands of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.cache import LRUCache
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import var
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget

from hanzi_tui.i18n import _
from hanzi_tui.signs import ASCII, UNICODE, Signs
from hanzi_tui.widgets.raster import INK, PAPER, Image, density, half_blocks, literal

__all__ = ["Glyph", "GlyphGrid", "GlyphItem", "density", "half_blocks"]

CACHED_ITEMS = 512
PARTS = {f"glyphs--{part}" for part in ("ink", "paper", "caption", "right", "wrong", "selected")}
COLOURS = """
        .glyphs--ink { color: $foreground; }
        .glyphs--paper { color: $surface; }
        .glyphs--right { color: $success; }
        .glyphs--wrong { color: $error; }
        .glyphs--selected { color: $primary; text-style: bold; }
"""


@dataclass(frozen=True, eq=False)
class GlyphItem:
    """One image of a grid.

    Args:
        image: uint8 [H, W] with ink as 255 on 0 or [H, W, 3] in RGB; what is called for one is
            called when the image comes into view.
        caption: shown literally.
        verdict: colours the caption, which should say it as well.
    """

    image: Image | Callable[[], Image]
    caption: str = ""
    verdict: Literal["", "right", "wrong"] = ""


def _drawn(widget: Widget, image: Image, columns: int, rows: int, signs: Signs) -> list[Strip]:
    if signs == ASCII:
        return density(image, columns, rows, widget.get_component_rich_style("glyphs--ink"))
    ink, paper = (widget.get_component_styles(f"glyphs--{of}").color for of in ("ink", "paper"))
    if ink.ansi is not None or paper.ansi is not None:
        ink, paper = INK, PAPER  # what an ANSI colour looks like only the terminal knows
    return half_blocks(image, columns, rows, ink, paper)


class Glyph(Widget):
    """Shows an image as large as it fits, with a caption below it."""

    COMPONENT_CLASSES: ClassVar[set[str]] = PARTS
    DEFAULT_CSS = f"Glyph {{ width: 1fr; height: 1fr; {COLOURS} }}"
    ALLOW_SELECT = False

    image: var[Image | None] = var(None, init=False, always_update=True)
    caption: var[str] = var("", init=False)

    def __init__(
        self, image: Image | None = None, caption: str = "", *, signs: Signs = UNICODE,
        name: str | None = None, id: str | None = None, classes: str | None = None,  # noqa: A002
    ) -> None:  # fmt: skip
        super().__init__(name=name, id=id, classes=classes)
        self._strips: list[Strip] = []
        self._signs = signs
        self.set_reactive(Glyph.image, image)
        self.set_reactive(Glyph.caption, caption)

    def _redraw(self) -> None:
        self._strips = []
        self.refresh()

    watch_image = watch_caption = on_resize = _redraw

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._redraw()

    def render_line(self, y: int) -> Strip:
        width, height = self.size
        # A line may be asked for before the event tells of another size.
        fits = len(self._strips) == height and self._strips[0].cell_length == width
        if width and not fits:
            rows = height - bool(self.caption)
            if self.image is None:
                self._strips = [Strip.blank(width, self.rich_style)] * rows
            else:
                self._strips = _drawn(self, self.image, width, rows, self._signs)
            if self.caption:
                style = self.get_component_rich_style("glyphs--caption")
                self._strips.append(literal(self.caption, width, style))
        return self._strips[y]


class GlyphGrid(ScrollView, can_focus=True):
    """Shows images with captions in as many columns as fit; only those in view are drawn."""

    COMPONENT_CLASSES: ClassVar[set[str]] = PARTS
    DEFAULT_CSS = f"GlyphGrid {{ overflow-x: hidden; scrollbar-gutter: stable; {COLOURS} }}"
    ALLOW_SELECT = False
    BINDING_GROUP_TITLE = _("Images")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "move(-1)", _("Left"), id="glyphs.left", show=False,
                tooltip=_("Select the image before")),
        Binding("right", "move(1)", _("Right"), id="glyphs.right", show=False,
                tooltip=_("Select the next image")),
        Binding("up", "move_rows(-1)", _("Up"), id="glyphs.up", show=False,
                tooltip=_("Select the image above")),
        Binding("down", "move_rows(1)", _("Down"), id="glyphs.down", show=False,
                tooltip=_("Select the image below")),
        Binding("pageup", "move_pages(-1)", _("Page up"), id="glyphs.page_up", show=False,
                tooltip=_("Select an image one screen above")),
        Binding("pagedown", "move_pages(1)", _("Page down"), id="glyphs.page_down", show=False,
                tooltip=_("Select an image one screen below")),
        Binding("home", "move(-1000000000)", _("First"), id="glyphs.first", show=False,
                tooltip=_("Select the first image")),
        Binding("end", "move(1000000000)", _("Last"), id="glyphs.last", show=False,
                tooltip=_("Select the last image")),
        Binding("enter", "open", _("Open"), id="glyphs.open",
                tooltip=_("Show more of the selected image")),
    ]  # fmt: skip

    items: var[Sequence[GlyphItem]] = var((), init=False, always_update=True)
    index: var[int | None] = var(None, init=False)
    signs: var[Signs] = var(UNICODE, init=False)

    @dataclass
    class AboutImage(Message):
        """Base of what happens to the image at `index`."""

        grid: GlyphGrid
        index: int

        @property
        def control(self) -> GlyphGrid:
            return self.grid

    class Selected(AboutImage):
        """The image is the selected one now."""

    class Opened(AboutImage):
        """More of the image was asked for, by Enter or a double click."""

    def __init__(
        self, items: Sequence[GlyphItem] = (), *, image_columns: int = 12, signs: Signs = UNICODE,
        empty: str = "", name: str | None = None, id: str | None = None,  # noqa: A002
        classes: str | None = None,
    ) -> None:  # fmt: skip
        """Makes the widget.

        Args:
            items: may be lazy: only its length and the items in view are asked for.
            image_columns: width of an image in cells; it is half as many rows high.
            empty: what goes here and what fills it, shown without items.
        """
        super().__init__(name=name, id=id, classes=classes)
        self._image_size = Size(image_columns, (image_columns + 1) // 2)
        self._arranged = False
        self._empty = empty or _("Images appear here.")
        self._cache: LRUCache[tuple[int, bool], list[Strip]] = LRUCache(CACHED_ITEMS)
        self.set_reactive(GlyphGrid.items, items)
        self.set_reactive(GlyphGrid.signs, signs)

    @property
    def _cell(self) -> Size:
        """An image with its mark on the left, its caption below, and a blank beyond both."""
        return self._image_size + Size(2, 2)

    @property
    def _across(self) -> int:
        width = self.size.width - self.styles.scrollbar_size_vertical
        return max(1, width // self._cell.width)

    def validate_index(self, index: int | None) -> int | None:
        if index is None or not len(self.items):
            return None
        return min(max(index, 0), len(self.items) - 1)

    def watch_items(self) -> None:
        self.index = self.index if len(self.items) else None
        self._arrange()
        self.refresh()

    def watch_signs(self) -> None:
        self._cache.clear()
        self.refresh()

    def watch_index(self, before: int | None, index: int | None) -> None:
        for changed in (before, index):
            if changed is not None:
                self.refresh(self._place(changed).translate(-self.scroll_offset))
        if index is not None:
            self._reveal()
            self.post_message(self.Selected(self, index))

    def on_resize(self) -> None:
        self._arrange()
        self._reveal()
        if not self._arranged:
            self.call_after_refresh(self._show)

    def _show(self) -> None:
        # Sizes and scroll bar settle in several paints, of which a full one costs 50 kB.
        self._arranged = True
        self.refresh()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._cache.clear()

    def _arrange(self) -> None:
        self._cache.clear()
        rows = -(-len(self.items) // self._across)
        self.virtual_size = Size(self._across * self._cell.width, rows * self._cell.height)

    def _place(self, index: int) -> Region:
        row, column = divmod(index, self._across)
        width, height = self._cell
        return Region(column * width, row * height, width, height)

    def _reveal(self) -> None:
        if self.index is not None:
            place = self._place(self.index)
            self.scroll_to_region(place, animate=False, force=True, immediate=True)

    def action_move(self, step: int) -> None:
        self.index = (-1 if self.index is None else self.index) + step

    def action_move_rows(self, rows: int) -> None:
        if self.index is None:
            self.index = 0
        elif 0 <= self.index + rows * self._across < len(self.items):
            self.index += rows * self._across

    def action_move_pages(self, pages: int) -> None:
        self.action_move(pages * self._across * max(1, self.size.height // self._cell.height))

    def action_open(self) -> None:
        if self.index is not None:
            self.post_message(self.Opened(self, self.index))

    def on_click(self, event: events.Click) -> None:
        place = event.get_content_offset(self)
        if place is None:
            return
        column = place.x // self._cell.width
        row = (place.y + self.scroll_offset.y) // self._cell.height
        index = row * self._across + column
        if column < self._across and index < len(self.items):
            self.index = index
            if event.chain == 2:
                self.action_open()

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if not self._arranged:
            return Strip.blank(width, self.rich_style)
        if not len(self.items):
            text = self._empty if y == self.size.height // 2 else ""
            margin = " " * ((width - cell_len(text)) // 2)
            return literal(margin + text, width, self.rich_style)
        row, line = divmod(y + self.scroll_offset.y, self._cell.height)
        first = row * self._across
        shown = range(first, min(first + self._across, len(self.items)))
        strips = [self._item(index)[line] for index in shown]
        return Strip.join(strips).adjust_cell_length(width, self.rich_style)

    def _item(self, index: int) -> list[Strip]:
        selected = index == self.index
        if (index, selected) not in self._cache:
            self._cache[index, selected] = self._drawn_item(self.items[index], selected)
        return self._cache[index, selected]

    def _drawn_item(self, item: GlyphItem, selected: bool) -> list[Strip]:
        style = self.get_component_rich_style(f"glyphs--{item.verdict or 'caption'}")
        style += Style(bold=selected)
        mark_style = self.get_component_rich_style("glyphs--selected")
        mark = " " if not selected else "|" if self.signs == ASCII else "▌"
        image = item.image() if callable(item.image) else item.image
        lines = _drawn(self, image, *self._image_size, self.signs)
        lines.append(literal(item.caption, self._image_size.width, style))
        blank = Strip.blank(self._cell.width, self.rich_style)
        left, right = Strip([Segment(mark, mark_style)], 1), Strip.blank(1, self.rich_style)
        return [*(Strip.join([left, line, right]) for line in lines), blank]
