"""Pictures of a training's state: validation samples, and which classes are taken for which."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from pipeline.training.sample_sheet import SampleSheet

RIGHT, WRONG, GROUND = (95, 167, 119), (217, 72, 43), (253, 252, 249)
"""Colours of frames round samples, and of what is empty."""

FRAME_PX = 3
MOST_CELLS = 128
"""Classes beyond so many are put together, neighbours by index."""

SIDE_PX = 512

Pixels = NDArray[np.uint8]


def samples(sheet: SampleSheet) -> Pixels:
    """Returns the images of a sheet in a grid, uint8 `[H, W, 3]`; the frame says right or wrong."""
    count, side, _side, _channels = sheet.images.shape
    cell = side + 4 * FRAME_PX
    columns = math.ceil(math.sqrt(count))
    canvas = np.full((math.ceil(count / columns) * cell, columns * cell, 3), GROUND, np.uint8)
    for index, image in enumerate(sheet.images):
        y, x = (place * cell + FRAME_PX for place in divmod(index, columns))
        framed = canvas[y : y + side + 2 * FRAME_PX, x : x + side + 2 * FRAME_PX]
        framed[:] = RIGHT if sheet.truths[index] == sheet.guesses[index] else WRONG
        framed[FRAME_PX:-FRAME_PX, FRAME_PX:-FRAME_PX] = image  # gray spreads over the colours
    return canvas


def guesses(sheet: SampleSheet) -> str:
    """Returns truth, guess and probability of a sheet's images as a Markdown table."""
    rows = zip(sheet.truths, sheet.guesses, sheet.probabilities.tolist(), strict=True)
    lines = [f"| {_cell(truth)} | {_cell(guess)} | {probability:.3f} | {_sign(truth, guess)} |"
             for truth, guess, probability in rows]  # fmt: skip
    return "\n".join(["| truth | guess | probability | |", "|---|---|---:|---|", *lines])


def confusion(truths: NDArray[np.int64], taken_for: NDArray[np.int64], classes: int) -> Pixels:
    """Returns a confusion matrix as a picture, uint8 `[S, S, 3]`; rows are truths, red is all.

    Args:
        truths, taken_for: classes of the images, int64 `[N]`, and what they were taken for.
        classes: how many there are.
    """
    cells = min(classes, MOST_CELLS)
    rows, columns = truths * cells // classes, taken_for * cells // classes
    counts = np.bincount(rows * cells + columns, minlength=cells * cells).reshape(cells, cells)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    paint = np.array(WRONG) - np.array(GROUND)
    # The root lets a confusion of a few percent be seen.
    colours = (GROUND + np.sqrt(shares)[..., None] * paint).astype(np.uint8)
    zoom = max(1, SIDE_PX // cells)
    picture: Pixels = colours.repeat(zoom, axis=0).repeat(zoom, axis=1)
    return picture


def _cell(label: str) -> str:
    return label.replace("\\", "\\\\").replace("|", "\\|")


def _sign(truth: str, guess: str) -> str:
    return "✓" if truth == guess else "✗"
