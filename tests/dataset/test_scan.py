"""A scan tells what a source holds and what is wrong with it, and changes nothing."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from pictures import glyph
from PIL import Image, ImageOps

from pipeline.dataset.scan import SourceScan, is_one_character, quick_scan, scan
from pipeline.dataset.sources import open_source

MAX_PIXELS = 50_000_000


@pytest.fixture(scope="module")
def source(characters: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four classes of sixty, with most of what goes wrong in a folder that people made."""
    folder = Path(shutil.copytree(characters, tmp_path_factory.mktemp("scan") / "source"))
    one, two, three, four = sorted(path for path in folder.iterdir())
    pictures = sorted(one.glob("LXGW*"))
    shutil.copy(pictures[0], one / "copy.png")
    Image.open(pictures[1]).convert("L").save(two / "of-another-label.jpg", quality=70)
    Image.new("L", (60, 60), 250).save(two / "blank.png")
    ImageOps.invert(Image.open(sorted(three.glob("LXGW*"))[0]).convert("L")).save(
        three / "white.png"
    )
    (three / "empty.png").touch()
    (three / "torn.png").write_bytes(pictures[2].read_bytes()[:200])
    (four / "notes.txt").write_text("no image")
    (folder / "two letters").mkdir()
    shutil.copy(sorted(four.glob("LXGW*"))[0], folder / "two letters")
    spelled_in_gbk = os.fsdecode(os.fsencode(folder) + b"/" + one.name.encode("gb18030"))
    Path(spelled_in_gbk).mkdir()
    shutil.copy(pictures[5], Path(spelled_in_gbk) / "5.png")
    return folder


@pytest.fixture(scope="module")
def found(source: Path) -> SourceScan:
    return scan(open_source(source), "glyph", MAX_PIXELS, processes=2)


def sets(source: Path, found: tuple[tuple[str, ...], ...]) -> set[frozenset[Path]]:
    return {frozenset(source / path for path in members) for members in found}


def test_a_scan_counts_what_is_there(source: Path, found: SourceScan) -> None:
    labels = sorted(path.name for path in source.iterdir() if path.name.isprintable())
    one, two, three, four = (label for label in labels if len(label) == 1)
    assert found.classes == {"two letters": 1, four: 60, one: 62, two: 62, three: 63}
    assert list(found.classes.values()) == sorted(found.classes.values())
    assert found.images == 248
    assert found.source_kind == "folder"
    assert found.long_labels == ("two letters",)
    assert list(found.merged) == [one]
    assert found.others == 1
    pixels = found.pixels
    assert pixels is not None
    assert pixels.read == 246
    assert pixels.modes == {"L": 246}
    assert pixels.widths is not None and pixels.heights is not None
    assert pixels.widths.smallest <= pixels.widths.middle <= pixels.widths.largest <= 100
    assert sum(pixels.polarity.values()) == pixels.read - len(pixels.blank)


def test_a_scan_finds_what_is_wrong(source: Path, found: SourceScan) -> None:
    assert {Path(r.path).name: r.code for r in found.rejected} == {
        "empty.png": "image.empty",
        "torn.png": "image.truncated",
    }
    assert all(rejected.path in rejected.reason for rejected in found.rejected)
    pixels = found.pixels
    assert pixels is not None
    assert [Path(path).name for path in pixels.blank] == ["blank.png"]
    one, _two, three, four = sorted(path for path in source.iterdir() if len(path.name) == 1)
    copied = sorted(one.glob("LXGW*"))
    assert sets(source, pixels.copies) == {
        frozenset({copied[0], one / "copy.png"}),
        frozenset({copied[5], next(source.glob("*/5.png"))}),
        frozenset({sorted(four.glob("LXGW*"))[0], next((source / "two letters").iterdir())}),
    }
    relabelled = frozenset({copied[1], next(source.glob("*/of-another-label.jpg"))})
    inverted = frozenset({sorted(three.glob("LXGW*"))[0], three / "white.png"})
    assert {relabelled, inverted} <= sets(source, pixels.near)
    assert relabelled in sets(source, pixels.two_labels)
    for members in pixels.two_labels:
        assert len({path.partition("/")[0] for path in members}) > 1


def test_a_scan_is_json(found: SourceScan) -> None:
    assert json.loads(json.dumps(found.to_dict()))["pixels"]["read"] == 246


def test_a_quick_scan_opens_no_image(source: Path, found: SourceScan) -> None:
    quick = quick_scan(open_source(source))
    assert quick.pixels is None
    assert quick.classes == found.classes
    assert quick.rejected == ()


def test_groups_and_classes_of_one_group_are_counted(source: Path) -> None:
    found = quick_scan(open_source(source), r"/(\w)[^/]*$")
    assert sum(found.groups.values()) == found.images
    assert found.groups["c"] == 1
    assert "two letters" in found.one_group


