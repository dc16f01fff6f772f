"""Going about in the confusion heatmap, by keys and by mouse, down to a pair and back."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from heatmap_on_screen import HANZI, Shown, diagonal, scattered
from textual import events
from textual.pilot import Pilot

from hanzi_tui.widgets.heatmap import Heatmap
from hanzi_tui.widgets.heatmap_window import CLOSE


async def test_it_opens_on_the_largest_error_of_thousands_and_enter_leads_there() -> None:
    app = Shown(diagonal(7328, [(4000, 123, 8), (5, 6, 3)]), HANZI)
    async with app.run_test(size=(120, 36)) as pilot:
        zooms = [app.zoom]
        for _step in range(4):
            await pilot.press("enter")
            zooms.append(app.zoom)
        assert zooms[0] > 100
        assert zooms[1] == -(-zooms[0] // 10)
        assert zooms[-1] == CLOSE
        assert app.reading == f"8 of 17 images  47.1 %  {HANZI[4000]} taken for {HANZI[123]}"
        await pilot.press("enter")
        assert [(m.cell.truth, m.cell.guess) for m in app.chosen] == [((4000,), (123,))]
        await pilot.press("home")
        assert app.zoom == zooms[0]


async def test_minus_leads_back_out_by_the_same_steps() -> None:
    app = Shown(scattered(1000, 5000), HANZI)
    async with app.run_test(size=(80, 24)) as pilot:
        zooms = [app.zoom]
        while zooms[-1] != CLOSE:
            await pilot.press("plus")
            zooms.append(app.zoom)
        back = [CLOSE]
        while back[-1] != zooms[0]:
            await pilot.press("minus")
            back.append(app.zoom)
        assert back == zooms[::-1]


@pytest.mark.parametrize("way", ["minus", "escape", "backspace", "right button"])
async def test_there_are_many_ways_back(way: str) -> None:
    app = Shown(scattered(1000, 5000), HANZI)
    async with app.run_test(size=(80, 24)) as pilot:
        whole = app.zoom
        await pilot.press("enter")
        assert app.zoom < whole
        if way == "right button":
            await pilot.click(Heatmap, offset=(30, 10), button=3)
        else:
            await pilot.press(way)
        assert app.zoom == whole


async def test_thousands_of_classes_open_and_repaint_at_once() -> None:
    confusion = scattered(7328, 110_000)
    assert len(confusion.count) > 80_000
    app = Shown(diagonal(2), HANZI)
    async with app.run_test(size=(120, 36)) as pilot:
        started = time.perf_counter()
        app.heatmap.show(HANZI[:7328], confusion.truth, confusion.guess, confusion.count)
        await pilot.pause()
        assert time.perf_counter() - started < 3
        assert "classes a cell" in app.legend
        started = time.perf_counter()
        for _step in range(10):
            app.heatmap.mode = app.heatmap.mode.next
            app.lines()
        assert time.perf_counter() - started < 10 * 0.25


async def test_a_click_takes_the_cursor_there_and_a_double_click_zooms_in() -> None:
    app = Shown(diagonal(7328, [(700, 3600, 5)]), HANZI)
    async with app.run_test(size=(120, 36)) as pilot:
        block = app.zoom
        view_x, view_y = 3 + 3600 // block, 1 + 700 // block // 2
        await pilot.click(Heatmap, offset=(view_x, view_y))
        assert app.zoom == block
        assert app.read[-1].cell.peak == (700, 3600)
        await pilot.double_click(Heatmap, offset=(view_x, view_y))
        assert app.zoom < block
        assert 700 in app.read[-1].cell.truth
        assert 3600 in app.read[-1].cell.guess
        assert not app.chosen


async def test_a_double_click_on_a_pair_chooses_it() -> None:
    app = Shown(diagonal(5, [(1, 3, 4)]), ["a", "b", "c", "d", "e"])
    async with app.run_test(size=(40, 12)) as pilot:
        line = app.lines()[5]
        await pilot.double_click(Heatmap, offset=(line.index("9"), 5))
        assert [(m.cell.truth, m.cell.guess) for m in app.chosen] == [((4,), (4,))]


async def test_the_wheel_keeps_what_is_under_the_pointer() -> None:
    app = Shown(scattered(2000, 20_000), HANZI)
    async with app.run_test(size=(58, 30)) as pilot:
        at, before = (30, 12), app.zoom
        classes = [_under(app, at)]
        while app.zoom > 1:
            await _wheel(pilot, "up", at)
            classes.append(_under(app, at))
        assert len(classes) > 4
        for outer, inner in pairwise(classes):
            assert set(inner[0]) & set(outer[0])
            assert set(inner[1]) & set(outer[1])
        for _step in classes:
            await _wheel(pilot, "down", at)
        assert app.zoom == before


async def test_dragging_moves_the_matrix_and_zooms_nowhere() -> None:
    app = Shown(scattered(500, 5000), HANZI)
    async with app.run_test(size=(80, 24)) as pilot:
        app.heatmap.go_to(200, 200)
        await pilot.pause()
        first = HANZI.index(app.lines()[0].strip()[0])
        await pilot.mouse_down(Heatmap, offset=(40, 10))
        await pilot.hover(Heatmap, offset=(10, 10))
        await pilot.mouse_up(Heatmap, offset=(10, 10))
        await pilot.pause()
        assert HANZI.index(app.lines()[0].strip()[0]) == first + 10
        assert app.zoom == CLOSE
        assert not app.chosen


async def test_arrows_move_the_cursor_and_take_the_matrix_along() -> None:
    app = Shown(scattered(300, 3000), HANZI)
    async with app.run_test(size=(40, 12)) as pilot:
        app.heatmap.go_to(0, 0)
        await pilot.press(*["right"] * 3, *["shift+right"] * 4, "down", "up", "down")
        assert app.read[-1].cell.guess == (43,)
        assert app.read[-1].cell.truth == (1,)
        assert HANZI[43] in app.lines()[0]
        await pilot.press("left", *["up"] * 5)
        assert app.read[-1].cell.truth == (0,)


async def test_a_step_of_the_cursor_repaints_four_lines() -> None:
    app = Shown(scattered(1000, 9000), HANZI)
    async with app.run_test(size=(100, 30)) as pilot:
        app.heatmap.go_to(500, 500)
        await pilot.pause()
        drawn: list[int] = []
        render_line = app.heatmap.render_line
        app.heatmap.render_line = lambda y: drawn.append(y) or render_line(y)  # type: ignore
        await pilot.press("down")
        assert 1 <= len(set(drawn)) <= 4


async def test_a_search_can_jump_to_a_pair() -> None:
    app = Shown(scattered(7328, 20_000), HANZI)
    async with app.run_test(size=(80, 24)) as pilot:
        app.heatmap.go_to(7327, 15)
        await pilot.pause()
        assert HANZI[15] in app.lines()[0]
        assert any(line.startswith(HANZI[7327]) for line in app.lines())
        assert app.read[-1].cell.truth_label == HANZI[7327]
        with pytest.raises(IndexError):
            app.heatmap.go_to(7328, 0)


def _under(app: Shown, at: tuple[int, int]) -> tuple[range, range]:
    """Returns the places of the true and the guessed classes drawn at a point."""
    picture = app.heatmap._sight.picture
    assert picture is not None
    block, cell = picture.view.block, picture.cell_at(*at)
    assert cell is not None
    return tuple(range(i * block, (i + 1) * block) for i in cell)  # type: ignore[return-value]


async def _wheel(pilot: Pilot[None], direction: str, at: tuple[int, int]) -> None:
    kind = events.MouseScrollUp if direction == "up" else events.MouseScrollDown
    await pilot._post_mouse_events([kind], Heatmap, at, button=0)
