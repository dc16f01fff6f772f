"""The recognition room: one image or a folder of them, read as the command line reads them."""

from __future__ import annotations

import base64
import csv
import io
import json
import os
import re
import shutil
from pathlib import Path

import psutil
import pytest
from on_screen import SIZES, dashboard, seen, text_of
from PIL import Image
from rich.cells import cell_len
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input

from hanzi_tui.app import Dashboard
from hanzi_tui.commands.options import Common
from hanzi_tui.commands.recognize import recognize
from hanzi_tui.screens.recognition import RecognitionRoom
from hanzi_tui.widgets.path_entry import existing_path
from pipeline.configuration import Layer, merge
from pipeline.workspace import Workspace

NASTY = ["a[", "b].png", "[red]x.png", "[/].png", "it's \"a\" name.png", "你好[/我].png",
         "\x1b[31mred\x1b[0m.png", "\u202egnp.exe.png", "x" * 240 + ".png"]  # fmt: skip


@pytest.fixture
def pictures(characters: Path) -> Path:
    """A folder in the current one, with a few images and one that cannot be read."""
    folder = Path.cwd() / "pictures"
    for label in sorted(characters.iterdir()):
        images = sorted(label.iterdir())[:3]
        (folder / label.name).mkdir(parents=True)
        for image in images:
            shutil.copy(image, folder / label.name / image.name)
    (folder / "a[b].png").write_text("not an image")
    return folder


def images_in(folder: Path) -> list[Path]:
    return sorted(p for p in folder.rglob("*.*") if p.parent != folder)


def said_by_command(
    workspace: Workspace, *paths: Path, capsys: pytest.CaptureFixture[str]
) -> list[list[str]]:
    """Returns what the command line says: for each image its answers, such as "安 0.981"."""
    capsys.readouterr()
    recognize(*paths, common=Common(workspace=workspace.root))
    return [line.split("\t")[1:] for line in capsys.readouterr().out.splitlines()]


def words(answer: str) -> str:
    """Returns an answer as the candidates show it."""
    return "  ".join(answer.rsplit(" ", 1))


def with_settings(workspace: Workspace, **sections: dict[str, object]) -> Dashboard:
    """Returns the dashboard with settings, a table a section."""
    general = {"workspace": workspace.root, **sections.pop("general", {})}
    return Dashboard(merge([Layer("test", {"general": general, **sections})]))


def room_of(pilot: Pilot[None]) -> RecognitionRoom:
    assert isinstance(pilot.app.screen, RecognitionRoom)
    return pilot.app.screen


async def opened(pilot: Pilot[None]) -> RecognitionRoom:
    await pilot.press("f5")
    await seen(pilot, "[Image]")
    return room_of(pilot)


async def typed(pilot: Pilot[None], path: Path) -> None:
    await pilot.press("g")
    await seen(pilot, lambda: isinstance(pilot.app.focused, Input))
    assert isinstance(pilot.app.focused, Input)
    pilot.app.focused.value = str(path)
    await pilot.press("enter")


@pytest.mark.parametrize("size", SIZES)
async def test_a_typed_path_gets_the_answers_of_the_command_line(
    trained: Workspace,
    pictures: Path,
    size: tuple[int, int],
    capsys: pytest.CaptureFixture[str],
) -> None:
    image = images_in(pictures)[0]
    [answers] = said_by_command(trained, image, capsys=capsys)
    app = dashboard(trained)
    async with app.run_test(size=size) as pilot:
        await opened(pilot)
        await typed(pilot, image)
        text = await seen(pilot, f"{answers[0]}   {image.name}")
        for answer in answers:
            assert words(answer) in text
        assert "model few-cnn" in text
        assert "picture " in text
        assert "▀" in text
        assert not isinstance(app.focused, Input)
        assert app.screen.query_one("ImageTree").has_focus
        assert f"▾ {image.parent}"[-10:] in text


async def test_the_arrow_keys_go_through_the_files(trained: Workspace, pictures: Path) -> None:
    (pictures / "notes.txt").write_text("no image")
    app = dashboard(trained)
    async with app.run_test(size=(120, 36)) as pilot:
        await opened(pilot)
        text = await seen(pilot, "▸ pictures")
        assert "Choose an image" in text
        await pilot.press("down", "right")
        text = await seen(pilot, "a[b].png")
        assert "notes.txt" not in text
        await pilot.press("down", "right")
        image = images_in(pictures)[0]
        await seen(pilot, image.name)
        await pilot.press("down")
        await seen(pilot, f"{image.name}   ")
        await pilot.press("left", "left")
        await seen(pilot, lambda: image.name not in text_of(app).split("▸ workspace")[0])
        await pilot.press("home", "backspace")
        await seen(pilot, f"▸ {Path.cwd().name}")


