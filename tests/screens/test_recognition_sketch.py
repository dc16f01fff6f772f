"""What is drawn in the recognition room is read, and its answers become a text."""

from __future__ import annotations

import base64
import sys
from pathlib import Path

import pytest
from mouse_reports import Cell, ReportedMouse, stroke_reports
from on_screen import SIZES, dashboard, seen, text_of
from recognition_room import said_by_command, with_settings, words
from terminals import Terminal
from textual.pilot import Pilot

from hanzi_tui.app import Dashboard
from hanzi_tui.screens.recognition_sketch import SketchPart
from hanzi_tui.strokes import picture
from hanzi_tui.widgets.candidates import Candidates
from hanzi_tui.widgets.sketch_pad import SketchPad
from pipeline.workspace import Workspace

PERSON: list[list[Cell]] = [[(19, 5), (17, 10), (9, 16)], [(18, 9), (22, 13), (28, 16)]]
"""The strokes of 人 on the paper of 80 x 24 cells."""


async def at_the_pad(pilot: Pilot[None]) -> SketchPad:
    await pilot.press("f5")
    await seen(pilot, "[Image]")
    await pilot.press("d")
    await seen(pilot, "[Sketch]")
    return pilot.app.screen.query_one(SketchPad)


async def drawn(pilot: Pilot[None]) -> None:
    """Draws a character and waits for its answer."""
    pad, part = pilot.app.screen.query_one(SketchPad), pilot.app.screen.query_one(SketchPart)
    mouse = ReportedMouse(pilot)
    for stroke in PERSON:
        await mouse.send(stroke_reports(*stroke))
    await seen(pilot, lambda: part.drawn == picture(pad.strokes))
    await seen(pilot, "   sketch   ")


def test_real_mouse_reports_draw_a_character_and_get_an_answer(trained: Workspace) -> None:
    terminal = Terminal([sys.executable, "-m", "hanzi_tui"], columns=80, rows=24)
    terminal.read_until(b"nothing is running")
    terminal.type(b"\x1b[15~")  # F5
    terminal.read_until(b"Choose an image")
    terminal.type(b"d")
    terminal.read_until(b"Draw a character")
    for stroke in PERSON:
        terminal.type(stroke_reports(*stroke))
    drawn = terminal.read_until(b"   sketch   ")
    assert b"strokes 2" in drawn
    terminal.type(b"1y")
    labels = (trained.models / "few-cnn" / "labels.txt").read_text("utf-8").split()
    terminal.read_until(*(sent_to_clipboard(label).encode() for label in labels))
    terminal.type(b"q")
    assert terminal.wait() == 0


@pytest.mark.parametrize("size", [*SIZES, (60, 20)])
async def test_a_drawing_gets_the_answers_of_the_command_line(
    trained: Workspace, size: tuple[int, int], capsys: pytest.CaptureFixture[str]
) -> None:
    app = dashboard(trained)
    async with app.run_test(size=size) as pilot:
        pad = await at_the_pad(pilot)
        await drawn(pilot)
        text = text_of(app)
    file = Path("drawn.pgm")
    file.write_bytes(picture(pad.strokes))
    [answers] = said_by_command(trained, file, capsys=capsys)
    for answer in answers:
        assert words(answer) in text
    assert f"{answers[0]}   sketch" in text


async def test_digits_make_a_text_of_candidates_that_can_be_copied(
    trained: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = dashboard(trained)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        pad = await at_the_pad(pilot)
        assert app._driver is not None
        sent: list[str] = []
        monkeypatch.setattr(app._driver, "write", sent.append)
        part = app.screen.query_one(SketchPart)
        for rank in (2, 1, 2):
            await drawn(pilot)
            shown = [label for label, _share in app.screen.query_one(Candidates).candidates]
            await pilot.press(str(rank))
            assert part.labels[-1] == shown[rank - 1]
            await seen(pilot, lambda: not pad.strokes)
        await pilot.press("9")
        assert len(part.labels) == 3
        assert app.current_mode == "recognition"
        await pilot.press("backspace", "y")
        text = "".join(part.labels)
        assert len(part.labels) == 2
        assert sent_to_clipboard(text) in sent
        await seen(pilot, "sent to the terminal's")
        await pilot.press("ctrl+u", "backspace", "y")
        assert not part.labels
        await pilot.press("f6")
        await seen(pilot, lambda: app.current_mode == "runs")


async def test_a_click_chooses_a_candidate_too(trained: Workspace) -> None:
    app = dashboard(trained)
    async with app.run_test(size=(80, 24)) as pilot:
        await at_the_pad(pilot)
        await drawn(pilot)
        candidates = app.screen.query_one(Candidates)
        third = candidates.candidates[2][0]
        await pilot.click(Candidates, offset=(3, 2))
        assert app.screen.query_one(SketchPart).labels == [third]
        await pilot.click(Candidates, offset=(3, 2))
        assert app.screen.query_one(SketchPart).labels == [third]


async def test_the_text_can_be_selected_by_the_mouse(trained: Workspace) -> None:
    app = dashboard(trained)
    async with app.run_test(size=(80, 24)) as pilot:
        await at_the_pad(pilot)
        for _time in range(2):
            await drawn(pilot)
            await pilot.press("enter")
        text = "".join(app.screen.query_one(SketchPart).labels)
        shown = app.screen.query_one("#text").content_region
        await ReportedMouse(pilot).send(
            stroke_reports((shown.x, shown.y), (shown.x + 2 * len(text), shown.y))
        )
        await pilot.press("ctrl+c")
        assert app.clipboard == text


async def test_what_was_chosen_is_among_the_last_answers(trained: Workspace) -> None:
    app = dashboard(trained)
    async with app.run_test(size=(120, 36)) as pilot:
        await at_the_pad(pilot)
        await drawn(pilot)
        second = app.screen.query_one(Candidates).candidates[1][0]
        await pilot.press("2", "i")
        await seen(pilot, "last answers")
        await seen(pilot, lambda: f"{second} " in line_with(app, "  sketch"))
        await pilot.press("h", "enter")
        text = await seen(pilot, "   sketch   ")
        assert "the model sees 32 px" in text


async def test_in_ascii_everything_is_ascii_but_the_labels(trained: Workspace) -> None:
    app = with_settings(trained, general={"signs": "ascii"})
    async with app.run_test(size=(80, 24)) as pilot:
        await at_the_pad(pilot)
        await drawn(pilot)
        text = await seen(pilot, "###")
        labels = set((trained.models / "few-cnn" / "labels.txt").read_text("utf-8"))
        assert {c for c in text if not c.isascii()} <= labels | {"汉"}


def line_with(app: Dashboard, text: str) -> str:
    return next((line for line in text_of(app).splitlines() if text in line), "")


def sent_to_clipboard(text: str) -> str:
    """Returns what a terminal is sent to put a text on its clipboard (OSC 52)."""
    return f"\x1b]52;c;{base64.b64encode(text.encode()).decode()}\a"
