"""Distortions: repeatable, bounded, no mirrored glyph, and off when switched off."""

from __future__ import annotations

from dataclasses import fields, replace

import cv2
import numpy as np
import pytest

from pipeline.augment import BORDERS, Distortion, distort, distortion_for
from pipeline.problems import Problem
from pipeline.settings import AugmentSettings

OFF = Distortion(**{field.name: 0.0 for field in fields(Distortion)})
EVERYTHING = replace(Distortion(), brightness=0.1, ink_noise=0.1, noise=0.05, erase=0.1)
FOR_PHOTOS = {"noise", "mirror"}


def glyph(side: int = 64) -> np.ndarray:
    """Strokes that look like neither of their mirror images, ink 255 on 0, uint8 `[S, S]`."""
    big = np.zeros((256, 256), np.uint8)
    for start, end in [((70, 40), (70, 215)), ((70, 150), (180, 190))]:
        cv2.line(big, start, end, 255, 16, cv2.LINE_AA)
    cv2.circle(big, (180, 60), 16, 255, -1, cv2.LINE_AA)
    return cv2.resize(big, (side, side), interpolation=cv2.INTER_AREA)


def glyphs(count: int, side: int = 64, channels: int = 1) -> np.ndarray:
    batch = np.broadcast_to(glyph(side)[None, :, :, None], (count, side, side, channels))
    return np.ascontiguousarray(batch)


def likeness(a: np.ndarray, b: np.ndarray) -> float:
    """Correlation of two pictures, blurred so that strokes need not coincide."""
    blurred = [cv2.GaussianBlur(image, (0, 0), len(image) / 20).ravel() for image in (a, b)]
    return float(np.corrcoef(blurred)[0, 1])


def fine_detail(batch: np.ndarray) -> float:
    """Energy above 0.3 cycles a pixel, of gray pictures `[N, S, S, 1]`."""
    side = batch.shape[1]
    energy = np.abs(np.fft.rfft2(batch[..., 0].astype(float))) ** 2
    cycles = np.hypot(np.fft.fftfreq(side)[:, None], np.fft.rfftfreq(side))
    return float(energy[:, cycles > 0.3].sum())


def ramp(side: int = 64) -> np.ndarray:
    """A picture whose gray level is twice the column, so that a level tells where it was."""
    row = np.arange(side, dtype=np.uint8) * 2
    return np.broadcast_to(row[None, None, :, None], (1, side, side, 1)).copy()


def test_the_same_seed_and_step_give_the_same_images():
    batch = glyphs(16)
    first = distort(batch, EVERYTHING, seed=3, step=7)
    np.testing.assert_array_equal(first, distort(batch, EVERYTHING, seed=3, step=7))


def test_another_step_and_another_seed_give_other_images():
    batch = glyphs(4)
    here = distort(batch, Distortion(), seed=3, step=7)
    for seed, step in [(3, 8), (4, 7), (7, 3)]:
        there = distort(batch, Distortion(), seed=seed, step=step)
        assert all((a != b).any() for a, b in zip(here, there, strict=True))


def test_images_of_one_batch_are_distorted_differently():
    result = distort(glyphs(16), Distortion(), seed=0, step=0)
    assert len({image.tobytes() for image in result}) == 16


@pytest.mark.parametrize("border", ["blank", "edge"])
def test_a_batch_cut_in_pieces_comes_out_as_the_whole(border):
    batch = glyphs(10, channels=3)
    strengths = replace(EVERYTHING, mirror=border == "edge")
    whole = distort(batch, strengths, seed=1, step=2, border=border)
    head = distort(batch[:4], strengths, seed=1, step=2, border=border)
    tail = distort(batch[4:], strengths, seed=1, step=2, border=border, first=4)
    np.testing.assert_array_equal(whole, np.concatenate([head, tail]))


def test_an_image_does_not_depend_on_its_neighbours():
    batch = glyphs(6)
    alone = distort(batch, EVERYTHING, seed=5, step=0)
    batch[:5] = 255 - batch[:5]
    np.testing.assert_array_equal(alone[5], distort(batch, EVERYTHING, seed=5, step=0)[5])


@pytest.mark.parametrize("border", ["blank", "edge"])
@pytest.mark.parametrize("channels", [1, 3])
def test_zero_strength_changes_nothing(border, channels):
    noise = np.random.default_rng(0).integers(0, 256, (3, 40, 40, channels), np.uint8)
    result = distort(noise, OFF, seed=0, step=0, border=border)
    np.testing.assert_array_equal(result, noise)
    assert not np.shares_memory(result, noise)


@pytest.mark.parametrize("name", [field.name for field in fields(Distortion)])
def test_each_strength_alone_changes_the_images(name):
    strength = 10.0 if name.endswith("_deg") else 0.1
    border = "edge" if name in FOR_PHOTOS else "blank"
    batch = glyphs(8) // 2 + 40
    result = distort(batch, replace(OFF, **{name: strength}), seed=0, step=0, border=border)
    assert (result != batch).any(axis=(1, 2, 3)).sum() >= 2


