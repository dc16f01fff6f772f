"""Where one looks in a confusion matrix: order, zoom, window and cursor, without a screen."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from numpy.typing import ArrayLike
from rich.cells import cell_len

from hanzi_tui.i18n import _, ngettext, printable
from hanzi_tui.widgets.heatmap_picture import Picture, Room, cut
from hanzi_tui.widgets.heatmap_window import (
    CLOSE,
    Blocks,
    Integers,
    Matrix,
    Mode,
    View,
    farther,
    nearer,
)

READING_COLUMNS = 24
CENTRE = (0.5, 0.5)


@dataclass(frozen=True)
class Cell:
    """What the cursor is on: classes, and how many images of `truth` were taken for `guess`.

    Args:
        truth, guess: class indices; guess is the number of classes for answers outside them.
        truth_label, guess_label: of one class, or the first and the last of several.
        count: images; without those recognised while the diagonal is hidden.
        images: of `truth` in all.
        peak: the pair of classes in it that the cursor was put on, else that has most errors.
    """

    truth: tuple[int, ...]
    guess: tuple[int, ...]
    truth_label: str
    guess_label: str
    count: int
    images: int
    peak: tuple[int, int]

    @property
    def share(self) -> float:
        """`count` in all images of `truth`, 0 to 1; NaN where there are none."""
        return self.count / self.images if self.images else math.nan

    def sentence(self, errors: bool) -> str:
        """Returns the cell in words, numbers first; `errors`: the count is of errors only."""
        share = "" if math.isnan(self.share) else f"  {100 * self.share:.1f} %"
        wrong = ngettext("{count} wrong of {images} image", "{count} wrong of {images} images",
                         self.images)  # fmt: skip
        form = wrong if errors else ngettext(
            "{count} of {images} image", "{count} of {images} images", self.images)  # fmt: skip
        count = form.format(count=f"{self.count:,}", images=f"{self.images:,}")
        truth, guess = (cut(s, READING_COLUMNS) for s in (self.truth_label, self.guess_label))
        if len(self.truth) > 1 or self.truth != self.guess:
            pair = _("{truth} taken for {guess}").format(truth=truth, guess=guess)
        elif errors:
            return _("{truth} recognised, hidden").format(truth=truth)
        else:
            pair = _("{truth} recognised").format(truth=truth)
        return f"{count}{share}  {pair}"


class Sight:
    """A matrix and the part of it in sight.

    Args:
        labels, truth, guess, count: as for `Heatmap`.

    Raises:
        ValueError: an entry is of no class that has a label.
    """

    def __init__(
        self, labels: Sequence[str], truth: ArrayLike, guess: ArrayLike, count: ArrayLike
    ) -> None:
        self.mode, self.diagonal = Mode.COUNTS, True
        self.picture: Picture | None = None
        self.cell: Cell | None = None
        self._entries = truth, guess, count
        self._labels = [printable(label) for label in labels]
        self._longest = max((cell_len(label) for label in self._labels), default=1)
        self._zoom: int | None = None
        self._whole = CLOSE
        self._top = self._left = 0
        self._arrange(Matrix.of(len(labels), truth, guess, count))
        everything = range(self.matrix.classes), range(self.matrix.columns)
        self._row, self._column = (
            self.matrix.strongest(*everything, diagonal=False)
            or self.matrix.strongest(*everything, diagonal=True)
            or (0, 0)
        )

    def _arrange(self, matrix: Matrix) -> None:
        self.matrix = matrix
        self._names = [self._labels[i] for i in matrix.order.tolist()] + [_("other")]
        self._blocks: tuple[tuple[int, bool], Blocks] | None = None

    def order(self, permutation: Sequence[int] | Integers) -> None:
        """Puts the classes in another order; the cursor stays on its pair."""
        matrix = Matrix.of(len(self._labels), *self._entries, permutation)
        here = [self.matrix.class_at(place) for place in (self._row, self._column)]
        self._arrange(matrix)
        self._row, self._column = (matrix.place_of(index) for index in here)

    def put_on(self, truth: int, guess: int) -> None:
        """Puts the cursor on the cell of a pair of classes.

        Raises:
            IndexError: there is no such class.
        """
        if not (0 <= truth < self.matrix.classes and 0 <= guess < self.matrix.columns):
            raise IndexError(f"there is no cell ({truth}, {guess})")
        self._row, self._column = self.matrix.place_of(truth), self.matrix.place_of(guess)

    def go_to(self, truth: int, guess: int) -> None:
        """Puts the cursor on a pair of classes, at the nearest zoom."""
        self.put_on(truth, guess)
        self._zoom = CLOSE

    def look(
        self, width: int, height: int, halves: bool, keep: tuple[float, float] | None = None
    ) -> None:
        """Takes a new picture, None without entries, and reads the cell under the cursor.

        Args:
            width, height: of the widget.
            halves: half blocks can be drawn.
            keep: where in the room for cells the cursor's cell belongs, as shares of its lines
                and columns; without it the window moves only as far as the cursor asks for.
        """
        if not len(self.matrix.count):
            self.picture = self.cell = None
            return
        frame = (room := self._room(width, height)).frame(halves)
        self._whole = frame.whole(self.matrix)
        zoom = self._whole if self._zoom is None else min(self._zoom, self._whole)
        view = frame.view(zoom, self.matrix)
        row, column = self._row // view.block, self._column // view.block
        if keep is not None:
            self._top = row - view.row_at(keep[0] * frame.lines)
            self._left = column - round(keep[1] * frame.columns / view.cell)
        self._top = _holding(row, self._top, view.rows, view.down)
        self._left = _holding(column, self._left, view.columns, view.across)
        key = (view.block, self.diagonal)
        if self._blocks is None or self._blocks[0] != key:
            self._blocks = key, self.matrix.blocks(*key)
        blocks = self._blocks[1]
        self.cell = self._read(view, blocks, row, column)
        self.picture = Picture(
            room, self._names, view, blocks, self.mode, self.diagonal, self._top, self._left,
            row, column, self.cell.sentence(errors=not self.diagonal),
        )  # fmt: skip

    def width_within(self, width: int, height: int) -> int:
        """Returns how many of `width` columns the whole matrix can make use of.

        All of them where single classes are seen only after a zoom.
        """
        room = self._room(width, height)
        frame = room.frame(halves=True)
        if not len(self.matrix.count) or frame.whole(self.matrix) != CLOSE:
            return width
        view = frame.view(CLOSE, self.matrix)
        return room.gutter + view.across * view.cell

    def _room(self, width: int, height: int) -> Room:
        return Room(width, height, self._longest, len(str(self.matrix.count.max(initial=0))))

    def _read(self, view: View, blocks: Blocks, row: int, column: int) -> Cell:
        truth = _places(row, view.block, self.matrix.classes)
        guess = _places(column, view.block, self.matrix.columns)
        count, images = int(blocks.window(row, column, 1, 1)[0, 0]), int(blocks.images[row])
        return Cell(
            tuple(map(self.matrix.class_at, truth)),
            tuple(map(self.matrix.class_at, guess)),
            self._span(truth),
            self._span(guess),
            count,
            images,
            self._peak(truth, guess),
        )

    def _peak(self, truth: range, guess: range) -> tuple[int, int]:
        """Returns the pair that stands for a cell of these places: an error where there is one."""
        matrix, here = self.matrix, (self._row, self._column)
        cell = range(here[0], here[0] + 1), range(here[1], here[1] + 1)
        row, column = (
            matrix.strongest(*cell, diagonal=False)
            or matrix.strongest(truth, guess, diagonal=False)
            or matrix.strongest(truth, guess, diagonal=True)
            or here
        )
        return matrix.class_at(row), matrix.class_at(column)

    def _span(self, places: range) -> str:
        first, last = self._names[places[0]], self._names[places[-1]]
        return first if len(places) == 1 else f"{first}-{last}"

    def move(self, down: int, right: int) -> None:
        """Moves the cursor by cells."""
        if (picture := self.picture) is not None:
            view = picture.view
            row = min(max(0, picture.row + down), view.down - 1)
            column = min(max(0, picture.column + right), view.across - 1)
            self.point_at(row, column)

    def point_at(self, row: int, column: int) -> None:
        """Puts the cursor on a cell, on its largest entry should one zoom in."""
        if (picture := self.picture) is not None:
            rows = _places(row, picture.view.block, self.matrix.classes)
            columns = _places(column, picture.view.block, self.matrix.columns)
            middle = rows[len(rows) // 2], columns[len(columns) // 2]
            self._row, self._column = self.matrix.strongest(rows, columns, self.diagonal) or middle

    def pan(self, top: int, left: int) -> bool:
        """Moves the window and takes the cursor along; returns whether there was room to."""
        if (picture := self.picture) is None:
            return False
        view, before = picture.view, (self._top, self._left)
        self._top = min(max(0, top), view.down - view.rows)
        self._left = min(max(0, left), view.across - view.columns)
        row = min(max(self._top, picture.row), self._top + view.rows - 1)
        column = min(max(self._left, picture.column), self._left + view.columns - 1)
        if (row, column) != (picture.row, picture.column):
            self.point_at(row, column)
        return (self._top, self._left) != before

    def zoom_in(self, step: int) -> bool:
        """Returns False where there is nothing nearer than single classes."""
        if self.picture is None or self.picture.view.zoom == CLOSE:
            return False
        if not self.diagonal and self._row == self._column:
            self.point_at(self.picture.row, self.picture.column)
        self._zoom = nearer(self.picture.view.zoom, self._whole, step)
        return True

    def zoom_out(self, step: int) -> None:
        if self.picture is not None:
            zoom = farther(self.picture.view.zoom, self._whole, step)
            self._zoom = None if zoom == self._whole else zoom

    def zoom_whole(self) -> None:
        self._zoom = None


def _holding(at: int, first: int, seen: int, total: int) -> int:
    """Returns the start nearest to `first` of a window of `seen` in `total` that holds `at`."""
    return min(max(0, at - seen + 1, min(first, at)), total - seen)


def _places(at: int, block: int, end: int) -> range:
    return range(at * block, min((at + 1) * block, end))
