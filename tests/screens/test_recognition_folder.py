"""A folder in the recognition room: a table of the answers of the command line."""

from __future__ import annotations

import csv
import os
import shutil
from pathlib import Path

import pytest
from on_screen import SIZES, dashboard, seen, text_of
from recognition_room import images_in, opened, said_by_command, typed
from rich.cells import cell_len
from textual.widgets import Input

from pipeline.workspace import Workspace

NASTY = ["a[", "b].png", "[red]x.png", "[/].png", "it's \"a\" name.png", "你好[/我].png",
         "\x1b[31mred\x1b[0m.png", "\u202egnp.exe.png", "x" * 240 + ".png"]  # fmt: skip


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
            doubt = ["!"] if float(probability) < 0.5 else []
            assert line.split()[1:][: 3 + len(doubt)] == [
                *doubt, label, probability, said[1].split()[0]]  # fmt: skip
        [line] = [line for line in lines if line.startswith(" a[b].png")]
        assert "✗ a[b].png: not an image" in line
        # By probability the least sure comes first; those without an answer stay last.
        await pilot.press("s", "s")
        await seen(pilot, "probability ^")
        table = app.screen.query_one("AnswerTable")
        await seen(pilot, lambda: text_of(app).splitlines()[table.region.y + 1] != lines[
            table.region.y + 1])  # fmt: skip
        shown = text_of(app).splitlines()[table.region.y + 1 : table.region.bottom]
        found = [line.replace(" ! ", " ").split()[2] for line in shown
                 if line.strip() and "✗" not in line]  # fmt: skip
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
