"""A picture in black and white alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

LUMA = (0.299, 0.587, 0.114)
"""Weights of red, green and blue (ITU-R BT.601)."""


def binarised(picture: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], int]:
    """Returns a picture in 0 and 255, and the level above which a pixel is white.

    The level is Otsu's (IEEE Trans. SMC 9, 1979).

    Args:
        picture: uint8 gray `[H, W]` or RGB `[H, W, 3]`.

    Returns:
        uint8 `[H, W]`, and the level, 0 to 255.
    """
    gray = picture if picture.ndim == 2 else np.asarray(picture @ np.array(LUMA), np.uint8)
    counts = np.bincount(gray.ravel(), minlength=256).astype(np.float64)
    dark = counts.cumsum()
    dark_sum = (counts * np.arange(256)).cumsum()
    light = dark[-1] - dark
    apart = (dark_sum * dark[-1] - dark_sum[-1] * dark) ** 2
    between = np.divide(apart, dark * light, out=np.zeros(256), where=(dark > 0) & (light > 0))
    level = int(between.argmax())
    return np.asarray(np.where(gray > level, 255, 0), np.uint8), level
