"""The views of a picture in the recognition room, and its last answers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from on_screen import dashboard, seen, text_of
from PIL import Image
from recognition_room import images_in, opened, typed, with_settings

from hanzi_tui.binarised import binarised
from hanzi_tui.commands.options import Common
from hanzi_tui.commands.recognize import recognize
from hanzi_tui.widgets.answer_history import AnswerHistory
from hanzi_tui.widgets.glyphs import Glyph
from pipeline.settings import RecognitionSettings
from pipeline.workspace import Workspace


async def test_a_key_shows_the_picture_as_the_model_gets_it_and_in_black_and_white(
    trained: Workspace,
) -> None:
    shaded = np.full((60, 60), 200, np.uint8)
    shaded[20:40, 10:50] = 90
    Image.fromarray(shaded).save("gray.png")
    app = dashboard(trained)
    async with app.run_test(size=(120, 36)) as pilot:
        room = await opened(pilot)
        await typed(pilot, Path("gray.png"))
        await seen(pilot, "picture 60 x 60 px")
        glyph = room.query_one("#picture Glyph", Glyph)
        assert glyph.image is not None
        assert len(np.unique(glyph.image)) > 1
        assert glyph.image.max() < 255
        await pilot.press("v")
        await seen(pilot, "normalised 32 px")
        assert glyph.image.shape == (32, 32)
        await pilot.press("v")
        await seen(pilot, "binarised: white is above 90")
        assert glyph.image.shape[:2] == (60, 60)
        assert {*np.unique(glyph.image)} == {0, 255}
        await typed(pilot, Path("gray.png"))
        await seen(pilot, "binarised")
        await pilot.press("v")
        await seen(pilot, "picture 60 x 60 px")


async def test_the_last_answers_are_kept_and_seen_again(trained: Workspace, pictures: Path) -> None:
    images = images_in(pictures)[:3]
    app = dashboard(trained)
    async with app.run_test(size=(80, 24)) as pilot:
        room = await opened(pilot)
        assert "last answers" not in text_of(app)
        for image in (*images, pictures / "a[b].png"):
            await typed(pilot, image)
            await seen(pilot, "last answers")
            await seen(pilot, lambda name=image.name: text_of(app).count(name) >= 2)
        history = room.query_one(AnswerHistory)
        assert history.count() == 4
        assert "✗ -" in text_of(app)
        await pilot.press("h", "down")
        await seen(pilot, f"   {images[2].name}   ")
        assert history.count() == 4
        await pilot.click(AnswerHistory, offset=(2, 3))
        await seen(pilot, f"   {images[0].name}   ")
        assert history.cursor == 3
        await pilot.press("escape")
        assert room.query_one("ImageTree").has_focus


async def test_what_is_doubtful_is_said_in_words_and_by_a_sign(
    trained: Workspace, pictures: Path
) -> None:
    y, x = np.ogrid[:80, :80]
    blob = np.where((x - 40) ** 2 + (y - 40) ** 2 < 900, 0, 255).astype(np.uint8)
    Image.fromarray(blob).save(pictures / "blob.png")
    app = with_settings(trained, recognition={"min_confidence": 1.0})
    async with app.run_test(size=(120, 36)) as pilot:
        await opened(pilot)
        await typed(pilot, images_in(pictures)[0])
        await seen(pilot, "! not sure, perhaps ")
        await typed(pilot, pictures / "blob.png")
        text = await seen(pilot, "! not a character: a blob")
        assert " 1 " not in text.split("answer")[1].split("sees")[0]
        await pilot.press("f")
        await typed(pilot, pictures)
        await seen(pilot, "14 images  1 unreadable  13 not sure")
        await pilot.press("slash", *"not a char")
        text = await seen(pilot, "! not a character")
        assert "blob.png" in text
        assert "✗" not in text


def test_the_command_line_says_it_on_stderr(
    trained: Workspace, pictures: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Image.new("L", (40, 40), 255).save("sheet.png")
    settings, common = RecognitionSettings(min_confidence=1.0), Common(workspace=trained.root)
    image = images_in(pictures)[0]
    assert recognize(Path("sheet.png"), image, recognition=settings, common=common) == 0
    told = capsys.readouterr()
    assert "sheet.png: no ink" in told.err
    assert f"{image}: not sure" in told.err
    sheet, answered = told.out.splitlines()
    assert sheet == "sheet.png"
    assert answered.startswith(f"{image}\t")


def test_black_and_white_are_told_apart_where_the_levels_part() -> None:
    levels = np.array([[10, 20, 30], [200, 210, 220]], np.uint8)
    pixels, level = binarised(levels)
    assert pixels.tolist() == [[0, 0, 0], [255, 255, 255]]
    assert 30 <= level < 200
    plain, _level = binarised(np.full((4, 4, 3), 128, np.uint8))
    assert len(np.unique(plain)) == 1
