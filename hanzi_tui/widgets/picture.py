"""A picture as the terminal can show it, or a few words in its place."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from hanzi_tui.i18n import _, printable
from hanzi_tui.signs import UNICODE, Signs
from hanzi_tui.widgets.glyphs import Glyph
from hanzi_tui.widgets.raster import SHADES, Image

Graphics = Literal["auto", "kitty", "sixel", "half", "off"]


class Picture(Vertical):
    """Shows an image by half blocks (characters in the ASCII set), or by the terminal's graphics.

    Args:
        signs: Unicode or ASCII.
    """

    DEFAULT_CSS = """
    Picture { align: center middle; }
    Picture > Static { color: $muted; height: 1fr; }
    Picture > Static.-bad { color: $error; }
    """

    def __init__(self, *, signs: Signs = UNICODE, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._signs = signs
        self._image: Image | None = None
        self._drawn: Any = None
        self._protocol: Graphics | None = None
        self.graphics: Graphics = "auto"
        """How the next image is drawn."""

    def compose(self) -> ComposeResult:
        yield Static()
        glyph = Glyph(signs=self._signs)
        glyph.display = False
        yield glyph

    def show(self, image: Image) -> None:
        """Shows an image: uint8 `[H, W]` with ink as 255 on 0, or RGB `[H, W, 3]`."""
        if self.graphics == "off":
            self.say(_("Pictures are off: interface.graphics in the settings."))
            return
        self._image = image
        self.query_one(Static).display = False
        by_terminal = self._terminal_image()
        glyph = self.query_one(Glyph)
        glyph.display = by_terminal is None
        if by_terminal is None:
            glyph.image = image if image.ndim == 2 else _few_shades(image)
            return
        from hanzi_tui.widgets.terminal_image import draw

        by_terminal.display = True
        draw(by_terminal, self._inked(image), self, smooth=image.ndim == 3)

    def say(self, text: str, bad: bool = False) -> None:
        """Shows words in place of an image."""
        self._image = None
        self.query_one(Glyph).display = False
        if self._drawn is not None:
            self._drawn.display = False
        words = self.query_one(Static)
        words.display = True
        words.set_class(bad, "-bad")
        words.update(_words(text))

    def on_resize(self) -> None:
        if self._image is not None and self._drawn is not None and self._drawn.display:
            self.show(self._image)

    def _terminal_image(self) -> Any:
        """Returns the widget for the terminal's own graphics; None where half blocks it is."""
        wanted = self.graphics if self.graphics in ("kitty", "sixel") else None
        if wanted is not None:
            from hanzi_tui.widgets.terminal_image import can_draw, image_widget

            wanted = wanted if can_draw(self.app, wanted) else None
        if wanted != self._protocol and self._drawn is not None:
            self._drawn.remove()
            self._drawn = None
        if wanted is not None and self._drawn is None:
            self._drawn = image_widget(wanted)
            self.mount(self._drawn)
        self._protocol = wanted
        return self._drawn

    def _inked(self, image: Image) -> Image:
        if image.ndim == 3:
            return image
        ink, paper = (
            np.array(color.rgb) for color in (self.styles.color, self.background_colors[1])
        )
        share = image[:, :, None] / 255
        return np.asarray(share * ink + (1 - share) * paper, np.uint8)


def as_colours(pixels: Image) -> Image:
    """Returns a gray picture `[H, W]`, or RGB, as RGB."""
    return pixels if pixels.ndim == 3 else np.repeat(pixels[:, :, None], 3, axis=2)


def _few_shades(image: Image) -> Image:
    """Returns RGB in steps: cells that are nearly equal become equal, and cost no bytes."""
    step = 255 / (SHADES - 1)
    return np.asarray(np.round(np.round(image / step) * step), np.uint8)


def _words(text: str) -> Content:
    return Content("\n".join(map(printable, text.split("\n"))))
