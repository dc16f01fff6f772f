"""The dataset room: pick a folder, count it, prepare it, and look at what came of it."""

from __future__ import annotations

import csv
import json
import os
import shutil
from pathlib import Path

import pytest
from on_screen import SIZES, configuration, dashboard, seen, text_of
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input
from workers import done

from hanzi_tui.app import Dashboard
from hanzi_tui.screens.dataset import DatasetRoom
from hanzi_tui.widgets.dataset_lists import ClassList
from hanzi_tui.widgets.glyphs import Glyph
from hanzi_tui.widgets.regions import Regions
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
    await seen(pilot, lambda: room.scan is not None)
    return room


async def said(pilot: Pilot[None], where: str, text: str) -> str:
    """Waits until a text stands in a widget, however its lines are broken."""

    def words() -> str:
        region = pilot.app.screen.query_one(where).region
        strips = pilot.app.screen._compositor.render_strips()[region.y : region.bottom]
        lines = (strip.crop(region.x, region.right).text for strip in strips)
        return " ".join(" ".join(lines).split())

    await seen(pilot, lambda: text in words())
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
        await seen(pilot, lambda: isinstance(app.focused, Input))
        await pilot.press(*str(characters)[:-4], "tab")
        field = room.query_one("#path", Input)
        await seen(pilot, lambda: field.value == f"{characters}{os.sep}")
        await pilot.press("enter")
        await seen(pilot, "240 images   4 classes")
        await seen(pilot, lambda: room.query(Glyph).first().image is not None)
        await pilot.press("p")
        await seen(pilot, lambda: "b browse" in text_of(app))
        described = json.loads((workspace.dataset("characters") / "dataset.json").read_text())
        text = await said(pilot, "#report", "rejected 0")
        for split, count in described["counts"].items():
            assert f"{split} {count}" in text
        assert "prepared" in text
        await pilot.press("t")
        await seen(pilot, lambda: app.current_mode == "training")


