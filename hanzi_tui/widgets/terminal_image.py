"""Pictures by a terminal's own graphics: kitty's protocol or sixels, by textual-image.

The terminal is asked nothing: which protocol is a setting, and the size of a cell comes from the
operating system, or is taken to be 10 x 20 pixels.
"""

from __future__ import annotations

import io
import os
import struct
import sys
from typing import TYPE_CHECKING, Literal

from PIL import Image as PILImage
from textual._context import active_app
from textual.widget import Widget

from hanzi_tui.widgets.raster import Image

if TYPE_CHECKING:
    from textual.app import App
    from textual_image.widget import SixelImage, TGPImage

Protocol = Literal["kitty", "sixel"]
CELL_PX = (10, 20)


def can_draw(app: App[object], protocol: Protocol) -> bool:
    """Says whether a protocol works; kitty knows its images by colours, which must not change."""
    if protocol == "sixel":
        return True
    unchanged = not (app.native_ansi_color or app.no_color)
    return unchanged and app.console.color_system == "truecolor"


def image_widget(protocol: Protocol) -> TGPImage | SixelImage:
    """Returns an empty widget whose `image` is set by `draw`."""
    kept = sys.__stdout__
    # On its import the library asks whatever terminal stdout is.
    sys.__stdout__ = io.StringIO()  # type: ignore[misc,assignment]
    try:
        from textual_image import _terminal
        from textual_image.renderable import tgp
        from textual_image.widget import SixelImage, TGPImage
    finally:
        sys.__stdout__ = kept  # type: ignore[misc]
    _terminal.get_cell_size._result = _terminal.CellSize(*_cell_px())  # type: ignore[attr-defined]
    tgp._send_tgp_message = _send
    widget = TGPImage() if protocol == "kitty" else SixelImage()
    widget.styles.width = widget.styles.height = "auto"
    return widget


def draw(widget: TGPImage | SixelImage, pixels: Image, room: Widget, smooth: bool) -> None:
    """Shows RGB pixels `[H, W, 3]` as large as they fit into `room`.

    Args:
        widget: of `image_widget`.
        pixels: the picture.
        room: the widget around it.
        smooth: between the pixels of a picture that is enlarged.
    """
    width_px, height_px = _cell_px()
    height, width = pixels.shape[:2]
    scale = min(room.size.width * width_px / width, room.size.height * height_px / height)
    size = max(1, int(width * scale)), max(1, int(height * scale))
    how = PILImage.Resampling.BICUBIC if smooth else PILImage.Resampling.NEAREST
    widget.image = PILImage.fromarray(pixels).resize(size, how)


def _send(*, payload: str | None = None, **keys: int | str | None) -> None:
    """Sends a message of kitty's protocol in order with what Textual draws."""
    if keys.get("a") == "d":  # the library's own form would name all images
        keys = {"a": "d", "d": "I", "i": keys["I"], "q": 2}
    said = ",".join(f"{key}={value}" for key, value in keys.items() if value is not None)
    text = f"\x1b_G{said}{';' + payload if payload else ''}\x1b\\"
    if os.environ.get("TMUX"):
        text = "\x1bPtmux;" + text.replace("\x1b", "\x1b\x1b") + "\x1b\\"
    driver = active_app.get()._driver
    if driver is not None:
        driver.write(text)


def _cell_px() -> tuple[int, int]:
    """Returns width and height of a cell in pixels."""
    try:
        import fcntl
        import termios

        size = fcntl.ioctl(sys.__stdout__.fileno(), termios.TIOCGWINSZ, bytes(8))  # type: ignore[union-attr]
    except (ImportError, OSError, ValueError, AttributeError):
        return CELL_PX
    rows, columns, width_px, height_px = struct.unpack("HHHH", size)
    if not (rows and columns and width_px >= columns and height_px >= rows):
        return CELL_PX
    return width_px // columns, height_px // rows
