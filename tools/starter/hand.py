"""From a font to something like a hand: parts move, strokes join and change, papers differ.

The last step is the product's own normaliser, so that training sees what recognition will see.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.augment import Distortion, distort
from pipeline.images import normalize
from pipeline.normalizer import NormalizerSpec
from starter.fonts import Pixels

INK = 48
"""Gray level from which a pixel counts as ink."""
SPECK = 8
"""Parts of fewer pixels are never joined."""


@dataclass(frozen=True)
class Hand:
    """How far a hand departs from the font."""

    shape: Distortion
    """Turn, slant, aspect, bending of the whole character."""
    parts: float = 0.0
    """Parts move against each other by up to this fraction of the side, and differ in size."""
    joins: float = 0.0
    """Share of the characters with strokes joined as in a running hand."""
    pens: tuple[float, float] | None = None
    """Thinnest and thickest stroke, as a fraction of the side; None keeps the font's."""
    papers: float = 0.0
    """Share of the characters on paper: noise, blur, low resolution, uneven light."""


def write(glyphs: Pixels, hand: Hand, spec: NormalizerSpec, seed: int, step: int) -> Pixels:
    """Writes characters and normalises them.

    Args:
        glyphs: uint8 `[N, P, P]`, ink 255 on 0.
        hand: the strengths.
        spec: what the network takes; one channel.
        seed, step: of the draw, ≥ 0.

    Returns:
        uint8 `[N, S, S, 1]`.
    """
    random = np.random.Generator(np.random.Philox(np.random.SeedSequence((seed, step, 1))))
    side = glyphs.shape[1]
    if hand.parts or hand.joins:
        glyphs = np.stack([_rearranged(glyph, hand, random) for glyph in glyphs])
    written = distort(glyphs[..., None], hand.shape, seed, step)[..., 0]
    result = np.empty((len(glyphs), spec.size_px, spec.size_px, 1), np.uint8)
    for i, ink in enumerate(written):
        if hand.pens is not None:
            low, high = (side * width for width in hand.pens)
            width_px = low * (high / low) ** random.random()
            ink = _penned(ink, width_px, random.uniform(-0.4, 1.0))
        picture = _papered(ink, random) if random.random() < hand.papers else ink
        result[i] = normalize(picture, spec)
    return result


def _rearranged(glyph: Pixels, hand: Hand, random: np.random.Generator) -> Pixels:
    """Moves the parts of a character against each other and joins some of them."""
    parts, labels, stats, centres = cv2.connectedComponentsWithStats((glyph > INK).view(np.uint8))
    if parts < 3:
        return glyph
    side = glyph.shape[0]
    joined = random.random() < hand.joins
    groups = _groups(centres[1:], random)
    jitter = np.rint(random.uniform(-0.4, 0.4, (parts - 1, 2)) * hand.parts * side).astype(int)
    linked = random.random(parts - 1) < 0.6
    canvases = np.zeros((2, side, side), np.uint8)
    last: list[tuple[int, int] | None] = [None, None]
    # As a hand writes them: from the top down, from the left to the right.
    for part in np.argsort(centres[1:] @ (0.5, 1.0)).tolist():
        x, y, width, height, area = stats[part + 1].tolist()
        left = min(max(x + int(jitter[part, 0]), 0), side - width)
        top = min(max(y + int(jitter[part, 1]), 0), side - height)
        mask = labels[y : y + height, x : x + width] == part + 1
        group = groups[part]
        target = canvases[group, top : top + height, left : left + width]
        np.maximum(target, glyph[y : y + height, x : x + width] * mask, out=target)
        if joined and area >= SPECK:
            before, start = last[group], _corner(mask, left, top, first=True)
            if before is not None and linked[part] and math.dist(start, before) < 0.4 * side:
                cv2.line(canvases[group], before, start, 230, 2, cv2.LINE_AA)
            last[group] = _corner(mask, left, top, first=False)
    if not hand.parts:
        return np.maximum(*canvases)
    draws = random.uniform(-hand.parts, hand.parts, (2, 5)).tolist()
    return np.maximum(*(_moved(*one) for one in zip(canvases, draws, strict=True)))


def _groups(centres: NDArray[np.float64], random: np.random.Generator) -> list[int]:
    """Splits parts, `[N, (x, y)]`, into two groups across one of the gaps between them.

    Radicals lie side by side or one above the other, so the cut is nearly upright or level.
    """
    angle = random.normal(0, 0.2) + (math.pi / 2 if random.random() < 0.4 else 0)
    along = centres @ (math.cos(angle), math.sin(angle))
    order = np.sort(along)
    upto = np.cumsum(np.diff(order) + 1e-3)
    cut = order[int(np.searchsorted(upto, random.random() * upto[-1]))]
    return (along > cut).astype(int).tolist()  # type: ignore[no-any-return]


