"""A prepare that is killed at any moment, or finds the disk full, leaves nothing half-made."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import random
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest
from workers import done, until

from pipeline import jobs
from pipeline.dataset.chunks import CHUNK
from pipeline.dataset.pack import NOTES
from pipeline.dataset.records import PreparedDataset, open_dataset
from pipeline.dataset.split import SPLITS
from pipeline.events import EventReader, Failed, Progress
from pipeline.jobs import PrepareJob
from pipeline.runs import Run, Status
from pipeline.settings import DatasetSettings
from pipeline.workspace import Workspace

KILLS = 10
COPIES = 2


@pytest.fixture(scope="module")
def many(starter: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The starter dataset several times over: some 20 chunks of images."""
    source = tmp_path_factory.mktemp("many") / "source"
    for file in starter.glob("*/*"):
        (source / file.parent.name).mkdir(parents=True, exist_ok=True)
        for copy in range(COPIES):
            os.link(file, source / file.parent.name / f"{copy}-{file.name}")
    return source


def job(workspace: Workspace, source: Path, size: int, replace: bool = True) -> PrepareJob:
    settings = DatasetSettings(size=size, processes=2)
    return PrepareJob(workspace=workspace.root, source=source, name="set", dataset=settings,
                      replace=replace)  # fmt: skip


def first_progress(run: Run) -> Progress:
    """Returns how much was there already when packing began."""
    return next(stamped.event for stamped in EventReader(run.events).read()
                if isinstance(stamped.event, Progress))  # fmt: skip


def whole(dataset: PreparedDataset, images: int) -> bool:
    """Reads a dataset from end to end."""
    splits = [dataset.require_split(name) for name in SPLITS]
    for split in splits:
        assert len(dataset.sources(split.name)) == len(split.labels)
        # No glyph of the starter dataset is blank, so a row of zeros was never written.
        assert np.asarray(split.images).reshape(len(split.images), -1).any(axis=1).all()
    return sum(len(split.labels) for split in splits) == images