async def test_a_path_is_pasted_as_a_terminal_drops_it(
    workspace: Workspace, characters: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "my images"
    shutil.copytree(characters, folder)
    app = dashboard(workspace)
    async with app.run_test(size=(120, 36)) as pilot:
        room = await opened(pilot)
        for number, text in enumerate((f"'{folder}'", str(folder).replace(" ", "\\ "),
                                       folder.as_uri()), 1):  # fmt: skip
            room.scan = None
            app.post_message(events.Paste(text + "\n"))
            await seen(pilot, lambda: room.scan is not None)
            assert room.scan is not None and room.scan.root == folder, number
        assert room.steps.dataset_name == "my images"


async def test_a_folder_that_is_none_says_so_and_the_home_is_understood(
    workspace: Workspace, characters: Path
) -> None:
    shutil.copytree(characters, Path.home() / "chars")
    app = dashboard(workspace)
    async with app.run_test(size=(120, 36)) as pilot:
        room = await opened(pilot)
        room.count("/nowhere/[/at all]")
        await said(pilot, "#counts", "/nowhere/[/at all]: there is no such folder")
        room.count(str(workspace.root.parent))
        await said(pilot, "#counts", "no label folders")
        await pilot.press("p")
        assert not runs.listed(workspace.runs)
        room.count("~/chars")
        await seen(pilot, "240 images")


async def test_the_starter_characters_are_at_hand(workspace: Workspace) -> None:
    app = dashboard(workspace)
    async with app.run_test(size=(120, 36)) as pilot:
        room = await opened(pilot)
        await pilot.press("d")
        await seen(pilot, "1200 images   20 classes")
        assert room.steps.dataset_name == "starter"
        assert "d starter" not in text_of(app)


@pytest.mark.parametrize("size", [(120, 36), (80, 24), (60, 20)])
async def test_tab_goes_round_and_every_step_is_reached_by_a_key(
    odd: Workspace, size: tuple[int, int]
) -> None:
    app = dashboard(odd)
    async with app.run_test(size=size) as pilot:
        room = await opened(pilot)
        steps = room.query_one("#steps", Regions)
        seen_regions = set()
        for _press in range(40):
            await pilot.press("tab")
            await pilot.pause()
            seen_regions.add(steps.current)
            assert app.focused is not None and app.focused.is_on_screen
        assert seen_regions == {"source", "settings", "preview", "report"}
        await pilot.press("escape", "escape")
        await seen(pilot, lambda: steps.current == "source" or size[0] > 100)
        await pilot.press("e")
        await seen(pilot, "validation")
        await pilot.press("escape", "v")
        await seen(pilot, "Nine random distortions")


async def test_settings_change_the_plan_and_the_variants(
    workspace: Workspace, characters: Path
) -> None:
    app = dashboard(workspace)
    async with app.run_test(size=(120, 36)) as pilot:
        room = await counted(pilot, characters)
        await seen(pilot, lambda: room.query(Glyph).first().image is not None)
        await said(pilot, "#report", "train 180 validation 24 test 36")
        await pilot.press("e")
        await seen(pilot, lambda: app.focused is not None and app.focused.id == "name")
        await pilot.press("tab", "tab", *["backspace"] * 2, "3", "2", "enter")
        await seen(pilot, "32x32 gray")
        await seen(pilot, lambda: room.query(Glyph)[0].image.shape == (32, 32))  # type: ignore[union-attr]
        first = room.query(Glyph)[1].image
        await pilot.press("escape")
        room.query_one("#variants").focus()
        await pilot.press("space")
        await seen(pilot, lambda: (room.query(Glyph)[1].image != first).any())  # type: ignore[union-attr]
        label = sorted(path.name for path in characters.iterdir())[1]
        await pilot.press("i")
        await seen(pilot, f"variants  {label}/")
        await pilot.press("v")
        await seen(pilot, lambda: "lies in" not in text_of(app))
        await pilot.press("v")
        await seen(pilot, "lies in")


async def test_an_image_that_cannot_be_read_leaves_words_in_place_of_variants(
    workspace: Workspace, tmp_path: Path
) -> None:
    (tmp_path / "[").mkdir()
    (tmp_path / "[" / "red].png").write_bytes(b"")
    app = dashboard(workspace)
    async with app.run_test(size=(120, 36)) as pilot:
        await counted(pilot, tmp_path)
        await said(pilot, "#variants", "[/red].png: the file is empty (0 bytes)")


async def test_the_report_says_what_the_command_line_says(odd: Workspace) -> None:
    described = json.loads((odd.dataset("odd") / "dataset.json").read_text())
    app = dashboard(odd)
    async with app.run_test(size=(120, 60)) as pilot:
        await opened(pilot)
        text = await said(pilot, "#report", f"rejected {described['rejected']}")
        assert f"classes {described['classes']}" in text
        assert f"{len(described['untested'])} classes without a test image: " in text
        for name in ("[red]x", "a[", "${HOME}", "[damaged].jpg", "\\x1b[31mempty.png"):
            assert name in text.replace("empty. png", "empty.png"), name


@pytest.mark.parametrize("size", [(120, 36), (80, 24), (60, 20)])
async def test_a_dataset_is_browsed_by_class_with_the_file_each_image_came_from(
    odd: Workspace, size: tuple[int, int]
) -> None:
    dataset = open_dataset(odd.dataset("odd"))
    app = dashboard(odd)
    async with app.run_test(size=size) as pilot:
        room = await opened(pilot)
        await seen(pilot, "b browse")
        await pilot.press("b")
        text = await seen(pilot, f"{sum(dataset.counts.values())} images")
        labels = sorted(dataset.labels)
        assert "${HOME}" in text
        classes = room.query_one(ClassList)
        await seen(pilot, lambda: app.focused is classes)
        await pilot.press(*["down"] * labels.index("[red]x"), "enter")
        text = await seen(pilot, "[red]x/[red]x.jpg")
        assert "1/1  train" in text
        await pilot.press("shift+tab")
        await pilot.press("end", "enter", "right")
        last = labels[-1]
        text = await seen(pilot, f"{last}/")
        [line] = [line for line in text.splitlines() if f"  {last}/" in line]
        path = f"{last}/" + line.split(f"  {last}/")[1].strip()
        assert path in {s["path"] for s in dataset.sources("train")}
        await pilot.press("escape")
        await seen(pilot, "prepared datasets")


async def test_classes_are_found_by_text_or_code_point_and_ordered_by_size(
    odd: Workspace,
) -> None:
    labels = open_dataset(odd.dataset("odd")).labels
    hanzi = next(label for label in labels if ord(label[0]) > 0x4E00 and len(label) == 1)
    app = dashboard(odd)
    async with app.run_test(size=(120, 36)) as pilot:
        room = await opened(pilot)
        await seen(pilot, "b browse")
        await pilot.press("b")
        classes = room.query_one(ClassList)
        await seen(pilot, lambda: classes.count() == len(labels))
        await pilot.press("slash", *"red")
        await seen(pilot, lambda: classes.count() == 1 and "[red]x/" in text_of(app))
        await pilot.press("escape")
        await seen(pilot, lambda: classes.count() == len(labels))
        await pilot.press("slash", *f"U+{ord(hanzi):04x}")
        await seen(pilot, lambda: classes.count() == 1 and f"{hanzi}/" in text_of(app))
        await pilot.press("enter", "escape", "o")
        await seen(pilot, lambda: classes.count() == len(labels))
        await pilot.press("end")
        await seen(pilot, "1/60")
        await pilot.press("slash", *"nothing")
        await seen(pilot, "No class with this text")


@pytest.mark.parametrize("size", SIZES)
async def test_rejected_files_are_listed_with_their_reasons(
    odd: Workspace, size: tuple[int, int]
) -> None:
    with open(odd.dataset("odd") / "rejected.csv", encoding="utf-8", newline="") as file:
        rejected = list(csv.DictReader(file))
    assert len(rejected) == 3
    app = dashboard(odd)
    async with app.run_test(size=size) as pilot:
        await opened(pilot)
        await seen(pilot, "b browse")
        await pilot.press("b")
        await seen(pilot, "3 rejected")
        await pilot.press("x")
        text = await seen(pilot, "control character")
        assert "\x1b" not in text and "\x07" not in text
        assert "[damaged].jpg" in text
        await pilot.press("x", "escape")
        await seen(pilot, "prepared datasets")


async def test_a_taken_name_is_asked_about_and_replaced_only_where_anything_differs(
    odd: Workspace, odd_source: Path
) -> None:
    before = (odd.dataset("odd") / "dataset.json").stat().st_mtime_ns
    app = dashboard(odd)
    async with app.run_test(size=(120, 36)) as pilot:
        room = await opened(pilot)
        await seen(pilot, "u its source")
        await pilot.press("u")
        await seen(pilot, lambda: room.scan is not None)
        assert room.scan is not None and room.scan.root == odd_source
        assert room.steps.dataset_name == "odd" and room.steps.dataset.size == 32
        await pilot.press("p")
        await seen(pilot, "There is a dataset odd")
        await pilot.press("r")
        await said(pilot, "#job", "is prepared already")
        assert (odd.dataset("odd") / "dataset.json").stat().st_mtime_ns == before
        await seen(pilot, lambda: not app.live_states())
        await pilot.press("p")
        await seen(pilot, "There is a dataset odd")
        await pilot.press("n")
        await seen(pilot, lambda: app.focused is not None and app.focused.id == "name")


async def test_a_job_can_wait_for_another_be_killed_and_go_on(
    workspace: Workspace, characters: Path
) -> None:
    other, log = working_run(workspace)
    app = dashboard(workspace)
    async with app.run_test(size=(120, 36)) as pilot:
        await counted(pilot, characters)
        await seen(pilot, lambda: bool(app.live_states()))
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


async def test_a_dataset_made_elsewhere_appears_and_a_damaged_one_says_so(
    odd: Workspace, characters: Path
) -> None:
    broken = odd.datasets / "broken[ok]"
    broken.mkdir()
    (broken / "dataset.json").write_text("{")
    app = dashboard(odd)
    async with app.run_test(size=(120, 36)) as pilot:
        room = await opened(pilot)
        text = await seen(pilot, "damaged")
        assert "broken[ok]" in text
        await pilot.press("enter")
        await said(pilot, "#report", "Prepare the dataset again")
        assert not room.browsing
        job = PrepareJob(workspace=odd.root, source=characters, name="later",
                         dataset=DatasetSettings(size=16))  # fmt: skip
        room.start_job(job)
        await seen(pilot, "b browse")
        lines = text_of(app).splitlines()
        assert any(line.split()[:3] == ["later", "4", "240"] for line in lines)


async def test_a_cloned_run_fills_the_steps(odd: Workspace, odd_source: Path) -> None:
    [run] = runs.listed(odd.runs)
    app = dashboard(odd)
    async with app.run_test(size=(120, 36)) as pilot:
        await app.clone_run(run)
        await seen(pilot, lambda: app.current_mode == "dataset")
        room = app.screen
        assert isinstance(room, DatasetRoom)
        await seen(pilot, lambda: room.scan is not None)
        assert room.steps.dataset_name == "odd"
        assert room.query_one("#path", Input).value == str(odd_source)
        await app.open_run(run)
        await seen(pilot, "prepared")


async def test_any_size_at_any_moment(odd: Workspace, characters: Path) -> None:
    app = dashboard(odd)
    async with app.run_test(size=(120, 36)) as pilot:
        room = await counted(pilot, characters)
        await seen(pilot, lambda: room.query(Glyph).first().image is not None)
        for keys in (("v",), ("escape",), ("e", "escape"), ("b",), ("x",)):
            await pilot.press(*keys)
            for size in ((40, 12), (200, 60), (60, 20), (80, 24), (120, 36)):
                await pilot.resize_terminal(*size)
                await pilot.pause()
                assert len(text_of(app).splitlines()) == size[1]


async def test_ascii_draws_nothing_else(odd: Workspace, characters: Path) -> None:
    app = Dashboard(configuration(odd, signs="ascii"))
    async with app.run_test(size=(120, 36)) as pilot:
        room = await counted(pilot, characters)
        await seen(pilot, lambda: room.query(Glyph).first().image is not None)
        labels = "".join(path.name for path in characters.iterdir())
        for line in text_of(app).splitlines()[1:-1]:
            shown = "".join(c for c in line if c not in labels)
            assert shown.isascii(), line
