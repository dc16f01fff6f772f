"""Sets of real pictures, folders by label, to measure a network on; none is trained on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.images import normalize
from pipeline.normalizer import NormalizerSpec
from starter.fonts import Pixels


@dataclass(frozen=True)
class Measured:
    """Normalised pictures uint8 `[N, S, S, 1]` and their labels' numbers int32 `[N]`."""

    images: Pixels
    labels: NDArray[np.int32]

    def accuracy(self, logits: NDArray[np.float32], top: int) -> float:
        """Returns the share of pictures whose label is among the `top` likeliest."""
        best = np.argpartition(-logits, top - 1, axis=1)[:, :top]
        return float(np.mean((best == self.labels[:, None]).any(axis=1)))


def measured(folder: Path, characters: Sequence[str], spec: NormalizerSpec) -> Measured:
    """Reads the pictures in `folder` of those `characters` that it has."""
    found = [(path, i) for i, character in enumerate(characters)
             for path in sorted((folder / character).glob("*"))]  # fmt: skip
    return Measured(
        np.stack([normalize(path, spec) for path, _ in found]),
        np.array([label for _, label in found], np.int32),
    )
