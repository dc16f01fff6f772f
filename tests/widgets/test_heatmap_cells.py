"""The cells of the confusion heatmap: every image is counted, and the room is made use of."""

from __future__ import annotations

import numpy as np
import pytest
from heatmap_on_screen import HANZI, Shown, diagonal, scattered
from numpy.typing import NDArray

from hanzi_tui.widgets.heatmap_window import CLOSE, Frame, Matrix
from pipeline.evaluation.confusion import Confusion


def dense(confusion: Confusion, order: NDArray[np.int64]) -> NDArray[np.int64]:
    full = np.zeros((confusion.classes, confusion.classes), np.int64)
    full[confusion.truth, confusion.guess] = confusion.count
    return full[np.ix_(order, order)]


@pytest.mark.parametrize("block", [1, 2, 7, 40])
@pytest.mark.parametrize("hits", [True, False])
def test_every_image_is_in_the_cell_of_its_classes(block: int, hits: bool) -> None:
    confusion = scattered(33, 2000)
    order = np.random.default_rng(1).permutation(33)
    matrix = Matrix.of(33, confusion.truth, confusion.guess, confusion.count, order)
    full = dense(confusion, order)
    if not hits:
        np.fill_diagonal(full, 0)
    cells = -(-33 // block)
    padded = np.pad(full, (0, cells * block - 33)).reshape(cells, block, cells, block)
    blocks = matrix.blocks(block, hits)
    np.testing.assert_array_equal(blocks.window(0, 0, cells, cells), padded.sum((1, 3)))
    top = cells // 2
    np.testing.assert_array_equal(
        blocks.window(top, 0, cells - top, 1), padded.sum((1, 3))[top:, :1]
    )
    assert blocks.images.sum() == confusion.count.sum()


@pytest.mark.parametrize("classes", [1, 2, 12, 60, 734, 7328, 10_000])
@pytest.mark.parametrize("size", [(1, 1), (34, 9), (76, 20), (196, 57)])
def test_the_whole_matrix_has_room(classes: int, size: tuple[int, int]) -> None:
    matrix = Matrix.of(classes, [0], [0], [1])
    for halves in (True, False):
        frame = Frame(*size, label=2, number=1, halves=halves)
        view = frame.view(frame.whole(matrix), matrix)
        assert (view.rows, view.columns) == (view.down, view.across)
        assert view.columns * view.cell <= max(size[0], 2)


@pytest.mark.parametrize(
    ("classes", "size", "columns", "lines"),
    [(20, (76, 27), 3, 1), (20, (131, 53), 5, 2), (5, (76, 27), 9, 4), (30, (76, 40), 2, 1)],
)
def test_cells_grow_with_the_room_and_stay_near_square(
    classes: int, size: tuple[int, int], columns: int, lines: int
) -> None:
    matrix = Matrix.of(classes, [0], [0], [1])
    frame = Frame(*size, label=2, number=1, halves=True)
    view = frame.view(frame.whole(matrix), matrix)
    assert (view.zoom, view.cell, view.tall) == (CLOSE, columns, lines)
    assert view.lines <= size[1]


def test_a_cell_is_as_wide_as_the_highest_count_asks_for() -> None:
    matrix = Matrix.of(10, [0], [0], [12_345])
    frame = Frame(76, 12, label=2, number=5, halves=True)
    assert frame.view(CLOSE, matrix).cell == 6


@pytest.mark.parametrize("size", [(70, 28), (120, 50)])
async def test_numbers_stand_in_the_middle_of_large_cells(size: tuple[int, int]) -> None:
    app = Shown(diagonal(5, [(1, 3, 4)]), HANZI)
    async with app.run_test(size=size):
        assert app.lines()[0].split() == HANZI[:5]
        assert app.row(HANZI[1]) == [HANZI[1], "9", "4"]
        assert app.row(HANZI[4]) == [HANZI[4], "9"]
        blank = [line for line in app.lines() if not line.strip()]
        assert len(blank) > 5 * 2


@pytest.mark.parametrize("size", [(60, 28), (100, 28)])
async def test_the_matrix_asks_for_no_more_columns_than_it_draws(size: tuple[int, int]) -> None:
    app = Shown(diagonal(5), HANZI)
    async with app.run_test(size=size):
        assert app.heatmap.width_within(*size) == max(
            len(line.rstrip()) + sum(char in HANZI for char in line) for line in app.lines()[:-3]
        ) + 3  # fmt: skip
        app.heatmap.show(HANZI[:900], *_entries(scattered(900, 5000)))
        assert app.heatmap.width_within(*size) == size[0]


def _entries(confusion: Confusion) -> tuple[NDArray[np.int64], ...]:
    return confusion.truth, confusion.guess, confusion.count
