"""Pictures of the dashboard are what a terminal shows: cells on a grid, wide characters on two.

PICTURE_FONT names a font with Chinese characters; without it what needs one is skipped.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest
from PIL import Image
from rich.cells import cell_len
from rich.segment import Segment
from textual.app import App, ComposeResult
from textual.content import Content
from textual.pilot import Pilot
from textual.strip import Strip
from textual.widgets import Static

from pipeline.workspace import Workspace

sys.path.append(str(Path(__file__).parents[1] / "tools"))

import scenes
import screenshots
from terminal_picture import CELL_PX, Letters, contact_sheet, fitted_svg, picture

FONT = os.environ.get("PICTURE_FONT")
LETTERS = Letters([Path(FONT)] if FONT else [])
WIDTH, HEIGHT = CELL_PX
BLACK, WHITE = (0, 0, 0), (255, 255, 255)


def drawn(*lines: str) -> Image.Image:
    """Draws lines of text in white on black."""
    width = max(map(cell_len, lines))
    rows = [Strip([Segment(line)], cell_len(line)).adjust_cell_length(width) for line in lines]
    return picture(rows, LETTERS, "#ffffff", "#000000")


def cell(image: Image.Image, column: int, row: int = 0) -> Image.Image:
    left, top = column * WIDTH, row * HEIGHT
    return image.crop((left, top, left + WIDTH, top + HEIGHT))


class Small(App[None]):
    CSS = "Screen { background: #16161a; color: #e8e3d8; } Static { width: auto; }"

    def compose(self) -> ComposeResult:
        yield Static(Content.assemble(("永", "on #d9482b"), ("x", "on #5fa777")))


async def test_a_picture_has_the_size_of_the_terminal_and_colours_where_its_cells_are() -> None:
    app = Small()
    async with app.run_test(size=(30, 7)):
        image = picture(app.screen._compositor.render_strips(), LETTERS)
    assert image.size == (30 * WIDTH, 7 * HEIGHT)
    corners = [column * WIDTH for column in range(4)]
    red, green, paper = (0xD9, 0x48, 0x2B), (0x5F, 0xA7, 0x77), (0x16, 0x16, 0x1A)
    assert [image.getpixel((x, HEIGHT - 1)) for x in corners] == [red, red, green, paper]


def test_a_wide_character_covers_two_cells_and_what_follows_begins_in_the_third() -> None:
    if not LETTERS.has("永"):
        pytest.skip("no font with Chinese characters: name one in PICTURE_FONT")
    wide = drawn("永 │")
    assert cell(wide, 0).getbbox() and cell(wide, 1).getbbox()
    assert cell(wide, 2).getbbox() is None
    assert cell(wide, 3).tobytes() == cell(drawn("│"), 0).tobytes()


def test_letters_keep_to_their_cells_in_fonts_whose_letters_differ_in_width() -> None:
    apart = drawn("W i W")
    assert cell(apart, 1).getbbox() is None and cell(apart, 3).getbbox() is None
    assert cell(apart, 0).tobytes() == cell(apart, 4).tobytes()


@pytest.mark.parametrize("character", "─━┼╋┬┷")
def test_lines_go_on_from_cell_to_cell(character: str) -> None:
    image = drawn(character * 3)
    assert all(image.getpixel((x, image.height // 2)) == WHITE for x in range(image.width))


@pytest.mark.parametrize("character", "│┃┼╋├┨")
def test_lines_go_on_from_row_to_row(character: str) -> None:
    image = drawn(*character * 3)
    assert all(image.getpixel((image.width // 2, y)) == WHITE for y in range(image.height))


def test_blocks_shades_and_braille_are_exact() -> None:
    full, upper, left, eighth = (cell(drawn(c), 0) for c in "█▀▌▁")
    assert full.getcolors() == [(WIDTH * HEIGHT, WHITE)]
    assert upper.getbbox() == (0, 0, WIDTH, HEIGHT // 2)
    assert left.getbbox() == (0, 0, WIDTH // 2, HEIGHT)
    assert eighth.getbbox() == (0, HEIGHT - 3, WIDTH, HEIGHT)
    assert drawn("▒").getcolors() == [(WIDTH * HEIGHT, (128, 128, 128))]
    assert drawn("⠀").getbbox() is None
    assert drawn("⢸").getbbox()[0] > WIDTH / 2  # type: ignore[index]


async def test_every_text_of_an_svg_is_as_long_as_its_cells() -> None:
    app = Small()
    async with app.run_test(size=(30, 7)):
        svg = fitted_svg(app.export_screenshot())
    lengths = dict(re.findall(r'textLength="([^"]*)"[^>]*>([^<]*)</text>', svg))
    assert lengths["24.4"] == "永"
    assert lengths["12.2"] == "x"
    assert "CJK" in svg and "full-width" not in svg


def test_a_contact_sheet_holds_all_pictures() -> None:
    sheet = contact_sheet([(str(n), Image.new("RGB", (80, 40), "red")) for n in range(4)], 80)
    counts = {colour: count for count, colour in sheet.getcolors(2**16) or []}
    assert counts[255, 0, 0] == 4 * 80 * 40


async def test_a_room_that_fails_is_told_and_the_others_are_drawn(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(pilot: Pilot[None]) -> None:
        raise RuntimeError("no such scene")

    monkeypatch.setitem(scenes.SCENES, "broken", broken)
    pictures = screenshots.Pictures(workspace, tmp_path / "out", LETTERS)
    await pictures.take("broken", (60, 20), "ink")
    await pictures.take("runs", (60, 20), "paper")
    assert len(pictures.failed) == 1
    assert "broken-60x20-ink" in pictures.failed[0] and "no such scene" in pictures.failed[0]
    with Image.open(tmp_path / "out" / "runs-60x20-paper.png") as image:
        assert image.size == (60 * WIDTH, 20 * HEIGHT)
        paper = image.convert("RGB").getpixel((0, image.height // 2))
    assert paper == (0xF6, 0xF2, 0xE9)
    assert "Runs" in (tmp_path / "out" / "runs-60x20-paper.svg").read_text("utf-8")