def _corner(mask: NDArray[np.bool_], left: int, top: int, first: bool) -> tuple[int, int]:
    """Returns where a pen would begin a part (top left), or end it (bottom right), as x, y."""
    rows, columns = np.nonzero(mask)
    at = (np.argmin if first else np.argmax)(rows + columns)
    return left + int(columns[at]), top + int(rows[at])


def _moved(canvas: Pixels, draws: Sequence[float]) -> Pixels:
    """Turns, stretches and shifts a group of parts about its middle by five small draws."""
    side = canvas.shape[0]
    x, y, width, height = cv2.boundingRect(canvas)
    turn, wide, tall, right, down = draws
    a, b = 1 + 2 * wide, -1.5 * turn
    c, d = 1.5 * turn, 1 + 2 * tall
    middle_x, middle_y = x + width / 2, y + height / 2
    across = middle_x - a * middle_x - b * middle_y + 0.6 * right * side
    along = middle_y - c * middle_x - d * middle_y + 0.6 * down * side
    change = np.array([[a, b, across], [c, d, along]])
    return np.asarray(cv2.warpAffine(canvas, change, (side, side)), np.uint8)


def _penned(ink: Pixels, width_px: float, slant: float) -> Pixels:
    """Thins or thickens the strokes towards a width, as far as neither they nor gaps vanish.

    A stroke's width is its area over half its outline. What a brush adds to upright strokes and
    to level ones differs by `slant`, -1 to 1.
    """
    outline = cv2.norm(cv2.morphologyEx(ink, cv2.MORPH_GRADIENT, _disc(1, 1)), cv2.NORM_L1) / 2
    mean_px = 2 * cv2.norm(ink, cv2.NORM_L1) / max(outline, 1.0)
    growth = min(max((width_px - mean_px) / 2, -0.3 * mean_px), 0.25 * mean_px)
    if growth < 0:
        return _blended(ink, cv2.erode(ink, _disc(1, 1)), min(1.0, -growth))
    ink = _widened(ink, growth * (1 + slant), upright=True)
    return _widened(ink, growth * (1 - slant), upright=False)


def _widened(ink: Pixels, growth_px: float, upright: bool) -> Pixels:
    """Widens upright (or level) strokes at each of their sides."""
    radius = math.ceil(growth_px)
    if not radius:
        return ink
    disc = _disc(radius, 0) if upright else _disc(0, radius)
    return _blended(ink, cv2.dilate(ink, disc), growth_px / radius)


def _blended(ink: Pixels, changed: Pixels, share: float) -> Pixels:
    return np.asarray(cv2.addWeighted(changed, share, ink, 1 - share, 0), np.uint8)


@cache
def _disc(across: int, down: int) -> Pixels:
    """Returns an ellipse of these radii."""
    size = (2 * across + 1, 2 * down + 1)
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, size), np.uint8)


def _papered(ink: Pixels, random: np.random.Generator) -> Pixels:
    """Puts a character on paper: light or dark, smaller, blurred, unevenly lit, noisy."""
    if random.random() < 0.5:
        side = int(random.integers(40, ink.shape[0]))
        ink = np.asarray(cv2.resize(ink, (side, side), interpolation=cv2.INTER_AREA), np.uint8)
    if random.random() < 0.5:
        ink = np.asarray(cv2.GaussianBlur(ink, (0, 0), random.uniform(0.4, 1.1)), np.uint8)
    side = ink.shape[0]
    contrast = random.uniform(0.3, 0.9)
    light = np.linspace(0, random.uniform(-30, 30), side, dtype=np.float32)
    gray = ink * np.float32(-contrast) + light + np.float32(random.uniform(180, 250))
    gray += random.standard_normal((side, side), np.float32) * np.float32(random.uniform(0, 8))
    picture = np.clip(gray, 0, 255).astype(np.uint8)
    return 255 - picture if random.random() < 0.5 else picture


GENTLE = Hand(
    Distortion(
        rotation_deg=8.0, shift=0.0, scale=0.0, aspect=0.25, shear_deg=12.0, elastic=0.08,
        stroke=0.0, contrast=0.0,
    ),
    parts=0.05, joins=0.3, pens=(0.03, 0.07), papers=0.3,
)  # fmt: skip
"""What a network begins with: it learns thousands of characters sooner from a neat hand."""

HARD = Hand(
    Distortion(
        rotation_deg=10.0, shift=0.0, scale=0.0, aspect=0.3, shear_deg=15.0, elastic=0.12,
        stroke=0.0, contrast=0.0,
    ),
    parts=0.1, joins=0.4, pens=(0.025, 0.09), papers=0.2,
)  # fmt: skip
"""What it ends with, about as hard to read as real hands."""
