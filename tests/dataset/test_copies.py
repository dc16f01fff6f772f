"""Distorted copies look like their picture: its size, its colours, its paper, its polarity."""

from __future__ import annotations

from dataclasses import fields, replace

import cv2
import numpy as np
import pytest

from pipeline.augment import Distortion, distort
from pipeline.dataset.export.copies import MAX_SIDE_PX, distorted_copies

OFF = Distortion(**{field.name: 0.0 for field in fields(Distortion)})


def page(height: int, width: int, *, paper: int = 250, ink: int = 20) -> np.ndarray:
    """A cross of strokes on paper, uint8 `[H, W]`."""
    picture = np.full((height, width), paper, np.uint8)
    middle = (width // 2, height // 2)
    cv2.line(picture, (width // 4, middle[1]), (3 * width // 4, middle[1]), ink, 5)
    cv2.line(picture, (middle[0], height // 4), (middle[0], 3 * height // 4), ink, 5)
    return picture


def copies(
    picture: np.ndarray, distortion: Distortion, count: int = 8, row: int = 3, kind: str = "glyph"
) -> list[np.ndarray]:
    return distorted_copies(picture, kind, distortion, count, 0, row, 10**8)


@pytest.mark.parametrize(("paper", "ink"), [(250, 20), (5, 240), (0, 70), (140, 30)])
@pytest.mark.parametrize("shape", [(96, 64), (60, 90), (80, 80)])
def test_copies_have_the_size_the_paper_and_the_polarity_of_their_picture(
    shape: tuple[int, int], paper: int, ink: int
) -> None:
    picture = page(*shape, paper=paper, ink=ink)
    made = copies(picture, replace(Distortion(), contrast=0))
    assert len({copy.tobytes() for copy in made}) == 8
    for copy in made:
        assert copy.shape == shape and copy.dtype == np.uint8
        assert np.median(copy) == paper
        assert min(paper, ink) <= copy.min() and copy.max() <= max(paper, ink)
        assert abs((copy == paper).mean() - (picture == paper).mean()) < 0.15


def test_a_coloured_picture_keeps_its_colours() -> None:
    picture = np.full((64, 64, 3), (240, 220, 180), np.uint8)
    picture[20:44, 28:34] = (150, 20, 30)
    for copy in copies(picture, replace(OFF, rotation_deg=20.0)):
        assert (np.median(copy.reshape(-1, 3), axis=0) == (240, 220, 180)).all()
        darkest = copy[np.unravel_index(copy.sum(axis=2).argmin(), (64, 64))].astype(int)
        assert np.abs(darkest - (150, 20, 30)).max() < 10


def test_grainy_paper_stays_grainy() -> None:
    grain = np.random.default_rng(0).normal(225, 8, (80, 80)).clip(0, 250)
    picture = np.minimum(page(80, 80), grain.astype(np.uint8))
    (copy,) = copies(picture, replace(OFF, shift=0.1), 1)
    assert copy[:8].std() > 4


def test_a_shadow_on_the_paper_stays_where_it_is() -> None:
    light = np.linspace(240, 140, 80)[:, None].repeat(80, 1).astype(np.uint8)
    picture = np.minimum(page(80, 80), light)
    for copy in copies(picture, replace(OFF, shift=0.1, rotation_deg=15.0)):
        frame = np.concatenate([copy[:6], copy[-6:]]).astype(int)
        assert np.abs(frame - np.concatenate([light[:6], light[-6:]])).max() < 25
        assert (copy < 60).sum() > 0.8 * (picture < 60).sum()


def test_specks_on_a_faint_drawing_are_faint() -> None:
    faint = page(64, 64, paper=0, ink=60)
    for copy in copies(faint, replace(OFF, ink_noise=0.4)):
        assert copy.max() <= 60


def test_a_copy_depends_on_seed_row_and_number_alone() -> None:
    picture = page(64, 64)
    some, more = copies(picture, Distortion(), 3), copies(picture, Distortion(), 6)
    assert all((a == b).all() for a, b in zip(some, more, strict=False))
    assert (copies(picture, Distortion(), 1, row=4)[0] != some[0]).any()


def test_photos_are_distorted_as_training_distorts_them() -> None:
    photo = np.random.default_rng(0).integers(0, 256, (48, 48, 3), np.uint8)
    wanted = distort(np.repeat(photo[None], 4, 0), Distortion(), 0, 3, border="edge")
    assert (np.stack(copies(photo, Distortion(), 4, kind="photo")) == wanted).all()


def test_copies_of_a_huge_scan_are_bounded() -> None:
    (copy,) = copies(page(3000, 1500), Distortion(), 1)
    assert copy.shape == (MAX_SIDE_PX, MAX_SIDE_PX // 2)


def test_a_blank_picture_has_blank_copies() -> None:
    blank = np.full((40, 30), 200, np.uint8)
    assert all((copy == blank).all() for copy in copies(blank, Distortion()))
