"""The starter dataset is what it claims, and is unpacked whole or not at all."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import subprocess
import sys
import zipfile
from importlib import resources
from pathlib import Path

import numpy as np
import pytest

from pipeline.dataset.sources import open_source
from pipeline.images import decode, is_blank, normalize
from pipeline.normalizer import NormalizerSpec
from pipeline.starter import ARCHIVE, unpack, unpack_characters

ROOT = Path(__file__).resolve().parents[1]
FONTS = ROOT.parent / "shared" / "fonts"
ARCHIVE_BYTES = resources.files("pipeline.starter").joinpath(ARCHIVE).read_bytes()

UNPACK = "import sys; from pathlib import Path; from pipeline.starter import unpack_characters; "
HERE = "unpack_characters(Path(sys.argv[1]))"
KILL_AT_FILE = """
import os, signal
written = []
def watch(event, arguments):
    if event == "open" and ".partial" in str(arguments[0]):
        written.append(arguments[0])
        if len(written) == 300:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(watch)
"""


def python(code: str, *arguments: object, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        env={**os.environ, **environment}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def visible(folder: Path) -> list[str]:
    return sorted(name for name in os.listdir(folder) if not name.startswith("."))


def test_it_has_twenty_characters_of_at_least_fifty_images_in_one_and_a_half_megabytes(
    starter: Path,
) -> None:
    listing = open_source(starter).list()
    assert not listing.rejected and not listing.others
    images_of = {folder.name: len(list(folder.iterdir())) for folder in starter.iterdir()}
    assert set(images_of) == set(listing.folders) and len(images_of) == 20
    assert all(len(label) == 1 for label in images_of)
    assert min(images_of.values()) >= 50
    assert len(ARCHIVE_BYTES) <= 1_500_000


def test_every_image_becomes_ink_on_blank(starter: Path) -> None:
    spec = NormalizerSpec()
    border = round(spec.size_px * spec.margin) - 1
    for image in open_source(starter).list().images:
        glyph = normalize(starter / image.path, spec)
        assert not is_blank(glyph), image.path
        assert glyph.max() == 255, image.path
        assert 0.02 < np.mean(glyph > 127) < 0.6, image.path
        inside = glyph[border:-border, border:-border]
        assert inside.sum(dtype=int) == glyph.sum(dtype=int), image.path


def test_images_differ_in_content_size_and_font(starter: Path) -> None:
    for label in starter.iterdir():
        files = list(label.iterdir())
        pixels = [decode(file, 10_000) for file in files]
        assert len({image.tobytes() for image in pixels}) == len(files)
        assert len({image.shape for image in pixels}) > 20
        assert all(60 <= max(image.shape) <= 100 and image.ndim == 2 for image in pixels)
        assert len({file.name.split("-")[0] for file in files}) >= 4


def test_every_character_comes_dark_on_light_and_light_on_dark(starter: Path) -> None:
    for label in starter.iterdir():
        papers = [np.median(decode(file, 10_000)) for file in label.iterdir()]
        dark = sum(paper < 128 for paper in papers)
        assert 5 <= dark <= len(papers) // 2, label.name


def test_the_licences_of_all_fonts_travel_along_and_are_no_label(starter: Path) -> None:
    beside = starter.parent
    assert visible(beside) == ["ABOUT.txt", "characters", "licences"]
    about = (beside / "ABOUT.txt").read_text("utf-8")
    licences = [file.read_text("utf-8") for file in (beside / "licences").iterdir()]
    fonts = {file.name.split("-")[0] for file in starter.glob("*/*")}
    assert len(licences) == len(fonts) == 5
    assert all("SIL OPEN FONT LICENSE Version 1.1" in licence for licence in licences)
    assert all(name in about for name in os.listdir(beside / "licences"))
    assert "no font software" in about


def test_unpacking_twice_is_harmless(tmp_path: Path) -> None:
    labels = unpack_characters(tmp_path / "starter")
    own = labels / "大" / "drawn-by-me.png"
    own.write_bytes(b"mine")
    assert unpack_characters(tmp_path / "starter") == labels
    assert own.read_bytes() == b"mine"
    assert os.listdir(tmp_path) == ["starter"]


def test_unpacked_anew_it_is_the_same_dataset(tmp_path: Path) -> None:
    before = open_source(unpack_characters(tmp_path / "starter")).list().images
    shutil.rmtree(tmp_path / "starter")
    assert open_source(unpack_characters(tmp_path / "starter")).list().images == before


def test_an_unpacking_killed_half_way_leaves_nothing_visible(tmp_path: Path) -> None:
    killed = python(UNPACK + KILL_AT_FILE + HERE, tmp_path / "starter")
    killed.communicate()
    assert killed.returncode == -signal.SIGKILL
    assert os.listdir(tmp_path) and not visible(tmp_path)
    unpack_characters(tmp_path / "starter")
    assert visible(tmp_path) == ["starter"]


def test_programs_that_unpack_at_once_all_get_it(tmp_path: Path) -> None:
    programs = [python(UNPACK + HERE, tmp_path / "starter") for _ in range(3)]
    for program in programs:
        _, errors = program.communicate()
        assert program.returncode == 0, errors
    assert os.listdir(tmp_path) == ["starter"]


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "starter"
    folder.mkdir()
    (folder / "notes.txt").write_text("mine")
    with pytest.raises(FileExistsError, match="something else than the starter dataset"):
        unpack_characters(folder)
    assert os.listdir(tmp_path) == ["starter"] and os.listdir(folder) == ["notes.txt"]


def test_labels_are_chinese_in_a_locale_without_chinese(tmp_path: Path, starter: Path) -> None:
    ascii_only = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    code = UNPACK + "assert sys.getfilesystemencoding() == 'ascii'; " + HERE
    program = python(code, tmp_path / "starter", **ascii_only)
    _, errors = program.communicate()
    assert program.returncode == 0, errors
    assert visible(tmp_path / "starter" / "characters") == visible(starter)


@pytest.mark.parametrize("name", ["../x.png", "/x.png", "a/../../x", "a\\x", "C:x", "a//x", "./x"])
def test_no_member_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("characters/大/first.png", b"")
        file.writestr(name, b"")
    with pytest.raises(ValueError, match="forbidden name"):
        unpack(archive, tmp_path / "here" / "starter")
    assert not os.listdir(tmp_path)


def test_unpacking_loads_neither_opencv_nor_numpy(tmp_path: Path) -> None:
    code = UNPACK + HERE + "; import json; print(json.dumps(list(sys.modules)))"
    output, errors = python(code, tmp_path / "starter").communicate()
    assert not {"cv2", "numpy", "PIL", "tensorflow"} & set(json.loads(output)), errors


@pytest.mark.skipif(not FONTS.is_dir(), reason="the fonts are not here: ../shared/fonts")
def test_building_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    tool = [sys.executable, ROOT / "tools" / "build_starter.py", "--fonts", FONTS]
    for name in ("one.zip", "two.zip"):
        subprocess.run([*tool, "--characters", "大太", "--out", tmp_path / name], check=True)
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    assert len(zipfile.ZipFile(tmp_path / "one.zip").namelist()) == 2 * 60 + 6
