"""Random grain for images: gaps and specks in the ink of glyphs, sensor noise on photos.

Noise is cut from banks that are made once, at places that the caller draws.
"""

from __future__ import annotations

from functools import lru_cache
from statistics import NormalDist

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]

SPECKS = 0.1
"""Share of the paper that specks cover, for each share of the ink that gaps take."""
_GRAIN = 0.02
"""Blur of the grain, as a fraction of the side: gaps are about twice as wide."""
_DEVIATION = 40.0
"""Standard deviation of the banks, in gray levels: three of them fit into a byte."""
_STARTS = 1 << 16
_GRAIN_STARTS = 256
_LEAST_SHARE = 1e-3
_LEVELS = NormalDist(128, _DEVIATION)


def break_ink(pictures: Pixels, shares: Floats, places: Floats) -> None:
    """Breaks gaps into the ink and throws specks of ink on the paper, in place.

    Args:
        pictures: uint8 `[N, S, S]` or `[N, S, S, 3]`, ink 255 on 0.
        shares: of the ink that the gaps take, float32 `[N]`, 0 to 0.5.
        places: where in the bank the grain is cut, float32 `[N, 2]`, 0 to 1.
    """
    side = pictures.shape[1]
    bank, slope = _grain_bank(side)
    corners = (places * _GRAIN_STARTS).astype(int).tolist()
    for picture, share, (top, left) in zip(pictures, shares.tolist(), corners, strict=True):
        if share < _LEAST_SHARE:
            continue
        grain = bank[top : top + side, left : left + side]
        gaps = _beyond(grain, -slope, _LEVELS.inv_cdf(share))
        specks = _beyond(grain, slope, _LEVELS.inv_cdf(1 - SPECKS * share))
        if picture.ndim == 3:
            gaps, specks = cv2.merge([gaps] * 3), cv2.merge([specks] * 3)
        cv2.subtract(picture, gaps, picture)
        cv2.max(picture, specks, picture)


def add_noise(pictures: Pixels, deviations: Floats, places: Floats) -> None:
    """Adds Gaussian noise, in place.

    Args:
        pictures: uint8 `[N, S, S]` or `[N, S, S, 3]`.
        deviations: standard deviations, float32 `[N]`, in gray levels.
        places: where in the bank the noise is cut, float32 `[N]`, 0 to 1.
    """
    size = pictures[0].size
    bank = _noise_bank(size + _STARTS)
    starts = (places * _STARTS).astype(int).tolist()
    shares = (deviations / _DEVIATION).tolist()
    for picture, start, share in zip(pictures, starts, shares, strict=True):
        noise = bank[start : start + size].reshape(picture.shape)
        cv2.addWeighted(noise, share, picture, 1, -128 * share, picture)


def _beyond(grain: Pixels, slope: float, level: float) -> Pixels:
    """Returns 255 where the grain lies beyond `level` on the side of `slope`, 0 elsewhere."""
    mask: Pixels = cv2.addWeighted(grain, slope, grain, 0, 127.5 - level * slope)
    return mask


@lru_cache(maxsize=32)
def _grain_bank(side: int) -> tuple[Pixels, float]:
    """Returns blurred noise `[side + 256, side + 256]`, and the slope of an edge of one pixel."""
    size = side + _GRAIN_STARTS
    noise = np.random.Generator(np.random.Philox(1)).standard_normal((size, size), np.float32)
    blur_px = _GRAIN * side
    noise = cv2.GaussianBlur(noise, (0, 0), blur_px)
    # Between neighbouring pixels such noise changes by deviation / (blur * sqrt 2).
    slope = 255 / _DEVIATION * max(0.5, blur_px * 2**0.5)
    return _as_bytes(noise / noise.std()), slope


@lru_cache(maxsize=8)
def _noise_bank(size: int) -> Pixels:
    return _as_bytes(np.random.Generator(np.random.Philox(0)).standard_normal(size, np.float32))


def _as_bytes(noise: Floats) -> Pixels:
    levels: Pixels = np.clip(np.rint(128 + _DEVIATION * noise), 0, 255).astype(np.uint8)
    return levels
