"""Near copies are found, and other pictures are not taken for copies."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from pictures import glyph_pixels

from pipeline.dataset.similar import (
    ALIKE,
    DISTANCE,
    MAX_DISTANCE,
    clusters,
    fingerprints,
    glyph_frame,
    hashes,
    near_pairs,
    photo_frame,
)
from pipeline.dataset.ties import components
from pipeline.images import decode, to_gray
from pipeline.ink import ink_of

Pixels = NDArray[np.uint8]


def prints_of(pictures: list[Pixels]) -> NDArray[np.int8]:
    """Returns int8 `[N, 64]`, the fingerprints of gray pictures of glyphs."""
    inks = (ink_of(picture, 192) for picture in pictures)
    empty = np.zeros((8, 8), np.uint8)
    return fingerprints(np.stack([glyph_frame(empty if ink is None else ink) for ink in inks]))


def gray(path: Path) -> Pixels:
    return to_gray(decode(path, 10**6))


def recompressed(picture: Pixels) -> Pixels:
    _, content = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 60])
    return cv2.imdecode(content, cv2.IMREAD_GRAYSCALE)


COPIES: dict[str, Callable[[Pixels], Pixels]] = {
    "recompressed": recompressed,
    "smaller": lambda p: cv2.resize(p, None, fx=0.7, fy=0.7, interpolation=cv2.INTER_AREA),
    "larger": lambda p: cv2.resize(p, None, fx=1.4, fy=1.4, interpolation=cv2.INTER_CUBIC),
    "on more paper": lambda p: cv2.copyMakeBorder(p, 3, 9, 12, 2, cv2.BORDER_REPLICATE),
    "paler": lambda p: cv2.convertScaleAbs(p, alpha=0.7, beta=50),
    "inverted": cv2.bitwise_not,
    "blurred": lambda p: cv2.GaussianBlur(p, (3, 3), 0.8),
}


@pytest.fixture(scope="module")
def pictures(starter: Path) -> list[Pixels]:
    """Two pictures of each character."""
    files = (sorted(folder.iterdir())[:2] for folder in sorted(starter.iterdir()))
    return [gray(file) for pair in files for file in pair]


@pytest.mark.parametrize("how", COPIES)
def test_a_changed_copy_is_a_near_copy(pictures: list[Pixels], how: str) -> None:
    found = clusters(prints_of([*pictures, *(COPIES[how](picture) for picture in pictures)]))
    originals, copies = np.split(found, 2)
    assert np.mean(originals == copies) >= 0.9


def test_two_drawings_of_a_character_are_no_copies(starter: Path) -> None:
    files = [file for folder in sorted(starter.iterdir()) for file in sorted(folder.iterdir())[:10]]
    found = clusters(prints_of([gray(file) for file in files]))
    assert len(np.unique(found)) >= 0.97 * len(files)


def test_single_strokes_and_blank_pictures_are_copies_of_nothing() -> None:
    stroke = np.full((60, 60), 255, np.uint8)
    stroke[28:33, 10:50] = 0
    blank = np.full((60, 60), 255, np.uint8)
    cross = glyph_pixels()
    found = clusters(prints_of([stroke, stroke, blank, blank, cross, cross]))
    assert found.tolist() == [0, 1, 2, 3, 4, 4]


def test_photos_of_one_scene_are_near_copies_and_a_mirrored_one_is_not() -> None:
    scene = cv2.GaussianBlur(
        np.random.default_rng(0).integers(0, 256, (90, 120), dtype=np.uint8), (31, 31), 9
    )
    scene = cv2.normalize(scene, None, 0, 255, cv2.NORM_MINMAX)
    others = [scene, recompressed(scene), cv2.resize(scene, (80, 60)), cv2.flip(scene, 1)]
    found = clusters(fingerprints(np.stack([photo_frame(photo) for photo in others])))
    assert found.tolist() == [0, 0, 0, 3]


def planted(count: int, seed: int) -> NDArray[np.int8]:
    """Returns fingerprints, some of which are others with a few values changed."""
    random = np.random.default_rng(seed)
    prints = random.integers(-127, 128, (count, 64)).astype(np.int8)
    prints[count // 2 :] = prints[: count - count // 2]
    for row in range(count // 2, count):
        places = random.choice(64, row % 12, replace=False)
        prints[row, places] = np.sign(-prints[row, places].astype(int) - 0.5) * 3
    return prints


def brute_force(prints: NDArray[np.int8], distance: int) -> Iterator[tuple[int, int]]:
    signs = prints > 0
    unit = prints / np.linalg.norm(prints.astype(float), axis=1, keepdims=True)
    for one in range(len(prints)):
        bits = (signs[one + 1 :] != signs[one]).sum(axis=1)
        alike = unit[one + 1 :] @ unit[one] >= ALIKE - 1e-6
        for other in np.flatnonzero((bits <= distance) & alike):
            yield one, one + 1 + int(other)


@pytest.mark.parametrize("distance", [0, 1, DISTANCE, 5, MAX_DISTANCE])
def test_the_search_finds_what_comparing_all_with_all_finds(distance: int) -> None:
    prints = planted(600, seed=distance)
    expected = components(600, [np.array(list(brute_force(prints, distance))).reshape(-1, 2)])
    assert 300 < len(np.unique(expected)) < 600
    assert np.array_equal(components(600, near_pairs(prints, distance)), expected)


def test_twenty_thousand_equal_pictures_are_one_set_and_soon_found() -> None:
    prints = np.repeat(planted(2, seed=1)[:1], 20_000, axis=0)
    pairs = np.concatenate(list(near_pairs(prints)))
    assert len(pairs) == 19_999
    assert set(clusters(prints).tolist()) == {0}


def test_a_hash_is_the_signs_and_too_wide_a_search_is_refused() -> None:
    prints = planted(4, seed=2)
    signs = np.unpackbits(hashes(prints).view(np.uint8).reshape(4, 8), axis=1)
    assert np.array_equal(signs, prints > 0)
    with pytest.raises(ValueError, match="9 bits"):
        list(near_pairs(prints, MAX_DISTANCE + 1))
