"""A dataset as folders of files for other tools: whole or not there, and the source untouched."""

from __future__ import annotations

import asyncio
import csv
import json
import os
import shutil
import signal
import struct
import subprocess
from pathlib import Path

import numpy as np
import psutil
import pytest
from PIL import Image
from workers import done, until

from pipeline import jobs
from pipeline.dataset.export.links import Link, place
from pipeline.dataset.records import open_dataset
from pipeline.events import EventReader, Failed, Progress, Stage, Warned
from pipeline.jobs import FolderExport, PrepareJob
from pipeline.runs import Run, Status
from pipeline.settings import AugmentSettings, DatasetSettings
from pipeline.workspace import Workspace

MANY = 12
"""Copies of each image, so that writing them takes a second or two."""
FOLDERS = {"train": "train", "validation": "val", "test": "test"}


def job(root: Path, source: Path, tree: Path, **export: object) -> PrepareJob:
    settings = DatasetSettings(size=32, processes=1)
    return PrepareJob(workspace=root, source=source, name="set", dataset=settings,
                      export=FolderExport(folder=tree, **export))  # type: ignore[arg-type]  # fmt: skip


def exported(workspace: Workspace, source: Path, tree: Path, **export: object) -> Run:
    run = done(job(workspace.root, source, tree, **export))
    assert run.status() is Status.FINISHED, run.events.read_text()
    return run


def failure(run: Run) -> Failed:
    last = EventReader(run.events).read()[-1].event
    assert isinstance(last, Failed), last
    return last


def warnings(run: Run, code: str) -> list[Warned]:
    events = [stamped.event for stamped in EventReader(run.events).read()]
    return [event for event in events if isinstance(event, Warned) and event.code == code]


def state(folder: Path) -> dict[str, tuple[bytes, int, int]]:
    """Returns the content, mode and time of each file below a folder."""
    return {
        str(path.relative_to(folder)): (
            path.read_bytes(), path.stat().st_mode, path.stat().st_mtime_ns
        )
        for path in folder.rglob("*") if path.is_file()
    }  # fmt: skip


def pictures(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.suffix.lower() in (".png", ".jpg")]


def contents(folder: Path) -> list[bytes]:
    return sorted(path.read_bytes() for path in pictures(folder))


def images(source: Path, names: list[str]) -> Path:
    """Writes small images that all differ, by path below `source`."""
    for number, name in enumerate(names):
        path = source / name
        path.parent.mkdir(parents=True, exist_ok=True)
        pixels = np.full((20, 20), 255, np.uint8)
        pixels[4 : 10 + number % 7, 3 + number % 11 : 15] = number
        Image.fromarray(pixels).save(path)
    return source


def test_each_file_of_the_source_lies_in_the_split_and_label_it_has_in_the_dataset(
    characters: Path, workspace: Workspace, tmp_path: Path
) -> None:
    before, tree = state(characters), tmp_path / "new" / "tree"
    run = exported(workspace, characters, tree)
    with open(workspace.dataset("set") / "split.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows
    for row in rows:
        name = Path(row["path"]).name
        copy = tree / FOLDERS[row["split"]] / row["label"] / name
        assert copy.read_bytes() == (characters / row["path"]).read_bytes()
    assert len(pictures(tree)) == len(rows)
    assert state(characters) == before
    finished = run.finished()
    assert finished is not None and finished.summary["export"] == {
        "path": str(tree), "copies": 0,
        **{FOLDERS[split]: sum(row["split"] == split for row in rows) for split in FOLDERS},
    }  # fmt: skip
    assert os.listdir(tree.parent) == ["tree"]


def test_tools_that_number_the_folders_number_every_split_as_the_dataset_does(
    workspace: Workspace, tmp_path: Path
) -> None:
    source = images(tmp_path / "source", ["丁/1.png", "一/1.png", "七/1.png", "七/2.png"])
    run = exported(workspace, source, tmp_path / "tree")
    labels = list(open_dataset(workspace.dataset("set")).labels)
    assert sorted(os.listdir(tmp_path / "tree" / "train")) == labels
    assert sorted(os.listdir(tmp_path / "tree" / "test")) == labels
    assert [event.params for event in warnings(run, "export.empty")] == [
        {"count": 2, "split": "test"}
    ]


def test_hard_links_take_no_space_of_their_own(
    characters: Path, workspace: Workspace, tmp_path: Path
) -> None:
    source = shutil.copytree(characters, tmp_path / "source")
    exported(workspace, source, tmp_path / "tree", link="hard")
    before = {path.stat().st_ino for path in pictures(source)}
    assert {path.stat().st_ino for path in pictures(tmp_path / "tree")} == before


@pytest.mark.parametrize("link", ["hard", "reflink"])
def test_files_that_cannot_be_linked_are_copied_and_the_run_says_why(
    characters: Path, workspace: Workspace, tmp_path: Path, link: Link
) -> None:
    elsewhere = Path("/dev/shm")
    if not os.access(elsewhere, os.W_OK) or elsewhere.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("needs a second file system at /dev/shm")
    source = elsewhere / f"hanzi-tui-test-{os.getpid()}"
    try:
        shutil.copytree(characters, source)
        run = exported(workspace, source, tmp_path / "tree", link=link)
        (told,) = warnings(run, "export.copied")
        assert told.params["count"] == len(contents(source)) and told.params["detail"]
        assert contents(source) == contents(tmp_path / "tree")
    finally:
        shutil.rmtree(source, ignore_errors=True)


def test_a_reflink_is_a_file_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"ink" * 5000)
    place(str(tmp_path / "a"), str(tmp_path / "b"), "reflink")
    assert (tmp_path / "b").read_bytes() == b"ink" * 5000
    (tmp_path / "b").write_bytes(b"paper")
    assert (tmp_path / "a").read_bytes() == b"ink" * 5000
    with pytest.raises(FileExistsError):
        place(str(tmp_path / "a"), str(tmp_path / "b"), "reflink")


