"""A prepared dataset in the dataset room: written as folders that other tools read."""

from __future__ import annotations

from pathlib import Path

from dataset_room import opened, said
from on_screen import dashboard, seen
from textual.widgets import Input
from workers import until

from hanzi_tui.widgets.choice import Choice
from pipeline.dataset.records import open_dataset
from pipeline.workspace import Workspace


async def test_a_prepared_dataset_is_written_as_folders_with_linked_files_and_copies(
    trained: Workspace, tmp_path: Path
) -> None:
    tree = tmp_path / "my [tree]"
    app = dashboard(trained)
    async with app.run_test(size=(80, 24)) as pilot:
        room = await opened(pilot)
        await seen(pilot, "f folders")
        room.steps.go_to("report")
        await pilot.press("f")
        await seen(pilot, "few as folders for other tools")
        app.screen.query_one("#folder", Input).value = str(tree)
        await pilot.press("tab", "right")
        await said(pilot, "#link-note", "what changes one file changes both")
        await pilot.press("tab", "home", "delete", "1", "enter")
        await until(lambda: app.screen is room)
        room.steps.go_to("report")
        await said(pilot, "#report", f"written to {tree}")
    counts = open_dataset(trained.dataset("few")).counts
    for folder, split in (("train", "train"), ("val", "validation"), ("test", "test")):
        files = [path for path in (tree / folder).rglob("*") if path.is_file()]
        linked = [path for path in files if path.stat().st_nlink > 1]
        assert len(linked) == counts[split]
        assert len(files) == counts[split] * (2 if split == "train" else 1)


async def test_what_stands_in_the_way_is_said_in_the_form_and_starts_no_job(
    trained: Workspace, tmp_path: Path
) -> None:
    (tmp_path / "there").mkdir()
    runs = sorted(trained.runs.iterdir())
    app = dashboard(trained)
    async with app.run_test(size=(80, 24)) as pilot:
        room = await opened(pilot)
        await seen(pilot, "f folders")
        await pilot.press("f")
        await seen(pilot, "as folders for other tools")
        folder, copies = (app.screen.query_one(f"#{name}", Input) for name in ("folder", "copies"))
        folder.value = str(tmp_path / "there")
        await pilot.press("enter")
        await seen(pilot, "is there already, and nothing is written over")
        folder.value = str(tmp_path / "new")
        copies.value = "-1"
        await pilot.press("enter")
        await seen(pilot, "a whole number from 0 on")
        assert app.screen.query_one(Choice).value == "copy"
        await pilot.press("escape")
        await until(lambda: app.screen is room)
    assert sorted(trained.runs.iterdir()) == runs
    assert not (tmp_path / "new").exists()


async def test_settings_of_a_dataset_that_was_split_by_a_file_are_taken_without_its_hash(
    trained: Workspace,
) -> None:
    app = dashboard(trained)
    async with app.run_test(size=(120, 36)) as pilot:
        room = await opened(pilot)
        await seen(pilot, "f folders")
        assert room._made is not None
        origin = room._made.described["origin"]
        origin["split_file"] = "0" * 32
        await pilot.press("f", "enter")
        await said(pilot, "#error", "with a split_file that is not set now")
        await pilot.press("escape", "u")
        await until(lambda: room.scan is not None)
        assert room.steps.dataset.split_file == ""
