"""Whole pages: composed of real characters, so that every box and the order are known."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

import cv2
import numpy as np
import pytest
from composed_pages import (
    COLUMN_PX,
    LINES,
    MARGIN_PX,
    PLACES,
    ROW_PX,
    Pixels,
    composed,
    glyphs_of,
    on_paper,
)
from PIL import Image

from pipeline.bundle import open_bundle
from pipeline.problems import Problem
from pipeline.recognition.page import read_page
from pipeline.recognition.page_text import Box, Page, Reading
from pipeline.recognition.recognizer import Recognizer
from pipeline.starter import model_folder


@pytest.fixture(scope="module")
def recognizer() -> Recognizer:
    return Recognizer(open_bundle(model_folder()))


@pytest.fixture(scope="module")
def glyphs(starter: Path) -> list[Pixels]:
    return glyphs_of(starter)


def placed(page: Page, boxes: Sequence[Box], tolerance_px: int = 6) -> bool:
    """Says whether a page has just these boxes in this order."""
    found = [character.box for line in page.lines for character in line]
    return len(found) == len(boxes) and bool(
        np.all(np.abs(np.subtract(found, boxes)) <= tolerance_px)
    )


@pytest.mark.parametrize("reading", ["columns", "rows"])
def test_the_characters_of_a_page_come_in_the_order_of_reading(
    recognizer: Recognizer, glyphs: list[Pixels], reading: Reading
) -> None:
    ink, boxes = composed(glyphs, reading)
    page = read_page(recognizer, on_paper(ink))
    assert page.reading == reading
    assert [len(line) for line in page.lines] == [PLACES] * LINES
    assert placed(page, boxes)
    assert [len(line) for line in page.text.split("\n")] == [PLACES] * LINES


def test_a_character_of_a_page_is_read_as_it_is_alone(
    recognizer: Recognizer, glyphs: list[Pixels]
) -> None:
    ink, boxes = composed(glyphs)
    page = read_page(recognizer, on_paper(ink))
    alone = recognizer.recognize([on_paper(ink)[y - 9 : b + 9, x - 9 : r + 9]
                                  for x, y, r, b in boxes])  # fmt: skip
    labels = "".join(answer.candidates[0].label for answer in alone)
    same = sum(a == b for a, b in zip(page.text.replace("\n", ""), labels, strict=True))
    assert same >= len(labels) - 2


@pytest.mark.parametrize("kind", ["rubbing", "shadow", "seal", "grid", "specks"])
def test_paper_light_seals_and_grids_leave_the_boxes_where_they_are(
    recognizer: Recognizer, glyphs: list[Pixels], kind: str
) -> None:
    ink, boxes = composed(glyphs)
    paper = on_paper(ink)
    if kind == "rubbing":
        paper = on_paper(ink, paper=30, dark=210)
    elif kind == "shadow":
        light = np.linspace(0.45, 1.0, paper.shape[1])
        paper = (paper * light).astype(np.uint8)
    elif kind == "seal":
        paper = np.repeat(paper[..., None], 3, axis=2)
        seal = paper[140:300, 120:280]
        seal[..., 1:] = np.minimum(seal[..., 1:], 70)
    elif kind == "grid":
        # As on the paper of school: a cell for each character, which it does not touch.
        for x in range(MARGIN_PX - 16, paper.shape[1] - MARGIN_PX + 17, COLUMN_PX):
            cv2.line(paper, (x, 10), (x, paper.shape[0] - 11), 60, 2)
        for y in range(MARGIN_PX - 8, paper.shape[0] - MARGIN_PX + 9, ROW_PX):
            cv2.line(paper, (10, y), (paper.shape[1] - 11, y), 60, 2)
    else:
        random = np.random.default_rng(1)
        at = random.integers(0, paper.shape[0], 300), random.integers(0, paper.shape[1], 300)
        paper[at] = 90
    page = read_page(recognizer, paper)
    assert placed(page, boxes, 9)


def test_strokes_that_touch_the_next_character_are_cut(
    recognizer: Recognizer, glyphs: list[Pixels]
) -> None:
    ink, boxes = composed(glyphs)
    upper = min(range(PLACES - 1), key=lambda i: boxes[i + 1][1] - boxes[i][3])
    x, y = (boxes[upper][0] + boxes[upper][2]) // 2, boxes[upper][3] - 3
    cv2.line(ink, (x, y), (x, boxes[upper + 1][1] + 3), 255, 3)
    page = read_page(recognizer, on_paper(ink))
    assert placed(page, boxes, 18)


def test_two_lines_that_a_stroke_connects_stay_two(
    recognizer: Recognizer, glyphs: list[Pixels]
) -> None:
    ink, boxes = composed(glyphs)
    y = (boxes[0][1] + boxes[0][3]) // 2
    cv2.line(ink, (boxes[PLACES][2] - 4, y), (boxes[0][0] + 4, y), 255, 3)
    page = read_page(recognizer, on_paper(ink))
    assert [len(line) for line in page.lines] == [PLACES] * LINES


def test_the_direction_can_be_told(recognizer: Recognizer, glyphs: list[Pixels]) -> None:
    ink, boxes = composed(glyphs)
    page = read_page(recognizer, on_paper(ink), "rows")
    assert page.reading == "rows"
    across = [boxes[line * PLACES] for line in reversed(range(LINES))]
    assert placed(Page("rows", page.lines[:1]), across)


def test_a_large_page_has_its_boxes_where_they_are(
    recognizer: Recognizer, glyphs: list[Pixels]
) -> None:
    ink, boxes = composed(glyphs)
    large = cv2.resize(on_paper(ink), None, fx=8, fy=8, interpolation=cv2.INTER_CUBIC)
    page = read_page(recognizer, np.asarray(large, np.uint8))
    assert placed(page, [tuple(8 * side for side in box) for box in boxes], 48)  # type: ignore[misc]


@pytest.mark.parametrize("shape", [(1, 1), (3, 400), (400, 3), (300, 300)])
def test_a_page_without_ink_has_no_lines(recognizer: Recognizer, shape: tuple[int, int]) -> None:
    page = read_page(recognizer, np.full(shape, 200, np.uint8))
    assert (page.lines, page.text) == ((), "")


@pytest.mark.parametrize("seed", range(60))
def test_a_scrap_with_any_strokes_has_its_ink_in_its_boxes(
    recognizer: Recognizer, seed: int
) -> None:
    """Few pixels, and strokes as large as the scrap; while they are the less, they are the ink."""
    random = np.random.default_rng(seed)
    height, width = random.integers(12, 60, 2).tolist()
    scrap = np.full((height, width), 230, np.uint8)
    while np.mean(scrap == 20) < 0.15:
        tall, wide = random.integers(1, 12, 2).tolist()
        top, left = int(random.integers(height)), int(random.integers(width))
        scrap[top : top + tall, left : left + wide] = 20
    for reading in get_args(Reading):
        for line in read_page(recognizer, scrap, reading).lines:
            for character in line:
                left, top, right, bottom = character.box
                assert (scrap[top:bottom, left:right] == 20).any()


def test_what_is_no_page_is_told_as_for_any_image(recognizer: Recognizer, tmp_path: Path) -> None:
    with pytest.raises(Problem) as raised:
        read_page(recognizer, tmp_path / "missing.png")
    assert raised.value.code == "image.missing"


def test_the_command_prints_the_text_and_writes_every_character(
    glyphs: list[Pixels], tmp_path: Path
) -> None:
    ink, boxes = composed(glyphs)
    image, table = tmp_path / "a[/b].png", tmp_path / "page.csv"
    image.parent.mkdir(exist_ok=True)
    Image.fromarray(on_paper(ink)).save(image)
    ended = called(image, tmp_path / "missing.png", "--csv", table)
    lines = ended.stdout.splitlines()
    assert [len(line) for line in lines] == [PLACES] * LINES
    assert f"{LINES} columns, {LINES * PLACES} characters" in ended.stderr
    assert "missing.png" in ended.stderr
    assert ended.returncode == 1
    with open(table, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert "".join(row["answer_1"] or "〓" for row in rows) == "".join(lines)
    lines_of_rows = [int(row["line"]) for row in rows]
    assert lines_of_rows == [line for line in range(1, LINES + 1) for _ in range(PLACES)]
    (told,) = called(image, "--json").stdout.splitlines()
    page = json.loads(told)
    assert page["text"].split("\n") == lines
    assert np.abs(np.subtract(page["lines"][0][0]["box"], boxes[0])).max() <= 6


def called(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "hanzi_tui", "recognize", "--page", "--model", "starter"]
    return subprocess.run([*command, *map(str, arguments)], capture_output=True, text=True,
                          timeout=60, check=False)  # fmt: skip
