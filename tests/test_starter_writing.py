"""What the starter recogniser learns from: every character, in every font that has it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[1]
FONTS = ROOT.parent / "shared" / "fonts"
pytestmark = pytest.mark.skipif(not FONTS.is_dir(), reason="no fonts: ../shared/fonts")

CHARACTERS = "一人學國永犬龍鸟"


@pytest.fixture(autouse=True)
def tools(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "tools"))


def test_each_character_is_drawn_by_the_fonts_that_have_it_and_never_as_a_box() -> None:
    from starter.fonts import open_faces
    from starter.glyphs import EM_PX, draw

    drawn = draw(open_faces(FONTS, EM_PX), CHARACTERS)
    counts = np.bincount(drawn.labels)
    assert dict(zip(CHARACTERS, counts, strict=True)) == {
        c: 1 if c in "學國龍" else 5 for c in CHARACTERS
    }
    assert len({image.tobytes() for image in drawn.images}) == len(drawn.images)
    assert not drawn.images[:, [0, -1]].any() and not drawn.images[:, :, [0, -1]].any()


def test_batches_hold_every_character_as_often_and_never_the_same_picture_twice() -> None:
    from starter.batches import Batches, Stage
    from starter.fonts import open_faces
    from starter.glyphs import EM_PX, draw
    from starter.hand import HARD

    batches = Batches(draw(open_faces(FONTS, EM_PX), CHARACTERS), count=40, seed=0)
    stage = Stage(48, HARD)
    images, targets = batches.batch(3, stage)
    labels = targets.argmax(1)
    assert images.shape == (40, 48, 48, 1) and images.dtype == np.uint8
    assert np.bincount(labels).tolist() == [5] * len(CHARACTERS)
    assert len({image.tobytes() for image in images}) == 40
    assert all(0.01 < np.mean(image > 127) < 0.6 for image in images)
    again = list(batches.stream(2, 5, lambda _: stage))[1]
    assert np.array_equal(again[0], images) and np.array_equal(again[1], targets)


def test_a_picture_says_nothing_of_the_characters_that_its_font_lacks() -> None:
    from starter.batches import IMPOSSIBLE, Batches, Stage
    from starter.fonts import open_faces
    from starter.glyphs import EM_PX, draw
    from starter.hand import GENTLE

    batches = Batches(draw(open_faces(FONTS, EM_PX), CHARACTERS), count=400, seed=0)
    _, targets = batches.batch(0, Stage(32, GENTLE))
    lacking = [CHARACTERS.index(c) for c in "國學龍"]
    silent = targets[:, lacking] == IMPOSSIBLE
    assert np.array_equal(silent.any(1), silent.all(1))
    assert 0.3 < silent.all(1).mean() < 0.5
    assert not silent[np.isin(targets.argmax(1), lacking)].any()
    others = np.delete(targets, lacking, axis=1)
    assert not (others == IMPOSSIBLE).any()


def test_a_training_cut_short_or_prolonged_was_the_same_before_its_end() -> None:
    from starter.schedule import Schedule

    short, long = Schedule(steps=8_000), Schedule(steps=24_000)
    for step in range(0, 5_600, 100):
        assert short.rate(step) == long.rate(step)
        assert short.stage(step) == long.stage(step)
    assert short.rate(7_999) < 1e-5 < long.rate(7_999)
