"""Random distortions of uint8 images, for training, for the preview and for a written-out copy.

What image `i` of step `t` turns into depends on (seed, t, i) alone: not on the size of the batch,
nor on the images around it. So a resumed training continues with the very batches it would have
had, and a batch may be cut in pieces for several threads or machines.

A glyph is never mirrored: a character's mirror image is another character or none. A photo may be,
where its label stays true; an arrow to the left is a sign of its own, so the default is no.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple, dataclass
from functools import lru_cache
from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.noise import add_noise, break_ink
from pipeline.problems import Problem

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]
Border = Literal["blank", "edge"]
"""What lies beyond the image: blank paper (0) for glyphs, its own edge for photos."""
BORDERS: dict[str, Border] = {"glyph": "blank", "photo": "edge"}
"""The border of each kind of image."""


@dataclass(frozen=True)
class Distortion:
    """How strong each distortion may get; 0 switches it off.

    A strength is drawn anew for every image, uniformly between its two ends. Lengths are
    fractions of the image's side, so that one recipe fits every image size. The defaults are
    those with which `hanzi_s` learned handwriting best.
    """

    rotation_deg: float = 8.0
    """Turn, either way, in degrees."""
    shift: float = 0.05
    """Move along each axis, either way."""
    scale: float = 0.12
    """Growth or shrinkage: 0.1 is 90 % to 110 %. Below 1."""
    aspect: float = 0.12
    """Width over height, off from 1. Below 1."""
    shear_deg: float = 8.0
    """Slant of the upright strokes, either way, in degrees. Below 90."""
    elastic: float = 0.06
    """The furthest that bending may move a point. Up to 0.12 no stroke folds over."""
    stroke: float = 0.006
    """Growth or shrinkage of the strokes at each of their sides; for glyphs only."""
    contrast: float = 0.2
    """Gain: 0.2 is 80 % to 120 %; of the ink for glyphs, about the mean for photos. Below 1."""
    brightness: float = 0.0
    """Offset, either way, as a fraction of full scale; it grays the paper of glyphs, too."""
    ink_noise: float = 0.0
    """Largest share of the ink lost in gaps; a tenth of it of the paper gets specks; for glyphs
    only. Up to 0.5."""
    noise: float = 0.0
    """Largest standard deviation of Gaussian noise, as a fraction of full scale; for photos only:
    the paper of a normalised glyph is blank."""
    erase: float = 0.0
    """Largest part of the area that a rectangle covers, in every other image."""
    mirror: bool = False
    """Left and right change places in every other image; for photos only."""


_GEOMETRY = ("rotation_deg", "shift", "scale", "aspect", "shear_deg", "elastic")

# Columns of the table of draws, one row an image; the lattice's bends follow them.
_TURN, _SHIFT_X, _SHIFT_Y, _SCALE, _ASPECT, _SHEAR, _STROKE, _GAIN, _OFFSET = range(9)
_NOISE, _NOISE_X, _NOISE_Y, _ERASE, _ERASE_SHAPE, _ERASE_X, _ERASE_Y, _ERASE_TONE = range(9, 17)
_MIRROR = 17
_SCALARS = 18

_CELLS = 4
_KNOTS = _CELLS + 3
"""Control points a side: a cubic B-spline over 4 cells needs one before and two after."""


def distortion_for(kind: str, settings: Mapping[str, Any]) -> Distortion | None:
    """Returns what settings ask for, None where they switch distortions off.

    Args:
        kind: of the images, "glyph" or "photo".
        settings: the fields of `AugmentSettings`.

    Raises:
        Problem: `augment.mirror` when glyphs are to be mirrored.
    """
    strengths = dict(settings)
    if not strengths.pop("enabled"):
        return None
    distortion = Distortion(**strengths)
    if distortion.mirror and kind == "glyph":
        raise Problem("augment.mirror")
    return distortion


def distort(
    images: Pixels,
    distortion: Distortion,
    seed: int,
    step: int,
    *,
    border: Border = "blank",
    first: int = 0,
) -> Pixels:
    """Returns a distorted copy of a batch.

    Args:
        images: uint8 `[N, S, S, C]`, C = 1 or 3; not modified.
        distortion: the strengths.
        seed: of the training, ≥ 0.
        step: number of the batch, ≥ 0; another step is another draw.
        border: `blank` for glyphs (ink 255 on 0), `edge` for photos.
        first: position of `images[0]` in its whole batch, for a caller that holds only a part.

    Returns:
        uint8 `[N, S, S, C]`.

    Raises:
        ValueError: the array is not such a batch, seed or step is negative, or glyphs are to be
            mirrored.
    """
    if distortion.mirror and border == "blank":
        raise ValueError("a glyph is never mirrored")
    if images.dtype != np.uint8 or images.ndim != 4 or images.shape[1] != images.shape[2]:
        raise ValueError(
            f"distort takes uint8 images [N, S, S, C], not {images.dtype} {list(images.shape)}"
        )
    if not any(astuple(distortion)) or not len(images):
        copy: Pixels = images.copy()
        return copy
    count, side, _, channels = images.shape
    draws = _draws(seed, step, first, count)
    result = np.empty(images.shape, np.uint8)
    # cv2 wants a gray picture without its channel axis; reshaping a fresh array is a view.
    pictures = result.reshape(count, side, side) if channels == 1 else result
    if any(getattr(distortion, name) for name in _GEOMETRY):
        _bend(images.reshape(pictures.shape), pictures, distortion, draws, border)
    else:
        result[:] = images
    if distortion.stroke and border == "blank":
        _thicken(pictures, draws[:, _STROKE] * (distortion.stroke * side))
    if distortion.ink_noise and border == "blank":
        shares = _unsigned(draws[:, _NOISE]) * distortion.ink_noise
        break_ink(pictures, shares, _unsigned(draws[:, [_NOISE_Y, _NOISE_X]]))
    if distortion.contrast or distortion.brightness:
        _tone(pictures, distortion, draws, border)
    if distortion.noise and border == "edge":
        deviations = _unsigned(draws[:, _NOISE]) * (distortion.noise * 255)
        add_noise(pictures, deviations, _unsigned(draws[:, _NOISE_X]))
    if distortion.mirror:
        turned = draws[:, _MIRROR] > 0
        pictures[turned] = pictures[turned, :, ::-1]
    if distortion.erase:
        _erase(pictures, distortion.erase, draws, border)
    return result


def _draws(seed: int, step: int, first: int, count: int) -> Floats:
    """Returns uniform draws in [-1, 1), float32 `[count, _SCALARS + 2 * _KNOTS * _KNOTS]`.

    The generator fills row after row, so that a row does not depend on how many follow it.
    """
    generator = np.random.Generator(np.random.Philox(np.random.SeedSequence((seed, step))))
    columns = _SCALARS + 2 * _KNOTS * _KNOTS
    draws: Floats = generator.random((first + count, columns), dtype=np.float32)[first:] * 2 - 1
    return draws


def _unsigned(draws: Floats) -> Floats:
    """Returns draws in [-1, 1) as draws in [0, 1)."""
    return np.asarray((draws + 1) / 2, np.float32)


def _bend(
    images: Pixels, results: Pixels, distortion: Distortion, draws: Floats, border: Border
) -> None:
    """Moves the pixels: turn, shift, scale, aspect, shear and bending in one resampling.

    The map from a result's pixel to its source is a cubic B-spline surface over a lattice of
    control points (Lee, Wolberg & Shin 1997). Such a surface reproduces an affine map exactly,
    and no point of it moves further than the control points do.
    """
    side = images.shape[1]
    basis, knots = _spline(side)
    lattice = _sources(knots, distortion, draws)
    lattice += (distortion.elastic * side) * draws[:, _SCALARS:].reshape(lattice.shape)
    rows = lattice @ basis.T
    surface = np.empty((2, side, side), np.float32)
    mode = cv2.BORDER_CONSTANT if border == "blank" else cv2.BORDER_REPLICATE
    for image, result, row in zip(images, results, rows, strict=True):
        np.matmul(basis, row, out=surface)
        # Linear interpolation would teach a network softer strokes than it will have to read.
        cv2.remap(image, surface[0], surface[1], cv2.INTER_CUBIC, result, mode, 0)


def _sources(knots: Floats, distortion: Distortion, draws: Floats) -> Floats:
    """Returns where the control points of each image lie in its source, `[N, (x, y), row, col]`."""
    turn = np.deg2rad(draws[:, _TURN] * distortion.rotation_deg)
    slant = np.tan(np.deg2rad(draws[:, _SHEAR] * distortion.shear_deg))
    size = 1 + draws[:, _SCALE] * distortion.scale
    stretch = np.sqrt(1 + draws[:, _ASPECT] * distortion.aspect)
    # Backwards from the result: undo the turn, then the slant, then the stretch and the size.
    unslanted = np.empty((len(draws), 2, 2), np.float32)
    unslanted[:, 0, 0] = np.cos(turn) + slant * np.sin(turn)
    unslanted[:, 0, 1] = np.sin(turn) - slant * np.cos(turn)
    unslanted[:, 1, 0] = -np.sin(turn)
    unslanted[:, 1, 1] = np.cos(turn)
    unslanted[:, 0] /= (size * stretch)[:, None]
    unslanted[:, 1] /= (size / stretch)[:, None]

    centre = (knots[0] + knots[-1]) / 2
    span = knots[-1] - knots[0]
    side = span * _CELLS / (_KNOTS - 1)
    shift = draws[:, [_SHIFT_X, _SHIFT_Y]] * (distortion.shift * side)
    grid = np.stack(np.meshgrid(knots - centre, knots - centre)).reshape(2, -1)
    points: Floats = unslanted @ (grid - shift[:, :, None]) + centre
    return points.reshape(-1, 2, _KNOTS, _KNOTS)


@lru_cache(maxsize=4)
def _spline(side: int) -> tuple[Floats, Floats]:
    """Returns the basis `[side, _KNOTS]` at the pixels and where the control points lie, in px."""
    cell = side / _CELLS
    knots = (np.arange(_KNOTS) - 1) * cell - 0.5
    distance = np.abs(np.arange(side)[:, None] - knots) / cell
    near = 2 / 3 - distance**2 + distance**3 / 2
    far = np.clip(2 - distance, 0, None) ** 3 / 6
    basis = np.where(distance < 1, near, far)
    return basis.astype(np.float32), knots.astype(np.float32)


def _thicken(pictures: Pixels, growth_px: Floats) -> None:
    """Grows (or, below 0, thins) the strokes by part of a pixel or more, in place.

    Between the picture, dilated and eroded by whole pixels, the parabola through the three is
    taken: it moves an edge by part of a pixel and leaves it nearly as steep as it was, where the
    straight line to one of them would soften it.
    """
    for picture, growth in zip(pictures, growth_px.tolist(), strict=True):
        radius = int(np.ceil(abs(growth)))
        if not radius:
            continue
        share = abs(growth) / radius
        near, far = (cv2.dilate, cv2.erode) if growth > 0 else (cv2.erode, cv2.dilate)
        towards = near(picture, _disc(radius))
        away = far(picture, _disc(radius))
        # What is taken away goes first: a sum that is cut off at full scale cannot be made up for.
        cv2.addWeighted(picture, 1 - share**2, away, (share**2 - share) / 2, 0, picture)
        cv2.addWeighted(picture, 1, towards, (share**2 + share) / 2, 0, picture)


@lru_cache(maxsize=32)
def _disc(radius: int) -> Pixels:
    size = 2 * radius + 1
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)), np.uint8)


def _tone(pictures: Pixels, distortion: Distortion, draws: Floats, border: Border) -> None:
    """Changes contrast and brightness, in place."""
    gains = 1 + draws[:, _GAIN] * distortion.contrast
    offsets = draws[:, _OFFSET] * (distortion.brightness * 255)
    if border == "edge":
        means = pictures.reshape(len(pictures), -1).mean(axis=1, dtype=np.float32)
        offsets += means * (1 - gains)
    for picture, gain, offset in zip(pictures, gains.tolist(), offsets.tolist(), strict=True):
        cv2.addWeighted(picture, gain, picture, 0, offset, picture)


def _erase(pictures: Pixels, largest: float, draws: Floats, border: Border) -> None:
    """Covers a rectangle of every other picture, in place (random erasing, Zhong et al. 2020)."""
    side = pictures.shape[1]
    root = np.sqrt(np.clip(draws[:, _ERASE], 0, 1) * largest)
    shape = np.exp2(draws[:, _ERASE_SHAPE] / 2)
    lengths = np.rint(np.stack([root * shape, root / shape], axis=1) * side).astype(int)
    corners = ((draws[:, [_ERASE_Y, _ERASE_X]] + 1) / 2 * side - lengths / 2).astype(int)
    tones = (draws[:, _ERASE_TONE] + 1) * 127.5 if border == "edge" else np.zeros(len(pictures))
    starts, ends = np.clip(corners, 0, side), np.clip(corners + lengths, 0, side)
    for picture, (top, left), (bottom, right), tone in zip(
        pictures, starts, ends, tones, strict=True
    ):
        picture[top:bottom, left:right] = int(tone)
