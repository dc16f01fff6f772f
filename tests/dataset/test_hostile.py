"""A folder with all that can be wrong in one: it is prepared, and each thing is named."""

from __future__ import annotations

import csv
import ctypes
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from pictures import glyph, glyph_png, huge_png
from PIL import Image

from pipeline.dataset.records import open_dataset

MANY = 20_000
PR_CAPBSET_DROP, DAC_OVERRIDE, DAC_READ_SEARCH = 24, 1, 2

# What `hanzi-tui prepare` does, in a process whose memory and rights can be told.
PREPARE = """
import json, resource, sys
from pathlib import Path
from pipeline.dataset.prepare import prepare
from pipeline.events import EventLog, Report
from pipeline.processes import peak_memory_bytes
from pipeline.settings import DatasetSettings

def main():
    folder = Path(sys.argv[1])
    report = Report(EventLog(folder / "events.jsonl"))
    summary = prepare(folder / "source", folder / "datasets" / "set",
                      DatasetSettings(size=32, processes=2), report, lambda: None, owner="test")
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    print(json.dumps({**summary, "peak_mb": max(peak_memory_bytes(), children) / 1e6}))

if __name__ == "__main__":
    main()
"""


def without_roots_rights() -> None:
    """Takes from root, in a process to be, the right to read what its mode forbids."""
    libc = ctypes.CDLL(None)
    for right in (DAC_OVERRIDE, DAC_READ_SEARCH):
        libc.prctl(PR_CAPBSET_DROP, right, 0, 0, 0)


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    """Runs Python with no more rights than any user has."""
    return subprocess.run(
        [sys.executable, *command], cwd="/", capture_output=True, text=True, timeout=300,
        preexec_fn=without_roots_rights if os.geteuid() == 0 else None,
    )  # fmt: skip


def fill(source: Path) -> None:
    nasty = source / "一"
    for name in ("一", "二", "空", "多", "锁"):
        (source / name).mkdir(parents=True)
    for number in range(4):
        glyph(number).save(source / "二" / f"{number}.png")
        glyph(-number).save(source / "锁" / f"{number}.png")
    glyph().save(nasty / "whole.jpg")
    (nasty / "zero.png").touch()
    (nasty / "text.png").write_text("not an image")
    (nasty / "torn.jpg").write_bytes((nasty / "whole.jpg").read_bytes()[:300])
    huge_png(nasty / "huge.png")
    with open(nasty / "large.png", "wb") as file:
        file.truncate(5_000_000_000)
    frames = [glyph(shift) for shift in range(3)]
    frames[0].save(nasty / "moving.gif", save_all=True, append_images=frames[1:])
    Image.new("L", (1, 1), 128).save(nasty / "dot.png")
    os.mkfifo(nasty / "pipe.png")
    (nasty / "zeros.png").symlink_to("/dev/zero")
    (nasty / "itself.png").symlink_to("itself.png")
    (nasty / "gone.png").symlink_to("nowhere.png")
    (nasty / "up").symlink_to(source)
    (nasty / "one").mkdir()
    (nasty / "one" / "two").symlink_to(nasty)
    (nasty / "line\nbreak.png").write_bytes(glyph_png(2))
    raw = os.fsencode(nasty) + b"/\xff\xfe.png"
    Path(os.fsdecode(raw)).write_bytes(glyph_png(3))
    (nasty / "locked.png").write_bytes(glyph_png(4))
    (nasty / "locked.png").chmod(0)
    (source / "锁" / "inner").mkdir()
    (source / "锁" / "inner").chmod(0)
    for number in range(MANY):
        pixels = bytes((number >> 8 & 0xFF, number & 0xFF, 255, 0))
        (source / "多" / f"{number:05}.pgm").write_bytes(b"P5 2 2 255\n" + pixels)


REJECTED = {
    "zero.png": "image.empty", "text.png": "image.unknown", "torn.jpg": "image.truncated",
    "huge.png": "image.too_large", "large.png": "source.too_large",
    "pipe.png": "image.unreadable", "zeros.png": "image.unreadable",
    "itself.png": "image.unreadable", "gone.png": "image.unreadable",
    "locked.png": "image.unreadable", "inner": "source.closed",
}  # fmt: skip


def test_a_hostile_folder_is_prepared_and_each_thing_is_named_with_its_reason(
    tmp_path: Path,
) -> None:
    fill(tmp_path / "source")
    locked = tmp_path / "source" / "一" / "locked.png"
    if run("-c", f"open({str(locked)!r})").returncode == 0:
        pytest.skip("this user reads whatever its mode")
    (tmp_path / "run.py").write_text(PREPARE)
    ran = run(tmp_path / "run.py", tmp_path)
    (tmp_path / "source" / "锁" / "inner").chmod(0o755)
    assert ran.returncode == 0, ran.stderr
    summary = json.loads(ran.stdout)
    # 30,000 x 30,000 pixels are 900 MB, the large file is 5 GB.
    assert summary["peak_mb"] < 250
    folder = tmp_path / "datasets" / "set"
    dataset = open_dataset(folder)
    with open(
        folder / "rejected.csv", encoding="utf-8", errors="surrogateescape", newline=""
    ) as table:
        rejected = {Path(row["path"]).name: row for row in csv.DictReader(table)}
    assert {name: row["code"] for name, row in rejected.items()} == REJECTED
    assert all(row["path"] in row["reason"] for row in rejected.values())
    assert dataset.labels == ("一", "二", "多", "锁")
    # Whole, moving, dot, line break and undecodable, and those of the other label folders.
    assert sum(dataset.counts.values()) == 5 + 4 + 4 + MANY
    paths = {origin["path"] for split in dataset.counts for origin in dataset.sources(split)}
    assert {"一/line\nbreak.png", "一/moving.gif", "一/\udcff\udcfe.png"} <= paths
    assert "1 label folder holds no image: 空" in (tmp_path / "events.jsonl").read_text("utf-8")
