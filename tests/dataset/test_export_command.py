"""`hanzi-tui prepare --export-folders`: what it prints, and what it refuses before it works."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image


def prepare(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "hanzi_tui", "prepare", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)


def test_folders_with_copies_are_made_and_told(characters: Path, tmp_path: Path) -> None:
    ended = prepare(characters, "--size", 32, "--export-folders", tmp_path / "tree",
                    "--materialise", 2, "--augment.rotation-deg", 15)  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    header, values = [line.split("\t") for line in ended.stdout.splitlines()][-2:]
    told = dict(zip(header, values, strict=True))
    assert told["folder"] == str(tmp_path / "tree")
    for split in ("train", "val", "test"):
        files = list((tmp_path / "tree" / split).rglob("*.*"))
        copies = [path for path in files if "_aug_" in path.name]
        assert len(files) - len(copies) == int(told[split])
        assert len(copies) == (int(told["copies"]) if split == "train" else 0)
    assert int(told["copies"]) == 2 * int(told["train"])


@pytest.mark.parametrize(
    ("flags", "word"),
    [
        (["--materialise", "5"], "--export-folders"),
        (["--link", "hard"], "--export-folders"),
        (["--materialise", "-1"], "materialise"),
    ],
)
def test_flags_that_mean_nothing_alone_are_bad_usage(
    characters: Path, flags: list[str], word: str
) -> None:
    ended = prepare(characters, *flags)
    assert ended.returncode == 2
    assert word in ended.stderr and "Traceback" not in ended.stderr
    assert not Path("workspace").exists()


def test_photos_in_colour_may_be_mirrored(tmp_path: Path) -> None:
    for number in range(8):
        path = tmp_path / "signs" / ("stop", "yield")[number % 2] / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (24, 24), (20 * number, 90, 200)).save(path)
    ended = prepare(tmp_path / "signs", "--kind", "photo", "--channels", 3, "--size", 16,
                    "--export-folders", tmp_path / "tree", "--materialise", 1,
                    "--augment.mirror")  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    copies = list((tmp_path / "tree" / "train").rglob("*_aug_0.png"))
    assert copies and all(Image.open(path).mode == "RGB" for path in copies)


def test_mirrored_glyphs_are_refused_with_the_reason(characters: Path, tmp_path: Path) -> None:
    ended = prepare(characters, "--export-folders", tmp_path / "tree", "--materialise", 1,
                    "--augment.mirror")  # fmt: skip
    assert ended.returncode == 1
    assert "mirrored character" in ended.stderr
    assert not (tmp_path / "tree").exists()
