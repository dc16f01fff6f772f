"""One image and what distortions make of it, as large as there is room."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Grid
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from hanzi_tui.i18n import _, printable
from hanzi_tui.signs import UNICODE, Signs
from hanzi_tui.widgets.glyphs import Glyph
from hanzi_tui.widgets.raster import Image

COUNT = 10
GAP = 1


class Variants(Grid, can_focus=True):
    """Shows the image and nine variants, in as many columns as make them largest.

    Args:
        signs: Unicode or ASCII.
    """

    DEFAULT_CSS = """
    Variants { grid-gutter: 0 1; }
    Variants > Static { display: none; color: $muted; }
    Variants.-words { layout: vertical; }
    Variants.-words > Glyph { display: none; }
    Variants.-words > Static { display: block; }
    """
    BINDING_GROUP_TITLE = _("Variants")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "another", _("another draw"), id="variants.draw", show=False,
                tooltip=_("Other random distortions of the same image")),
        Binding("right,down", "step(1)", _("Next image"), id="variants.next", show=False,
                tooltip=_("An image of the next class")),
        Binding("left,up", "step(-1)", _("Image before"), id="variants.previous", show=False,
                tooltip=_("An image of the class before")),
    ]  # fmt: skip

    class Redrawn(Message):
        """Another draw of the distortions is wanted."""

    class Stepped(Message):
        """An image `step` classes further is wanted."""

        def __init__(self, step: int) -> None:
            super().__init__()
            self.step = step

    def __init__(self, *, signs: Signs = UNICODE, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes="-words")
        self._signs = signs

    def compose(self) -> ComposeResult:
        yield Static()
        for _number in range(COUNT):
            yield Glyph(signs=self._signs)

    def show(self, images: Sequence[Image]) -> None:
        """Shows images, uint8 `[S, S, C]`, in the order given; `COUNT` at most."""
        self.remove_class("-words")
        for glyph, image in zip(self.query(Glyph), images, strict=False):
            glyph.image = image[:, :, 0] if image.shape[2] == 1 else image

    def say(self, text: str) -> None:
        """Shows words in place of images."""
        self.add_class("-words")
        self.query_one(Static).update(Content(printable(text)))

    def on_resize(self) -> None:
        across = best_columns(*self.size)
        self.styles.grid_size_columns = across
        self.styles.grid_size_rows = -(-COUNT // across)

    def action_another(self) -> None:
        self.post_message(self.Redrawn())

    def action_step(self, step: int) -> None:
        self.post_message(self.Stepped(step))


def best_columns(width: int, height: int) -> int:
    """Returns in how many columns `COUNT` square images are largest; a cell is two pixels high."""

    def side(across: int) -> int:
        rows = -(-COUNT // across)
        return min((width + GAP) // across - GAP, 2 * (height // rows))

    return max(range(1, COUNT + 1), key=side)
