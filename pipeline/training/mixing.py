"""Images made of two, as a function of (seed, step): mixup and CutMix."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

_STREAM = 0x6D6978
"""Keeps these draws apart from those of the distortions, which have the same seed and step."""

Pixels = NDArray[np.uint8]
Mixed = tuple[Pixels, NDArray[np.int32], NDArray[np.int32], NDArray[np.float32]]


@dataclass(frozen=True)
class Mixing:
    """How strongly images are mixed: a of Beta(a, a), 0 for not at all.

    Args:
        mixup: two images are blended (Zhang et al. 2018).
        cutmix: a rectangle of one replaces that of the other (Yun et al. 2019).

    With both, every batch is mixed in one of the two ways, drawn evenly.
    """

    mixup: float = 0.0
    cutmix: float = 0.0

    def __bool__(self) -> bool:
        return self.mixup > 0 or self.cutmix > 0


def mix(images: Pixels, labels: NDArray[np.int32], mixing: Mixing, seed: int, step: int) -> Mixed:
    """Mixes each image of a batch with another one of it.

    Args:
        images: uint8 `[B, S, S, C]`.
        labels: int32 `[B]`.
        mixing: at least one way is on.

    Returns:
        Images, the labels of which there is more, the other labels, and the share of the former,
        0.5 to 1, float32 `[B]`.
    """
    generator = np.random.Generator(np.random.Philox(np.random.SeedSequence((seed, step, _STREAM))))
    count, side = len(images), images.shape[1]
    circle, partners = generator.permutation(count), np.empty(count, np.int64)
    partners[circle] = np.roll(circle, 1)  # nobody is its own partner
    cut = generator.random() < 0.5 if mixing.mixup and mixing.cutmix else mixing.cutmix > 0
    strength = mixing.cutmix if cut else mixing.mixup
    shares = generator.beta(strength, strength, count)
    shares = np.maximum(shares, 1 - shares)
    mixed = images.copy()
    if not cut:
        for row, (partner, share) in enumerate(zip(partners, shares, strict=True)):
            blend = cv2.addWeighted(images[row], share, images[partner], 1 - share, 0)
            mixed[row] = blend.reshape(mixed[row].shape)
        return mixed, labels, labels[partners], shares.astype(np.float32)
    lengths = np.rint(side * np.sqrt(1 - shares)).astype(int)
    tops, lefts = np.floor(generator.random((2, count)) * (side - lengths + 1)).astype(int)
    for row, partner in enumerate(partners):
        y = slice(tops[row], tops[row] + lengths[row])
        x = slice(lefts[row], lefts[row] + lengths[row])
        mixed[row, y, x] = images[partner, y, x]
    return mixed, labels, labels[partners], (1 - (lengths / side) ** 2).astype(np.float32)