def test_nothing_is_written_over_and_nothing_into_the_source(
    characters: Path, workspace: Workspace, tmp_path: Path
) -> None:
    source = shutil.copytree(characters, tmp_path / "source")
    (tmp_path / "mine").mkdir()
    (tmp_path / "half.partial").mkdir()
    (tmp_path / "half.partial" / "mine.txt").write_text("mine")
    before = state(tmp_path)
    for tree, code in [
        (tmp_path / "mine", "export.exists"),
        (source / "tree", "export.inside_source"),
        (tmp_path / "half", "export.foreign_partial"),
    ]:
        run = done(job(workspace.root, source, tree))
        assert failure(run).code == code
    assert state(tmp_path) == before


def test_what_cannot_be_exported_is_told_before_anything_is_packed(
    characters: Path, workspace: Workspace, tmp_path: Path
) -> None:
    run = done(job(workspace.root, characters, tmp_path))
    assert failure(run).code == "export.exists"
    off, mirror = AugmentSettings(enabled=False), AugmentSettings(mirror=True)
    for augment, code in [(off, "export.undistorted"), (mirror, "augment.mirror")]:
        run = done(job(workspace.root, characters, tmp_path / "tree", copies=1, augment=augment))
        assert failure(run).code == code
    assert not workspace.datasets.exists()


def test_a_stopped_export_leaves_nothing_and_the_resumed_run_makes_it_whole(
    starter: Path, workspace: Workspace, tmp_path: Path
) -> None:
    tree = tmp_path / "tree"

    async def stopped_and_resumed() -> Run:
        run = await jobs.start(job(workspace.root, starter, tree, copies=MANY))
        await until(lambda: _exporting(run))
        await jobs.stop(run)
        assert run.status() is Status.STOPPED
        assert os.listdir(tmp_path) == []
        await jobs.resume(run)
        async for _event in jobs.follow(run):
            pass
        return run

    run = asyncio.run(stopped_and_resumed())
    assert run.status() is Status.FINISHED
    training = open_dataset(workspace.dataset("set")).counts["train"]
    assert len(contents(tree / "train")) == (1 + MANY) * training


def test_a_killed_export_is_never_half_visible_and_a_second_run_makes_it_whole(
    starter: Path, workspace: Workspace, tmp_path: Path
) -> None:
    tree = tmp_path / "tree"
    wanted = job(workspace.root, starter, tree, copies=MANY)

    async def killed() -> Run:
        run = await jobs.start(wanted)
        await until(lambda: _exporting(run))
        worker = run.worker()
        assert worker is not None
        helpers = psutil.Process(worker.pid).children()
        assert helpers
        os.kill(worker.pid, signal.SIGKILL)
        await until(lambda: not run.status().live)
        await until(lambda: not any(helper.is_running() for helper in helpers))
        return run

    asyncio.run(killed())
    assert os.listdir(tmp_path) == ["tree.partial"]
    assert done(wanted).status() is Status.FINISHED
    assert os.listdir(tmp_path) == ["tree"]
    training = open_dataset(workspace.dataset("set")).counts["train"]
    assert len(contents(tree / "train")) == (1 + MANY) * training


def test_only_training_images_get_distorted_copies_and_always_the_same(
    characters: Path, workspace: Workspace, tmp_path: Path
) -> None:
    run = exported(workspace, characters, tmp_path / "first", copies=3)
    exported(workspace, characters, tmp_path / "second", copies=3, link="hard")
    first, second = tmp_path / "first", tmp_path / "second"
    assert contents(first) == contents(second)
    copies = sorted(first.rglob("*_aug_?.png"))
    training = open_dataset(workspace.dataset("set")).counts["train"]
    assert len(copies) == 3 * training > 0
    assert {path.relative_to(first).parts[0] for path in copies} == {"train"}
    assert len({path.read_bytes() for path in copies}) == len(copies)
    for copy in copies:
        (original,) = copy.parent.glob(copy.name.rsplit("_aug_", 1)[0] + ".*")
        with Image.open(copy) as distorted, Image.open(original) as picture:
            assert distorted.size == picture.size
            assert abs(np.median(np.asarray(distorted)) - np.median(np.asarray(picture))) < 12
    finished = run.finished()
    assert finished is not None and finished.summary["export"]["copies"] == 3 * training
    told = json.loads((first / "export.json").read_text("utf-8"))
    assert told["copies"]["count"] == 3 and told["copies"]["distortion"]["rotation_deg"] == 8.0


