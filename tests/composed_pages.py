"""Pages composed of the starter dataset's characters, so that every box and the order are known."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.images import normalize
from pipeline.normalizer import NormalizerSpec
from pipeline.recognition.page_text import Box, Reading

Pixels = NDArray[np.uint8]
SIDE_PX, COLUMN_PX, ROW_PX, MARGIN_PX = 64, 96, 80, 30
LINES, PLACES = 4, 6


def glyphs_of(starter: Path) -> list[Pixels]:
    """Returns a picture of each character for the places of a page: ink 255 on 0, 64 px."""
    spec = NormalizerSpec(size_px=SIDE_PX)
    paths = [sorted(label.iterdir())[7] for label in sorted(starter.iterdir())]
    looks = [normalize(path, spec)[..., 0] for path in paths]
    return [looks[i % len(looks)] for i in range(LINES * PLACES)]


def composed(glyphs: Sequence[Pixels], reading: Reading = "columns") -> tuple[Pixels, list[Box]]:
    """Returns a page, ink 255 on 0, and where the ink of each glyph is, in the order of reading."""
    along, across = 2 * MARGIN_PX + PLACES * ROW_PX, 2 * MARGIN_PX + LINES * COLUMN_PX
    page = np.zeros((along, across), np.uint8)
    boxes = []
    for i, glyph in enumerate(glyphs):
        line, place = divmod(i, PLACES)
        top = MARGIN_PX + place * ROW_PX
        left = MARGIN_PX + (LINES - 1 - line) * COLUMN_PX
        if reading == "rows":
            # Made turned, as the whole page is turned back below.
            left = MARGIN_PX + line * COLUMN_PX
            glyph = glyph.T
        page[top : top + SIDE_PX, left : left + SIDE_PX] = glyph
        x, y, width, height = cv2.boundingRect(glyph)
        box = (left + x, top + y, left + x + width, top + y + height)
        boxes.append(box if reading == "columns" else (box[1], box[0], box[3], box[2]))
    return (page if reading == "columns" else np.ascontiguousarray(page.T)), boxes


def on_paper(ink: Pixels, paper: float = 225.0, dark: float = 40.0) -> Pixels:
    """Returns ink on paper of these gray levels, a little noisy."""
    noise = np.random.default_rng(0).normal(0, 4, ink.shape)
    pale = paper + (dark - paper) * (ink / 255.0) + noise
    return np.clip(pale, 0, 255).astype(np.uint8)
