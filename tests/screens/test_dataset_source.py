"""The source in the dataset room: looked at, planned with, and shown before anything is made."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import cv2
import numpy as np
import psutil
import pytest
from dataset_room import counted, opened, said
from on_screen import dashboard, seen, text_of
from workers import until

from hanzi_tui.widgets.glyphs import Glyph, GlyphGrid
from hanzi_tui.widgets.source_counts import SourceCounts
from hanzi_tui.widgets.source_list import SourceList
from pipeline.settings import DatasetSettings
from pipeline.workspace import Workspace


@pytest.fixture
def flawed(characters: Path, tmp_path: Path) -> Path:
    """A zip with one flaw of each kind, and names that look like markup."""
    folder = tmp_path / "flawed"
    shutil.copytree(characters, folder)
    first, second = sorted(path.name for path in characters.iterdir())[:2]
    image = sorted((folder / first).iterdir())[0]
    shutil.copy(image, folder / first / "copy[1].png")
    shutil.copy(image, folder / second / "[red]twin.png")
    (folder / first / "cut[off].png").write_bytes(image.read_bytes()[:40])
    white = np.full((40, 40), 255, np.uint8)
    (folder / second / "white.png").write_bytes(cv2.imencode(".png", white)[1].tobytes())
    packed = tmp_path / "flawed.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for path in sorted(folder.rglob("*.*")):
            archive.write(path, path.relative_to(folder))
    return packed


@pytest.mark.parametrize("size", [(120, 50), (80, 24)])
async def test_what_is_wrong_in_an_archive_is_found_and_each_example_is_shown(
    workspace: Workspace, flawed: Path, characters: Path, size: tuple[int, int]
) -> None:
    app = dashboard(workspace)
    async with app.run_test(size=size) as pilot:
        room = await opened(pilot)
        await pilot.press("o")
        field = room.query_one("#path")
        field.insert_text_at_cursor(str(flawed)[:-3])  # type: ignore[attr-defined]
        await pilot.press("z", "tab", "enter")
        await said(pilot, "#counts", "244 images 4 classes")
        assert room.steps.dataset_name == "flawed"
        await until(lambda: room.query(Glyph).first().image is not None)
        await pilot.press("x")
        await until(lambda: room._look is not None)
        await pilot.press("l")
        found = room.query_one(SourceList)
        await until(lambda: app.focused is found)
        sentences = [found.parts(line, 80)[0][0] for line in range(6)]
        for words in ("files that cannot be used: 1", "under two labels, one of which is wrong: 1",
                      "exact copies: 3 images in 1 sets", "blank images: 1"):  # fmt: skip
            [line] = [i for i, sentence in enumerate(sentences) if words in sentence]
            found.cursor = line
            await seen(pilot, words)
            if "cannot" in words:
                await seen(pilot, "cut[off].png")
            if "labels" in words:
                await pilot.press("enter", "end")
                await seen(pilot, "[red]twin.png")
                found.focus()
        await pilot.press("escape")
        await seen(pilot, "prepared datasets")


async def test_a_finding_is_clicked_and_any_class_shows_its_images_with_their_files(
    workspace: Workspace, characters: Path, tmp_path: Path
) -> None:
    source = tmp_path / "source"
    shutil.copytree(characters, source)
    last = sorted(path.name for path in source.iterdir())[-1]
    (source / "single").mkdir()
    shutil.copy(sorted((source / last).iterdir())[0], source / "single" / "[one].png")
    app = dashboard(workspace)
    async with app.run_test(size=(120, 36)) as pilot:
        room = await counted(pilot, source)
        lines = (await seen(pilot, "classes of one image")).splitlines()
        [row] = [i for i, line in enumerate(lines) if "! classes of one image" in line]
        counts = room.query_one(SourceCounts)
        await pilot.click(counts, offset=(4, row - counts.region.y))
        await seen(pilot, "single/[one].png")
        await pilot.press("slash", *"single", "enter")
        await seen(pilot, "single: 1 image")
        await pilot.press("escape", "end")
        await seen(pilot, f"{last}: 60 images")
        grid = room.query_one("SourceBrowser GlyphGrid", GlyphGrid)
        await until(lambda: grid.items[0].image().shape[2:] == (3,))  # type: ignore[operator, union-attr]
        await pilot.press("enter", "right")
        await seen(pilot, f"2/60  {last}/")


async def test_a_scan_that_is_stopped_leaves_no_process_and_the_counts(
    workspace: Workspace, characters: Path
) -> None:
    app = dashboard(workspace)
    async with app.run_test(size=(120, 36)) as pilot:
        await counted(pilot, characters)
        await said(pilot, "#counts", "x looks at every image")
        await pilot.press("x")
        await said(pilot, "#counts", "0 of 240 images looked at; x stops")
        await until(lambda: bool(_scanners()))
        await pilot.press("x")
        await said(pilot, "#counts", "x looks at every image")
        await until(lambda: not _scanners())
        assert "240 images   4 classes" in text_of(app)


def _scanners() -> list[psutil.Process]:
    me = psutil.Process()
    return [child for child in me.children() if "pipeline.scanning" in child.cmdline()]


async def test_a_group_pattern_says_at_once_what_it_finds_or_what_is_wrong_with_it(
    workspace: Workspace, tmp_path: Path, characters: Path
) -> None:
    source = tmp_path / "source"
    for label in sorted(path.name for path in characters.iterdir()):
        (source / label).mkdir(parents=True)
        for number, image in enumerate(sorted((characters / label).iterdir())[:40]):
            shutil.copy(image, source / label / f"w{number % 5}_{number}.png")
    app = dashboard(workspace)
    async with app.run_test(size=(120, 50)) as pilot:
        room = await counted(pilot, source)
        room.steps.show_settings(DatasetSettings(group="/(w[0-9])_"))
        room.plan_split()
        await said(pilot, "#group-hint", "group finds 5 groups, of 32 to 32 images: w0, w1, w2")
        await said(pilot, "#report", "train 96 groups: 3")
        room.steps.show_settings(DatasetSettings(group="/(w[0-3])_"))
        room.plan_split()
        await said(pilot, "#group-hint", "32 images do not fit the group pattern")
        room.steps.show_settings(DatasetSettings())
        room.plan_split()
        await said(pilot, "#report", "a class of 1 image trains only")