def test_an_archive_is_written_as_the_files_in_it(
    characters: Path, workspace: Workspace, tmp_path: Path
) -> None:
    archive = Path(shutil.make_archive(str(tmp_path / "characters"), "zip", characters))
    exported(workspace, archive, tmp_path / "tree", link="hard")
    assert contents(tmp_path / "tree") == contents(characters)


def test_samples_of_a_gnt_file_become_images_named_after_their_writer(
    workspace: Workspace, tmp_path: Path
) -> None:
    samples = []
    with open(tmp_path / "C016.gnt", "wb") as file:
        for number in range(8):
            pixels = np.full((30 + number, 24), 255, np.uint8)
            pixels[4:20, 3 + number : 9 + number] = number
            tag = "一二"[number % 2].encode("gb2312")
            size = struct.pack("<I", 10 + pixels.size)
            file.write(size + tag + struct.pack("<HH", 24, 30 + number) + pixels.tobytes())
            samples.append(pixels)
    exported(workspace, tmp_path / "C016.gnt", tmp_path / "tree", copies=1)
    written = [path for path in pictures(tmp_path / "tree") if "_aug_" not in path.name]
    assert all(path.name.startswith("C016.gnt-") for path in written)
    found = sorted((np.asarray(Image.open(path)) for path in written), key=len)
    assert all((a == b).all() for a, b in zip(found, samples, strict=True))


def test_names_that_clash_are_numbered_and_tell_where_they_came_from(
    workspace: Workspace, tmp_path: Path
) -> None:
    names = ["二/x.png", "一/w1/x.png", "一/w2/x.png", "一/y.png", "一/Y.PNG", "一/w1-x.png"]
    source = images(tmp_path / "source", names)
    exported(workspace, source, tmp_path / "tree")
    assert {"w1-x.png", "w2-x.png"} < {path.name for path in pictures(tmp_path / "tree")}
    assert contents(source) == contents(tmp_path / "tree")


def test_labels_that_are_no_folder_names_come_back_when_the_tree_is_prepared(
    workspace: Workspace, tmp_path: Path
) -> None:
    labels = ["/", ".", "..", "a/b", "%", "A", "a", "一"]
    names = [f"{number}_{i}.png" for number in range(len(labels)) for i in range(5)]
    images(tmp_path, names)
    table = tmp_path / "list.csv"
    table.write_text("path,label\n" + "".join(
        f"{name},{labels[int(name.partition('_')[0])]}\n" for name in names
    ), "utf-8")  # fmt: skip
    run = exported(workspace, table, tmp_path / "tree")
    (told,) = warnings(run, "export.renamed")
    assert told.params == {"count": 5, "path": str(tmp_path / "tree" / "labels.csv")}
    first = open_dataset(workspace.dataset("set"))
    assert set(first.labels) == set(labels)
    again = done(PrepareJob(workspace=workspace.root, source=tmp_path / "tree", name="again",
                            dataset=DatasetSettings(size=32, processes=1)))  # fmt: skip
    assert again.status() is Status.FINISHED, again.events.read_text()
    second = open_dataset(workspace.dataset("again"))
    assert second.labels == first.labels
    assert second.counts == first.counts


@pytest.mark.parametrize(("link", "code"), [("copy", "disk.full"), ("hard", "export.disk_full")])
def test_a_full_disk_is_one_clear_error_and_leaves_nothing(
    workspace: Workspace, tmp_path: Path, link: Link, code: str
) -> None:
    source, disk = tmp_path / "source", tmp_path / "disk"
    for number in range(36):
        path = source / "一二三"[number % 3] / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        noise = np.random.default_rng(number).integers(0, 256, (600, 600, 3), np.uint8)
        Image.fromarray(noise).save(path, compress_level=0)
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", disk],
                             capture_output=True)  # fmt: skip
    if mounted.returncode:
        pytest.skip("needs to mount a small file system")
    try:
        run = done(job(workspace.root, source, disk / "tree", link=link))
        assert failure(run).code == code, failure(run)
        assert os.listdir(disk) == []
    finally:
        subprocess.run(["umount", disk], check=True)


def _exporting(run: Run) -> bool:
    """Says whether a run has written some of its files, and not all."""
    assert run.status().live, run.events.read_text()
    events = [stamped.event for stamped in EventReader(run.events).read()]
    at = [i for i, event in enumerate(events) if event == Stage("export")]
    told = [event for event in events[at[0] :] if isinstance(event, Progress)] if at else []
    return any(0 < event.done < event.total for event in told)
