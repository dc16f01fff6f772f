"""The sheet of validation samples that a training leaves after each epoch."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from pipeline import runs
from pipeline.dataset.records import open_dataset
from pipeline.events import Artifact, EventReader
from pipeline.training import sample_sheet
from pipeline.training.sample_sheet import SampleSheet
from pipeline.workspace import Workspace


def test_each_epoch_announces_a_sheet_of_validation_images(trained: Workspace) -> None:
    run = runs.listed(trained.runs)[-1]
    events = [stamped.event for stamped in EventReader(run.events).read()]
    told = [event for event in events if isinstance(event, Artifact) and event.name == "samples"]
    assert [Path(event.path).name for event in told] == [sample_sheet.FILE] * 2
    sheet = sample_sheet.read(run.path / sample_sheet.FILE)
    assert sheet is not None
    assert sheet.epoch == 2
    dataset = open_dataset(trained.dataset("few"))
    validation = dataset.split("validation")
    assert len(sheet.images) == 20
    rows = np.linspace(0, len(validation.labels) - 1, 20).astype(int)
    assert np.array_equal(sheet.images, validation.images[rows])
    assert list(sheet.truths) == [dataset.labels[label] for label in validation.labels[rows]]
    assert set(sheet.guesses) <= set(dataset.labels)
    assert np.all((sheet.probabilities >= 1 / 4) & (sheet.probabilities <= 1))


def test_a_damaged_sheet_is_no_sheet(tmp_path: Path) -> None:
    path = tmp_path / sample_sheet.FILE
    images = np.zeros((2, 4, 4, 1), np.uint8)
    sheet = SampleSheet(3, images, ("永", "[/"), ("永", "水"), np.array([0.5, 0.25], np.float32))
    sample_sheet.write(path, sheet)
    again = sample_sheet.read(path)
    assert again is not None
    assert (again.epoch, again.truths, again.guesses, again.right) == (
        3, sheet.truths, sheet.guesses, 1)  # fmt: skip
    path.write_bytes(path.read_bytes()[:200])
    assert sample_sheet.read(path) is None
    assert sample_sheet.read(tmp_path / "none.npz") is None
