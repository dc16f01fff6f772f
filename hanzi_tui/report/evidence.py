"""What a report shows of the mistakes: which pairs and classes, and by which of their images."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hanzi_tui.report.tiles import Sheet, sheet, shown_rows
from pipeline.evaluation.confusion import Pair
from pipeline.evaluation.figures import wilson
from pipeline.evaluation.results import Results

PAIRS, WORST, STRIP, TAKEN_FOR = 18, 12, 4, 5
"""Pairs by each of count and rate, worst classes, pictures of each, and answers in a row."""

GLYPH_PX, SAMPLE_PX = 32, 64


@dataclass(frozen=True, eq=False)
class Evidence:
    """Mistakes to show.

    Args:
        pairs: the most-confused by count, and by rate.
        strips: images of pairs, by (truth, guess), the surest first.
        worst: classes with the lowest recall, and their misread images.
        taken_for: answers to each class that were wrong, and their counts, most often first.
        ranked: all classes that have images, the worst first.
        known_by: an image of each class that has some, see `shown_rows`.
        glyphs: a tile of each class that has images; None without images.
        samples: tiles of what `strips` and `worst` show.
    """

    pairs: Sequence[Pair]
    strips: dict[tuple[int, int], list[int]]
    worst: dict[int, list[int]]
    taken_for: dict[int, list[tuple[int, int]]]
    ranked: list[int]
    known_by: dict[int, int]
    glyphs: Sheet | None
    samples: Sheet | None


def evidence(results: Results, pixels: NDArray[np.uint8] | None) -> Evidence:
    """Chooses what to show.

    Args:
        pixels: what the model saw, uint8 `[N, S, S, C]`; None where it is gone.
    """
    cells = results.confusion
    pairs = list(dict.fromkeys([*cells.pairs(PAIRS), *cells.pairs_by_rate(PAIRS)]))
    ways = [way for p in pairs for way in ((p.first, p.second), (p.second, p.first))]
    strips = {way: results.rows(*way)[:STRIP].tolist() for way in ways}
    ranked = _ranked(results)
    wrong = cells.images() - cells.right()
    worst = {index: _misread(results, index) for index in ranked[:WORST] if wrong[index]}
    known_by = {index: row for index, row in enumerate(shown_rows(results).tolist()) if row >= 0}
    glyphs = samples = None
    if pixels is not None:
        glyphs = sheet("glyphs", pixels, list(known_by.values()), GLYPH_PX)
        rows = {row for strip in (*strips.values(), *worst.values()) for row in strip}
        samples = sheet("samples", pixels, sorted(rows), SAMPLE_PX)
    return Evidence(pairs, strips, worst, _taken_for(results), ranked, known_by, glyphs, samples)


def _ranked(results: Results) -> list[int]:
    """Returns the classes by recall; of equals the one of more images is told of first."""
    images, right = results.confusion.images(), results.confusion.right()
    _low, high = wilson(right, images)
    order = np.lexsort((high, right / np.maximum(images, 1)))
    ranked: list[int] = order[images[order] > 0].tolist()
    return ranked


def _misread(results: Results, truth: int) -> list[int]:
    rows = results.misread(truth)
    wrong: list[int] = rows[results.answers["guess"][rows] != truth][:STRIP].tolist()
    return wrong


def _taken_for(results: Results) -> dict[int, list[tuple[int, int]]]:
    wrong = results.confusion.wrong()
    found: dict[int, list[tuple[int, int]]] = defaultdict(list)
    order = np.argsort(-wrong.count, kind="stable")
    for cell in order.tolist():
        found[int(wrong.truth[cell])].append((int(wrong.guess[cell]), int(wrong.count[cell])))
    return found
