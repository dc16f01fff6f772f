"""Small pictures of ink on paper, and files that only look like some."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def glyph(shift: int = 0, mode: str = "L") -> Image.Image:
    """A cross of ink on paper; its upright stroke stands `shift` pixels off the middle."""
    paper = np.full((60, 60), 240, np.uint8)
    paper[10:50, 28 + shift : 33 + shift] = 20
    paper[28:33, 10:50] = 20
    return Image.fromarray(paper).convert(mode)


def glyph_pixels(shift: int = 0, size: tuple[int, int] = (60, 60)) -> NDArray[np.uint8]:
    """The same cross as pixels, uint8 `[H, W]`; `size` is width and height."""
    return np.asarray(glyph(shift).resize(size), np.uint8)


def glyph_png(shift: int = 0) -> bytes:
    """The same cross as the content of a PNG file."""
    file = io.BytesIO()
    glyph(shift).save(file, "PNG")
    return file.getvalue()


def huge_png(path: Path) -> None:
    """Writes the header of a 30,000 x 30,000 PNG with next to no data behind it."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 0, 0, 0, 0)
    data = chunk(b"IDAT", zlib.compress(b"\0" * 1000))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + data + chunk(b"IEND", b""))
