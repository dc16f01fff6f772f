"""Cuts a line of writing into characters, as the recogniser reads it best.

A line is cut wherever a character might end, which is too often; the network reads every piece
that such cuts make, and the cheapest path through the pieces is the line (lattice of segments,
Wang, Yin & Liu 2012, "Handwritten Chinese text recognition by integrating multiple contexts").
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from pipeline.recognition.page_lines import runs, smoothed

Ink = NDArray[np.bool_]

_CLOSEST = 0.08
"""Of a character: cuts are so far apart."""
_MOST_CUTS = 8
"""The most parts of one character."""
_TALLEST = 1.7
"""Of a character: no piece of several parts is taller."""
_THIN = 0.22
"""Of a character: a cut through no more ink than this may be tried."""
_UNREAD = 0.5
"""What it costs to be read with a probability of 1/e; `benchmarks.pages` weighs all of these."""
_SHORT, _LONG = 0.5, 4.0
"""What it costs to be e times shorter or taller than `_USUAL` characters, squared: 一 is short,
two characters in one are tall."""
_USUAL = 0.95
_TOUCHED, _CROSSED = 0.7, 4.0
"""What it costs to cut through ink at all, and through the ink of one character's width."""
_LEAST_PROBABILITY = 1e-3


@dataclass(frozen=True)
class Piece:
    """A part of a line that may be a character.

    Args:
        first, last: the cuts above and below it, by number.
        left, top, right, bottom: the box of its ink, in the line.
    """

    first: int
    last: int
    left: int
    top: int
    right: int
    bottom: int


@dataclass(frozen=True, eq=False)
class Cuts:
    """Where a line, which runs downwards, may be cut, and what is between any two cuts."""

    places: list[int]
    crossed: list[float]
    """How much ink each cut goes through, in widths of the line."""
    pieces: list[Piece]
    size_px: float


def cuts_of(line: Ink, size_px: float) -> Cuts:
    """Cuts a line too often.

    Args:
        line: bool `[L, W]`, the ink of a line that runs downwards; it has some.
        size_px: of a character.
    """
    ink = np.count_nonzero(line, axis=1)
    places = _places(ink, size_px)
    crossed = [float(ink[min(place, len(ink) - 1)]) / size_px for place in places]
    return Cuts(places, crossed, _pieces(line, places, size_px), size_px)


def _places(ink: NDArray[np.intp], size_px: float) -> list[int]:
    """Returns the ends of the line, the middles of its gaps, and thin places of what is tall."""
    smooth = smoothed(ink, 0.04 * size_px)
    inked = runs(ink > 0)
    places = {inked[0][0], inked[-1][1]}
    places |= {(before[1] + after[0]) // 2 for before, after in pairwise(inked)}
    reach = max(1, int(0.12 * size_px))
    for start, end in inked:
        # At the very end of what is inked, a cut would leave a piece without ink.
        margin = max(1, int(0.15 * size_px)) if end - start > 0.5 * size_px else end - start
        for place in range(start + margin, end - margin):
            around = smooth[max(start, place - reach) : min(end, place + reach + 1)]
            if smooth[place] == around.min() and smooth[place] < _THIN * size_px:
                places.add(place)
    first, *others, last = sorted(places)
    kept = [first]
    for place in others:
        if min(place - kept[-1], last - place) >= _CLOSEST * size_px:
            kept.append(place)
    return [*kept, last]


def _pieces(line: Ink, places: Sequence[int], size_px: float) -> list[Piece]:
    pieces = []
    for first, start in enumerate(places[:-1]):
        for last in range(first + 1, min(first + 1 + _MOST_CUTS, len(places))):
            part = line[start : places[last]]
            rows, columns = np.flatnonzero(part.any(axis=1)), np.flatnonzero(part.any(axis=0))
            top, bottom = start + int(rows[0]), start + int(rows[-1]) + 1
            if bottom - top > _TALLEST * size_px and last > first + 1:
                break
            left, right = int(columns[0]), int(columns[-1]) + 1
            pieces.append(Piece(first, last, left, top, right, bottom))
    return pieces


def best_path(cuts: Cuts, probability: Callable[[Piece], float]) -> list[Piece]:
    """Returns the pieces that make up the line, in order.

    Args:
        cuts: of the line.
        probability: of the likeliest character in a piece, 0 to 1.
    """
    ends = len(cuts.places) - 1
    cheapest = [0.0] + [math.inf] * ends
    taken: list[Piece | None] = [None] * (ends + 1)
    # In the order of their first cuts, so that what comes before a piece is known by then.
    for piece in cuts.pieces:
        cost = cheapest[piece.first] + _cost(cuts, piece, probability(piece))
        if cost < cheapest[piece.last]:
            cheapest[piece.last], taken[piece.last] = cost, piece
    path = []
    last = taken[ends]
    while last is not None:
        path.append(last)
        last = taken[last.first]
    return path[::-1]


def _cost(cuts: Cuts, piece: Piece, probability: float) -> float:
    length = (cuts.places[piece.last] - cuts.places[piece.first]) / cuts.size_px
    unread = _UNREAD * max(length, 0.25) * -math.log(max(probability, _LEAST_PROBABILITY))
    tallness = math.log(max((piece.bottom - piece.top) / cuts.size_px, 0.15) / _USUAL)
    shape = (_LONG if tallness > 0 else _SHORT) * tallness**2
    ink = 0.0 if piece.last == len(cuts.places) - 1 else cuts.crossed[piece.last]
    return unread + shape + (_TOUCHED + _CROSSED * ink if ink else 0.0)
