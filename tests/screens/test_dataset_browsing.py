"""A prepared dataset in the dataset room: its report, its classes, and each image with its file."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from dataset_room import opened, said
from on_screen import dashboard, seen, text_of
from workers import until

from hanzi_tui.widgets.dataset_lists import ClassList
from pipeline.dataset.records import PreparedDataset, open_dataset
from pipeline.workspace import Workspace


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
            assert f"{len(described['untested'])} classes without an image in test: " in text
            assert "leakage 0, counted after the split: copies 0, near copies 0" in text
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
        text = await seen(pilot, "holds a control")
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


@pytest.mark.parametrize("size", [(120, 36), (80, 24), (60, 20)])
async def test_an_image_is_named_by_the_end_of_its_file_and_shown_large_and_back(
    trained: Workspace, size: tuple[int, int]
) -> None:
    dataset = open_dataset(trained.dataset("few"))
    app = dashboard(trained)
    async with app.run_test(size=size) as pilot:
        room = await opened(pilot)
        await seen(pilot, "b browse")
        await pilot.press("b")
        await seen(pilot, "1/60")
        await pilot.press("tab")
        large = room.query_one("DatasetBrowser #large")
        second, third = _stems(dataset, 0)[1:3]
        await pilot.press("right")
        assert f"{second} " in await seen(pilot, "2/60")
        small = large.region.area
        await pilot.press("enter")
        await seen(pilot, lambda: large.region.area > max(small, size[0] * size[1] // 3))
        await pilot.press("down")
        text = await seen(pilot, "3/60")
        assert third in text
        await pilot.press("escape")
        await seen(pilot, lambda: large.region.area == small)
        assert room.browsing
        await pilot.press("escape")
        await seen(pilot, lambda: not room.browsing)


def _stems(dataset: PreparedDataset, label: int) -> list[str]:
    """Returns the names of the files of a class without suffix, as the browser orders them."""
    names = []
    for split in ("train", "validation", "test"):
        rows = np.flatnonzero(dataset.split(split).labels == label)
        paths = [source["path"] for source in dataset.sources(split)]
        names += [Path(paths[row]).stem for row in rows]
    return names


@pytest.mark.parametrize(("size", "region"), [((80, 24), "report"), ((120, 36), "source")])
async def test_the_room_opens_on_what_there_is(
    trained: Workspace, size: tuple[int, int], region: str
) -> None:
    app = dashboard(trained)
    async with app.run_test(size=size) as pilot:
        room = await opened(pilot)
        await seen(pilot, lambda: "few" in text_of(app) and room.steps.current == region)
        assert "validation" in await said(pilot, "#report", "train 180")