async def test_tab_completes_a_path_to_folders_and_images(
    trained: Workspace, pictures: Path
) -> None:
    Path("pictures-answers.csv").touch()
    image = images_in(pictures)[0]
    app = dashboard(trained)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await pilot.press("g")
        await seen(pilot, "path an image")
        field = app.focused
        assert isinstance(field, Input)
        label = image.parent.name
        for more, whole in (
            ("pict", "pictures/"),
            (label, f"pictures/{label}/"),
            (image.name[:1], f"pictures/{label}/{image.name}"),
        ):
            field.insert_text_at_cursor(more)
            await seen(pilot, lambda: bool(field._suggestion))
            await pilot.press("tab")
            assert field.value == whole
        await pilot.press("enter")
        await seen(pilot, f"   {image.name}   ")


async def test_a_file_dropped_on_the_terminal_is_read(trained: Workspace, pictures: Path) -> None:
    image = pictures / "it's a file.png"
    shutil.copy(images_in(pictures)[0], image)
    app = dashboard(trained)
    async with app.run_test(size=(120, 36)) as pilot:
        await opened(pilot)
        app.screen.post_message(events.Paste(f"'{pictures}/it'\\''s a file.png' "))
        await seen(pilot, "   it's a file.png   ")


@pytest.mark.parametrize("size", SIZES)
async def test_a_folder_is_a_table_of_the_answers_of_the_command_line(
    trained: Workspace,
    pictures: Path,
    size: tuple[int, int],
    capsys: pytest.CaptureFixture[str],
) -> None:
    images = images_in(pictures)
    answers = said_by_command(trained, *images, capsys=capsys)
    app = dashboard(trained)
    async with app.run_test(size=size) as pilot:
        await opened(pilot)
        await seen(pilot, "▸ pictures")
        await pilot.press("down", "a")
        await seen(pilot, f"{len(images) + 1} images  1 unreadable")
        text = text_of(app)
        lines = text.splitlines()
        for image, said in zip(images, answers, strict=True):
            [line] = [line for line in lines if str(image.relative_to(pictures)) in line]
            label, probability = said[0].rsplit(" ", 1)
            assert line.split()[1:4] == [label, probability, said[1].split()[0]]
        [line] = [line for line in lines if line.startswith("a[b].png")]
        assert "✗ a[b].png: not an image" in line
        # By probability the least sure comes first; those without an answer stay last.
        await pilot.press("s", "s")
        await seen(pilot, "probability ^")
        table = app.screen.query_one("AnswerTable")
        await seen(pilot, lambda: text_of(app).splitlines()[table.region.y + 1] != lines[
            table.region.y + 1])  # fmt: skip
        shown = text_of(app).splitlines()[table.region.y + 1 : table.region.bottom]
        found = [line.split()[2] for line in shown if line.strip() and "✗" not in line]
        assert found == sorted(said[0].rsplit(" ", 1)[1] for said in answers)
        assert next(i for i, line in enumerate(shown) if "✗" in line) == len(found)
        await pilot.press("r")
        await seen(pilot, "probability v")


async def test_a_folder_can_be_narrowed_looked_at_and_written_to_a_table(
    trained: Workspace, pictures: Path
) -> None:
    images = images_in(pictures)
    app = dashboard(trained)
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        room = await opened(pilot)
        await pilot.press("f")
        await seen(pilot, "The images of a folder go here")
        await typed(pilot, pictures)
        await seen(pilot, "1 unreadable")
        await pilot.press("slash", *images[-1].name, "enter")
        await seen(pilot, lambda: images[0].name not in text_of(app))
        await pilot.press("enter")
        text = await seen(pilot, "[Image]")
        await seen(pilot, f"   {images[-1].name}   ")
        await pilot.press("escape")
        await seen(pilot, "[Folder]")
        await pilot.press("e")
        told = await seen(pilot, "answers written")
        await pilot.press("escape")
        text = await seen(pilot, "a[b].png")
        assert images[0].name in text
        assert not isinstance(app.focused, Input)
        await pilot.press("e")
        await seen(pilot, lambda: Path("pictures-answers-2.csv").exists())
        assert room.folder_part.folder == pictures
    with open("pictures-answers.csv", encoding="utf-8", newline="") as file:
        narrowed = list(csv.DictReader(file))
    assert {Path(row["image"]).name for row in narrowed} == {images[-1].name}
    assert f"{len(narrowed)} answers written" in told
    with open("pictures-answers-2.csv", encoding="utf-8", newline="") as file:
        rows = {row["image"]: row for row in csv.DictReader(file)}
    assert set(rows) == {str(path) for path in [*images, pictures / "a[b].png"]}
    assert "not an image" in rows[str(pictures / "a[b].png")]["problem"]
    assert 0 < float(rows[str(images[0])]["probability_1"]) <= 1


async def test_an_image_that_cannot_be_read_says_why(trained: Workspace, pictures: Path) -> None:
    app = dashboard(trained)
    async with app.run_test(size=(120, 36)) as pilot:
        await opened(pilot)
        await typed(pilot, pictures / "a[b].png")
        await seen(pilot, "✗")
        assert "a[b].png: not an image this" in text_of(app)
        await typed(pilot, pictures / "[red]missing.png")
        await seen(pilot, "[red]missing.png: there is no such image")
        sheet = pictures / "sheet.pgm"
        sheet.write_bytes(b"P5 40 40 255\n" + b"\xff" * 1600)
        await typed(pilot, sheet)
        await seen(pilot, "! no ink found")


