"""Images in the terminal: half blocks, characters, and grids of thousands of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import overload

import numpy as np
import pytest
from rich.cells import cell_len
from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.color import Color
from textual.geometry import Region
from textual.strip import Strip

from hanzi_tui.signs import ASCII, UNICODE, Signs
from hanzi_tui.widgets.glyphs import Glyph, GlyphGrid, GlyphItem, density, half_blocks
from hanzi_tui.widgets.raster import Image

INK, PAPER = Color(250, 200, 150), Color(10, 20, 30)
CAPTION = "安 安 .98 ✓"


def stroke() -> Image:
    """Returns a 64 by 64 image whose upper left quarter is ink."""
    image = np.zeros((64, 64), dtype=np.uint8)
    image[:32, :32] = 255
    return image


class Many(Sequence[GlyphItem]):
    """A lazy sequence that notes which items and images were asked for."""

    def __init__(self, count: int) -> None:
        self.size = count
        self.drawn: list[int] = []

    def __len__(self) -> int:
        return self.size

    @overload
    def __getitem__(self, index: int) -> GlyphItem: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[GlyphItem]: ...
    def __getitem__(self, index: int | slice) -> GlyphItem | Sequence[GlyphItem]:
        assert isinstance(index, int)

        def image() -> Image:
            self.drawn.append(index)
            return stroke()

        return GlyphItem(image, f"{index}号 .98 ✓", "right")


class Recorded(GlyphGrid):
    """A grid that notes which regions it asks to be painted; () is everything."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        self.painted: list[tuple[Region, ...]] = []
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]

    def refresh(self, *regions: Region, **kwargs: bool) -> Recorded:
        self.painted.append(regions)
        return super().refresh(*regions, **kwargs)


class Shown(App[None]):
    def __init__(self, items: Sequence[GlyphItem], signs: Signs = UNICODE, empty: str = "") -> None:
        super().__init__()
        self.grid = Recorded(items, signs=signs, empty=empty)
        self.selected: list[int] = []
        self.opened: list[int] = []

    def compose(self) -> ComposeResult:
        yield self.grid

    def on_mount(self) -> None:
        self.grid.focus()

    def on_glyph_grid_selected(self, message: GlyphGrid.Selected) -> None:
        self.selected.append(message.index)

    def on_glyph_grid_opened(self, message: GlyphGrid.Opened) -> None:
        self.opened.append(message.index)

    def lines(self) -> list[str]:
        return [strip.text for strip in self.screen._compositor.render_strips()]

    def text(self) -> str:
        return "\n".join(self.lines())


def halves(strips: list[Strip]) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """Returns the colours [2 * rows, columns, 3] a terminal shows for half blocks."""
    rows = []
    for strip in strips:
        top, bottom = [], []
        for segment in strip:
            assert segment.style is not None and segment.style.bgcolor is not None
            back = segment.style.bgcolor.get_truecolor()
            front = segment.style.color.get_truecolor() if segment.style.color else back
            top += [front if segment.text[0] == "▀" else back] * len(segment.text)
            bottom += [back] * len(segment.text)
        rows += [top, bottom]
    return np.array(rows, dtype=np.uint8)


def test_half_blocks_show_ink_on_paper() -> None:
    strips = half_blocks(stroke(), 8, 4, INK, PAPER)
    assert [strip.cell_length for strip in strips] == [8] * 4
    shown = halves(strips)
    assert (shown[:4, :4] == INK.rgb).all()
    assert (shown[4:] == PAPER.rgb).all()
    assert (shown[:, 4:] == PAPER.rgb).all()


def test_half_blocks_average_by_area() -> None:
    image = np.random.default_rng(0).integers(0, 256, (60, 40, 3), dtype=np.uint8)
    shown = halves(half_blocks(image, 20, 15, INK, PAPER))
    means = image.reshape(30, 2, 20, 2, 3).mean(axis=(1, 3))
    assert np.abs(shown.astype(float) - means).max() <= 0.5
    uneven = halves(half_blocks(np.full((50, 50), 255, dtype=np.uint8), 7, 3, INK, PAPER))
    assert set(map(tuple, uneven.reshape(-1, 3).tolist())) == {INK.rgb, PAPER.rgb}


