"""What part of a confusion matrix is seen, and how many classes a cell holds: arithmetic only.

A zoom is the number of classes along each side of a cell; `CLOSE` is one class a cell with room
for labels. Places are classes in the order they are shown in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import ArrayLike, NDArray

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

CLOSE = 0
WIDEST_LABEL, NARROWEST_CELL = 6, 3
TALLEST_CELL = 4
TALLY_CELLS = 1 << 20  # up to here a dense tally is quicker than sorting


class Mode(Enum):
    """What a colour stands for; a share is of all images of the true class."""

    COUNTS = "counts"
    SHARES = "shares"
    LOG = "log"

    @property
    def next(self) -> Mode:
        modes = list(Mode)
        return modes[(modes.index(self) + 1) % len(modes)]


@dataclass(frozen=True, eq=False)
class Blocks:
    """Non-zero cells of the matrix at one zoom, ordered by row, then column; int64 `[M]` each.

    Args:
        images: of each row of cells, with those that are hidden, int64 `[rows]`.
    """

    row: Integers
    column: Integers
    count: Integers
    images: Integers

    def values(self, mode: Mode, count: Integers, row: Integers) -> Floats:
        """Returns what the colours of cells with these counts in these rows stand for."""
        if mode is Mode.SHARES:
            return count / np.maximum(self.images[row], 1)
        return np.log1p(count) if mode is Mode.LOG else count.astype(np.float64)

    def peak(self, mode: Mode) -> tuple[float, float]:
        """Returns the highest value, and the count or share to write beside it."""
        if not len(self.count):
            return 0.0, 0.0
        value = float(self.values(mode, self.count, self.row).max())
        return value, float(self.count.max()) if mode is Mode.LOG else value

    def window(self, top: int, left: int, rows: int, columns: int) -> Integers:
        """Returns the counts of a rectangle of cells, int64 `[rows, columns]`."""
        counts = np.zeros((rows, columns), np.int64)
        first, last = np.searchsorted(self.row, [top, top + rows])
        column = self.column[first:last] - left
        inside = (column >= 0) & (column < columns)
        row = self.row[first:last][inside] - top
        counts[row, column[inside]] = self.count[first:last][inside]
        return counts

    def shades(
        self, mode: Mode, counts: Integers, top: int, shades: int, peak: float
    ) -> NDArray[np.uint8]:
        """Returns a shade for each count of a window: 0 for none, else 1 to `shades`."""
        row = np.minimum(top + np.arange(len(counts)), len(self.images) - 1)[:, None]
        value = self.values(mode, counts, np.broadcast_to(row, counts.shape))
        shade = np.ceil(value * (shades / peak if peak else 0.0) - 1e-9).clip(1, shades)
        return np.where(counts > 0, shade, 0).astype(np.uint8)


@dataclass(frozen=True, eq=False)
class Matrix:
    """A sparse confusion matrix in the order it is shown in.

    Args:
        classes: number of classes C, the rows.
        columns: C, or C + 1 where some answers lie outside the classes.
        row: int64 `[M]`, the place of the true class of each entry, ascending.
        column: int64 `[M]`, the place of the guess; C stands for an answer outside.
        count: int64 `[M]`, images.
        images: int64 `[C]`, images of each row.
        order: int64 `[C]`, the class at each place.
    """

    classes: int
    columns: int
    row: Integers
    column: Integers
    count: Integers
    images: Integers
    order: Integers

    @classmethod
    def of(
        cls,
        classes: int,
        truth: ArrayLike,
        guess: ArrayLike,
        count: ArrayLike,
        order: Sequence[int] | Integers | None = None,
    ) -> Matrix:
        """Sorts entries, such as those of a `Confusion`, into the order they are shown in.

        Raises:
            ValueError: `order` does not hold each class once, or an entry is of no known class.
        """
        truths, guesses, counts = (np.asarray(a, np.int64).ravel() for a in (truth, guess, count))
        shown = np.arange(classes) if order is None else np.asarray(order, np.int64)
        if not np.array_equal(np.sort(shown), np.arange(classes)):
            raise ValueError(f"an order holds each of the {classes} classes once")
        if len(truths) and (
            min(truths.min(), guesses.min()) < 0
            or truths.max() >= classes
            or guesses.max() > classes
        ):
            raise ValueError(f"truth is from 0 to {classes - 1}, guess from 0 to {classes}")
        columns = classes + bool((guesses == classes).any())
        place = np.full(classes + 1, classes)
        place[shown] = np.arange(classes)
        key = place[truths] * (classes + 1) + place[guesses]
        sort = np.argsort(key)
        row, column = np.divmod(key[sort], classes + 1)
        images = np.bincount(row, counts[sort], classes).astype(np.int64)
        return cls(classes, columns, row, column, counts[sort], images, shown)

    def class_at(self, place: int) -> int:
        """Returns the class shown at a place; C behind the last."""
        return int(self.order[place]) if place < self.classes else self.classes

    def place_of(self, index: int) -> int:
        """Returns the place of a class; C for answers outside the classes."""
        return int(np.flatnonzero(self.order == index)[0]) if index < self.classes else index

    def blocks(self, block: int, diagonal: bool) -> Blocks:
        """Adds the entries up in cells of `block` x `block` classes.

        Args:
            diagonal: without it, what was recognised is left out; errors within a block stay.
        """
        seen = slice(None) if diagonal else self.row != self.column
        across = -(-self.columns // block)
        down = -(-self.classes // block)
        key = (self.row[seen] // block) * across + self.column[seen] // block
        if down * across <= TALLY_CELLS:
            total = np.bincount(key, self.count[seen], down * across)
            cell = np.flatnonzero(total)
            total = total[cell]
        else:
            cell, where = np.unique(key, return_inverse=True)
            total = np.bincount(where, self.count[seen], len(cell))
        images = np.bincount(np.arange(self.classes) // block, self.images, down)
        row, column = np.divmod(cell, across)
        return Blocks(row, column, total.astype(np.int64), images.astype(np.int64))

    def strongest(self, rows: range, columns: range, diagonal: bool) -> tuple[int, int] | None:
        """Returns the place of the largest entry of a rectangle; None where all are zero."""
        first, last = np.searchsorted(self.row, [rows.start, rows.stop])
        row, column = self.row[first:last], self.column[first:last]
        inside = (column >= columns.start) & (column < columns.stop)
        if not diagonal:
            inside &= row != column
        if not inside.any():
            return None
        at = int(np.where(inside, self.count[first:last], -1).argmax())
        return int(row[at]), int(column[at])


@dataclass(frozen=True)
class View:
    """How the matrix is cut into cells at one zoom.

    Args:
        zoom, block: classes along a cell's side; the same but for `CLOSE`, where it is one.
        cell: terminal columns of a cell.
        tall: terminal lines of a cell, 1 where it has half of one.
        per_line: rows of cells in a terminal line, 2 with half blocks.
        down, across: cells of the whole matrix.
        rows, columns: cells in sight.
    """

    zoom: int
    block: int
    cell: int
    tall: int
    per_line: int
    down: int
    across: int
    rows: int
    columns: int

    @property
    def lines(self) -> int:
        """Terminal lines of the cells in sight."""
        return -(-self.rows // self.per_line) * self.tall

    def line_of(self, row: int) -> int:
        """Returns the first line of a row in sight."""
        return row // self.per_line * self.tall

    def row_at(self, line: float) -> int:
        """Returns the row in sight that begins nearest above a line."""
        return int(line // self.tall) * self.per_line


@dataclass(frozen=True)
class Frame:
    """The room for cells.

    Args:
        columns, lines: of the terminal.
        label: terminal columns that the widest label needs, at most `WIDEST_LABEL`.
        number: terminal columns that the highest count needs.
        halves: half blocks put two rows of cells in a line.
    """

    columns: int
    lines: int
    label: int
    number: int
    halves: bool

    def whole(self, matrix: Matrix) -> int:
        """Returns the nearest zoom at which the whole matrix is in sight."""
        if self._fits(matrix):
            return CLOSE
        down = max(1, self.lines * (2 if self.halves else 1))
        across = max(1, self.columns // (1 if self.halves else 2))
        return max(1, -(-matrix.classes // down), -(-matrix.columns // across))

    def view(self, zoom: int, matrix: Matrix) -> View:
        block = max(1, zoom)
        down, across = -(-matrix.classes // block), -(-matrix.columns // block)
        tall = per_line = 1
        if zoom == CLOSE:
            wide = self.columns // across
            # A line is about twice as high as a column is wide.
            tall = max(1, min(TALLEST_CELL, self.lines // down, wide // 2))
            cell = max(2 * tall + 1, self.label, self.number + 1)
            cell = min(cell, wide) if self._fits(matrix) else cell
        elif self.halves:
            per_line, cell = 2, 2 if across * 2 <= self.columns else 1
        else:
            cell = 2
        rows = min(down, max(1, self.lines // tall * per_line))
        columns = min(across, max(1, self.columns // cell))
        return View(zoom, block, cell, tall, per_line, down, across, rows, columns)

    def _fits(self, matrix: Matrix) -> bool:
        """Whether there is room for a cell with a label for each pair of classes."""
        narrowest = min(self.label, NARROWEST_CELL)
        return matrix.classes <= self.lines and matrix.columns * narrowest <= self.columns


def zooms(whole: int, step: int) -> list[int]:
    """Returns the zooms from the whole matrix down to single classes, each `step` times nearer."""
    steps = [whole]
    while steps[-1] != CLOSE:
        steps.append(CLOSE if steps[-1] == 1 else -(-steps[-1] // step))
    return steps


def nearer(zoom: int, whole: int, step: int) -> int:
    """Returns the next zoom towards single classes, `CLOSE` itself where there is none."""
    return max((z for z in zooms(whole, step) if z < zoom), default=CLOSE)


def farther(zoom: int, whole: int, step: int) -> int:
    """Returns the next zoom towards the whole matrix, and that where there is none."""
    return min((z for z in zooms(whole, step) if z > zoom), default=whole)
