"""Distorted copies of a picture that look as it does: its size, its colours, its paper."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.augment import BORDERS, Distortion, distort
from pipeline.images import Picture, decode
from pipeline.ink import is_light_ink

Pixels = NDArray[np.uint8]

MAX_SIDE_PX = 1024
"""Copies of larger pictures are scaled down to this: a distortion needs 20 bytes a pixel."""
_LOW_PX = 32
_UNEVEN = 30
"""Gray levels by which the light on the paper must differ to be taken for shadows."""


def distorted_copies(
    picture: Picture,
    kind: str,
    distortion: Distortion,
    count: int,
    seed: int,
    row: int,
    max_pixels: int,
) -> list[Pixels]:
    """Returns `count` copies of a picture, as training would distort it, but not normalised.

    Copy k depends on (seed, row, k) alone.

    Args:
        picture: as for `images.decode`.
        kind: "glyph" or "photo".
        distortion: the strengths, in fractions of the longer side.
        count: of copies, ≥ 1.
        seed: ≥ 0.
        row: of the image in its split.
        max_pixels: as for `images.decode`.

    Returns:
        uint8, gray `[H, W]` or RGB `[H, W, 3]`.

    Raises:
        Problem: as `images.decode`.
    """
    pixels = _within(decode(picture, max_pixels))
    if kind == "photo":
        return _distorted(pixels, kind, distortion, count, seed, row)
    gray = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY) if pixels.ndim == 3 else pixels
    if is_light_ink(gray):
        made = _on_paper(cv2.bitwise_not(pixels), 255 - gray, distortion, count, seed, row)
        return [cv2.bitwise_not(copy) for copy in made]
    return _on_paper(pixels, gray, distortion, count, seed, row)


def _within(pixels: Pixels) -> Pixels:
    scale = MAX_SIDE_PX / max(pixels.shape[:2])
    if scale >= 1:
        return pixels
    size = [max(1, round(length * scale)) for length in pixels.shape[1::-1]]
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


def _on_paper(
    pixels: Pixels, gray: Pixels, distortion: Distortion, count: int, seed: int, row: int
) -> list[Pixels]:
    """Moves dark ink about; shadows, and what is lighter than the paper, stay where they are."""
    paper = np.maximum(pixels, _paper(pixels, gray))
    ink = paper - pixels
    # Specks on a faint drawing are faint: what reads the copy finds the ink by its strength.
    strongest = ink.max((0, 1)) * (1 + distortion.contrast) + 255 * distortion.brightness
    limit = np.minimum(strongest, 255).astype(np.uint8)
    made = _distorted(ink, "glyph", distortion, count, seed, row)
    return [cv2.subtract(paper, np.minimum(copy, limit)) for copy in made]


def _paper(pixels: Pixels, gray: Pixels) -> Pixels:
    """Returns the picture without its dark ink: its paper's usual tone, or the light on it."""
    scale = _LOW_PX / max(gray.shape)
    low = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    # Wider than any stroke, as in `pipeline.ink`.
    square = np.ones((int(0.4 * _LOW_PX) | 1,) * 2, np.uint8)
    light = cv2.morphologyEx(low, cv2.MORPH_CLOSE, square)
    if np.ptp(light, (0, 1)).max() < _UNEVEN:
        threshold, _ = cv2.threshold(gray, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
        bare = gray > threshold
        tone = np.median(pixels[bare] if bare.any() else low.reshape(-1, *low.shape[2:]), 0)
        return np.broadcast_to(tone.astype(np.uint8), pixels.shape)
    smooth = cv2.resize(cv2.blur(light, (3, 3)), gray.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return np.asarray(smooth, np.uint8)


def _distorted(
    pixels: Pixels, kind: str, distortion: Distortion, count: int, seed: int, row: int
) -> list[Pixels]:
    """Distorts a picture of any shape inside a square."""
    height, width = pixels.shape[:2]
    side = max(height, width)
    top, left = (side - height) // 2, (side - width) // 2
    border = BORDERS[kind]
    square = cv2.copyMakeBorder(
        pixels, top, side - height - top, left, side - width - left,
        cv2.BORDER_REPLICATE if border == "edge" else cv2.BORDER_CONSTANT, value=0,
    ).reshape(1, side, side, -1)  # fmt: skip
    made = distort(np.repeat(square, count, axis=0), distortion, seed, row, border=border)
    inside = made[:, top : top + height, left : left + width]
    return [np.ascontiguousarray(copy).reshape(pixels.shape) for copy in inside]
