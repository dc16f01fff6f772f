"""Pictures in the recognition room, as the terminal and the settings have them."""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path

import pytest
from on_screen import seen
from PIL import Image
from recognition_room import images_in, opened, typed, with_settings

from pipeline.workspace import Workspace


async def test_settings_say_which_model_how_many_candidates_and_whether_to_draw(
    trained: Workspace, pictures: Path
) -> None:
    image = images_in(pictures)[0]
    app = with_settings(
        trained,
        general={"signs": "ascii"},
        interface={"graphics": "off"},
        recognition={"model": "few-cnn", "top": 2},
    )
    async with app.run_test(size=(120, 36)) as pilot:
        await opened(pilot)
        await typed(pilot, image)
        await seen(pilot, f"   {image.name}   ")
        text = await seen(pilot, "Pictures are off")
        assert " 2 " in text
        assert " 3 " not in text.split("answer")[1]
        assert "newest" not in text
        known = set("".join(p.name for p in pictures.iterdir())) | {"汉"}
        assert {c for c in text if not c.isascii()} <= known


async def test_kitty_gets_its_pictures_in_order_with_the_text_and_is_asked_nothing(
    trained: Workspace, pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.delenv("TMUX", raising=False)
    image = images_in(pictures)[0]
    app = with_settings(trained, interface={"graphics": "kitty"})
    async with app.run_test(size=(120, 36)) as pilot:
        await opened(pilot)
        assert app._driver is not None
        sent: list[str] = []
        monkeypatch.setattr(app._driver, "write", sent.append)
        await typed(pilot, image)
        await seen(pilot, f"   {image.name}   ")
        text = await seen(pilot, "\U0010eeee")
        assert "▀" not in text
    messages = [re.fullmatch(r"\x1b_G([^;\x1b]*);?([^\x1b]*)\x1b\\", said) for said in sent]
    drawn: dict[str, str] = {}
    for message in filter(None, messages):
        keys = dict(pair.split("=") for pair in message[1].split(","))
        assert keys["q"] == "2"  # no answer is wanted
        if "f" in keys:
            drawn[keys["i"]] = drawn.get(keys["i"], "") + message[2]
    assert len(drawn) >= 2
    for payload in drawn.values():
        with Image.open(io.BytesIO(base64.b64decode(payload))) as picture:
            assert picture.format == "PNG"
            assert max(picture.size) > 100


async def test_sixels_come_as_sixels_and_without_colours_kitty_is_left_alone(
    trained: Workspace, pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLORTERM", "truecolor")
    image = images_in(pictures)[0]
    app = with_settings(trained, interface={"graphics": "sixel"})
    async with app.run_test(size=(120, 36)) as pilot:
        await opened(pilot)
        await typed(pilot, image)
        text = await seen(pilot, "\x1bP")
        assert re.search(r"\x1bP[0-9;]*q\"1;1;\d+;\d+", text)
        assert "▀" not in text
    monkeypatch.setenv("NO_COLOR", "1")
    app = with_settings(trained, interface={"graphics": "kitty"})
    async with app.run_test(size=(120, 36)) as pilot:
        await opened(pilot)
        await typed(pilot, image)
        assert "\U0010eeee" not in await seen(pilot, "▀")
