"""Fixtures of the rooms: images with awkward names, and a dataset made of them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from workers import done

from pipeline.jobs import PrepareJob
from pipeline.runs import Status
from pipeline.settings import DatasetSettings
from pipeline.workspace import Workspace

NASTY = {"a[": "b].jpg", "[red]x": "[red]x.jpg", "你好[": "我].jpg", "\u202egnp": "x.jpg",
         "${HOME}": "<3[ok].jpg"}  # fmt: skip
"""Labels and their one image; as a path they close what looks like markup."""


@pytest.fixture(scope="session")
def odd_source(characters: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with nasty labels, damaged files, a forbidden folder name and copies."""
    source = tmp_path_factory.mktemp("odd") / "odd [source]"
    shutil.copytree(characters, source)
    label = sorted(path.name for path in characters.iterdir())[0]
    images = sorted((characters / label).iterdir())
    for image, (name, file) in zip(images, NASTY.items(), strict=False):
        (source / name).mkdir()
        shutil.copy(image, source / name / file)
    (source / label / "[damaged].jpg").write_bytes(b"\xff\xd8\xff" + bytes(100))
    (source / label / "\x1b[31mempty.png").write_bytes(b"")
    (source / "bell\x07").mkdir()
    shutil.copy(images[0], source / "bell\x07" / "x.jpg")
    return source


@pytest.fixture(scope="session")
def odd_once(odd_source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("prepared") / "workspace"
    run = done(PrepareJob(workspace=root, source=odd_source, name="odd",
                          dataset=DatasetSettings(size=32)))  # fmt: skip
    assert run.status() is Status.FINISHED
    return root


@pytest.fixture
def odd(odd_once: Path, workspace: Workspace) -> Workspace:
    """A workspace with the dataset "odd"."""
    shutil.copytree(odd_once, workspace.root)
    return workspace


@pytest.fixture
def pictures(characters: Path) -> Path:
    """A folder in the current one, with a few images and one that cannot be read."""
    folder = Path.cwd() / "pictures"
    for label in sorted(characters.iterdir()):
        images = sorted(label.iterdir())[:3]
        (folder / label.name).mkdir(parents=True)
        for image in images:
            shutil.copy(image, folder / label.name / image.name)
    (folder / "a[b].png").write_text("not an image")
    return folder
