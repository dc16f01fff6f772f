"""Reads a whole page of characters: finds the ink, the lines, and each character in them."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.images import Picture, decode
from pipeline.recognition.page_ink import PageInk, Pixels, page_ink
from pipeline.recognition.page_lines import Lines, lines_of
from pipeline.recognition.page_text import Box, Page, PageCharacter, Reading
from pipeline.recognition.recognizer import Recognition, Recognizer
from pipeline.recognition.segment import Cuts, Piece, best_path, cuts_of

MOST_PX = 3000
"""A longer page is made so small before its characters are looked for."""


@dataclass(frozen=True, eq=False)
class _Line:
    """A line turned so that it runs downwards, and where it lies in the page so turned."""

    ink: NDArray[np.bool_]
    gray: Pixels
    left: int
    cuts: Cuts


def read_page(
    recognizer: Recognizer, picture: Picture, reading: Reading | None = None, top: int = 5
) -> Page:
    """Reads a page that is not turned, in columns or in rows.

    Args:
        recognizer: of characters.
        picture: as for `decode`.
        reading: the direction of its lines; None to find out.
        top: candidates for each character.

    Returns:
        The page; without lines where there is no ink.

    Raises:
        Problem, ValueError: as `decode`.
    """
    pixels = decode(picture, recognizer.bundle.description.spec.max_pixels)
    scale = min(1.0, MOST_PX / max(pixels.shape[:2]))
    if scale < 1:
        size = max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale))
        pixels = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
    ink = page_ink(pixels)
    if ink is None:
        return Page(reading or "columns", ())
    lines = lines_of(ink, reading)
    turned = [_line(ink, lines, number) for number in range(len(lines.bands))]
    there = [line for line in turned if line is not None]
    if lines.reading == "columns":
        there.reverse()
    pictures = [
        _picture(line, piece, lines.reading) for line in there for piece in line.cuts.pieces
    ]
    answers = iter(recognizer.recognize(pictures, top))
    read = [_read(line, {p: next(answers) for p in line.cuts.pieces}) for line in there]
    return Page(
        lines.reading,
        tuple(
            tuple(
                PageCharacter(
                    _box(line, piece, lines.reading, scale), found.candidates, found.verdict
                )
                for piece, found in characters
            )
            for line, characters in zip(there, read, strict=True)
        ),
    )


def _line(ink: PageInk, lines: Lines, number: int) -> _Line | None:
    """Cuts out a line, and what in its surroundings belongs to it; None where nothing does."""
    owners, gray = lines.owners, ink.gray
    if lines.reading == "rows":
        owners, gray = owners.T, gray.T
    own = owners == number
    columns = np.flatnonzero(own.any(axis=0))
    if not len(columns):
        return None
    span = slice(int(columns[0]), int(columns[-1]) + 1)
    own = own[:, span]
    # Around the ink lies what is too pale for it; what is another line's is dark.
    foreign = (owners[:, span] >= 0) & ~own
    gray = np.where(foreign, 0, gray[:, span]).astype(np.uint8)
    return _Line(own, gray, span.start, cuts_of(own, lines.width_px))


def _picture(line: _Line, piece: Piece, reading: Reading) -> Pixels:
    """Returns a piece as dark ink on white, with a margin."""
    ink = line.gray[piece.top : piece.bottom, piece.left : piece.right]
    margin = max(2, max(ink.shape) // 10)
    paper = np.pad(ink if reading == "columns" else ink.T, margin)
    return np.ascontiguousarray(255 - paper)


def _read(line: _Line, read: dict[Piece, Recognition]) -> list[tuple[Piece, Recognition]]:
    def probability(piece: Piece) -> float:
        candidates = read[piece].candidates
        return candidates[0].probability if candidates else 0.0

    return [(piece, read[piece]) for piece in best_path(line.cuts, probability)]


def _box(line: _Line, piece: Piece, reading: Reading, scale: float) -> Box:
    """Returns where a piece lies on the page as it was given."""
    left, right = line.left + piece.left, line.left + piece.right
    corners = (left, piece.top, right, piece.bottom)
    if reading == "rows":
        corners = (piece.top, left, piece.bottom, right)
    x0, y0, x1, y1 = (round(corner / scale) for corner in corners)
    return x0, y0, x1, y1
