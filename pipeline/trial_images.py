"""Images to compare two forms of one network on."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pipeline.normalizer import NormalizerSpec

COUNT = 32


def trial_images(spec: NormalizerSpec) -> NDArray[np.uint8]:
    """Returns uint8 `[32, S, S, C]`: a blank image, strokes, and noise; always the same."""
    generator = np.random.default_rng(0)
    shape = (COUNT, spec.size_px, spec.size_px, spec.channels)
    images = generator.integers(0, 256, shape, np.uint8)
    images[0] = 0
    for number, image in enumerate(images[1 : COUNT // 2], 1):
        place = number * spec.size_px // COUNT
        image[:] = 0
        image[place : place + spec.size_px // 8] = 255
        image[:, -place - 1] = 255
    return images
