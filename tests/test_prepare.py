"""From a folder as people have it to a dataset that is whole, honest and read-only at heart."""

from __future__ import annotations

import asyncio
import csv
import json
import os
import shutil
import subprocess
import sys
import time
import unicodedata
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from pictures import glyph, huge_png
from PIL import Image
from workers import done, until

from pipeline import jobs
from pipeline.dataset.records import open_dataset
from pipeline.dataset.split import SPLITS
from pipeline.events import EventReader, Failed, Log, Progress, Warned
from pipeline.images import normalize
from pipeline.jobs import PrepareJob
from pipeline.problems import Problem
from pipeline.runs import Run, Status
from pipeline.settings import DatasetSettings
from pipeline.workspace import Workspace


def job(workspace: Workspace, source: Path, name: str = "set", **changes: object) -> PrepareJob:
    replace = bool(changes.pop("replace", False))
    settings = DatasetSettings(**({"size": 32, "processes": 1} | changes))  # type: ignore[arg-type]
    return PrepareJob(workspace=workspace.root, source=source, name=name, dataset=settings,
                      replace=replace)  # fmt: skip


def finished(run: Run) -> dict[str, object]:
    assert run.status() is Status.FINISHED, run.events.read_text()
    summary = run.finished()
    assert summary is not None
    return summary.summary


def failure(run: Run) -> Failed:
    last = EventReader(run.events).read()[-1].event
    assert isinstance(last, Failed), last
    return last


def said(run: Run, code: str) -> list[Log]:
    events = [s.event for s in EventReader(run.events).read()]
    return [event for event in events if isinstance(event, Log) and event.code == code]


