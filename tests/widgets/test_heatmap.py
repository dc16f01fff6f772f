"""What the confusion heatmap says: labels, counts, shares, and the pair under the cursor."""

from __future__ import annotations

import numpy as np
import pytest
from heatmap_on_screen import HANZI, Shown, diagonal, scattered
from rich.cells import cell_len

from hanzi_tui.signs import ASCII, UNICODE, Signs
from hanzi_tui.widgets.heatmap import Heatmap
from hanzi_tui.widgets.heatmap_window import Mode
from pipeline.evaluation.confusion import Confusion


async def test_single_characters_stand_on_both_axes_with_their_counts() -> None:
    app = Shown(diagonal(5, [(1, 3, 4)]), HANZI)
    async with app.run_test(size=(60, 14)):
        assert app.lines()[0].split() == HANZI[:5]
        assert app.row(HANZI[1]) == [HANZI[1], "9", "4"]
        assert app.reading == f"4 of 13 images  30.8 %  {HANZI[1]} taken for {HANZI[3]}"


async def test_without_the_diagonal_errors_are_counted_and_stand_out() -> None:
    app = Shown(diagonal(4, [(0, 2, 3)], each=50), list("abcd"))
    async with app.run_test(size=(60, 14)) as pilot:
        await pilot.press("d")
        assert app.row("a") == ["a", "3"]
        assert app.row("b") == ["b"]
        assert "diagonal hidden" in app.legend
        assert app.reading == "3 wrong of 53 images  5.7 %  a taken for c"
        await pilot.press("left", "left")
        assert app.reading == "a recognised, hidden"


async def test_n_shows_counts_then_shares_of_the_row_then_a_log_scale() -> None:
    app = Shown(diagonal(3, [(0, 1, 3)]), list("abc"))
    async with app.run_test(size=(60, 14)) as pilot:
        seen = []
        for _step in Mode:
            seen.append((app.row("a"), app.legend.split("  ")[0]))
            await pilot.press("n")
        assert seen == [
            (["a", "9", "3"], "images"),
            (["a", "75", "25"], "share of the row"),
            (["a", "9", "3"], "images, log"),
        ]
        assert app.heatmap.mode is Mode.COUNTS


async def test_another_order_moves_labels_and_counts_together() -> None:
    app = Shown(diagonal(4, [(0, 2, 3)]), list("abcd"))
    async with app.run_test(size=(60, 14)) as pilot:
        app.heatmap.order([3, 2, 1, 0])
        await pilot.pause()
        assert app.lines()[0].split() == list("dcba")
        assert app.row("a") == ["a", "3", "9"]
        assert app.reading == "3 of 12 images  25.0 %  a taken for c"
        with pytest.raises(ValueError):
            app.heatmap.order([0, 1, 2, 2])


async def test_answers_outside_the_classes_have_a_column() -> None:
    app = Shown(Confusion.of(np.array([0, 0, 1]), np.array([0, 2, 1]), 2), ["a", "b"])
    async with app.run_test(size=(60, 14)):
        assert app.lines()[0].split() == ["a", "b", "other"]
        assert app.reading == "1 of 2 images  50.0 %  a taken for other"


@pytest.mark.parametrize("size", [(60, 14), (60, 40), (120, 36)])
async def test_what_is_read_stands_right_below_the_matrix(size: tuple[int, int]) -> None:
    app = Shown(diagonal(7, [(1, 3, 4)]), list("abcdefg"))
    async with app.run_test(size=size):
        lines = [line.strip() for line in app.lines()]
        last = next(y for y, line in enumerate(lines) if line.split() == ["g", "9"])
        assert lines.index(app.reading) - last <= 4
        assert lines.index(app.legend) == lines.index(app.reading) + 1


NASTY = ["a[/b]", "[red]x", "[/", "$v", "[link=x]", "\x1b[31m\n", "永和九年歲在癸丑", "é"]


@pytest.mark.parametrize("size", [(120, 36), (80, 24), (40, 12), (20, 6), (7, 3), (2, 1), (1, 1)])
@pytest.mark.parametrize("signs", [UNICODE, ASCII])
async def test_any_label_at_any_size_keeps_its_columns(size: tuple[int, int], signs: Signs) -> None:
    app = Shown(scattered(8, 300), NASTY, signs)
    async with app.run_test(size=size) as pilot:
        await pilot.press("right", "down", "d", "n", "minus", "enter")
        lines = app.lines()
        assert len(lines) == size[1]
        assert {cell_len(line) for line in lines} == {size[0]}
        assert "\x1b" not in "".join(lines)
        if size[0] >= 80:
            for label in ("a[/b]", "[red]x", "[/", "[link=x]"):
                assert any(line.lstrip().startswith(label) for line in lines)


@pytest.mark.parametrize("classes", [0, 1, 60])
async def test_without_entries_it_says_what_belongs_here(classes: int) -> None:
    app = Shown(Confusion.of(np.array([], int), np.array([], int), classes), HANZI)
    async with app.run_test(size=(40, 12)) as pilot:
        assert "An evaluation fills" in " ".join(line.strip() for line in app.lines())
        await pilot.press("enter", "minus", "down", "d", "d", "n")
        await pilot.click(Heatmap)
        assert not app.read
        confusion = diagonal(1)
        app.heatmap.show(["a"], confusion.truth, confusion.guess, confusion.count)
        await pilot.pause()
        assert app.reading == "9 of 9 images  100.0 %  a recognised"
