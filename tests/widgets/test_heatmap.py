"""The confusion heatmap: every image is counted, every error can be found, on any terminal."""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray
from rich.cells import cell_len
from rich.color import Color, ColorSystem
from textual import events
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from hanzi_tui.signs import ASCII, UNICODE, Signs
from hanzi_tui.themes import THEMES, VARIABLES
from hanzi_tui.widgets.heatmap import Heatmap
from hanzi_tui.widgets.heatmap_ink import ON_DARK, ON_LIGHT
from hanzi_tui.widgets.heatmap_window import CLOSE, Frame, Matrix, Mode
from pipeline.evaluation.confusion import Confusion

HANZI = [chr(0x4E00 + i) for i in range(10_000)]


class Shown(App[None]):
    def __init__(self, confusion: Confusion, labels: Sequence[str], signs: Signs = UNICODE) -> None:
        super().__init__()
        known = labels[: confusion.classes]
        self.heatmap = Heatmap(
            known, confusion.truth, confusion.guess, confusion.count, signs=signs
        )
        self.read: list[Heatmap.CellRead] = []
        self.chosen: list[Heatmap.CellChosen] = []

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return VARIABLES

    def compose(self) -> ComposeResult:
        yield self.heatmap

    def on_mount(self) -> None:
        self.heatmap.focus()

    def on_heatmap_cell_read(self, message: Heatmap.CellRead) -> None:
        self.read.append(message)

    def on_heatmap_cell_chosen(self, message: Heatmap.CellChosen) -> None:
        self.chosen.append(message)

    def lines(self) -> list[str]:
        return [strip.text for strip in self.screen._compositor.render_strips()]

    @property
    def reading(self) -> str:
        return self.lines()[-1].rstrip()


def diagonal(classes: int, errors: Sequence[tuple[int, int, int]] = (), each: int = 9) -> Confusion:
    """Returns `each` images recognised in each class, and (truth, guess, count) errors."""
    truth = [*range(classes), *(e[0] for e in errors)]
    guess = [*range(classes), *(e[1] for e in errors)]
    count = [each] * classes + [e[2] for e in errors]
    return Confusion.of(np.repeat(truth, count), np.repeat(guess, count), classes)


def scattered(classes: int, images: int, seed: int = 0) -> Confusion:
    random = np.random.default_rng(seed)
    truth, guess = random.integers(0, classes, (2, images))
    return Confusion.of(truth, np.where(random.random(images) < 0.3, truth, guess), classes)


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
        frame = Frame(*size, label=2, halves=halves)
        view = frame.view(frame.whole(matrix), matrix)
        assert (view.rows, view.columns) == (view.down, view.across)
        assert view.columns * view.cell <= max(size[0], 2)


async def test_single_characters_stand_on_both_axes_with_their_counts() -> None:
    app = Shown(diagonal(5, [(1, 3, 4)]), HANZI)
    async with app.run_test(size=(60, 14)):
        lines = app.lines()
        assert lines[0].split() == HANZI[:5]
        assert lines[2].split() == [HANZI[1], "9", "4"]
        assert app.reading == f"4 images  30.8 %  {HANZI[1]} taken for {HANZI[3]}"