def rows(path: Path) -> list[dict[str, str]]:
    with open(path, encoding="utf-8", errors="surrogateescape", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def source(characters: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(characters, tmp_path / "source"))


def test_a_dataset_is_what_the_design_says(workspace: Workspace, source: Path) -> None:
    before = {p: p.stat().st_mtime_ns for p in source.rglob("*")}
    summary = finished(done(job(workspace, source)))
    dataset = open_dataset(workspace.dataset("set"))
    assert dataset.labels == tuple(sorted(folder.name for folder in source.iterdir()))
    files = [p for p in source.rglob("*") if p.is_file()]
    assert sum(dataset.counts.values()) == len(files)
    assert summary["classes"] == len(dataset.labels)
    for name in SPLITS:
        split = dataset.split(name)
        assert split.images.dtype == np.uint8
        assert split.images.shape == (dataset.counts[name], 32, 32, 1)
        assert split.labels.dtype == np.int32
        for row, label, origin in zip(
            split.images, split.labels, dataset.sources(name), strict=True
        ):
            assert dataset.labels[label] == origin["label"]
            again = normalize(source / origin["path"], dataset.spec)
            assert np.array_equal(row, again)
    assert {p: p.stat().st_mtime_ns for p in source.rglob("*")} == before


def test_the_split_is_by_class_seeded_and_reusable(workspace: Workspace, source: Path) -> None:
    finished(done(job(workspace, source, "a")))
    finished(done(job(workspace, source, "b", size=48)))
    finished(done(job(workspace, source, "c", seed=1)))
    a, b, c = (rows(workspace.dataset(name) / "split.csv") for name in "abc")
    assert a == b
    assert a != c
    of_class: dict[str, Counter[str]] = {}
    for row in a:
        of_class.setdefault(row["label"], Counter())[row["split"]] += 1
    for label, counts in of_class.items():
        total = sum(counts.values())
        assert abs(counts["test"] - 0.15 * total) <= 1, label
        assert abs(counts["validation"] - 0.10 * total) <= 1, label


def test_exact_copies_never_sit_on_two_sides(workspace: Workspace, source: Path) -> None:
    for folder in source.iterdir():
        for file in sorted(folder.iterdir())[:20]:
            shutil.copy(file, folder / f"copy-{file.name}")
    run = done(job(workspace, source))
    finished(run)
    sides: dict[bytes, set[str]] = {}
    for row in rows(workspace.dataset("set") / "split.csv"):
        sides.setdefault((source / row["path"]).read_bytes(), set()).add(row["split"])
    assert all(len(splits) == 1 for splits in sides.values())
    assert said(run, "dataset.duplicates")


def test_what_cannot_be_read_is_left_out_with_its_reason_and_nothing_else(
    workspace: Workspace, tmp_path: Path
) -> None:
    source = tmp_path / "nasty"
    labels = [b"a[/b]", b"with space", b"\xb0\xa1"]
    folders = [Path(os.fsdecode(os.fsencode(source) + b"/" + label)) for label in labels]
    for folder in folders:
        folder.mkdir(parents=True)
        for shift in range(8):
            glyph(shift).save(os.path.join(folder, f"{shift}.png"))
    nasty = folders[0]
    (nasty / "zero.png").touch()
    glyph().save(nasty / "whole.jpg")
    (nasty / "torn.jpg").write_bytes((nasty / "whole.jpg").read_bytes()[:300])
    (nasty / "text.png").write_text("not an image")
    huge_png(nasty / "huge.png")
    sixteen = np.asarray(glyph(), np.uint16) * 257
    Image.fromarray(sixteen).save(nasty / "sixteen.png")
    glyph(mode="RGB").convert("CMYK").save(nasty / "cmyk.jpg")
    exif = Image.Exif()
    exif[0x0112] = 6
    glyph(mode="RGB").rotate(90).save(nasty / "turned.jpg", exif=exif)
    palette = glyph(mode="RGBA").quantize(4)
    palette.save(nasty / "palette.png", transparency=0)
    (nasty / "notes.txt").write_text("a list")

    run = done(job(workspace, source))
    summary = finished(run)
    rejected = rows(workspace.dataset("set") / "rejected.csv")
    unread = {Path(row["path"]).name: row["code"] for row in rejected}
    assert unread.keys() == {"zero.png", "torn.jpg", "text.png", "huge.png"}
    assert unread["zero.png"] == "image.empty"
    assert unread["torn.jpg"] == "image.truncated"
    assert unread["text.png"] == "image.unknown"
    assert unread["huge.png"] == "image.too_large"
    assert all(row["path"] in row["reason"] or "a[/b]" in row["reason"] for row in rejected)
    assert summary["rejected"] == 4
    dataset = open_dataset(workspace.dataset("set"))
    assert set(dataset.labels) == {"a[", "with space", "啊"}
    assert sum(dataset.counts.values()) == 3 * 8 + 5


def test_a_label_with_a_control_character_is_left_out_and_a_composed_one_is_merged(
    workspace: Workspace, source: Path
) -> None:
    for label in (
        "bad\nlabel",
        unicodedata.normalize("NFC", "é"),
        unicodedata.normalize("NFD", "é"),
    ):
        (source / label).mkdir()
        for shift in range(4):
            glyph(shift).save(source / label / f"{shift}.png")
    run = done(job(workspace, source))
    finished(run)
    labels = open_dataset(workspace.dataset("set")).labels
    assert unicodedata.normalize("NFC", "é") in labels
    assert len(labels) == 5
    assert said(run, "dataset.merged")
    codes = {row["code"] for row in rows(workspace.dataset("set") / "rejected.csv")}
    assert codes == {"source.control_character"}


def test_a_class_too_small_for_a_test_image_is_named(workspace: Workspace, source: Path) -> None:
    (source / "稀").mkdir()
    glyph().save(source / "稀" / "only.png")
    run = done(job(workspace, source))
    finished(run)
    told = said(run, "dataset.no_test_image")
    assert len(told) == 1
    assert isinstance(told[0], Warned)
    assert "稀" in told[0].text
    [row] = [r for r in rows(workspace.dataset("set") / "split.csv") if r["label"] == "稀"]
    assert row["split"] == "train"


def test_what_is_prepared_already_is_not_done_again(workspace: Workspace, source: Path) -> None:
    finished(done(job(workspace, source)))
    stamp = (workspace.dataset("set") / "dataset.json").stat().st_mtime_ns
    began = time.monotonic()
    run = done(job(workspace, source))
    assert time.monotonic() - began < 2.0
    finished(run)
    assert said(run, "dataset.prepared")
    assert (workspace.dataset("set") / "dataset.json").stat().st_mtime_ns == stamp


def test_a_changed_source_says_what_changed_and_is_replaced_only_when_asked(
    workspace: Workspace, source: Path
) -> None:
    finished(done(job(workspace, source)))
    folder = min(source.iterdir())
    first, second, *_others = sorted(folder.iterdir())
    glyph().save(folder / "new.png")
    glyph().save(first)
    second.unlink()
    refused = failure(done(job(workspace, source)))
    assert refused.code == "dataset.source_changed"
    assert "files added: 1, changed: 1, removed: 1" in refused.text
    for path in (folder / "new.png", first, second):
        assert f"{folder.name}/{path.name}" in refused.text
    refused = failure(done(job(workspace, source, size=48)))
    assert "size 32 → 48" in refused.text
    before = open_dataset(workspace.dataset("set"))
    finished(done(job(workspace, source, replace=True)))
    after = open_dataset(workspace.dataset("set"))
    assert sum(after.counts.values()) == sum(before.counts.values())
    assert after.content_hash != before.content_hash


async def killed(workspace: Workspace, source: Path) -> Run:
    """Returns a run that was killed after it had packed some images."""
    run = await jobs.start(job(workspace, source))
    chunks = workspace.datasets / "set.partial" / "chunks.jsonl"
    await until(lambda: chunks.is_file() and chunks.stat().st_size > 0)
    await jobs.stop(run, "kill")
    return run


def test_a_killed_prepare_leaves_nothing_visible_and_goes_on_where_it_was(
    workspace: Workspace, starter: Path
) -> None:
    run = asyncio.run(killed(workspace, starter))
    assert not workspace.dataset("set").exists()
    with pytest.raises(Problem, match="There is no prepared dataset"):
        workspace.require_dataset("set")
    packed = len((workspace.datasets / "set.partial" / "chunks.jsonl").read_text().splitlines())
    assert packed >= 1
    finished(done(job(workspace, starter)))
    finished(done(job(workspace, starter, "unbroken")))
    a, b = (open_dataset(workspace.dataset(name)) for name in ("set", "unbroken"))
    assert a.content_hash == b.content_hash
    assert not (workspace.datasets / "set.partial").exists()
    assert run.status() is Status.INTERRUPTED


@pytest.mark.parametrize(("make", "code"), [(False, "source.missing"), (True, "source.no_labels")])
def test_a_source_that_is_none_fails_in_one_sentence(
    workspace: Workspace, tmp_path: Path, make: bool, code: str
) -> None:
    source = tmp_path / "nothing"
    if make:
        source.mkdir()
    failed = failure(done(job(workspace, source)))
    assert failed.code == code
    assert str(source) in failed.text
    assert not list(workspace.datasets.glob("*.partial"))


def test_a_damaged_dataset_is_refused(workspace: Workspace, source: Path) -> None:
    finished(done(job(workspace, source)))
    folder = workspace.dataset("set")
    labels = folder / "labels.txt"
    labels.write_text(labels.read_text("utf-8") + "多\n", "utf-8")
    with pytest.raises(Problem, match=r"labels\.txt has 5 lines for 4 classes"):
        open_dataset(folder)
    described = json.loads((folder / "dataset.json").read_text("utf-8"))
    described["format_version"] = 99
    (folder / "dataset.json").write_text(json.dumps(described))
    with pytest.raises(Problem, match="format 99"):
        open_dataset(folder)


def test_a_split_is_reused_and_one_that_does_not_fit_refused_before_anything_is_packed(
    workspace: Workspace, source: Path
) -> None:
    # What cannot be read stands in no split, and need not.
    (next(source.iterdir()) / "torn.png").write_bytes(b"\x89PNG\r\n")
    finished(done(job(workspace, source, "a")))
    split = workspace.dataset("a") / "split.csv"
    finished(done(job(workspace, source, "b", size=48, seed=7, split_file=str(split))))
    assert rows(workspace.dataset("b") / "split.csv") == rows(split)
    kept = split.read_text("utf-8").splitlines(keepends=True)
    split.write_text("".join(kept[:-1]), "utf-8")
    failed = failure(done(job(workspace, source, "b", size=48, seed=7, split_file=str(split))))
    assert failed.code == "dataset.exists"
    assert "split_file" in failed.text
    refused = done(job(workspace, source, "c", split_file=str(split)))
    assert failure(refused).code == "split_file.not_in_it"
    assert kept[-1].split(",")[0] in failure(refused).text
    events = [stamped.event for stamped in EventReader(refused.events).read()]
    assert not [event for event in events if isinstance(event, Progress)]
    assert not list(workspace.datasets.glob("c*/"))


def test_another_split_of_the_same_images_packs_none_of_them_again(
    workspace: Workspace, starter: Path
) -> None:
    asyncio.run(killed(workspace, starter))
    run = done(job(workspace, starter, seed=3))
    finished(run)
    events = [stamped.event for stamped in EventReader(run.events).read()]
    progress = next(event for event in events if isinstance(event, Progress))
    assert progress.done


def test_near_copies_stay_on_one_side(workspace: Workspace, source: Path) -> None:
    for folder in source.iterdir():
        for file in sorted(folder.iterdir())[:20]:
            near = np.asarray(Image.open(file).convert("L")).astype(int)
            Image.fromarray((near * 0.9 + 5).astype(np.uint8)).save(
                folder / f"near-{file.stem}.png"
            )
    finished(done(job(workspace, source)))
    side = {row["path"]: row["split"] for row in rows(workspace.dataset("set") / "split.csv")}
    stems = {path.rsplit(".", 1)[0]: path for path in side}
    pairs = [(path, stems[stem.replace("/near-", "/")]) for stem, path in stems.items()
             if "/near-" in stem]  # fmt: skip
    assert len(pairs) == 80
    assert all(side[near] == side[original] for near, original in pairs)
    described = json.loads((workspace.dataset("set") / "dataset.json").read_text("utf-8"))
    assert described["split"]["near_across"] == 0


def test_colour_and_size_are_taken_from_the_command_line(
    workspace: Workspace, source: Path, tmp_path: Path
) -> None:
    archive = shutil.make_archive(str(tmp_path / "my.set"), "gztar", source)
    arguments = ("prepare", archive, "--kind", "photo", "--size", "160", "--channels", "3",
                 "--workspace", str(workspace.root))  # fmt: skip
    ran = subprocess.run([sys.executable, "-m", "hanzi_tui", *arguments], capture_output=True)
    assert ran.returncode == 0, ran.stderr
    split = open_dataset(workspace.dataset("my.set")).split("train")
    assert split.images.shape[1:] == (160, 160, 3)