def test_kill_9_at_ten_random_moments_leaves_the_old_dataset_or_the_new_one(
    workspace: Workspace, many: Path
) -> None:
    images = sum(1 for _file in many.glob("*/*"))
    assert done(job(workspace, many, 32)).status() is Status.FINISHED
    notes = workspace.datasets / "set.partial" / NOTES
    dice = random.Random(5)
    cut_while_packing = 0
    for old, new in itertools.pairwise(range(32, 32 + KILLS + 1)):
        chunks = dice.randint(0, -(-images // CHUNK))
        asyncio.run(killed(job(workspace, many, new), notes, chunks, dice.uniform(0, 0.3)))
        dataset = open_dataset(workspace.dataset("set"))
        assert dataset.spec.size_px in (old, new)
        assert whole(dataset, images)
        packed = noted(notes) * CHUNK if dataset.spec.size_px == old else 0
        cut_while_packing += 0 < packed < images
        run = done(job(workspace, many, new))
        assert run.status() is Status.FINISHED
        if packed:
            assert first_progress(run).done >= min(packed - CHUNK, images), "it was done again"
        dataset = open_dataset(workspace.dataset("set"))
        assert dataset.spec.size_px == new
        assert whole(dataset, images)
        assert sorted(os.listdir(workspace.datasets)) == ["set", "set.lock"]
    assert cut_while_packing, "no kill came while images were packed"
    other = Workspace(workspace.root.with_name("undisturbed"))
    assert done(job(other, many, new)).status() is Status.FINISHED
    assert open_dataset(other.dataset("set")).content_hash == dataset.content_hash


def noted(notes: Path) -> int:
    """Returns how many chunks a working folder has."""
    try:
        return notes.read_text("utf-8").count("\n")
    except FileNotFoundError:
        return 0


async def killed(job: PrepareJob, notes: Path, chunks: int, later_s: float) -> None:
    """Starts a job and kills its worker a moment after so many chunks were noted.

    Raises:
        asyncio.TimeoutError: the processes that the worker had started outlive it.
    """
    run = await jobs.start(job)
    worker = run.worker()
    assert worker is not None
    await until(lambda: noted(notes) >= chunks or not run.status().live)
    moment = time.monotonic() + later_s
    await until(lambda: time.monotonic() > moment or not run.status().live)
    family: list[psutil.Process] = []
    with contextlib.suppress(psutil.NoSuchProcess):
        process = psutil.Process(worker.pid)
        family = process.children(recursive=True)
        # The worker alone, as the kernel does when memory runs out.
        process.kill()
    await until(lambda: not run.status().live)
    await until(lambda: not any(map(psutil.Process.is_running, family)), 10)


def test_a_stop_keeps_what_is_packed(workspace: Workspace, many: Path) -> None:
    async def stopped() -> Run:
        run = await jobs.start(job(workspace, many, 40))
        notes = workspace.datasets / "set.partial" / NOTES
        await until(lambda: notes.is_file() and notes.stat().st_size > 0)
        await jobs.stop(run)
        return run

    assert asyncio.run(stopped()).status() is Status.STOPPED
    notes = workspace.datasets / "set.partial" / NOTES
    before = notes.read_text("utf-8")
    assert before.endswith("\n")
    run = done(job(workspace, many, 40))
    assert run.status() is Status.FINISHED
    assert first_progress(run).done >= (before.count("\n") - 1) * CHUNK


def test_a_decoder_that_dies_is_one_clear_error_and_the_rest_is_kept(
    workspace: Workspace, many: Path
) -> None:
    notes = workspace.datasets / "set.partial" / NOTES

    async def orphaned() -> Run:
        run = await jobs.start(job(workspace, many, 40))
        worker = run.worker()
        assert worker is not None
        await until(lambda: notes.is_file() and notes.stat().st_size > 0)
        for child in psutil.Process(worker.pid).children():
            if "spawn_main" in " ".join(child.cmdline()):
                child.kill()
        await until(lambda: not run.status().live)
        return run

    failed = EventReader(asyncio.run(orphaned()).events).read()[-1].event
    assert isinstance(failed, Failed)
    assert failed.code == "dataset.decoder_died"
    assert "-" in failed.params["first"]
    run = done(job(workspace, many, 40))
    assert run.status() is Status.FINISHED
    assert first_progress(run).done > 0


def test_a_group_pattern_that_fits_nothing_is_refused_before_anything_is_packed(
    workspace: Workspace, many: Path
) -> None:
    bad = job(workspace, many, 40)
    bad = bad.model_copy(update={"dataset": bad.dataset.model_copy(update={"group": "w[0-9]{9}"})})
    last = EventReader(done(bad).events).read()[-1].event
    assert isinstance(last, Failed)
    assert last.code == "split.no_group"
    assert not (workspace.datasets / "set.partial").exists()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own, of 64 MB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(disk)]
    mounted = subprocess.run(command, capture_output=True, text=True)
    if mounted.returncode:
        pytest.skip(f"no disk of its own may be mounted here: {mounted.stderr.strip()}")
    yield disk
    # Lazily: a worker that has ended may still hold it for a moment.
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


def full_disk(run: Run) -> Failed:
    events = [stamped.event for stamped in EventReader(run.events).read()]
    failures = [event for event in events if isinstance(event, Failed)]
    assert [failure.code for failure in failures] == ["disk.full"]
    return failures[0]


def test_too_little_room_is_said_before_anything_is_packed(small_disk: Path, many: Path) -> None:
    workspace = Workspace(small_disk / "workspace")
    before = {path: path.stat().st_mtime_ns for path in many.rglob("*")}
    failed = full_disk(done(job(workspace, many, 128)))
    assert "MB are needed" in failed.text
    assert [path.name for path in workspace.datasets.rglob("*.npy")] == []
    assert not workspace.dataset("set").exists()
    assert {path: path.stat().st_mtime_ns for path in many.rglob("*")} == before


def test_a_disk_that_fills_up_meanwhile_is_one_clear_error_and_work_goes_on_after_it(
    small_disk: Path, many: Path
) -> None:
    workspace = Workspace(small_disk / "workspace")
    filler = small_disk / "filler"
    notes = workspace.datasets / "set.partial" / NOTES

    async def filled() -> Run:
        run = await jobs.start(job(workspace, many, 40))
        await until(lambda: notes.is_file() and notes.stat().st_size > 0)
        with pytest.raises(OSError, match="No space"), open(filler, "wb", buffering=0) as file:
            while True:
                file.write(bytes(1 << 16))
        await until(lambda: not run.status().live)
        return run

    run = asyncio.run(filled())
    assert run.status() is Status.FAILED
    full_disk(run)
    assert not workspace.dataset("set").exists()
    filler.unlink()
    run = done(job(workspace, many, 40))
    assert run.status() is Status.FINISHED
    assert first_progress(run).done > 0
    assert whole(open_dataset(workspace.dataset("set")), sum(1 for _ in many.glob("*/*")))
    assert shutil.disk_usage(small_disk).free > 0