async def test_it_opens_on_the_largest_error_of_thousands_and_enter_leads_there() -> None:
    app = Shown(diagonal(7328, [(4000, 123, 8), (5, 6, 3)]), HANZI)
    async with app.run_test(size=(120, 36)) as pilot:
        zooms = [_classes_a_cell(app)]
        for _step in range(4):
            await pilot.press("enter")
            zooms.append(_classes_a_cell(app))
        assert zooms[0] > 100
        assert zooms[1] == -(-zooms[0] // 10)
        assert zooms[-1] == CLOSE
        assert app.reading == f"8 images  47.1 %  {HANZI[4000]} taken for {HANZI[123]}"
        await pilot.press("enter")
        assert [(m.cell.truth, m.cell.guess) for m in app.chosen] == [((4000,), (123,))]
        await pilot.press("home")
        assert _classes_a_cell(app) == zooms[0]


async def test_minus_leads_back_out_by_the_same_steps() -> None:
    app = Shown(scattered(1000, 5000), HANZI)
    async with app.run_test(size=(80, 24)) as pilot:
        zooms = [_classes_a_cell(app)]
        while zooms[-1] != CLOSE:
            await pilot.press("plus")
            zooms.append(_classes_a_cell(app))
        back = [CLOSE]
        while back[-1] != zooms[0]:
            await pilot.press("minus")
            back.append(_classes_a_cell(app))
        assert back == zooms[::-1]


async def test_thousands_of_classes_open_and_repaint_at_once() -> None:
    confusion = scattered(7328, 110_000)
    assert len(confusion.count) > 80_000
    app = Shown(diagonal(2), HANZI)
    async with app.run_test(size=(120, 36)) as pilot:
        started = time.perf_counter()
        app.heatmap.show(HANZI[:7328], confusion.truth, confusion.guess, confusion.count)
        await pilot.pause()
        assert time.perf_counter() - started < 3
        assert "classes a cell" in app.lines()[-2]
        started = time.perf_counter()
        for _step in range(10):
            app.heatmap.mode = app.heatmap.mode.next
            app.lines()
        assert time.perf_counter() - started < 10 * 0.25


async def test_a_click_zooms_into_the_block_under_it() -> None:
    app = Shown(diagonal(7328, [(700, 3600, 5)]), HANZI)
    async with app.run_test(size=(120, 36)) as pilot:
        block = _classes_a_cell(app)
        view_x, view_y = 3 + 3600 // block, 1 + 700 // block // 2
        await pilot.click(Heatmap, offset=(view_x, view_y))
        assert _classes_a_cell(app) < block
        assert 700 in app.read[-1].cell.truth
        assert 3600 in app.read[-1].cell.guess
        assert not app.chosen


async def test_a_click_on_a_pair_chooses_it() -> None:
    app = Shown(diagonal(5, [(1, 3, 4)]), ["a", "b", "c", "d", "e"])
    async with app.run_test(size=(40, 12)) as pilot:
        line = app.lines()[5]
        await pilot.click(Heatmap, offset=(line.index("9"), 5))
        assert [(m.cell.truth, m.cell.guess) for m in app.chosen] == [((4,), (4,))]


async def test_the_wheel_keeps_what_is_under_the_pointer() -> None:
    app = Shown(scattered(2000, 20_000), HANZI)
    async with app.run_test(size=(58, 30)) as pilot:
        at, before = (30, 12), _classes_a_cell(app)
        classes = [_under(app, at)]
        while _classes_a_cell(app) > 1:
            await _wheel(pilot, "up", at)
            classes.append(_under(app, at))
        assert len(classes) > 4
        for outer, inner in pairwise(classes):
            assert set(inner[0]) & set(outer[0])
            assert set(inner[1]) & set(outer[1])
        for _step in classes:
            await _wheel(pilot, "down", at)
        assert _classes_a_cell(app) == before


async def test_dragging_moves_the_matrix_and_zooms_nowhere() -> None:
    app = Shown(scattered(500, 5000), HANZI)
    async with app.run_test(size=(80, 24)) as pilot:
        app.heatmap.go_to(200, 200)
        await pilot.pause()
        first = HANZI.index(app.lines()[0].strip()[0])
        await pilot.mouse_down(Heatmap, offset=(40, 10))
        await pilot.hover(Heatmap, offset=(20, 10))
        await pilot.mouse_up(Heatmap, offset=(20, 10))
        await pilot.pause()
        assert HANZI.index(app.lines()[0].strip()[0]) == first + 10
        assert _classes_a_cell(app) == CLOSE
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


async def test_without_the_diagonal_errors_are_counted_and_stand_out() -> None:
    app = Shown(diagonal(4, [(0, 2, 3)], each=50), list("abcd"))
    async with app.run_test(size=(60, 14)) as pilot:
        await pilot.press("d")
        lines = app.lines()
        assert lines[1].split() == ["a", "3"]
        assert lines[2].split() == ["b"]
        assert "diagonal hidden" in lines[-2]
        assert app.reading == "3 errors  5.7 %  a taken for c"
        await pilot.press("left", "left")
        assert app.reading == "a recognised, hidden"


async def test_n_shows_counts_then_shares_of_the_row_then_a_log_scale() -> None:
    app = Shown(diagonal(3, [(0, 1, 3)]), list("abc"))
    async with app.run_test(size=(60, 14)) as pilot:
        seen = []
        for _step in Mode:
            seen.append((app.lines()[1].split(), app.lines()[-2].split("  ")[0]))
            await pilot.press("n")
        assert seen == [
            (["a", "9", "3"], "images"),
            (["a", "75", "25"], "share of the row"),
            (["a", "9", "3"], "images, log"),
        ]
        assert app.heatmap.mode is Mode.COUNTS


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


async def test_another_order_moves_labels_and_counts_together() -> None:
    app = Shown(diagonal(4, [(0, 2, 3)]), list("abcd"))
    async with app.run_test(size=(60, 14)) as pilot:
        app.heatmap.order([3, 2, 1, 0])
        await pilot.pause()
        lines = app.lines()
        assert lines[0].split() == list("dcba")
        assert lines[4].split() == ["a", "3", "9"]
        assert app.reading == "3 images  25.0 %  a taken for c"
        with pytest.raises(ValueError):
            app.heatmap.order([0, 1, 2, 2])


async def test_answers_outside_the_classes_have_a_column() -> None:
    app = Shown(Confusion.of(np.array([0, 0, 1]), np.array([0, 2, 1]), 2), ["a", "b"])
    async with app.run_test(size=(60, 14)):
        assert app.lines()[0].split() == ["a", "b", "other"]
        assert app.reading == "1 images  50.0 %  a taken for other"


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
                assert any(line.startswith(label) for line in lines)


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
        assert app.reading == "9 images  100.0 %  a recognised"


async def test_in_ascii_densities_tell_the_shades() -> None:
    labels = [f"c{i}" for i in range(300)]
    app = Shown(scattered(300, 3000), labels, ASCII)
    async with app.run_test(size=(80, 24)) as pilot:
        for keys in ([], ["n"], ["d"], ["enter"]):
            await pilot.press(*keys)
            text = "".join(app.lines())
            assert text.isascii()
            assert "##" in text and "[]" in text


async def test_without_colour_densities_tell_the_shades(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = Shown(scattered(300, 3000), HANZI)
    async with app.run_test(size=(80, 24)):
        text = "".join(app.lines())
        assert "##" in text and "[]" in text
        assert "▀" not in text


@pytest.mark.parametrize("ramp", [ON_DARK, ON_LIGHT])
def test_no_shade_is_lost_with_256_colours(ramp: Sequence[str]) -> None:
    shown = [Color.parse(name).downgrade(ColorSystem.EIGHT_BIT) for name in ramp]
    assert len({color.number for color in shown}) == len(ramp)
    lightness = [_luminance(color) for color in shown]
    assert lightness in (sorted(lightness), sorted(lightness, reverse=True))


@pytest.mark.parametrize("theme", ["ink", "paper", "contrast", "ansi-dark"])
async def test_cursor_and_shades_differ_from_the_paper_in_every_theme(theme: str) -> None:
    app = Shown(diagonal(2), ["a", "b"])
    async with app.run_test(size=(40, 12)) as pilot:
        for known in THEMES:
            app.register_theme(known)
        app.theme = theme
        await pilot.pause()
        first = app.screen._compositor.render_strips()[1]
        fills = [str(s.style.bgcolor) for s in first if s.style is not None and s.text.strip()]
        empty = [str(s.style.bgcolor) for s in first if s.style is not None and not s.text.strip()]
        assert fills and not set(fills[1:]) & set(empty)


def _luminance(color: Color) -> float:
    red, green, blue = (c / 255 for c in color.get_truecolor())
    return float(0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2)


def _classes_a_cell(app: Shown) -> int:
    picture = app.heatmap._sight.picture
    assert picture is not None
    return picture.view.zoom


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
