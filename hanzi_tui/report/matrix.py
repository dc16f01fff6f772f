"""The confusion matrix as a page carries it, and added up in blocks for a picture."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hanzi_tui.i18n import _
from hanzi_tui.report.tiles import Sheet
from pipeline.evaluation.orders import ACCURACY, CODE_POINT, CONFUSION, RADICAL
from pipeline.evaluation.results import Results

RAMP = ("#fdea45", "#dcc15d", "#b3a369", "#8a8678", "#666970", "#3f4e6e", "#00204d")
"""Cividis, legible to colour-blind eyes, from few to many on light paper.

Nunez, Anderton and Renslow, PLOS ONE 13(7), 2018, e0199239.
"""


def embedded(results: Results, glyphs: Sheet | None) -> dict[str, Any]:
    """Returns what the page's script draws the matrix from: its cells alone, in few bytes.

    Arrays are base64 of little-endian uint32. A class without a tile has their number.
    """
    cells = results.confusion
    inside = cells.guess < cells.classes
    tiles = np.full(len(results.labels), len(glyphs.rows) if glyphs else 0, np.int64)
    if glyphs:
        tiles[results.truth[list(glyphs.rows)]] = np.arange(len(glyphs.rows))
    return {
        "labels": results.labels,
        "truth": _packed(cells.truth[inside]),
        "guess": _packed(cells.guess[inside]),
        "count": _packed(cells.count[inside]),
        "images": _packed(cells.images()),
        "orders": {name: _packed(order) for name, order in results.orders.items()},
        "tiles": _packed(tiles),
        "sheet": {"tile": glyphs.tile_px, "columns": glyphs.columns, "all": len(glyphs.rows)}
        if glyphs
        else None,
        "ramp": RAMP,
        "words": _words(),
    }


def blocks(
    results: Results, order: NDArray[np.int64], size: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Adds up cells in blocks of `size` classes by `size`, B to a side.

    Returns:
        What was misread, int64 `[B, B]`, and what was read rightly, int64 `[B]`.
    """
    cells = results.confusion
    place = np.empty(cells.classes + 1, np.int64)
    place[order] = np.arange(cells.classes) // size
    side = -(-cells.classes // size)
    wrong = cells.wrong()
    misread = np.zeros((side, side), np.int64)
    np.add.at(misread, (place[wrong.truth], place[wrong.guess]), wrong.count)
    right = np.bincount(place[: cells.classes], cells.right(), side).astype(np.int64)
    return misread, right


def order_names() -> dict[str, str]:
    """Returns the orders of classes, in words."""
    return {CONFUSION: _("look-alikes together"), CODE_POINT: _("by code point"),
            RADICAL: _("by radical and strokes"), ACCURACY: _("the worst first")}  # fmt: skip


def _words() -> dict[str, str]:
    """Returns the texts that the script fills in."""
    return {
        "cell": _("{truth} read as {guess}: {count} of {images} ({share})"),
        "right": _("{truth} read rightly: {count} of {images} ({share})"),
        "block": _(
            "{rows} classes from {truth} on, read as {columns} from {guess} on: "
            "{count} misread of {images}"
        ),
        "range": _("{classes} of {all} classes"),
        "none": _("no class of that name"),
        "shown": _("{shown} of {all} classes"),
    }  # fmt: skip


def _packed(values: NDArray[np.integer]) -> str:
    return base64.b64encode(values.astype("<u4").tobytes()).decode("ascii")
