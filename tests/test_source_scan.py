"""A source folder is counted before anything is made of it."""

from __future__ import annotations

import asyncio
import os
import shutil
import threading
import time
from pathlib import Path

import pytest

from hanzi_tui.source_scan import MOST_LINES, histogram, in_thread, scan
from pipeline.problems import Problem


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
    assert found.others == 1
    assert [rejected.code for rejected in found.rejected] == ["source.control_character"]
    assert [path.split("/")[0] for path in found.samples] == sorted(dict(found.sizes))
    assert found.untested(0.15) == 1
    assert sum(found.split_counts(0.1, 0.15)) == found.images


def test_folders_that_spell_one_label_are_told(characters: Path, tmp_path: Path) -> None:
    label = sorted(path.name for path in characters.iterdir())[0]
    shutil.copytree(characters / label, tmp_path / label)
    shutil.copytree(characters / label, tmp_path / os.fsdecode(label.encode("gb18030")))
    found = scan(tmp_path)
    assert list(found.merged) == [label]
    assert found.sizes == ((label, 120),)


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