def test_ink_on_paper_and_its_inversion_are_told_apart(tmp_path: Path) -> None:
    for label, picture in {"十": glyph(), "卜": ImageOps.invert(glyph(5)), "丨": glyph(-9)}.items():
        (tmp_path / label).mkdir()
        picture.save(tmp_path / label / "1.png")
    pixels = scan(open_source(tmp_path), "glyph", MAX_PIXELS).pixels
    assert pixels is not None
    assert pixels.polarity == {"dark on light": 2, "light on dark": 1}
    assert pixels.sizes == {"60x60": 3}


def test_an_archive_is_looked_at_as_its_folder_is(characters: Path, tmp_path: Path) -> None:
    archive = shutil.make_archive(str(tmp_path / "archive"), "zip", characters)
    packed = scan(open_source(Path(archive)), "glyph", MAX_PIXELS)
    unpacked = scan(open_source(characters), "glyph", MAX_PIXELS)
    assert packed.pixels == unpacked.pixels
    assert packed.source_kind == "zip"


def test_photos_have_no_polarity(characters: Path) -> None:
    found = scan(open_source(characters), "photo", MAX_PIXELS)
    assert found.pixels is not None
    assert found.pixels.polarity == {"dark on light": 0, "light on dark": 0}
    assert found.pixels.blank == ()


def test_a_scan_that_nobody_waits_for_ends_its_processes(characters: Path) -> None:
    me = psutil.Process()
    before = set(me.children(recursive=True))
    told: list[tuple[int, int]] = []

    def progress(done: int, total: int) -> None:
        told.append((done, total))
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        scan(open_source(characters), "glyph", MAX_PIXELS, processes=2, progress=progress)
    assert told[0] == (0, 240)
    workers = set(me.children(recursive=True)) - before
    # The tracker of shared semaphores stays for as long as this process does.
    assert not [worker for worker in workers if "spawn_main" in " ".join(worker.cmdline())]


@pytest.mark.parametrize(
    ("label", "one"),
    [("永", True), ("e\u0301", True), ("葛\U000e0100", True), ("ab", False), ("", False)],
)
def test_marks_on_a_character_do_not_make_it_two(label: str, one: bool) -> None:
    assert is_one_character(label) is one


def hanzi_tui(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "hanzi_tui", *arguments], text=True,
                          capture_output=True, timeout=60)  # fmt: skip


def test_the_command_says_it_in_words_and_as_json(source: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in source.rglob("*")}
    words = hanzi_tui("scan", str(source))
    assert words.returncode == 0, words.stderr
    assert words.stderr == ""
    for line in ("248 images   5 classes", "✗ files that cannot be used: 2", "! blank images: 1",
                 "exact copies: 6 images in 3 sets", "labels that are not one character: 1",
                 "both polarities"):  # fmt: skip
        assert line in words.stdout
    data = json.loads(hanzi_tui("scan", str(source), "--json").stdout)
    assert data["images"] == 248
    assert len(data["pixels"]["copies"]) == 3
    assert {path: path.stat().st_mtime_ns for path in source.rglob("*")} == before
    assert not list(Path.cwd().iterdir())


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [(["nowhere"], 2, "there is no such"), ([".", "--group", "("], 2, "not a regular expression")],
)
def test_what_cannot_be_scanned_is_told_in_a_line(
    arguments: list[str], code: int, said: str
) -> None:
    done = hanzi_tui("scan", *arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_ctrl_c_ends_a_scan_at_once(starter: Path) -> None:
    scanning = psutil.Popen(
        [sys.executable, "-m", "hanzi_tui", "scan", str(starter)], stderr=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 30
    while not (workers := [c for c in scanning.children() if "spawn_main" in str(c.cmdline())]):
        assert time.monotonic() < deadline
    for process in (scanning, *workers):
        process.send_signal(signal.SIGINT)
    _, stderr = scanning.communicate(timeout=20)
    assert scanning.returncode == 130
    assert "Traceback" not in stderr
    assert not any(worker.is_running() for worker in workers)


def test_pictures_in_colour_are_told_and_the_kind_that_suits_photos(tmp_path: Path) -> None:
    for number in range(6):
        path = tmp_path / ("stop", "yield")[number % 2] / f"{number}.png"
        path.parent.mkdir(exist_ok=True)
        dark = Image.new("RGB", (40, 40), (40, 8, 10 + number))
        (glyph(number).convert("RGB") if number == 5 else dark).save(path)
    said = hanzi_tui("scan", str(tmp_path)).stdout
    assert "! pictures in colour: 5 of 6." in said and "--kind photo" in said
    assert "blank images: 5" in said
    assert "in colour" not in hanzi_tui("scan", str(tmp_path), "--kind", "photo").stdout
