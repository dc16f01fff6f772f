"""Finds the ink of one handwritten character in a gray picture, whatever the paper and light.

Estimates are made on a copy of at most 32 px a side and on a histogram, so that a character of
100 px costs some tens of microseconds.
"""

from __future__ import annotations

import math
from functools import lru_cache

import cv2
import numpy as np

Box = tuple[int, int, int, int]  # left, top, right, bottom

_LOW_PX = 32
# Differences of gray levels below this are no ink: screens and JPEG make as much by themselves.
_MIN_CONTRAST = 8.0
# Ink is the minority of the area, and paper the majority of the border. This weight of the first
# against the second judges both a bold character and a tightly cropped frame such as 口 rightly.
_MINORITY_WEIGHT = 2.5


def ink_of(gray: np.ndarray, work_px: int) -> np.ndarray | None:
    """Cuts the ink out of a picture of one character; arguments as of `find_ink`.

    Returns:
        uint8 `[h, w]` with ink 255 on 0, cropped to the ink; None where there is none.
    """
    return find_ink(gray, work_px)[0]


def find_ink(gray: np.ndarray, work_px: int) -> tuple[np.ndarray | None, bool]:
    """Cuts the ink out of a picture of one character, and says whether it is the light part.

    Args:
        gray: uint8 `[H, W]`, dark ink on light paper or light on dark.
        work_px: larger pictures are scaled down to this; a small character in a large picture is
            first found, then cut from the original.

    Returns:
        uint8 `[h, w]` with ink 255 on 0, cropped to the ink, or None where there is none; and
        whether the picture shows light ink on dark.
    """
    light_ink: bool | None = None
    while True:
        scale = work_px / max(gray.shape)
        work = _scaled(gray, scale) if scale < 1 else gray
        low = _scaled(work, _LOW_PX / max(work.shape)) if max(work.shape) > _LOW_PX else work
        if light_ink is None:
            light_ink = _is_light_ink(low)
        if light_ink:
            work, low = cv2.bitwise_not(work), cv2.bitwise_not(low)
        ink = _stretched(*_flattened(work, low, light_ink))
        box = None if ink is None else _ink_box(ink, low.shape)
        if ink is None or box is None:
            return None, light_ink
        x, y, width, height = box
        if scale >= 1 or 2 * max(width, height) > work_px:
            return ink[y : y + height, x : x + width], light_ink
        grow = 0.3 * max(width, height)
        top, left = max(0, int((y - grow) / scale)), max(0, int((x - grow) / scale))
        bottom, right = int((y + height + grow) / scale), int((x + width + grow) / scale)
        gray = gray[top:bottom, left:right]


def is_light_ink(gray: np.ndarray) -> bool:
    """Whether the ink of a picture of one character, uint8 gray `[H, W]`, is its light part."""
    scale = _LOW_PX / max(gray.shape)
    return _is_light_ink(_scaled(gray, scale) if scale < 1 else gray)


def strengthen(glyph: np.ndarray) -> np.ndarray:
    """Makes thin strokes that scaling has paled, in uint8 `[S, S]`, strong again."""
    mass = cv2.sumElems(glyph)[0]
    if not mass:
        return glyph
    level = cv2.norm(glyph, cv2.NORM_L2SQR) / mass
    if level >= 190:
        return glyph
    strong: np.ndarray = cv2.convertScaleAbs(glyph, alpha=min(3.0, 190.0 / level))
    return strong


def _scaled(gray: np.ndarray, scale: float) -> np.ndarray:
    height, width = gray.shape
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    scaled: np.ndarray = cv2.resize(gray, size, interpolation=cv2.INTER_AREA)
    return scaled


