"""A close look at each image of a chunk, in one of the processes of a scan."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from pipeline.dataset.digest import DIGEST_BYTES, digest
from pipeline.dataset.similar import FRAME_PX, fingerprints, glyph_frame, photo_frame
from pipeline.dataset.sources import Reader, Source, SourceImage
from pipeline.images import decode, mode_of, to_gray
from pipeline.ink import find_ink
from pipeline.problems import Problem

UNREAD, BLANK, DARK_ON_LIGHT, LIGHT_ON_DARK, PHOTO = range(5)
"""What an image shows; unread is one that cannot be decoded."""
# As large as prepare works at for its default size, so that both find the same ink.
_WORK_PX = 192
# Colours that count, of 255, the share of pixels that has them, and how many a side are looked at.
# Of traffic signs 9 in 10 have so much, of ink on white paper none.
_CHROMA, _COLOURED, _SAMPLED_PX = 24, 0.05, 16
_HELD = 64
_HELD_PIXELS = 4_000_000


@dataclass(frozen=True)
class Looks:
    """What was seen of the n images of a chunk; zeros where one could not be decoded.

    Args:
        shows: uint8 `[n]`, such as `BLANK`.
        heights, widths: int32 `[n]`, in pixels.
        digests: uint8 `[n, 16]`, hash of the file.
        prints: int8 `[n, 64]`, fingerprints.
        modes: PIL's name of how each image stores pixels, "" where it was not decoded.
        coloured: how many show colours.
        problems: place in the chunk, code and reason of each image that cannot be decoded.
    """

    shows: NDArray[np.uint8]
    heights: NDArray[np.int32]
    widths: NDArray[np.int32]
    digests: NDArray[np.uint8]
    prints: NDArray[np.int8]
    modes: tuple[str, ...]
    coloured: int
    problems: tuple[tuple[int, str, str], ...]


@dataclass(frozen=True)
class Looking:
    """What to look at and how: called in a new process, it returns what looks at chunks."""

    source: Source
    kind: Literal["glyph", "photo"]
    max_pixels: int

    def __call__(self) -> _Looker:
        import cv2

        cv2.setNumThreads(1)  # one thread a process; OpenCV's own would fight over the cores
        opened = ExitStack()
        reader = opened.enter_context(self.source.open())
        return _Looker(opened, reader, self.kind, self.max_pixels)


@dataclass
class _Look:
    """An image on its way: its pixels, uint8, are let go of when all is seen."""

    pixels: NDArray[np.uint8] | None = None
    shows: int = UNREAD
    height: int = 0
    width: int = 0
    digest: bytes = bytes(DIGEST_BYTES)
    frame: NDArray[np.uint8] | None = None
    mode: str = ""
    coloured: bool = False


@dataclass(frozen=True)
class _Looker:
    opened: ExitStack
    reader: Reader
    kind: Literal["glyph", "photo"]
    max_pixels: int

    def __call__(self, _indices: Sequence[int], images: Iterator[SourceImage]) -> Looks:
        looks: list[_Look] = []
        problems: list[tuple[int, str, str]] = []
        # Decoding some, then looking at these, is a third faster than one by one: the code of
        # either stays in the processor's cache.
        held: list[_Look] = []
        held_pixels = 0
        for place, image in enumerate(images):
            looks.append(look := _Look())
            try:
                self._decode(image, look)
            except Problem as problem:
                shown = Problem(problem.code, **{**problem.params, "path": image.path})
                problems.append((place, shown.code, str(shown)))
                continue
            held.append(look)
            held_pixels += look.height * look.width
            if len(held) == _HELD or held_pixels > _HELD_PIXELS:
                self._see(held)
                held, held_pixels = [], 0
        self._see(held)
        frames = np.zeros((len(looks), FRAME_PX, FRAME_PX), np.uint8)
        for place, look in enumerate(looks):
            if look.frame is not None:
                frames[place] = look.frame
        return Looks(
            shows=np.array([look.shows for look in looks], np.uint8),
            heights=np.array([look.height for look in looks], np.int32),
            widths=np.array([look.width for look in looks], np.int32),
            digests=np.frombuffer(b"".join(look.digest for look in looks), np.uint8)
            .reshape(len(looks), DIGEST_BYTES),
            prints=fingerprints(frames),
            modes=tuple(look.mode for look in looks),
            coloured=sum(look.coloured for look in looks),
            problems=tuple(problems),
        )  # fmt: skip

    def _decode(self, image: SourceImage, look: _Look) -> None:
        content = self.reader.read(image)
        look.digest = digest(content)
        pixels = decode(content, self.max_pixels)
        look.mode = mode_of(content) if isinstance(content, bytes) else "L"
        look.height, look.width = pixels.shape[:2]
        look.coloured = pixels.ndim == 3 and _has_colours(pixels)
        look.pixels = pixels

    def _see(self, looks: Sequence[_Look]) -> None:
        grays = [to_gray(look.pixels) for look in looks if look.pixels is not None]
        if self.kind == "photo":
            for look, gray in zip(looks, grays, strict=True):
                look.shows = BLANK if gray.min() == gray.max() else PHOTO
                look.frame = photo_frame(gray)
        else:
            found = [find_ink(gray, _WORK_PX) for gray in grays]
            for look, (ink, light_ink) in zip(looks, found, strict=True):
                look.shows = LIGHT_ON_DARK if light_ink else DARK_ON_LIGHT
                if ink is None:
                    look.shows = BLANK
                else:
                    look.frame = glyph_frame(ink)
        for look in looks:
            look.pixels = None


def _has_colours(pixels: NDArray[np.uint8]) -> bool:
    """Says whether an RGB image, uint8 `[H, W, 3]`, shows more than gray."""
    step = max(1, max(pixels.shape[:2]) // _SAMPLED_PX)
    some = pixels[::step, ::step]
    chroma = some.max(axis=2) - some.min(axis=2)
    return bool((chroma >= _CHROMA).mean() >= _COLOURED)
