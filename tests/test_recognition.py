"""The recogniser sees what the trainer saw, answers in order, and survives any file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pipeline.bundle import open_bundle
from pipeline.dataset.records import open_dataset
from pipeline.litert import softmax
from pipeline.recognition.recognizer import Recognizer


@pytest.fixture
def recognizer(trained_once: Path) -> Recognizer:
    return Recognizer(open_bundle(trained_once / "models" / "few-cnn"), threads=1)


def test_a_picture_from_its_file_gets_the_answer_of_its_packed_row(
    recognizer: Recognizer, trained_once: Path, characters: Path
) -> None:
    dataset = open_dataset(trained_once / "datasets" / "few")
    logits = recognizer.bundle.network(1).logits(np.array(dataset.split("test").images))
    rows = softmax(logits / np.float32(recognizer.bundle.temperature))
    paths = [characters / source["path"] for source in dataset.sources("test")]
    answers = list(recognizer.recognize(paths, top=len(dataset.labels), batch_size=7))
    assert len(answers) == len(paths)
    for answer, row in zip(answers, rows, strict=True):
        given = {candidate.label: candidate.probability for candidate in answer.candidates}
        assert [given[label] for label in dataset.labels] == pytest.approx(row.tolist(), abs=1e-5)
        probabilities = [candidate.probability for candidate in answer.candidates]
        assert probabilities == sorted(probabilities, reverse=True)


def test_polarity_and_place_on_the_paper_do_not_matter(
    recognizer: Recognizer, characters: Path
) -> None:
    path = next(p for p in sorted(characters.rglob("*.*")) if p.is_file())
    ink = np.asarray(Image.open(path).convert("L"))
    around = int(np.median(np.concatenate([ink[0], ink[-1], ink[:, 0], ink[:, -1]])))
    moved = np.full((ink.shape[0] + 80, ink.shape[1] + 120), around, np.uint8)
    moved[30 : 30 + ink.shape[0], 90 : 90 + ink.shape[1]] = ink
    first, inverted, shifted = recognizer.recognize([ink, 255 - ink, moved], top=1)
    assert first.candidates[0].label == inverted.candidates[0].label
    assert first.candidates[0].label == shifted.candidates[0].label


def test_a_file_that_cannot_be_read_does_not_stop_the_others(
    recognizer: Recognizer, characters: Path, tmp_path: Path
) -> None:
    good = next(p for p in sorted(characters.rglob("*.*")) if p.is_file())
    bad = tmp_path / "a[" / "b].png"
    bad.parent.mkdir()
    bad.write_text("not an image")
    answers = list(recognizer.recognize([bad, good, tmp_path / "missing.png"], batch_size=2))
    assert [bool(answer.candidates) for answer in answers] == [False, True, False]
    assert answers[0].problem is not None
    assert answers[0].problem.code == "image.unknown"
    assert "a[/b].png" in str(answers[0].problem)
    assert answers[2].problem is not None
    assert answers[2].problem.code == "image.missing"
