"""Variants of an image come from a process of their own, with the pixels that training sees."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from pipeline import preview
from pipeline.augment import distort, distortion_for
from pipeline.dataset.sources import open_source
from pipeline.images import normalize
from pipeline.normalizer import NormalizerSpec
from pipeline.preview import variants
from pipeline.problems import Problem
from pipeline.processes import process_start_s
from pipeline.settings import AugmentSettings, DatasetSettings


@pytest.fixture
def image(characters: Path) -> Path:
    return next(iter(sorted(characters.rglob("*.jpg"))))


async def test_variants_are_what_prepare_and_training_make_of_the_image(image: Path) -> None:
    dataset, augment = DatasetSettings(size=48), AugmentSettings(rotation_deg=20)
    found = await variants(str(image), dataset, augment, draw=3)
    whole = normalize(image, NormalizerSpec(size_px=48))
    assert found.shape == (10, 48, 48, 1) and found.dtype == np.uint8
    assert (found[0] == whole).all()
    distortion = distortion_for("glyph", augment.model_dump())
    assert distortion is not None
    assert (found[1:] == distort(np.repeat(whole[None], 9, 0), distortion, 0, 3)).all()
    assert (await variants(str(image), dataset, augment, draw=4) != found).any()


async def test_photos_keep_their_colour_and_distortions_can_be_off(image: Path) -> None:
    dataset = DatasetSettings(kind="photo", size=32, channels=3)
    found = await variants(str(image), dataset, AugmentSettings(enabled=False), 0, count=2)
    assert found.shape == (3, 32, 32, 3)
    assert (found == found[0]).all()


async def test_an_image_inside_an_archive_has_variants_like_one_in_a_folder(
    characters: Path, tmp_path: Path
) -> None:
    archive = Path(shutil.make_archive(str(tmp_path / "characters"), "zip", characters))
    dataset, augment = DatasetSettings(size=32), AugmentSettings()
    found = []
    for path in (characters, archive):
        first = open_source(path).list().images[0]
        found.append(await variants(str(path), dataset, augment, 1, count=3, within=first))
    assert (found[0] == found[1]).all() and found[0].any()


async def test_mirrored_glyphs_are_refused_with_the_reason_and_mirrored_photos_are_made(
    image: Path,
) -> None:
    mirror = AugmentSettings(mirror=True)
    with pytest.raises(Problem) as refused:
        await variants(str(image), DatasetSettings(), mirror, 0)
    assert refused.value.code == "augment.mirror"
    found = await variants(str(image), DatasetSettings(kind="photo"), mirror, 0, count=2)
    assert found.shape == (3, 64, 64, 1)


@pytest.mark.parametrize("name", ["缺.png", "a\udcff.png", "[red]b.png"])
async def test_an_image_that_cannot_be_read_is_a_worded_problem(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    with pytest.raises(Problem) as missing:
        await variants(str(path), DatasetSettings(), AugmentSettings(), 0)
    assert missing.value.code == "image.missing"
    assert missing.value.params["path"] == str(path)
    path.write_bytes(b"")
    with pytest.raises(Problem) as empty:
        await variants(str(path), DatasetSettings(), AugmentSettings(), 0)
    assert empty.value.code == "image.empty"


async def test_a_decoder_that_dies_takes_only_its_own_process_along(
    image: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dying = [sys.executable, "-c", "import os; os.abort()"]
    monkeypatch.setattr(preview, "program", lambda _module: dying)
    with pytest.raises(Problem) as died:
        await variants(str(image), DatasetSettings(), AugmentSettings(), 0)
    assert died.value.code == "image.unknown"


async def test_nobody_works_on_an_answer_that_nobody_wants(
    image: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = tmp_path / "pid"
    program = f"import os, time; open({str(note)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    monkeypatch.setattr(preview, "program", lambda _module: [sys.executable, "-c", program])
    asked = asyncio.create_task(variants(str(image), DatasetSettings(), AugmentSettings(), 0))
    while not (note.exists() and note.read_text()):
        await asyncio.sleep(0.02)
    pid = int(note.read_text())
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    for _attempt in range(100):
        if process_start_s(pid) is None:
            return
        await asyncio.sleep(0.05)
    raise AssertionError("the process lives on")


def test_asking_loads_no_opencv_here(image: Path) -> None:
    program = (
        "import asyncio, sys\n"
        "from pipeline.preview import variants\n"
        "from pipeline.settings import AugmentSettings, DatasetSettings\n"
        f"asyncio.run(variants({os.fspath(image)!r}, DatasetSettings(), AugmentSettings(), 0))\n"
        "print('cv2' in sys.modules)"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert ended.stdout.strip() == "False", ended.stderr
