"""What people give to `hanzi-tui recognize`: files, folders, a pipe, and what is no image."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from pipeline.starter import model_folder


@pytest.fixture
def image(characters: Path) -> Path:
    return sorted(characters.glob("*/*"))[0]


def called(*arguments: object, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "hanzi_tui", "recognize"]
    return subprocess.run([*command, *map(str, arguments)], input=given, capture_output=True,
                          timeout=60, check=False)  # fmt: skip


def one_line(ended: subprocess.CompletedProcess[bytes], *words: str) -> None:
    """Checks that all that was said is one line without a traceback, with these words in it."""
    assert ended.stdout == b""
    said = [line for line in ended.stderr.decode().splitlines() if not line.startswith("model ")]
    assert len(said) == 1
    for word in words:
        assert word in said[0]


def test_an_image_on_standard_input_gets_the_answer_of_its_file(image: Path) -> None:
    piped = called("-", image, given=image.read_bytes())
    first, second = (line.split("\t") for line in piped.stdout.decode().splitlines())
    assert (first[0], second[0]) == ("-", str(image))
    assert first[1:] == second[1:]
    assert len(first) == 6


def test_what_is_on_standard_input_but_no_image_is_called_by_that_name() -> None:
    one_line(called("-"), "-: the file is empty")
    one_line(called("-", given=b"not an image"), "-: not an image this program can read")


def test_an_option_with_a_typo_is_not_taken_for_an_image(image: Path) -> None:
    ended = called(image, "--modle", "mine")
    assert ended.returncode == 2
    one_line(ended, "--modle is not expected here", "hanzi-tui recognize --help")


def test_folders_files_and_what_cannot_be_read_come_in_one_table(
    image: Path, tmp_path: Path
) -> None:
    """The folder has itself in it, by a link."""
    folder = tmp_path / "pages"
    (folder / "two" / "deep").mkdir(parents=True)
    shutil.copy(image, folder / "b.png")
    shutil.copy(image, folder / "two" / "deep" / "a.png")
    (folder / "two" / "loop").symlink_to(folder, target_is_directory=True)
    (folder / "two" / "broken.png").write_bytes(b"\x89PNG and then nothing")
    table = tmp_path / "answers.csv"
    ended = called(folder, image, "--csv", table, "--json", "--top", 2)
    assert ended.returncode == 1
    told = [json.loads(line) for line in ended.stdout.splitlines()]
    wanted = [folder / "b.png", folder / "two/broken.png", folder / "two/deep/a.png", image]
    assert [values["image"] for values in told] == list(map(str, wanted))
    assert [len(values["candidates"]) for values in told] == [2, 0, 2, 2]
    assert told[1]["problem"]["code"] == "image.truncated"
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["image"] for row in rows] == list(map(str, wanted))
    assert rows[0]["answer_1"] == told[0]["candidates"][0]["label"]
    assert "broken.png" in rows[1]["problem"]


def test_a_picture_of_900_million_pixels_is_refused_by_its_header(tmp_path: Path) -> None:
    Image.new("1", (30_000, 30_000)).save(tmp_path / "wall.png", compress_level=1)
    one_line(called(tmp_path / "wall.png"), "wall.png: 30000x30000 is more than the 50000000")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.png", b"", "the file is empty (0 bytes)"),
        ("text.png", b"hello", "not an image this program can read"),
        ("cut.jpg", b"\xff\xd8\xff\xe0\x00\x10JFIF", "the image is cut off or damaged"),
    ],
)
def test_a_file_that_is_no_image_says_why(
    name: str, content: bytes, said: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(content)
    ended = called(tmp_path / name)
    assert ended.returncode == 1
    one_line(ended, str(tmp_path / name), said)


def test_a_folder_without_images_and_no_image_at_all_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no image")
    one_line(called(tmp_path), f"{tmp_path}: there are no images in this folder")
    one_line(called(), "No images: name image files")
    one_line(called(tmp_path / "none.png"), "there is no such image")


def test_a_table_that_cannot_be_written_is_one_sentence(image: Path, tmp_path: Path) -> None:
    ended = called(image, "--csv", tmp_path / "nowhere" / "answers.csv")
    assert ended.returncode == 1
    assert b"answers.csv: the table cannot be written" in ended.stderr
    assert b"Traceback" not in ended.stderr


@pytest.mark.parametrize("name", ["model.int8.tflite", "labels.txt"])
def test_a_model_with_a_changed_byte_gives_no_answer(
    name: str, image: Path, tmp_path: Path
) -> None:
    model = Path(shutil.copytree(model_folder(), tmp_path / "mine"))
    content = bytearray((model / name).read_bytes())
    content[len(content) // 2] ^= 1
    (model / name).write_bytes(content)
    ended = called(image, "--model", model)
    assert ended.returncode == 1
    one_line(ended, str(model), "SHA-256 differs", "Copy the model again")