@lru_cache(maxsize=128)
def _plane_and_border(height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Returns an orthonormal basis of sloping planes `[H*W, 3]` and border weights `[H*W]`."""
    y, x = np.mgrid[0:height, 0:width].reshape(2, -1)
    plane, _ = np.linalg.qr(np.stack([np.ones(x.size), x, y], axis=1))
    border = (x == 0) | (x == width - 1) | (y == 0) | (y == height - 1)
    return plane.astype(np.float32), (border / border.sum()).astype(np.float32)


def _is_light_ink(low: np.ndarray) -> bool:
    """Whether the ink is the light part: by skewness and border, after sloping light is removed."""
    plane, border = _plane_and_border(*low.shape)
    levels = low.reshape(-1).astype(np.float32)
    levels -= plane @ (levels @ plane)
    deviation = (float(levels @ levels) / levels.size) ** 0.5
    if deviation < 1e-3:
        return False
    skewness = float((levels * levels) @ levels) / (levels.size * deviation**3)
    return bool(_MINORITY_WEIGHT * skewness > float(border @ levels) / deviation)


@lru_cache(maxsize=64)
def _square(side: int) -> np.ndarray:
    return np.ones((side, side), np.uint8)


def _flattened(work: np.ndarray, low: np.ndarray, inverted: bool) -> tuple[np.ndarray, float]:
    """Evens out the paper of dark-ink `work`, where the closing of `low` says that it is uneven.

    Shadows are divided out; the paper of an inverted picture, whose ink is light, is subtracted.
    Returns the picture and the contrast that ink must have in it: what is left of the light at a
    dark edge, where the closing is too light, is no ink.
    """
    # Wider than any blob of brush ink: what such a square does not bridge is a shadow.
    square = _square(int(0.4 * max(low.shape)) | 1)
    paper = cv2.morphologyEx(low, cv2.MORPH_CLOSE, square)
    darkest, lightest, _, _ = cv2.minMaxLoc(paper)
    if lightest - darkest < 30:
        return work, _MIN_CONTRAST
    plane, _ = _plane_and_border(*low.shape)
    levels = low.astype(np.float32)
    slope = (plane @ (levels.reshape(-1) @ plane)).reshape(low.shape)
    # Neither is darker than the paper: the first follows edges of shadows, the second slopes.
    paper = np.minimum(paper, cv2.morphologyEx(levels - slope, cv2.MORPH_CLOSE, square) + slope)
    darkest_shadow = 0.0 if inverted else 0.25 * lightest
    paper = cv2.blur(paper.clip(darkest_shadow, 255).astype(np.uint8), (3, 3))
    paper = cv2.resize(paper, work.shape[::-1], interpolation=cv2.INTER_LINEAR)
    if inverted:
        flat = cv2.addWeighted(work, 1.0, paper, -1.0, 235.0)
    else:
        flat = cv2.divide(work, paper, scale=235.0)
    return flat, 0.15 * (lightest - darkest)


def _stretched(flat: np.ndarray, min_contrast: float) -> np.ndarray | None:
    """Stretches dark ink on even paper to 255 on 0, noise of the paper included in the 0.

    Ink and paper are told apart by Otsu's threshold (IEEE Trans. SMC 9, 1979), or by the noise of
    the paper where the ink is too little for it.
    """
    sample = _sample(flat)
    below = cv2.calcHist([sample], [0], None, [256], [0, 256]).ravel().cumsum()
    total = float(below[-1])
    otsu, _ = cv2.threshold(sample, 0, 255, cv2.THRESH_OTSU)
    threshold = int(otsu)
    inked = float(below[threshold])
    # The upper side of the paper's distribution is free of ink.
    middle, noise = _middle_and_noise(below, inked)
    if middle - threshold < 3 * noise:
        middle, noise = _middle_and_noise(below, 0.0)
        threshold = int(middle - 4 * noise)
        if threshold < 0 or below[threshold] < max(4.0, 0.0005 * total):
            return None
        inked = float(below[threshold])
    if not 0 < inked < total:
        return None
    # The mean over the ink, by parts: the sum of v * (below[v] - below[v - 1]).
    darkness = threshold - float(below[:threshold].sum()) / inked
    contrast = middle - darkness
    if contrast < min_contrast:
        return None
    nothing = middle - min(max(3 * noise, 0.2 * contrast), 0.6 * contrast)
    slope = 255.0 / (nothing - darkness)
    ink: np.ndarray = cv2.addWeighted(flat, -slope, flat, 0.0, slope * nothing)
    return ink


def _sample(flat: np.ndarray) -> np.ndarray:
    """Returns some 2,500 pixels on slanting lines, so that no straight stroke falls between."""
    step = flat.size // 2500
    if step < 2:
        return flat
    while math.gcd(step, flat.shape[1]) > 1:
        step += 1
    sample: np.ndarray = flat.reshape(-1)[::step].copy()
    return sample


def _middle_and_noise(below: np.ndarray, inked: float) -> tuple[int, float]:
    """Returns the paper's median and deviation from cumulated counts, `inked` of them ink."""
    paper = float(below[-1]) - inked
    middle, upper = below.searchsorted((inked + 0.5 * paper, inked + 0.84 * paper))
    return int(middle), float(upper - middle)


def _ink_box(ink: np.ndarray, low_shape: tuple[int, ...]) -> tuple[int, int, int, int] | None:
    """Returns x, y, width, height of the ink without far or tiny specks, None if only specks."""
    height, width = ink.shape
    low_h, low_w = low_shape
    low = ink
    if low_shape != ink.shape:
        low = cv2.resize(ink, (low_w, low_h), interpolation=cv2.INTER_AREA)
    _, mask = cv2.threshold(low, 20, 255, cv2.THRESH_BINARY)
    parts, labels, stats, _ = cv2.connectedComponentsWithStats(mask)
    if parts < 2:
        return None
    boxes = [(x, y, x + w, y + h) for x, y, w, h, _ in stats[1:].tolist()]
    if parts > 2:
        mass = np.bincount(labels.reshape(-1), low.reshape(-1), parts)[1:]
        boxes = _without_specks(boxes, mass.tolist())
    x0, y0, x1, y1 = _around(boxes)
    left, top = max(0, (x0 - 1) * width // low_w), max(0, (y0 - 1) * height // low_h)
    right, bottom = -(-(x1 + 1) * width // low_w), -(-(y1 + 1) * height // low_h)
    _, strong = cv2.threshold(ink[top:bottom, left:right], 96, 255, cv2.THRESH_BINARY)
    x, y, box_w, box_h = cv2.boundingRect(strong)
    if max(box_w, box_h) < max(3, 0.02 * max(ink.shape)):
        return None
    return left + x, top + y, box_w, box_h


def _without_specks(boxes: list[Box], masses: list[float]) -> list[Box]:
    """Drops parts that hold next to no ink, or little ink far from the rest."""
    total = sum(masses)
    large = min(0.08 * total, max(masses))
    parts = list(zip(boxes, masses, strict=True))
    left, top, right, bottom = _around([box for box, mass in parts if mass >= large])
    far = 0.5 * max(right - left, bottom - top)
    return [
        box
        for box, mass in parts
        if mass >= large
        or (
            mass >= 0.006 * total
            and max(left - box[2], box[0] - right, top - box[3], box[1] - bottom) <= far
        )
    ]


def _around(boxes: list[Box]) -> Box:
    left, top, right, bottom = zip(*boxes, strict=True)
    return min(left), min(top), max(right), max(bottom)