def test_photos_keep_their_colours() -> None:
    image = np.zeros((8, 8, 3), dtype=np.uint8)
    image[:, :4] = (200, 30, 40)
    shown = halves(half_blocks(image, 8, 4, INK, PAPER))
    assert (shown[:, :4] == (200, 30, 40)).all()
    assert (shown[:, 4:] == 0).all()


@pytest.mark.parametrize("shape", [(32, 64), (64, 32), (1, 1), (3, 1000), (1000, 3)])
def test_the_aspect_is_kept_and_the_rest_is_paper(shape: tuple[int, int]) -> None:
    shown = halves(half_blocks(np.full(shape, 255, dtype=np.uint8), 16, 8, INK, PAPER))
    ink = (shown == INK.rgb).all(axis=2)
    rows, columns = int(ink.any(axis=1).sum()), int(ink.any(axis=0).sum())
    assert max(rows, columns) == 16
    assert abs(rows / columns - shape[0] / shape[1]) < 0.05 or 1 in (rows, columns)


@pytest.mark.parametrize("shape", [(0, 0), (0, 5), (5, 0, 3)])
def test_an_image_without_pixels_is_paper(shape: tuple[int, ...]) -> None:
    empty = np.zeros(shape, dtype=np.uint8)
    assert (halves(half_blocks(empty, 4, 2, INK, PAPER)) == PAPER.rgb).all()
    assert [strip.text for strip in density(empty, 4, 2)] == ["    "] * 2


def test_without_colour_denser_characters_are_more_ink() -> None:
    assert [strip.text for strip in density(stroke(), 8, 4)] == ["@@@@    "] * 2 + [" " * 8] * 2
    ramp = np.tile(np.arange(0, 250, 25, dtype=np.uint8), (5, 1))
    shown = density(ramp, 10, 3)[1].text
    assert sorted(shown, key=" .:-=+*#%@".index) == list(shown)
    assert len(set(shown)) > 7
    white = np.full((4, 4, 3), 255, dtype=np.uint8)
    assert density(white, 4, 2)[0].text == "@@@@"


@pytest.mark.parametrize("signs", [UNICODE, ASCII])
@pytest.mark.parametrize("size", [(120, 36), (40, 12), (5, 2), (1, 1)])
async def test_a_glyph_fills_its_place_and_shows_its_caption_literally(
    size: tuple[int, int], signs: Signs
) -> None:
    class One(App[None]):
        def compose(self) -> ComposeResult:
            yield Glyph(stroke(), "安 a[/b]\x1b[31m", signs=signs)

    app = One()
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        lines = [strip.text for strip in app.screen._compositor.render_strips()]
        assert [cell_len(line) for line in lines] == [size[0]] * size[1]
        if size[0] >= 40:
            assert lines[-1].startswith("安 a[/b] [31m ")
        if signs == ASCII:
            assert "".join(lines[:-1]).isascii()
        glyph = app.query_one(Glyph)
        glyph.image, glyph.caption = None, ""
        await pilot.pause()
        assert not "".join(strip.text for strip in app.screen._compositor.render_strips()).strip()


@pytest.mark.parametrize("signs", [UNICODE, ASCII])
@pytest.mark.parametrize(
    ("size", "across"),
    [((120, 36), 8), ((80, 24), 5), ((40, 12), 2), ((16, 12), 1), ((10, 12), 1), ((2, 2), 1)],
)
async def test_a_grid_has_as_many_columns_as_fit(
    size: tuple[int, int], across: int, signs: Signs
) -> None:
    app = Shown([GlyphItem(stroke(), CAPTION)] * 1000, signs)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        assert [cell_len(line) for line in app.lines()] == [size[0]] * size[1]
        if size[0] > 12:
            captions = [line for line in app.lines() if CAPTION in line]
            assert captions
            assert all(line.count(CAPTION) == across for line in captions)


async def test_resizing_lays_out_anew_and_keeps_the_selection_in_view() -> None:
    app = Shown(Many(500))
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("end")
        assert "499号" in app.text()
        await pilot.resize_terminal(40, 20)
        await pilot.pause()
        assert "499号" in app.text()
        assert [cell_len(line) for line in app.lines()] == [40] * 20


