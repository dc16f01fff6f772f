"""Fixtures: every test runs in a folder, with a home and an environment of its own."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from workers import done, train_job

from pipeline.jobs import PrepareJob
from pipeline.runs import Status
from pipeline.settings import DatasetSettings
from pipeline.starter import unpack_characters
from pipeline.workspace import Workspace

pytest_plugins = ["compiled", "recorded_driver"]
# Before anything of ours words a text while it is imported.
os.environ.pop("LANGUAGE", None)
os.environ["LC_ALL"] = "C.UTF-8"

CLASSES = 4


@pytest.fixture(autouse=True)
def own_surroundings(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.startswith("HANZI_")]:
        monkeypatch.delenv(name)
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / ".config"))
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.chdir(tmp_path_factory.mktemp("here"))


@pytest.fixture
def workspace() -> Workspace:
    return Workspace(Path.cwd() / "workspace")


@pytest.fixture(scope="session")
def starter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The label folders of the starter dataset, all twenty."""
    return unpack_characters(tmp_path_factory.mktemp("starter") / "unpacked")


@pytest.fixture(scope="session")
def characters(starter: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A few of the starter dataset's label folders; tests that change them copy them first."""
    folder = tmp_path_factory.mktemp("characters") / "characters"
    for label in sorted(starter.iterdir())[:CLASSES]:
        shutil.copytree(label, folder / label.name)
    return folder


@pytest.fixture(scope="session")
def trained_once(characters: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with the dataset "few", the model "few-cnn" and the runs that made them."""
    root = tmp_path_factory.mktemp("trained") / "workspace"
    prepared = done(PrepareJob(workspace=root, source=characters, name="few",
                               dataset=DatasetSettings(size=32)))  # fmt: skip
    assert prepared.status() is Status.FINISHED
    trained = done(train_job(root))
    assert trained.status() is Status.FINISHED, trained.worker_log.read_text()
    return root


@pytest.fixture
def trained(trained_once: Path, workspace: Workspace) -> Workspace:
    """A workspace of the test's own with a dataset "few" and a model "few-cnn"."""
    shutil.copytree(trained_once, workspace.root)
    return workspace
