"""What a process does that packs images: read, normalise and hash them, and write their rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.dataset.arrays import Rows
from pipeline.dataset.digest import DIGEST_BYTES, digest
from pipeline.dataset.similar import FRAME_PX, fingerprints, glyph_frame, photo_frame
from pipeline.dataset.sources import Reader, Source, SourceImage
from pipeline.normalizer import NormalizerSpec
from pipeline.problems import Problem

IMAGES, DIGESTS, PRINTS = "pack.npy", "digests.npy", "prints.npy"

_HELD = 64
_HELD_PIXELS = 4_000_000


@dataclass(frozen=True)
class ChunkNote:
    """What became of the images of a chunk; those in neither list are packed.

    Args:
        first: index of its first image.
        size: how many there are.
        problems: index, code and reason of each rejected image.
        blank: indices of the glyphs without any ink.
    """

    first: int
    size: int
    problems: list[tuple[int, str, str]] = field(default_factory=list)
    blank: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Packing:
    """What to pack, and where: called in a new process, it returns what packs chunks.

    Args:
        source: opened for as long as the process lives.
        spec: what an image is made.
        folder: holds the arrays `IMAGES`, `DIGESTS` and, where they are wanted, `PRINTS`.
        prints: keep what near copies are told by.
    """

    source: Source
    spec: NormalizerSpec
    folder: Path
    prints: bool

    def __call__(self) -> Packer:
        import cv2

        cv2.setNumThreads(1)  # one thread a process; OpenCV's own would fight over the cores
        return Packer(self)


class Packer:
    """Packs the images of chunks into the arrays of a working folder."""

    def __init__(self, packing: Packing) -> None:
        self._spec = packing.spec
        self._opened = ExitStack()
        self._reader: Reader = self._opened.enter_context(packing.source.open())
        self._images = Rows(packing.folder / IMAGES)
        self._digests = Rows(packing.folder / DIGESTS)
        self._prints = Rows(packing.folder / PRINTS) if packing.prints else None

    def __call__(self, indices: Sequence[int], images: Iterator[SourceImage]) -> ChunkNote:
        """Packs images into the rows of `indices`.

        Raises:
            OSError: the arrays cannot be written.
        """
        spec, count = self._spec, len(indices)
        rows = np.zeros((count, spec.size_px, spec.size_px, spec.channels), np.uint8)
        digests = np.zeros((count, DIGEST_BYTES), np.uint8)
        frames = np.zeros((count, FRAME_PX, FRAME_PX), np.uint8)
        note = ChunkNote(indices[0], count)
        # Decoding some, then normalising these, is faster than one by one: the code of either
        # stays in the processor's cache.
        held: dict[int, NDArray[np.uint8]] = {}
        held_pixels = 0
        for at, image in enumerate(images):
            try:
                held[at] = self._decoded(image, digests[at])
                held_pixels += held[at].size
            except Problem as problem:
                shown = Problem(problem.code, **{**problem.params, "path": image.path})
                note.problems.append((indices[at], problem.code, str(shown)))
            if len(held) == _HELD or held_pixels > _HELD_PIXELS or at == count - 1:
                note.blank.extend(indices[blank] for blank in self._settled(held, rows, frames))
                held.clear()
                held_pixels = 0
        self._images.put(indices, rows)
        self._digests.put(indices, digests)
        if self._prints is not None:
            self._prints.put(indices, fingerprints(frames))
        return note

    def _decoded(self, image: SourceImage, into: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Reads and decodes an image, and writes the digest of its content to `into`."""
        from pipeline.images import decode

        content = self._reader.read(image)
        into[:] = np.frombuffer(digest(content), np.uint8)
        return decode(content, self._spec.max_pixels)

    def _settled(
        self, held: dict[int, NDArray[np.uint8]], rows: NDArray[np.uint8], frames: NDArray[np.uint8]
    ) -> list[int]:
        """Writes decoded images to their rows and frames, and returns which ones are blank."""
        from pipeline.images import is_blank, normalize, to_gray

        for at, pixels in held.items():
            rows[at] = normalize(pixels, self._spec)
        glyphs = self._spec.kind == "glyph"
        if self._prints is not None:
            for at, pixels in held.items():
                gray = rows[at, :, :, 0] if glyphs else to_gray(pixels)
                frames[at] = glyph_frame(gray) if glyphs else photo_frame(gray)
        return [at for at in held if glyphs and is_blank(rows[at])]