async def test_arrows_and_enter_select_and_open() -> None:
    app = Shown(Many(20))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("right", "right", "down", "left", "up", "enter")
        assert app.selected == [0, 1, 6, 5, 0]
        assert app.opened == [0]
        await pilot.press("left", "up", "end", "right", "down")
        assert app.selected[5:] == [19]
        assert app.grid.index == 19
        await pilot.press("home", "pagedown", "pageup")
        assert app.selected[6:] == [0, 15, 0]


async def test_the_selected_image_has_a_sign_beside_it() -> None:
    for signs, sign in ((UNICODE, "▌"), (ASCII, "|")):
        app = Shown(Many(20), signs)
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.pause()
            assert sign not in app.text()
            await pilot.press("right", "right")
            [caption] = [line for line in app.lines() if f"{sign}1号 .98" in line]
            assert caption.count(sign) == 1


async def test_a_click_selects_and_two_open() -> None:
    app = Shown(Many(100))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.click(GlyphGrid, offset=(14 * 2 + 3, 9))
        assert app.selected == [7]
        app.grid.scroll_to(y=8, animate=False)
        await pilot.pause()
        await pilot.double_click(GlyphGrid, offset=(14 * 2 + 3, 9))
        assert app.selected == [7, 12]
        assert app.opened == [12]
        await pilot.click(GlyphGrid, offset=(77, 9))
        assert app.selected == [7, 12]


async def test_of_a_hundred_thousand_images_only_those_in_view_are_drawn() -> None:
    many = Many(100_000)
    app = Shown(many)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert set(many.drawn) == set(range(15))
        await pilot.press("end")
        assert "99999号" in app.text()
        assert len(many.drawn) <= 50
        app.grid.scroll_to(y=0, animate=False)
        await pilot.pause()
        assert len(many.drawn) <= 50


async def test_moving_the_selection_repaints_two_images() -> None:
    app = Shown(Many(15))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("right")
        app.grid.painted.clear()
        await pilot.press("right")
        assert app.grid.painted == [(Region(0, 0, 14, 8),), (Region(14, 0, 14, 8),)]


async def test_new_items_replace_the_old_ones() -> None:
    app = Shown(Many(500))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("end")
        app.grid.items = [GlyphItem(stroke(), "新的")] * 3
        await pilot.pause()
        assert app.text().count("新的") == 3
        assert "号" not in app.text()
        assert app.grid.index == 2
        app.grid.items = []
        await pilot.pause()
        assert app.grid.index is None
        await pilot.press("right", "end", "enter", "down", "pagedown")
        assert app.opened == []


@pytest.mark.parametrize(
    "caption", ["a[/b]", "[red]x", "[/", "C:\\[new]\\a", "安" * 40, "\x1b[31m\n"]
)
async def test_captions_are_shown_as_they_are(caption: str) -> None:
    app = Shown([GlyphItem(stroke(), caption)])
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert [cell_len(line) for line in app.lines()] == [80] * 24
        assert all(line.isprintable() for line in app.lines())
        assert caption[:6].replace("\x1b", " ").rstrip("\n") in app.text()


async def test_an_empty_grid_says_what_goes_there() -> None:
    app = Shown([], empty="验证样本 appear after the first epoch")
    async with app.run_test(size=(60, 12)) as pilot:
        await pilot.pause()
        assert "验证样本 appear after the first epoch" in app.text()
        assert [cell_len(line) for line in app.lines()] == [60] * 12


@pytest.mark.parametrize("theme", ["textual-dark", "textual-light", "ansi-dark"])
async def test_ink_and_paper_follow_the_theme(theme: str) -> None:
    app = Shown([GlyphItem(stroke(), CAPTION)])
    async with app.run_test(size=(80, 24)) as pilot:
        app.theme = theme
        await pilot.pause()
        first = app.screen._compositor.render_strips()[0]
        ink, paper = (next(s.style.bgcolor.get_truecolor() for s in first.crop(x, x + 1)
                           if s.style and s.style.bgcolor) for x in (3, 11))  # fmt: skip
        contrast = Color(*ink).get_contrast_text
        assert sum(ink) - sum(paper) > 200 or sum(paper) - sum(ink) > 200, contrast


def test_every_key_can_be_rebound_and_explained() -> None:
    for binding in GlyphGrid.BINDINGS:
        assert isinstance(binding, Binding)
        assert binding.id
        assert binding.description
        assert binding.tooltip
