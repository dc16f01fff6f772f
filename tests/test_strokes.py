"""Strokes of a pen become a picture without steps, whatever grid they were drawn on."""

from __future__ import annotations

import math

import numpy as np

from hanzi_tui.strokes import MARGIN_PX, PICTURE_PX, Place, Stroke, draw, picture, smooth
from pipeline.images import decode, normalize
from pipeline.normalizer import NormalizerSpec

LINE = Stroke(0.05, [(0.1, 0.5), (0.9, 0.5)])


def test_a_picture_is_cropped_to_its_strokes_and_keeps_their_aspect() -> None:
    pixels = decode(picture([LINE]), 10**6)
    assert pixels.shape == (math.ceil(PICTURE_PX * 0.05 / 0.85) + 2 * MARGIN_PX,
                            PICTURE_PX + 2 * MARGIN_PX)  # fmt: skip
    assert pixels[len(pixels) // 2, MARGIN_PX + 8 : -MARGIN_PX - 8].max() == 0
    assert pixels[0].min() == 255


def test_where_and_how_large_a_character_is_drawn_does_not_matter() -> None:
    spec = NormalizerSpec(kind="glyph", size_px=64)
    cross = [Stroke(0.05, [(0.1, 0.5), (0.9, 0.5)]), Stroke(0.05, [(0.5, 0.1), (0.5, 0.9)])]
    small = [Stroke(0.0125, [(0.7 + x / 4, y / 4) for x, y in stroke.points]) for stroke in cross]
    large, tiny = (normalize(picture(strokes), spec).astype(int) for strokes in (cross, small))
    assert np.abs(large - tiny).max() <= 2


def test_a_touch_leaves_a_round_dot_with_soft_edges() -> None:
    ink = np.zeros((40, 40), np.float32)
    draw(ink, [Stroke(0.5, [(0.5, 0.5)])], Place(40))
    assert abs(ink.sum() - math.pi * 10**2) < 5
    assert ((ink > 0) & (ink < 1)).any()
    assert np.allclose(ink, ink.T)


def test_the_steps_of_coarse_cells_are_smoothed_away_but_corners_stay() -> None:
    cell = 1 / 14
    stairs = [(column * cell / 2, column // 6 * cell) for column in range(25)]
    corner = [(0.0, 0.0), (0.8, 0.0), (0.8, 0.8)]

    def unevenness(way: list[tuple[float, float]]) -> float:
        x, y = np.array(way[len(way) // 5 : -len(way) // 5]).T
        return float(np.std(y - np.polyval(np.polyfit(x, y, 1), x)))

    smoothed = smooth(Stroke(0.05, stairs, grain=cell)).points
    assert (smoothed[0], smoothed[-1]) == (stairs[0], stairs[-1])
    assert unevenness(smoothed) < 0.7 * unevenness(stairs)
    rounded = smooth(Stroke(0.05, corner, grain=cell)).points
    assert min(math.dist(point, corner[1]) for point in rounded) < cell / 2
    exact = smooth(Stroke(0.05, corner)).points
    assert min(math.dist(point, corner[1]) for point in exact) < 1 / 64


def test_ink_that_leaves_the_sheet_is_cut_off() -> None:
    ink = np.zeros((10, 20), np.float32)
    draw(ink, [Stroke(0.2, [(-3.0, 0.5), (0.5, 0.5)]), Stroke(0.2, [(9.0, 9.0)])], Place(10))
    assert ink[5, :5].min() == 1
    assert not ink[:, 10:].any()
