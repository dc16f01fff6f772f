"""A source is counted before anything is made of it."""

from __future__ import annotations

import asyncio
import os
import shutil
import threading
import time
from pathlib import Path

import pytest
from workers import done

from hanzi_tui.source_scan import MOST_LINES, histogram, in_thread, scan
from hanzi_tui.split_plan import split_plan
from pipeline.dataset.records import open_dataset
from pipeline.jobs import PrepareJob
from pipeline.problems import Problem
from pipeline.runs import Status
from pipeline.settings import DatasetSettings
from pipeline.workspace import Workspace


def test_a_scan_counts_images_classes_and_what_is_odd(characters: Path, tmp_path: Path) -> None:
    source = tmp_path / "source"
    shutil.copytree(characters, source)
    first, second = sorted(path.name for path in source.iterdir())[:2]
    for image in sorted((source / second).iterdir())[1:]:
        image.unlink()
    (source / first / "notes.txt").write_text("no image")
    shutil.copytree(source / second, source / "bad\x07name")
    found = scan(source)
    assert found.images == 3 * 60 + 1
    assert found.sizes[0] == (second, 1)
    assert found.listing.others == 1
    assert [rejected.code for rejected in found.listing.rejected] == ["source.control_character"]
    labels = sorted(dict(found.sizes))
    assert [found.sample(number).label for number in range(5)] == [*labels, labels[0]]
    for number, label in enumerate(labels):
        assert {found.listing.images[i].label for i in found.of_class(number)} == {label}
    plan = split_plan(found.listing, DatasetSettings())
    assert plan.absent["test"] == 1
    assert sum(plan.counts.values()) == found.images


@pytest.mark.parametrize("group", ["", "/(.)"])
def test_a_plan_is_what_prepare_makes_of_a_source_without_copies(
    workspace: Workspace, characters: Path, tmp_path: Path, group: str
) -> None:
    source = tmp_path / "source"
    for label in sorted(path.name for path in characters.iterdir()):
        (source / label).mkdir(parents=True)
        for number, image in enumerate(sorted((characters / label).iterdir())[:30]):
            shutil.copy(image, source / label / f"{'abcdefghij'[number % 10]}{number}.png")
    settings = DatasetSettings(size=16, group=group, near_duplicates=0)
    plan = split_plan(scan(source).listing, settings)
    run = done(PrepareJob(workspace=workspace.root, source=source, name="made", dataset=settings))
    assert run.status() is Status.FINISHED
    assert open_dataset(workspace.dataset("made")).counts == plan.counts
    assert len(plan.groups) == (10 if group else 0)


def test_a_source_that_comes_with_a_split_keeps_it_in_the_plan(
    characters: Path, tmp_path: Path
) -> None:
    for split in ("train", "test"):
        shutil.copytree(characters, tmp_path / split)
    plan = split_plan(scan(tmp_path).listing, DatasetSettings(validation=0))
    assert plan.own
    assert plan.counts == {"train": 240, "validation": 0, "test": 240}


def test_folders_that_spell_one_label_are_told(characters: Path, tmp_path: Path) -> None:
    label = sorted(path.name for path in characters.iterdir())[0]
    shutil.copytree(characters / label, tmp_path / label)
    shutil.copytree(characters / label, tmp_path / os.fsdecode(label.encode("gb18030")))
    found = scan(tmp_path)
    assert list(found.merged) == [label]
    assert found.sizes == ((label, 120),)


def test_links_that_go_round_end_and_others_are_followed(characters: Path, tmp_path: Path) -> None:
    source, elsewhere = tmp_path / "source", tmp_path / "elsewhere"
    shutil.copytree(characters, source)
    label, other = sorted(path.name for path in source.iterdir())[:2]
    (source / label).rename(elsewhere)
    (source / label).symlink_to(elsewhere)
    for link, target in {
        source / "back": source,
        source / other / "up": source,
        source / other / "root": Path("/"),
        elsewhere / "here": elsewhere,
        source / other / "itself.png": source / other / "itself.png",
    }.items():
        link.symlink_to(target)
    for one, two in (("ping", "pong"), ("pong", "ping")):
        (source / one).mkdir()
        (source / one / two).symlink_to(source / two)
    found = scan(source)
    assert dict(found.sizes) == {path.name: 60 for path in characters.iterdir()} | {other: 61}


def test_a_folder_that_is_not_there_is_a_worded_problem(tmp_path: Path) -> None:
    with pytest.raises(Problem) as missing:
        scan(tmp_path / "none")
    assert missing.value.code == "source.missing"


@pytest.mark.parametrize("sizes", [
    [160] * 60, [3, 4, 4, 4], [1] * 900 + [2] * 400 + list(range(3, 130)), list(range(1, 9000, 7)),
    [1, 10**6], [*range(1, 10), 250_000],
])  # fmt: skip
def test_a_histogram_has_few_lines_that_hold_every_class(sizes: list[int]) -> None:
    lines = histogram(sizes)
    assert 0 < len(lines) <= MOST_LINES
    assert sum(classes for _low, _high, classes in lines) == len(sizes)
    for low, high, classes in lines:
        assert low <= high
        assert classes == sum(low <= size <= high for size in sizes)
    assert lines[0][2] and lines[-1][2]


def test_the_end_of_the_program_waits_for_no_counting() -> None:
    never = threading.Event()

    async def left() -> None:
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(in_thread(never.wait), 0.05)

    began = time.monotonic()
    asyncio.run(left())
    assert time.monotonic() - began < 2
    never.set()


async def test_what_a_thread_raises_is_raised_where_it_is_awaited() -> None:
    with pytest.raises(ZeroDivisionError):
        await in_thread(divmod, 1, 0)
    assert await in_thread(divmod, 7, 2) == (3, 1)
