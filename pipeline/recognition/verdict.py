"""Whether a picture shows a character at all."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.recognition.answers import Verdict

LOOK_PX = 64
INK = 64
"""Of 255: a pale place does not part a stroke."""
STRONG_INK = 128
"""Of 255: what is paler is also the paper between strokes that are close."""
MOST_THICKNESS = 0.5
"""Of the widest place of the ink, in longer sides of its box; brushes came to 0.41."""
MOST_PIECES = 24
"""Pieces that do not touch; a dry pen came to 18. `benchmarks.verdict` counts on real writing."""
MOST_CROSSED = 13.0
"""Strokes that a row of the box crosses, on average, and a column, added; 龘 in print has 11.7,
8.5 were the most among the same characters. Grid paper and lines of text have 15 and more."""


def verdict_on(glyph: NDArray[np.uint8]) -> Verdict:
    """Says whether there is a character at all in a normalised glyph.

    A blob, a stain or a solid figure has a place too thick for a stroke; a photo, a page or a
    texture falls into more pieces than any character has, or is crossed by more strokes.

    Args:
        glyph: uint8 `[S, S, C]`, ink 255 on 0.

    Returns:
        "blank", "not_character", or "sure" where neither is the case.
    """
    look = glyph[:, :, 0]
    if not look.any():
        return "blank"
    if len(look) > LOOK_PX:
        look = cv2.resize(look, (LOOK_PX, LOOK_PX), interpolation=cv2.INTER_AREA)
    ink = (look >= INK).view(np.uint8)
    _left, _top, width, height = cv2.boundingRect(ink)
    # The distance to what is not ink is half a stroke.
    thickness = 2 * cv2.minMaxLoc(cv2.distanceTransform(ink, cv2.DIST_L2, 3))[1]
    pieces = cv2.connectedComponents(ink)[0] - 1
    thick = thickness > MOST_THICKNESS * max(width, height)
    if thick or pieces > MOST_PIECES:
        return "not_character"
    return "not_character" if _crossed(look >= STRONG_INK) > MOST_CROSSED else "sure"


def _crossed(ink: NDArray[np.bool_]) -> float:
    """Returns how many strokes a row of the box of ink crosses, plus how many a column does."""
    left, top, width, height = cv2.boundingRect(ink.view(np.uint8))
    box = ink[top : top + height, left : left + width]
    if not box.size:
        return 0.0
    rows = np.count_nonzero(box[:, 1:] > box[:, :-1]) + np.count_nonzero(box[:, 0])
    columns = np.count_nonzero(box[1:] > box[:-1]) + np.count_nonzero(box[0])
    return float(rows / height + columns / width)
