"""The Chinese catalogue says everything, fits where the English text stood, and is what runs."""

from __future__ import annotations

import importlib
import os
import string
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from on_screen import dashboard, seen

from hanzi_tui import counts
from hanzi_tui.app import Dashboard
from hanzi_tui.i18n import set_language, worded
from pipeline.workspace import Workspace

ROOT = Path(__file__).parents[1]
TOOL = ROOT / "tools" / "translations.py"
CATALOGUES = sorted((ROOT / "hanzi_tui" / "locale").glob("*/LC_MESSAGES/*.po"))
MENDS = f"run python {TOOL.relative_to(ROOT)}, translate what it lists, and run it again"

LANGUAGE_VARIABLES = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")


def translations(po: Path) -> list[tuple[str, str]]:
    """Returns source and translation of each message that has one; of a count, that of many."""
    with po.open("rb") as file:
        found = [m for m in read_po(file) if m.id and m.string]
    return [(m.id, m.string) if isinstance(m.id, str) else (m.id[-1], m.string[-1]) for m in found]


def fields(text: str) -> set[tuple[str, str | None, str | None]]:
    """Returns name, format and conversion of each field."""
    parsed = string.Formatter().parse(text)
    return {(name, form, how) for _text, name, form, how in parsed if name is not None}


def edges(text: str) -> tuple[str, str]:
    """Returns the blanks before and behind a text."""
    return text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]


def spoken(*arguments: object, **environment: str) -> str:
    """Returns what a real process prints, on both streams, under an environment of its own."""
    plain = {k: v for k, v in os.environ.items() if k not in LANGUAGE_VARIABLES}
    command = [sys.executable, "-m", "hanzi_tui", *map(str, arguments)]
    ended = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=120,
                           stdin=subprocess.DEVNULL, env=plain | environment)  # fmt: skip
    return ended.stdout + ended.stderr


@pytest.fixture
def chinese() -> Iterator[None]:
    # Texts of keys are chosen when a room is loaded, and other tests read them in English.
    for mode in Dashboard.MODES:
        importlib.import_module(f"hanzi_tui.screens.{mode}")
    set_language("zh_CN")
    yield
    set_language("auto")


def test_there_is_a_chinese_catalogue() -> None:
    assert "zh_CN" in [po.parts[-3] for po in CATALOGUES]


def test_every_text_is_translated_and_compiled() -> None:
    checked = subprocess.run([sys.executable, TOOL, "--check"], capture_output=True,
                             encoding="utf-8", timeout=120)  # fmt: skip
    assert checked.returncode == 0, f"{MENDS}:\n{checked.stdout}{checked.stderr}"


@pytest.mark.parametrize("po", CATALOGUES, ids=[po.parts[-3] for po in CATALOGUES])
def test_a_translation_keeps_fields_blanks_and_line_breaks(po: Path) -> None:
    for source, text in translations(po):
        assert fields(text) == fields(source), source
        assert text.count("\n") == source.count("\n"), source
        assert edges(text) == edges(source), source


@pytest.mark.parametrize("po", CATALOGUES, ids=[po.parts[-3] for po in CATALOGUES])
def test_every_terminal_draws_a_translation_as_wide_as_the_program_counts(po: Path) -> None:
    for _source, text in translations(po):
        ambiguous = [c for c in text if unicodedata.east_asian_width(c) == "A"]
        assert ambiguous == [], text


def test_a_process_speaks_the_language_of_the_settings() -> None:
    assert "工作区" in spoken("status", HANZI_GENERAL__LANGUAGE="zh_CN", LC_ALL="C.UTF-8")
    assert "workspace" in spoken("status", HANZI_GENERAL__LANGUAGE="en", LC_ALL="zh_CN.UTF-8")


def test_a_process_speaks_the_language_of_the_terminal() -> None:
    said = spoken("train", "nowhere", LC_ALL="zh_CN.UTF-8")
    assert "没有准备好的数据集 'nowhere'" in said
    assert "hanzi-tui prepare" in said
    assert "没有" in spoken("train", "nowhere", LANG="zh_CN.UTF-8")
    assert "There is no prepared dataset 'nowhere'" in spoken("train", "nowhere", LC_ALL="C")


@pytest.mark.usefixtures("chinese")
async def test_every_room_opens_in_chinese(trained: Workspace) -> None:
    app = dashboard(trained)
    async with app.run_test(size=(80, 24)) as pilot:
        for number, title in enumerate(("环境", "数据", "训练", "评估", "识别", "运行"), 1):
            await pilot.press(f"f{number}")
            await seen(pilot, f"{number} {title}")
            assert app.current_mode == list(app.MODES)[number - 1]
        await pilot.press("comma")
        await seen(pilot, "数据存放位置")


@pytest.mark.parametrize(
    ("language", "one", "many", "rejected"),
    [
        ("en", "1 image", "1,240 images", "1 image was rejected; see x."),
        ("zh_CN", "1 张图像", "1,240 张图像", "剔除了 1 张图像；见 x。"),
    ],
)
def test_a_noun_goes_with_its_count(language: str, one: str, many: str, rejected: str) -> None:
    set_language(language)
    try:
        assert (counts.images(1), counts.images(1240, ",")) == (one, many)
        assert worded("dataset.rejected", {"count": 1, "path": "x"}) == rejected
    finally:
        set_language("auto")


def test_what_another_version_tells_is_shown_in_its_own_words() -> None:
    told, shown = "30 images of 3 masters[/]\x1b", "30 images of 3 masters[/]\\x1b"
    assert worded("split.of_a_later_version", {"count": 30}, told) == shown
    assert worded("dataset.prepared", {"masters": 3}, told) == shown
