"""A whole page in the recognition room says what the command line says of it."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from composed_pages import LINES, PLACES, composed, glyphs_of, on_paper
from on_screen import SIZES, dashboard, seen, text_of
from PIL import Image
from recognition_room import opened, typed
from textual.pilot import Pilot

from hanzi_tui.commands.options import Common
from hanzi_tui.commands.recognize import recognize
from hanzi_tui.screens.recognition_page import PagePart
from hanzi_tui.widgets.page_text import PageText
from pipeline.settings import RecognitionSettings
from pipeline.workspace import Workspace


@pytest.fixture
def sheet(starter: Path) -> Path:
    path = Path.cwd() / "a sheet [1].png"
    Image.fromarray(on_paper(composed(glyphs_of(starter))[0])).save(path)
    return path


def text_by_command(workspace: Workspace, path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    capsys.readouterr()
    recognize(
        path, page=True, recognition=RecognitionSettings(), common=Common(workspace=workspace.root)
    )
    return capsys.readouterr().out


async def read(pilot: Pilot[None], sheet: Path) -> PageText:
    await opened(pilot)
    await pilot.press("p")
    await seen(pilot, "A whole page")
    await typed(pilot, sheet)
    text = pilot.app.screen.query_one(PageText)
    await seen(pilot, lambda: text.page is not None)
    return text


@pytest.mark.parametrize("size", SIZES)
async def test_a_page_has_the_text_that_the_command_line_prints(
    trained: Workspace, sheet: Path, size: tuple[int, int], capsys: pytest.CaptureFixture[str]
) -> None:
    lines = text_by_command(trained, sheet, capsys).splitlines()
    app = dashboard(trained)
    async with app.run_test(size=size) as pilot:
        await read(pilot, sheet)
        for expected in (*lines, sheet.name, "page 444 x 540 px", "▀", "answer"):
            await seen(pilot, expected)


async def test_the_keys_go_from_character_to_character(trained: Workspace, sheet: Path) -> None:
    app = dashboard(trained)
    async with app.run_test(size=(120, 36)) as pilot:
        text = await read(pilot, sheet)
        assert text.page is not None
        await pilot.press("right", "down")
        second = text.page.lines[1][1]
        assert text.selected is second
        await seen(pilot, f"1 {second.label}  {second.candidates[0].probability:.3f}")
        await pilot.press(*["right"] * (LINES * PLACES))
        assert text.selected is text.page.lines[-1][-1]
        await pilot.press("up", *["left"] * (LINES * PLACES))
        assert text.selected is text.page.lines[0][0]
        doubtful = [one for line in text.page.lines for one in line if one.verdict != "sure"]
        assert doubtful, "a network of four labels is sure of twenty characters"
        await pilot.press("n")
        assert text.selected in doubtful


async def test_a_click_selects_and_the_table_has_every_character(
    trained: Workspace, sheet: Path
) -> None:
    app = dashboard(trained)
    async with app.run_test(size=(120, 36)) as pilot:
        text = await read(pilot, sheet)
        assert text.page is not None
        await pilot.click(PageText, offset=(6, 2))
        assert text.selected is text.page.lines[2][3]
        await pilot.press("e")
        table = Path("a sheet [1]-characters.csv")
        await seen(pilot, table.exists)
        with open(table, encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        said = "".join(row["answer_1"] or "〓" for row in rows)
        assert said == text.page.text.replace("\n", "")


async def test_the_image_that_was_looked_at_is_read_as_a_page(
    trained: Workspace, sheet: Path
) -> None:
    app = dashboard(trained)
    async with app.run_test(size=(120, 36)) as pilot:
        await opened(pilot)
        await typed(pilot, sheet)
        await seen(pilot, "picture 444 x 540 px")
        await pilot.press("p")
        await seen(pilot, f"{LINES} columns, {LINES * PLACES} characters")
        await pilot.press("t", "t")
        await seen(pilot, f"{PLACES} rows, {LINES * PLACES} characters")


async def test_what_is_no_image_and_an_empty_page_are_told(trained: Workspace) -> None:
    Path("words.png").write_text("no image")
    Image.new("L", (300, 300), 200).save("empty.png")
    app = dashboard(trained)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await pilot.press("p")
        await typed(pilot, Path("words.png").absolute())
        await seen(pilot, "not an image this program")
        await typed(pilot, Path("empty.png").absolute())
        await seen(pilot, "no ink")
        await pilot.press("right", "down", "n", "e", "y")
        assert app.screen.query_one(PagePart).display
        assert "no ink" in text_of(app)
