"""The dataset room: pick a folder, count it, and prepare it."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from dataset_room import counted, opened, said
from on_screen import SIZES, configuration, dashboard, seen, text_of
from textual import events
from textual.widgets import Input
from workers import until

from hanzi_tui.app import Dashboard
from hanzi_tui.screens.dataset import DatasetRoom
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
        await said(pilot, "#counts", "lies in no label folder")
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
        await seen(pilot, "[report]")  # where there is a dataset, it opens on it
        regions: list[str] = []
        for key in ("shift+tab",) * 3 + ("tab",) * 4:
            await pilot.press(key)
            assert room.query_one(Places).current == room.steps.current
            shown = room.get_widget_by_id(room.steps.current)
            assert app.focused is not None and shown in app.focused.ancestors_with_self
            if room.steps.current not in regions[-1:]:
                regions.append(room.steps.current)
        assert regions == ["preview", "settings", "preview", "report", "source"]
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