@pytest.mark.parametrize("border", ["blank", "edge"])
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("side", [17, 64, 96])
def test_shape_and_type_stay(side, channels, border):
    batch = glyphs(3, side, channels)
    result = distort(batch, EVERYTHING, seed=0, step=0, border=border)
    assert result.shape == (3, side, side, channels)
    assert result.dtype == np.uint8


def test_the_input_is_never_modified():
    batch = glyphs(8)
    before = batch.copy()
    batch.setflags(write=False)
    distort(batch, EVERYTHING, seed=0, step=0)
    np.testing.assert_array_equal(batch, before)


def test_a_slice_of_a_larger_array_is_taken_as_it_is():
    batch = glyphs(8)
    np.testing.assert_array_equal(
        distort(batch[::2], EVERYTHING, seed=0, step=0),
        distort(batch[::2].copy(), EVERYTHING, seed=0, step=0),
    )


def test_an_empty_batch_stays_empty():
    assert distort(glyphs(0), EVERYTHING, seed=0, step=0).shape == (0, 64, 64, 1)


def test_no_glyph_is_ever_mirrored():
    shape = glyph()
    mirrored = [shape[:, ::-1], shape[::-1], shape.T]
    for image in distort(glyphs(200), Distortion(), seed=0, step=0)[..., 0]:
        assert likeness(image, shape) > max(likeness(image, mirror) for mirror in mirrored)


def test_a_mirror_for_glyphs_is_refused_and_says_why():
    asked = AugmentSettings(mirror=True).model_dump()
    with pytest.raises(Problem, match=r"mirrored character is another one.*mirror = false"):
        distortion_for("glyph", asked)
    with pytest.raises(ValueError, match="never mirrored"):
        distort(glyphs(1), replace(OFF, mirror=True), seed=0, step=0)
    photos = distortion_for("photo", asked)
    assert photos is not None and photos.mirror


def test_photos_are_mirrored_left_to_right_where_the_user_says_so():
    batch = glyphs(400, channels=3)
    result = distort(batch, replace(OFF, mirror=True), seed=0, step=0, border="edge")
    turned = (result == batch[:, :, ::-1]).all(axis=(1, 2, 3))
    assert (turned | (result == batch).all(axis=(1, 2, 3))).all()
    assert 0.4 < turned.mean() < 0.6


def test_the_settings_are_the_distortion_and_off_is_none():
    settings = AugmentSettings(rotation_deg=3.0, ink_noise=0.2)
    for kind in BORDERS:
        assert distortion_for(kind, settings.model_dump()) == replace(
            Distortion(), rotation_deg=3.0, ink_noise=0.2
        )
    assert distortion_for("glyph", AugmentSettings(enabled=False).model_dump()) is None
    assert distortion_for("glyph", AugmentSettings().model_dump()) == Distortion()


def test_the_ink_stays_on_the_canvas():
    batch = glyphs(200)
    ink = distort(batch, replace(Distortion(), contrast=0, stroke=0), seed=0, step=0).sum(
        axis=(1, 2, 3), dtype=float
    ) / batch.sum(axis=(1, 2, 3), dtype=float)
    # A glyph shrunk by 12 % keeps 77 % of its ink's area.
    assert ink.min() > 0.7
    assert 0.9 < ink.mean() < 1.1


def test_the_paper_around_a_glyph_stays_blank():
    strong = replace(Distortion(), shift=0.4, scale=0.5)
    result = distort(glyphs(50), strong, seed=0, step=0)
    assert np.median(result[:, [0, -1]]) == 0


def test_a_photo_moved_aside_continues_with_its_edge():
    batch = np.full((20, 32, 32, 3), (10, 120, 200), np.uint8)
    result = distort(batch, replace(OFF, shift=0.4, rotation_deg=30.0), 0, 0, border="edge")
    np.testing.assert_array_equal(result, batch)


def test_a_shift_is_bounded_by_its_fraction_of_the_side():
    for step in range(20):
        moved = distort(ramp(), replace(OFF, shift=0.1), 0, step, border="edge").astype(int)
        middle = (moved - ramp())[0, :, 8:-8, 0] / 2
        assert np.abs(middle).max() <= 0.1 * 64 + 0.5
        assert np.ptp(middle) <= 1


def test_bending_moves_no_point_further_than_its_strength():
    moves = []
    for step in range(20):
        bent = distort(ramp(), replace(OFF, elastic=0.1), 0, step, border="edge").astype(int)
        moves.append((bent - ramp())[0, :, 8:-8, 0] / 2)
    furthest = np.abs(moves).max()
    assert 0.04 * 64 < furthest <= 0.1 * 64 + 0.5