async def test_nasty_names_are_shown_literally(trained: Workspace, pictures: Path) -> None:
    folder = Path.cwd() / "nasty"
    (folder / "a[").mkdir(parents=True)
    good = images_in(pictures)[0]
    for name in NASTY[1:]:
        if "/" not in name:
            shutil.copy(good, folder / name)
    for name in ("a[/b].png", "[/]"):
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        shutil.copy(good, path)
    app = dashboard(trained)
    async with app.run_test(size=(200, 60)) as pilot:
        await opened(pilot)
        await seen(pilot, "▸ nasty")
        await pilot.press("down", "right")
        text = await seen(pilot, "[red]x.png")
        assert "▸ a[" in text
        for name in ("b].png", 'it\'s "a" name.png', "\\x1b[31mred\\x1b[0", "\\u202egnp"):
            assert name in text
        await pilot.press("a")
        await seen(pilot, lambda: "images/s" in text_of(app))
        text = await seen(pilot, lambda: "xxx.png" in text_of(app))
        for name in ("a[/b].png", "[red]x.png", 'it\'s "a" name.png', "\\x1b[31mred\\x1b[0m.png"):
            assert name in text
        for line in text.splitlines():
            assert cell_len(line) <= 200
        for _row in range(len(os.listdir(folder))):
            await pilot.press("down")
        await pilot.press("enter")
        await seen(pilot, "[Image]")


async def test_with_room_for_one_region_tab_goes_round(trained: Workspace, pictures: Path) -> None:
    image = images_in(pictures)[0]
    app = dashboard(trained)
    async with app.run_test(size=(60, 20)) as pilot:
        await opened(pilot)
        text = await seen(pilot, "files")
        assert "answer" not in text
        await typed(pilot, image)
        text = await seen(pilot, "the model sees 32 px")
        assert " files " not in text
        await pilot.press("tab")
        text = await seen(pilot, " files ")
        assert "the model sees" not in text
        assert app.screen.query_one("ImageTree").has_focus
        await seen(pilot, image.name)
        await pilot.press("enter")
        await seen(pilot, "the model sees 32 px")
        await pilot.press("down")
        second = images_in(pictures)[1]
        await seen(pilot, f"   {second.name}   ")
        for size in ((40, 12), (200, 60), (80, 24), (60, 20)):
            await pilot.resize_terminal(*size)
            await seen(pilot, lambda: " answer " in text_of(app))


async def test_without_a_model_it_says_how_to_get_one(workspace: Workspace) -> None:
    app = dashboard(workspace)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await seen(pilot, "no model yet")
        text = await seen(pilot, "There is no model")
        assert "F3" in text
        assert "hanzi-tui demo" in " ".join(text.split())


async def test_the_newest_model_answers_until_another_is_picked(
    trained: Workspace, pictures: Path
) -> None:
    old, new = trained.models / "few-cnn", trained.models / "new[er]"
    shutil.copytree(old, new)
    described = json.loads((new / "bundle.json").read_text("utf-8"))
    (new / "bundle.json").write_text(json.dumps(described), "utf-8")
    os.utime(old / "bundle.json", (1, 1))
    image = images_in(pictures)[0]
    app = dashboard(trained)
    async with app.run_test(size=(120, 36)) as pilot:
        await opened(pilot)
        await seen(pilot, "model new[er]  newest")
        await typed(pilot, image)
        await seen(pilot, "ms   new[er]")
        await pilot.press("o")
        await seen(pilot, "Recognise by which model?")
        await pilot.press("down", "enter")
        await seen(pilot, "ms   few-cnn")
        assert "model few-cnn  chosen" in text_of(app)


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


async def test_leaving_ends_the_recogniser(trained: Workspace, pictures: Path) -> None:
    app = dashboard(trained)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await typed(pilot, images_in(pictures)[0])
        await seen(pilot, " ms   few-cnn")
        served = [p for p in psutil.Process().children() if "serve" in " ".join(p.cmdline())]
        assert len(served) == 1
    assert not served[0].is_running()


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("{here}/plain.png", "plain.png"),
        ("plain.png", "plain.png"),
        ("  '{here}/a b.png'\n", "a b.png"),
        ('"{here}/a b.png"', "a b.png"),
        ("{here}/a\\ b.png", "a b.png"),
        ("file://{here}/a%20b.png", "a b.png"),
        ("'{here}/it'\\''s.png'", "it's.png"),
        ("{here}/back\\slash.png", "back\\slash.png"),
        ("it's.png", "it's.png"),
        ("~/at home.png", "~/at home.png"),
        ("{here}/missing[red].png", "missing[red].png"),
        ("zero\0", "zero\0"),
    ],
)
def test_a_path_is_understood_as_typed_quoted_or_dropped(text: str, wanted: str) -> None:
    here = Path.cwd()
    for name in ("plain.png", "a b.png", "it's.png", "back\\slash.png"):
        (here / name).touch()
    (Path.home() / "at home.png").touch()
    found = existing_path(text.format(here=here))
    assert found == (Path(wanted).expanduser() if wanted.startswith("~") else here / wanted)
