"""Pictures are read ahead of the network, in their order, whatever they are."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pipeline.images import Picture, normalize
from pipeline.normalizer import NormalizerSpec
from pipeline.problems import Problem
from pipeline.recognition.reading import LARGE_BYTES, read_ahead

SPEC = NormalizerSpec(size_px=32)


def drawn(number: int, side_px: int = 60) -> bytes:
    """Returns a picture of its own for each number, on paper whose noise compresses badly."""
    generator = np.random.default_rng(number)
    pixels = generator.integers(200, 256, (side_px, side_px), np.uint8)
    left, top = generator.integers(5, side_px // 2, 2)
    pixels[top : top + side_px // 3, left : left + side_px // 8] = 10
    content = io.BytesIO()
    Image.fromarray(pixels).save(content, "PNG")
    return content.getvalue()


@pytest.mark.parametrize("side_px", [60, 500])
@pytest.mark.parametrize("count", [0, 1, 4, 5, 13])
def test_each_picture_comes_out_in_its_place(count: int, side_px: int) -> None:
    pictures = [drawn(number, side_px) for number in range(count)]
    if pictures and side_px == 500:
        assert min(map(len, pictures)) > LARGE_BYTES
    batches = list(read_ahead(pictures, SPEC, batch_size=4, threads=3))
    assert [len(batch) for batch in batches] == [4] * (count // 4) + [count % 4] * bool(count % 4)
    read = [one for batch in batches for one in batch]
    for picture, one in zip(pictures, read, strict=True):
        assert isinstance(one, np.ndarray)
        assert np.array_equal(one, normalize(picture, SPEC))


def test_what_cannot_be_read_is_a_problem_in_its_place(tmp_path: Path) -> None:
    pictures: list[Picture] = [drawn(0), tmp_path / "none.png", b"", "\0.png", drawn(1)]
    [first, second] = read_ahead(pictures, SPEC, batch_size=3, threads=2)
    found = [one.code if isinstance(one, Problem) else "" for one in (*first, *second)]
    assert found == ["", "image.missing", "image.empty", "image.unknown", ""]


def test_the_next_batch_is_read_while_this_one_is_answered_a_single_one_at_once() -> None:
    asked_in: list[str] = []
    asked_for_more = threading.Event()

    def pictures(count: int) -> Iterator[Picture]:
        for number in range(count):
            asked_in.append(threading.current_thread().name)
            if number >= 2:
                asked_for_more.set()
            yield drawn(number)

    here = threading.current_thread().name
    batches = read_ahead(pictures(4), SPEC, batch_size=2, threads=2)
    assert len(next(batches)) == 2
    assert asked_for_more.wait(10)
    assert len(next(batches)) == 2
    assert asked_in[:2] == [here, here]
    assert here not in asked_in[2:]
    asked_in.clear()
    assert len(list(read_ahead(pictures(1), SPEC, batch_size=2, threads=2))) == 1
    assert asked_in == [here]