def test_a_distortion_looks_the_same_at_every_size():
    small = distort(glyphs(8, 32), Distortion(), seed=0, step=0)
    large = distort(glyphs(8, 128), Distortion(), seed=0, step=0)
    for a, b in zip(small, large, strict=True):
        assert likeness(a, cv2.resize(b, (32, 32), interpolation=cv2.INTER_AREA)) > 0.97


def test_strokes_grow_and_shrink_without_moving():
    batch = glyphs(40)
    result = distort(batch, replace(OFF, stroke=0.02), seed=0, step=0)
    ink = result.sum(axis=(1, 2, 3), dtype=float) / batch[0].sum(dtype=float)
    assert ink.min() < 0.9 and ink.max() > 1.1
    grown = result[ink > 1]
    assert (grown >= batch[0]).all()


def test_strokes_stay_about_as_crisp_as_they_will_be_read():
    batch = glyphs(100)
    bent = distort(batch, replace(Distortion(), contrast=0, stroke=0), seed=0, step=0)
    thickened = distort(batch, replace(OFF, stroke=0.006), seed=0, step=0)
    assert fine_detail(bent) > 0.55 * fine_detail(batch)
    assert fine_detail(thickened) > 0.7 * fine_detail(batch)


def test_photos_have_no_strokes_to_thicken():
    batch = glyphs(4, channels=3)
    result = distort(batch, replace(OFF, stroke=0.02), seed=0, step=0, border="edge")
    np.testing.assert_array_equal(result, batch)


def test_contrast_leaves_blank_paper_blank_and_a_photo_its_mean():
    batch = glyphs(20) // 2
    inks = distort(batch, replace(OFF, contrast=0.4), seed=0, step=0)
    assert (inks[batch == 0] == 0).all()
    photos = distort(batch + 50, replace(OFF, contrast=0.4), seed=0, step=0, border="edge")
    np.testing.assert_allclose(photos.mean(axis=(1, 2, 3)), (batch + 50).mean(), atol=1)


@pytest.mark.parametrize("side", [32, 64, 128])
def test_ink_noise_takes_its_share_of_the_ink_and_a_tenth_of_it_of_the_paper(side):
    ink = np.full((300, side, side, 1), 255, np.uint8)
    lost = 1 - distort(ink, replace(OFF, ink_noise=0.2), seed=0, step=0).mean(axis=(1, 2, 3)) / 255
    assert 0.08 < lost.mean() < 0.12
    assert 0.15 < lost.max() < 0.3
    specks = distort(ink * 0, replace(OFF, ink_noise=0.2), seed=0, step=0).mean(axis=(1, 2, 3))
    assert 0.005 < specks.mean() / 255 < 0.02


def test_ink_noise_makes_gaps_and_specks_and_no_gray_paper():
    result = distort(glyphs(50), replace(OFF, ink_noise=0.1), seed=0, step=0)
    paper = result[:, glyph() == 0]
    assert (paper == 0).mean() > 0.96
    assert (paper > 200).any()
    solid = result[:, glyph() == 255]
    assert (solid < 50).any(axis=(1, 2)).mean() > 0.8


def test_ink_noise_is_for_glyphs_and_sensor_noise_for_photos():
    batch = glyphs(4, channels=3)
    inked = distort(batch, replace(OFF, ink_noise=0.2), seed=0, step=0, border="edge")
    np.testing.assert_array_equal(inked, batch)
    sensed = distort(batch, replace(OFF, noise=0.2), seed=0, step=0)
    np.testing.assert_array_equal(sensed, batch)


def test_the_noise_of_photos_is_no_stronger_than_its_deviation():
    batch = np.full((200, 64, 64, 3), 128, np.uint8)
    result = distort(batch, replace(OFF, noise=0.1), seed=0, step=0, border="edge")
    deviations = result.std(axis=(1, 2, 3)) / 255
    assert 0.09 < deviations.max() < 0.105
    np.testing.assert_allclose(result.mean(axis=(1, 2, 3)), 128, atol=1.5)


def test_an_erased_rectangle_is_no_larger_than_allowed():
    batch = np.full((400, 64, 64, 1), 255, np.uint8)
    result = distort(batch, replace(OFF, erase=0.1), seed=0, step=0)
    covered = (result == 0).mean(axis=(1, 2, 3))
    assert covered.max() <= 0.11
    assert 0.3 < (covered > 0).mean() < 0.6


@pytest.mark.parametrize(
    "batch",
    [
        np.zeros((2, 64, 64), np.uint8),
        np.zeros((2, 64, 64, 1), np.float32),
        np.zeros((2, 64, 48, 1), np.uint8),
    ],
)
def test_an_array_that_is_no_batch_of_images_is_refused(batch):
    with pytest.raises(ValueError, match="uint8 images"):
        distort(batch, Distortion(), seed=0, step=0)
