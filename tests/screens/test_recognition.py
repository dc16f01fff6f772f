"""The recognition room reads an image as the command line reads it."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import psutil
import pytest
from on_screen import SIZES, dashboard, seen, text_of
from recognition_room import images_in, opened, said_by_command, typed, words
from rich.cells import cell_len
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input

from hanzi_tui.widgets.image_tree import ImageTree
from pipeline import starter
from pipeline.workspace import Workspace


async def click(pilot: Pilot[None], text: str, times: int = 1) -> None:
    """Clicks where a text stands, once it does; twice for a double click."""
    shown = (await seen(pilot, text)).splitlines()
    y = next(y for y, line in enumerate(shown) if text in line)
    x = cell_len(shown[y].split(text)[0])
    await pilot.click(offset=(x, y), times=times)


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


async def test_with_room_for_one_region_tab_goes_round(trained: Workspace, pictures: Path) -> None:
    image = images_in(pictures)[0]
    app = dashboard(trained)
    async with app.run_test(size=(60, 20)) as pilot:
        await opened(pilot)
        text = await seen(pilot, "files")
        assert "── answer" not in text
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
            await seen(pilot, lambda: "── answer" in text_of(app))


async def test_without_a_model_it_says_how_to_get_one(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(starter, "model_folder", lambda: Path("not installed"))
    app = dashboard(workspace)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await seen(pilot, "no model yet")
        text = await seen(pilot, "There is no model")
        assert "F3" in text
        assert "hanzi-tui demo" in " ".join(text.split())


async def test_the_starter_answers_until_there_is_a_model_and_says_so(
    trained: Workspace, pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = trained.models / "few-cnn"
    shutil.move(own, "starter of the program")
    monkeypatch.setattr(starter, "model_folder", lambda: Path("starter of the program").absolute())
    image = images_in(pictures)[0]
    app = dashboard(trained)
    async with app.run_test(size=(120, 36)) as pilot:
        await opened(pilot)
        text = await seen(pilot, "model starter  comes with the program")
        assert "knows 4 classes" in " ".join(text.split())
        await typed(pilot, image)
        await seen(pilot, "ms   starter")
        shutil.copytree("starter of the program", own)
        await typed(pilot, image)
        await seen(pilot, "ms   few-cnn")
        await seen(pilot, "model few-cnn  newest")
        await pilot.press("o")
        await seen(pilot, "Recognise by which model?")
        await pilot.press("down", "enter")
        await seen(pilot, "ms   starter")
        assert "model starter  chosen" in text_of(app)


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


async def test_leaving_ends_the_recogniser(trained: Workspace, pictures: Path) -> None:
    app = dashboard(trained)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await typed(pilot, images_in(pictures)[0])
        await seen(pilot, " ms   few-cnn")
        served = [p for p in psutil.Process().children() if "serve" in " ".join(p.cmdline())]
        assert len(served) == 1
    assert not served[0].is_running()


@pytest.mark.parametrize("size", SIZES)
async def test_the_mouse_does_what_the_keys_do(
    trained: Workspace,
    pictures: Path,
    size: tuple[int, int],
    capsys: pytest.CaptureFixture[str],
) -> None:
    first, second = images_in(pictures)[:2]
    answers = said_by_command(trained, first, second, capsys=capsys)
    app = dashboard(trained)
    async with app.run_test(size=size) as pilot:
        room = await opened(pilot)
        tree = room.query_one(ImageTree)
        await click(pilot, "▸ pictures")  # its mark unfolds a folder at once
        await click(pilot, f"▸ {first.parent.name}")
        await click(pilot, first.name)
        await seen(pilot, f"{answers[0][0]}   {first.name}")
        await click(pilot, second.name)
        await seen(pilot, f"{answers[1][0]}   {second.name}")
        await click(pilot, "all in folder")
        await seen(pilot, "3 images ")
        await click(pilot, "probability")
        await seen(pilot, "probability ^")
        await click(pilot, f" {second.name}", times=2)
        await seen(pilot, "[Image]")
        await seen(pilot, f"{answers[1][0]}   {second.name}")
        assert tree.root == Path.cwd()
        await click(pilot, "^ ", times=2)
        await seen(pilot, lambda: tree.root == Path.cwd().parent)


async def test_a_double_click_unfolds_a_folder_once_wherever_the_cursor_is(
    trained: Workspace, pictures: Path
) -> None:
    app = dashboard(trained)
    async with app.run_test(size=(120, 36)) as pilot:
        await opened(pilot)
        for fold in ("▸", "▾", "▸"):
            await seen(pilot, f"{fold} pictures")
            await click(pilot, "pictures", times=2)
        await seen(pilot, "▾ pictures")


async def test_what_is_typed_after_a_key_goes_where_the_key_leads(
    trained: Workspace, pictures: Path
) -> None:
    app = dashboard(trained)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await pilot.press("g")
        assert isinstance(app.focused, Input)
        await pilot.press(*str(images_in(pictures)[0]), "enter")
        await seen(pilot, " ms   few-cnn")


async def test_a_link_that_leads_nowhere_hides_nothing_else(
    trained: Workspace, pictures: Path
) -> None:
    (pictures / "itself").symlink_to(pictures / "itself")
    (pictures / "back").symlink_to(pictures)
    app = dashboard(trained)
    async with app.run_test(size=(120, 36)) as pilot:
        await opened(pilot)
        await click(pilot, "▸ pictures")
        text = await seen(pilot, "▸ back")
        assert "a[b].png" in text


@pytest.mark.parametrize(("columns", "told"), [
    (120, "newest, cnn, few, 4 classes, val accuracy "), (80, "newest"), (60, "newest"),
    (40, "few-cnn"),
])  # fmt: skip
async def test_as_much_is_said_of_the_model_as_there_is_room_for(
    trained: Workspace, columns: int, told: str
) -> None:
    app = dashboard(trained)
    async with app.run_test(size=(columns, 24)) as pilot:
        await opened(pilot)
        text = await seen(pilot, "few-cnn")
        [line] = [line for line in text.splitlines() if "[Image]" in line]
        assert told in line
        details = line.split("few-cnn")[1].strip()
        assert not details or details.split(", ")[-1].split()[0] in ("newest", "val", "4")
