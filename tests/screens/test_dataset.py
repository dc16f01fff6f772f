"""The dataset room: pick a folder, count it, prepare it, and look at what came of it."""

from __future__ import annotations

import csv
import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from on_screen import SIZES, configuration, dashboard, seen, text_of
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input
from workers import done, until

from hanzi_tui.app import Dashboard
from hanzi_tui.screens.dataset import DatasetRoom
from hanzi_tui.widgets.dataset_lists import ClassList
from hanzi_tui.widgets.glyphs import Glyph
from hanzi_tui.widgets.places import Places
from pipeline import runs
from pipeline.dataset.records import open_dataset
from pipeline.events import EventLog, Finished, Started
from pipeline.jobs import PrepareJob, read_job
from pipeline.processes import this_process
from pipeline.runs import Run, Status
from pipeline.settings import DatasetSettings
from pipeline.workspace import Workspace

NASTY = {"a[": "b].jpg", "[red]x": "[red]x.jpg", "你好[": "我].jpg", "‮gnp": "x.jpg",
         "${HOME}": "<3[ok].jpg"}  # fmt: skip
"""Labels and their one image; as a path they close what looks like markup."""


@pytest.fixture(scope="session")
def odd_source(characters: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with nasty labels, damaged files, a forbidden folder name and copies."""
    source = tmp_path_factory.mktemp("odd") / "odd [source]"
    shutil.copytree(characters, source)
    label = sorted(path.name for path in characters.iterdir())[0]
    images = sorted((characters / label).iterdir())
    for image, (name, file) in zip(images, NASTY.items(), strict=False):
        (source / name).mkdir()
        shutil.copy(image, source / name / file)
    (source / label / "[damaged].jpg").write_bytes(b"\xff\xd8\xff" + bytes(100))
    (source / label / "\x1b[31mempty.png").write_bytes(b"")
    (source / "bell\x07").mkdir()
    shutil.copy(images[0], source / "bell\x07" / "x.jpg")
    return source


@pytest.fixture(scope="session")
def odd_once(odd_source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("prepared") / "workspace"
    run = done(PrepareJob(workspace=root, source=odd_source, name="odd",
                          dataset=DatasetSettings(size=32)))  # fmt: skip
    assert run.status() is Status.FINISHED
    return root


@pytest.fixture
def odd(odd_once: Path, workspace: Workspace) -> Workspace:
    """A workspace with the dataset "odd"."""
    shutil.copytree(odd_once, workspace.root)
    return workspace


async def opened(pilot: Pilot[None]) -> DatasetRoom:
    app = pilot.app
    assert isinstance(app, Dashboard)
    await app.action_open("dataset")
    await seen(pilot, "report")
    assert isinstance(app.screen, DatasetRoom)
    return app.screen


async def counted(pilot: Pilot[None], source: Path) -> DatasetRoom:
    room = await opened(pilot)
    room.count(str(source))
    await until(lambda: room.scan is not None)
    return room


async def said(pilot: Pilot[None], where: str, text: str) -> str:
    """Waits until a text stands in a widget, however its lines are broken."""

    def words() -> str:
        region = pilot.app.screen.query_one(where).region
        strips = pilot.app.screen._compositor.render_strips()[region.y : region.bottom]
        lines = (strip.crop(region.x, region.right).text for strip in strips)
        return " ".join(" ".join(lines).split())

    # A long path is broken anywhere, so blanks do not count.
    await until(lambda: text.replace(" ", "") in words().replace(" ", ""))
    return words()


def working_run(workspace: Workspace) -> tuple[Run, EventLog]:
    """Returns a run that is at work, as far as anybody can tell."""
    me = this_process()
    run = runs.create(workspace.runs, "")
    log = EventLog(run.events)
    log.append(Started(me.pid, me.start_s, me.host, me.boot_id))
    return run, log


@pytest.mark.parametrize("size", SIZES)
async def test_from_a_typed_path_to_a_dataset_and_on_to_training(
    workspace: Workspace, characters: Path, size: tuple[int, int]
) -> None:
    app = dashboard(workspace)
    async with app.run_test(size=size) as pilot:
        room = await opened(pilot)
        await said(pilot, "#counts", "No images at hand")
        assert not isinstance(app.focused, Input)
        await pilot.press("o")
        await until(lambda: isinstance(app.focused, Input))
        field = room.query_one("#path", Input)
        field.insert_text_at_cursor(str(characters)[:-4])
        await pilot.press("t", "tab")
        await until(lambda: field.value == f"{characters}{os.sep}")
        await pilot.press("enter")
        await seen(pilot, "240 images   4 classes")
        await until(lambda: room.query(Glyph).first().image is not None)
        await pilot.press("p")
        await until(lambda: "b browse" in text_of(app))
        described = json.loads((workspace.dataset("characters") / "dataset.json").read_text())
        text = await said(pilot, "#report", "rejected 0")
        for split, count in described["counts"].items():
            assert f"{split} {count}" in text
        assert "prepared" in text
        await pilot.press("t")
        await until(lambda: app.current_mode == "training")


async def test_a_path_is_pasted_as_a_terminal_drops_it_and_what_is_none_says_so(
    workspace: Workspace, characters: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "my images"
    shutil.copytree(characters, folder)
    shutil.copytree(characters, Path.home() / "chars")
    app = dashboard(workspace)
    async with app.run_test(size=(120, 36)) as pilot:
        room = await opened(pilot)
        for text in (f"'{folder}'", str(folder).replace(" ", "\\ "), folder.as_uri()):
            room.scan = None
            app.post_message(events.Paste(text + "\n"))
            await until(lambda: room.scan is not None)
            assert room.scan is not None and room.scan.root == folder, text
        assert room.steps.dataset_name == "my images"
        room.count("/nowhere/[/at all]")
        await said(pilot, "#counts", "/nowhere/[/at all]: there is no such folder")
        room.count(str(tmp_path.parent / "none"))
        await said(pilot, "#counts", "/none: there is no such folder")
        room.count(str(folder / sorted(path.name for path in folder.iterdir())[0]))
        await said(pilot, "#counts", "no label folders")
        room.count("~/chars")
        await seen(pilot, "240 images")


async def test_the_starter_characters_are_at_hand_and_a_job_needs_a_folder(
    workspace: Workspace,
) -> None:
    app = dashboard(workspace)
    async with app.run_test(size=(120, 36)) as pilot:
        room = await opened(pilot)
        await pilot.press("p")
        await pilot.press("d")
        await seen(pilot, "1200 images   20 classes")
        assert room.steps.dataset_name == "starter"
        assert "d starter" not in text_of(app)
    assert not runs.listed(workspace.runs)


async def test_tab_goes_round_where_one_region_is_shown_at_a_time_and_any_size_is_fine(
    odd: Workspace,
) -> None:
    app = dashboard(odd)
    async with app.run_test(size=(60, 20)) as pilot:
        room = await opened(pilot)
        await seen(pilot, "b browse")
        regions: list[str] = []
        for key in ("shift+tab",) * 5 + ("tab",) * 3:
            await pilot.press(key)
            await seen(pilot, lambda: app.focused is not None and bool(app.focused.region))
            assert room.query_one(Places).current == room.steps.current
            if room.steps.current not in regions[-1:]:
                regions.append(room.steps.current)
        there = ["source", "report", "preview", "settings"]
        assert regions == there + there[:3][::-1]
        await pilot.press("escape", "escape")
        await seen(pilot, "prepared datasets")
        await pilot.press("e")
        await seen(pilot, "validation")
        await pilot.press("escape", "v")
        await seen(pilot, "Nine random distortions")
        for keys in (("v",), ("escape", "b")):
            await pilot.press(*keys)
            for size in ((40, 12), (200, 60), (80, 24)):
                await pilot.resize_terminal(*size)
                await pilot.pause()
                assert len(text_of(app).splitlines()) == size[1]


async def test_settings_change_the_plan_and_the_variants(
    workspace: Workspace, characters: Path, tmp_path: Path
) -> None:
    (tmp_path / "[").mkdir()
    (tmp_path / "[" / "red].png").write_bytes(b"")
    app = dashboard(workspace)
    async with app.run_test(size=(120, 36)) as pilot:
        room = await counted(pilot, characters)
        await until(lambda: room.query(Glyph).first().image is not None)
        await said(pilot, "#report", "train 180 validation 24 test 36")
        await pilot.press("e")
        await until(lambda: app.focused is not None and app.focused.id == "name")
        await pilot.press("tab", "tab", *["backspace"] * 2, "3", "2", "enter")
        await seen(pilot, "32x32 gray")
        await until(lambda: _image(room, 0).shape == (32, 32))
        first = _image(room, 1)
        await pilot.press("escape")
        room.query_one("#variants").focus()
        await pilot.press("space")
        await until(lambda: bool((_image(room, 1) != first).any()))
        label = sorted(path.name for path in characters.iterdir())[1]
        await pilot.press("i")
        await seen(pilot, f"variants  {label}/")
        await pilot.press("v")
        await until(lambda: "lies in" not in text_of(app))
        await pilot.press("v")
        await seen(pilot, "lies in")
        room.count(str(tmp_path))
        await said(pilot, "#variants", "[/red].png: the file is empty (0 bytes)")


def _image(room: DatasetRoom, number: int) -> np.ndarray:
    image = room.query(Glyph)[number].image
    assert image is not None
    return image


@pytest.mark.parametrize("size", [(120, 50), (60, 20)])
async def test_a_dataset_is_reported_and_browsed_with_the_file_each_image_came_from(
    odd: Workspace, size: tuple[int, int]
) -> None:
    dataset = open_dataset(odd.dataset("odd"))
    described = json.loads((odd.dataset("odd") / "dataset.json").read_text())
    labels = dataset.labels
    app = dashboard(odd)
    async with app.run_test(size=size) as pilot:
        room = await opened(pilot)
        await seen(pilot, "b browse")
        room.steps.go_to("report")
        text = await said(pilot, "#report", f"rejected {described['rejected']}")
        assert f"classes {described['classes']}" in text
        if size[0] > 100:
            assert f"{len(described['untested'])} classes without a test image: " in text
            for name in ("[red]x", "a[", "${HOME}", "[damaged].jpg", "\\x1b[31mempty.png"):
                assert name in text.replace("empty. png", "empty.png"), name
        await pilot.press("b")
        text = await seen(pilot, f"{sum(dataset.counts.values())} images")
        classes = room.query_one(ClassList)
        await until(lambda: app.focused is classes)
        assert "${HOME}" in text_of(app)
        await pilot.press(*["down"] * labels.index("[red]x"), "enter")
        assert "1/1  train" in await seen(pilot, "[red]x/[red]x.jpg")
        await pilot.press("shift+tab", "end", "enter", "right")
        text = await seen(pilot, f"{labels[-1]}/")
        [line] = [line for line in text.splitlines() if f"  {labels[-1]}/" in line]
        path = f"{labels[-1]}/" + line.split(f"  {labels[-1]}/")[1].strip()
        assert path in {source["path"] for source in dataset.sources("train")}
        await pilot.press("x")
        text = await seen(pilot, "control character")
        assert "\x1b" not in text and "\x07" not in text
        assert "[damaged].jpg" in text
        with open(odd.dataset("odd") / "rejected.csv", encoding="utf-8", newline="") as file:
            assert f"{len(list(csv.DictReader(file)))} rejected" in text
        await pilot.press("x", "escape")
        await seen(pilot, "prepared datasets")


async def test_classes_are_found_by_text_or_code_point_and_ordered_by_size(odd: Workspace) -> None:
    labels = open_dataset(odd.dataset("odd")).labels
    hanzi = next(label for label in labels if ord(label[0]) > 0x4E00 and len(label) == 1)
    app = dashboard(odd)
    async with app.run_test(size=(120, 36)) as pilot:
        room = await opened(pilot)
        await seen(pilot, "b browse")
        await pilot.press("b")
        classes = room.query_one(ClassList)
        await until(lambda: classes.count() == len(labels))
        await pilot.press("slash", *"red")
        await until(lambda: classes.count() == 1 and "[red]x/" in text_of(app))
        await pilot.press("escape")
        await until(lambda: classes.count() == len(labels))
        await pilot.press("slash", *f"U+{ord(hanzi):04x}")
        await until(lambda: classes.count() == 1 and f"{hanzi}/" in text_of(app))
        await pilot.press("enter", "escape", "o")
        await until(lambda: classes.count() == len(labels))
        await pilot.press("end")
        await seen(pilot, "1/60")
        await pilot.press("slash", *"nothing")
        await seen(pilot, "No class with this text")


async def test_a_taken_name_is_asked_about_and_replaced_only_where_anything_differs(
    odd: Workspace, odd_source: Path
) -> None:
    [run] = runs.listed(odd.runs)
    before = (odd.dataset("odd") / "dataset.json").stat().st_mtime_ns
    app = dashboard(odd)
    async with app.run_test(size=(120, 36)) as pilot:
        await app.clone_run(run)
        await until(lambda: app.current_mode == "dataset")
        room = app.screen
        assert isinstance(room, DatasetRoom)
        await until(lambda: room.scan is not None)
        assert room.query_one("#path", Input).value == str(odd_source)
        assert room.steps.dataset_name == "odd" and room.steps.dataset.size == 32
        await pilot.press("p")
        await seen(pilot, "There is a dataset odd")
        await pilot.press("r")
        await said(pilot, "#job", "is prepared already")
        assert (odd.dataset("odd") / "dataset.json").stat().st_mtime_ns == before
        await until(lambda: not app.live_states())
        await pilot.press("p")
        await seen(pilot, "There is a dataset odd")
        await pilot.press("n")
        await until(lambda: app.focused is not None and app.focused.id == "name")


async def test_a_job_can_wait_for_another_be_killed_and_go_on(
    workspace: Workspace, characters: Path
) -> None:
    other, log = working_run(workspace)
    app = dashboard(workspace)
    async with app.run_test(size=(120, 36)) as pilot:
        await counted(pilot, characters)
        await until(lambda: bool(app.live_states()))
        await pilot.press("p")
        await seen(pilot, f"{other.id} is at work")
        await pilot.press("w")
        await seen(pilot, "waits until run")
        await pilot.press("s")
        await seen(pilot, "What is packed is kept")
        await pilot.press("k")
        await seen(pilot, "r resume")
        await said(pilot, "#job", "killed, as asked")
        await pilot.press("r")
        await seen(pilot, "waits until run")
        log.append(Finished({}))
        await seen(pilot, "b browse")
    [run] = [run for run in runs.listed(workspace.runs) if run.id != other.id]
    assert run.status() is Status.FINISHED
    assert read_job(run).after == other.id
    assert open_dataset(workspace.dataset("characters")).counts["train"] == 180


async def test_a_dataset_made_elsewhere_appears_a_damaged_one_says_so_and_ascii_is_ascii(
    odd: Workspace, characters: Path
) -> None:
    broken = odd.datasets / "broken[ok]"
    broken.mkdir()
    (broken / "dataset.json").write_text("{")
    app = Dashboard(configuration(odd, signs="ascii"))
    async with app.run_test(size=(120, 36)) as pilot:
        room = await opened(pilot)
        assert "broken[ok]" in await seen(pilot, "damaged")
        await pilot.press("enter")
        await said(pilot, "#report", "Prepare the dataset again")
        assert not room.browsing
        job = PrepareJob(workspace=odd.root, source=characters, name="later",
                         dataset=DatasetSettings(size=16))  # fmt: skip
        room.start_job(job)
        await seen(pilot, "b browse")
        lines = text_of(app).splitlines()
        assert any(line.split()[:3] == ["later", "4", "240"] for line in lines)
        room.count(str(characters))
        await until(lambda: room.query(Glyph).first().image is not None)
        labels = "".join(path.name for path in characters.iterdir())
        for line in text_of(app).splitlines()[1:-1]:
            assert "".join(c for c in line if c not in labels).isascii(), line
