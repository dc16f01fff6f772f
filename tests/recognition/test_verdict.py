"""What is no character is noticed, and what is one is let pass."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.bundle import open_bundle
from pipeline.images import normalize
from pipeline.normalizer import NormalizerSpec
from pipeline.recognition.recognizer import Recognizer
from pipeline.recognition.verdict import verdict_on
from pipeline.starter import model_folder

SPEC = NormalizerSpec()
SIDE = np.arange(200)
Y, X = SIDE[:, None], SIDE[None, :]


def drawn(ink: NDArray[np.bool_]) -> NDArray[np.uint8]:
    return np.where(ink, 0, 255).astype(np.uint8)


@pytest.mark.parametrize(
    "ink",
    [
        pytest.param((X % 20 < 2) | (Y % 20 < 2), id="grid paper"),
        pytest.param((X // 10 + Y // 10) % 2 == 1, id="chequers"),
        pytest.param((X % 12 < 4) & (Y % 12 < 4), id="dots"),
    ],
)
def test_textures_are_no_characters(ink: NDArray[np.bool_]) -> None:
    assert verdict_on(normalize(drawn(ink), SPEC)) == "not_character"
    assert verdict_on(normalize(255 - drawn(ink), SPEC)) == "not_character"


def test_a_blob_is_no_character() -> None:
    blob = (X - 100) ** 2 + (Y - 100) ** 2 < 60**2
    assert verdict_on(normalize(drawn(blob), SPEC)) == "not_character"


@pytest.mark.parametrize("level", [0, 128, 255])
def test_an_empty_sheet_has_no_ink(level: int) -> None:
    assert verdict_on(normalize(np.full((200, 200), level, np.uint8), SPEC)) == "blank"


def test_characters_are_characters(starter: Path) -> None:
    pictures = sorted(starter.glob("*/*"))[::10]
    assert len(pictures) > 50
    assert {verdict_on(normalize(picture, SPEC)) for picture in pictures} == {"sure"}


def test_among_thousands_of_classes_the_likeliest_come_first_and_in_order(starter: Path) -> None:
    """Only the likeliest are sorted; they are those of a sorted list of all."""
    recognizer = Recognizer(open_bundle(model_folder()), threads=1)
    pictures = sorted(starter.glob("*/*"))[:3]
    few = list(recognizer.recognize(pictures, top=5))
    every = list(recognizer.recognize(pictures, top=10_000))
    assert [len(answer.candidates) for answer in every] == [8_836] * 3
    assert [answer.candidates for answer in few] == [a.candidates[:5] for a in every]
