"""Every character as every font draws it: what the hand of `hand` then writes."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.files import write_bytes
from starter.fonts import Face, Pixels, glyph, open_faces

CANVAS_PX = 80
EM_PX = 60
MISSING = "\U0010ffff"
"""Assigned to nothing: fonts draw their sign of a missing glyph."""


@dataclass(frozen=True)
class Glyphs:
    """Drawn characters: images uint8 `[G, 80, 80]`, their labels and fonts int32 `[G]`.

    Sorted by label; `labels[i]` indexes the characters, `fonts[i]` the faces.
    """

    images: Pixels
    labels: NDArray[np.int32]
    fonts: NDArray[np.int32]

    def of(self, label: int) -> slice:
        """Returns where the glyphs of a label lie."""
        first, last = np.searchsorted(self.labels, (label, label + 1))
        return slice(int(first), int(last))


def glyphs(fonts: Path, characters: Sequence[str], work: Path) -> Glyphs:
    """Draws characters with all fonts, or reads what was drawn in `work` before."""
    drawn_from = hashlib.sha256("".join(characters).encode()).hexdigest()[:12]
    path = work / f"glyphs-{drawn_from}.npz"
    if not path.exists():
        content = io.BytesIO()
        np.savez(content, **vars(draw(open_faces(fonts, EM_PX), characters)))
        work.mkdir(parents=True, exist_ok=True)
        write_bytes(path, content.getvalue())
    with np.load(path, allow_pickle=False) as stored:
        return Glyphs(**stored)


def draw(faces: Sequence[Face], characters: Sequence[str]) -> Glyphs:
    """Draws each character with each font that has it.

    A glyph that a font draws alike for two characters is left out, unless no other font has it:
    one of the two is drawn in the form of the other.

    Raises:
        ValueError: no font has a character.
    """
    images: list[list[tuple[int, Pixels]]] = [[] for _ in characters]
    for font, face in enumerate(faces):
        missing = _digest(glyph(MISSING, face, CANVAS_PX))
        seen: dict[bytes, int] = {}
        drawn: dict[int, Pixels] = {}
        for label, character in enumerate(characters):
            if ord(character) not in face.covered:
                continue
            image = glyph(character, face, CANVAS_PX)
            content = _digest(image)
            if content == missing or not image.any():
                continue
            if font and content in seen:
                drawn.pop(seen[content], None)
                continue
            seen[content] = label
            drawn[label] = image
        for label, image in drawn.items():
            images[label].append((font, image))
    if lacking := [c for c, found in zip(characters, images, strict=True) if not found]:
        raise ValueError(f"no font has {''.join(lacking)}")
    flat = [(label, *one) for label, found in enumerate(images) for one in found]
    return Glyphs(
        np.stack([image for _, _, image in flat]),
        np.array([label for label, _, _ in flat], np.int32),
        np.array([font for _, font, _ in flat], np.int32),
    )


def _digest(image: Pixels) -> bytes:
    return hashlib.blake2b(image.tobytes(), digest_size=16).digest()
