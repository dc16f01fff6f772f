"""The recogniser in a process of its own: the same answers, whatever happens to the process."""

from __future__ import annotations

import asyncio
import csv
import json
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import psutil
import pytest

from pipeline.bundle import open_bundle
from pipeline.images import decode, normalize
from pipeline.problems import Problem
from pipeline.recognition import client as client_module
from pipeline.recognition.client import RecognizerClient
from pipeline.recognition.folder import folders_of_images, write_answers
from pipeline.recognition.recognizer import Recognizer


@pytest.fixture(scope="module")
def model(trained_once: Path) -> Path:
    return trained_once / "models" / "few-cnn"


@pytest.fixture
def images(characters: Path) -> list[Path]:
    return sorted(p for p in characters.rglob("*.*") if p.is_file())


@pytest.fixture
async def client(model: Path) -> AsyncIterator[RecognizerClient]:
    client = RecognizerClient(model, threads=1)
    yield client
    await client.close()


def servers() -> list[psutil.Process]:
    """Returns the recognisers that this process has started."""
    return [p for p in psutil.Process().children() if "pipeline.recognition" in " ".join(_said(p))]


def _said(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


async def test_its_answers_are_those_of_the_recognizer(
    client: RecognizerClient, model: Path, images: list[Path]
) -> None:
    wanted = Recognizer(open_bundle(model), threads=1).recognize(images, top=3)
    given = await client.recognize(images, top=3)
    for answer, recognition in zip(given, wanted, strict=True):
        labels = [c.label for c in answer.candidates]
        assert labels == [c.label for c in recognition.candidates]
        assert [c.probability for c in answer.candidates] == pytest.approx(
            [c.probability for c in recognition.candidates], abs=1e-5
        )


async def test_it_shows_what_the_network_saw_and_the_picture_made_small(
    client: RecognizerClient, model: Path, images: list[Path]
) -> None:
    (answer,) = await client.recognize([images[0]], preview_px=20)
    spec = open_bundle(model).description.spec
    assert answer.seen is not None
    assert answer.preview is not None
    np.testing.assert_array_equal(answer.seen, normalize(images[0], spec))
    height, width = decode(images[0], spec.max_pixels).shape[:2]
    assert answer.size_px == (width, height)
    assert max(answer.preview.shape[:2]) == min(20, max(width, height))
    assert answer.elapsed_s > 0


async def test_an_image_that_cannot_be_read_says_why_and_the_others_are_answered(
    client: RecognizerClient, images: list[Path], tmp_path: Path
) -> None:
    bad = tmp_path / "a[b].png"
    bad.write_text("not an image")
    strange = tmp_path / "\udcff.png"
    answers = await client.recognize([bad, images[0], tmp_path / "zero\0.png", strange])
    problems = [answer.problem and answer.problem.code for answer in answers]
    assert problems == ["image.unknown", None, "image.unknown", "image.missing"]
    assert "a[b].png" in str(answers[0].problem)


async def test_a_white_sheet_is_blank(client: RecognizerClient, tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.pgm"
    sheet.write_bytes(b"P5 40 40 255\n" + b"\xff" * 1600)
    (answer,) = await client.recognize([sheet], preview_px=40)
    assert answer.verdict == "blank"


async def test_what_is_no_character_gets_no_candidates(client: RecognizerClient) -> None:
    y, x = np.ogrid[:80, :80]
    blob = np.where((x - 40) ** 2 + (y - 40) ** 2 < 900, 0, 255)
    specks = np.full((80, 80), 255)
    specks[::10, ::10] = specks[1::10, ::10] = 0
    stroke = np.full((80, 80), 255)
    stroke[36:44, 10:70] = 0
    files = [b"P5 80 80 255\n" + pixels.astype(np.uint8).tobytes()
             for pixels in (blob, specks, stroke)]  # fmt: skip
    no_blob, no_specks, one = await client.recognize(files)
    assert (no_blob.verdict, no_specks.verdict) == ("not_character", "not_character")
    assert not no_blob.candidates
    assert one.verdict in ("sure", "unsure")
    assert one.candidates


async def test_an_answer_below_the_confidence_that_was_set_is_not_sure(
    model: Path, images: list[Path]
) -> None:
    verdicts = []
    for min_confidence in (0.0, 1.0):
        client = RecognizerClient(model, threads=1, min_confidence=min_confidence)
        [answer] = await client.recognize(images[:1])
        assert answer.candidates
        verdicts.append(answer.verdict)
        await client.close()
    assert verdicts == ["sure", "unsure"]


async def test_when_it_was_killed_the_next_question_starts_it_again(
    client: RecognizerClient, images: list[Path]
) -> None:
    (first,) = await client.recognize(images[:1])
    for server in servers():
        server.kill()
    (again,) = await client.recognize(images[:1])
    assert again.candidates == first.candidates


async def test_an_image_that_ends_the_process_does_so_only_for_itself(
    model: Path, images: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = (
        "import os, pipeline.images as images, pipeline.recognition.serve as serve\n"
        "real = images.decode\n"
        "def decode(picture, limit):\n"
        "    os._exit(1) if 'killer' in str(picture) else None\n"
        "    return real(picture, limit)\n"
        "images.decode = decode\n"
        "serve.main()"
    )
    command = [sys.executable, "-c", program, str(model)]
    monkeypatch.setattr(client_module, "_command", lambda *_: command)
    client = RecognizerClient(model)
    answers = await client.recognize([images[0], tmp_path / "killer.png", images[1]])
    assert [bool(answer.candidates) for answer in answers] == [True, False, True]
    assert answers[1].problem is not None
    assert answers[1].problem.code == "recognition.died"
    await client.close()


async def test_a_damaged_model_is_a_problem_each_time(tmp_path: Path, images: list[Path]) -> None:
    (tmp_path / "bundle.json").write_text("{}")
    client = RecognizerClient(tmp_path)
    for _attempt in range(2):
        with pytest.raises(Problem, match=r"bundle|damaged|Copy the model"):
            await client.recognize(images[:1])
    await client.close()


async def test_the_answer_to_a_cancelled_question_is_not_taken_for_another(
    client: RecognizerClient, images: list[Path]
) -> None:
    await client.recognize(images[:1])
    first = asyncio.create_task(client.recognize(images[:20]))
    await asyncio.sleep(0)
    first.cancel()
    one, two = await client.recognize(images[-2:])
    alone = [(await client.recognize([path]))[0] for path in images[-2:]]
    labels = [[c.label for c in answer.candidates] for answer in (one, two)]
    assert labels == [[c.label for c in answer.candidates] for answer in alone]


async def test_closing_cancels_and_leaves_no_process(
    client: RecognizerClient, images: list[Path]
) -> None:
    await client.recognize(images[:1])
    assert servers()
    under_way = asyncio.create_task(client.recognize(images))
    await asyncio.sleep(0)
    await client.close()
    with pytest.raises(asyncio.CancelledError):
        await under_way
    assert not servers()


def test_it_ignores_ctrl_c_and_ends_with_its_stdin(model: Path, images: list[Path]) -> None:
    serve = "pipeline.recognition.serve"
    command = [sys.executable, "-P", "-m", serve, str(model), '{"threads": 1}']
    if sys.version_info < (3, 11):
        command.remove("-P")
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin
        assert process.stdout
        for number in range(2):
            request = {
                "id": number,
                "pictures": [{"path": str(images[0])}],
                "top": 1,
                "preview_px": 0,
            }
            process.stdin.write(json.dumps(request).encode() + b"\n")
            process.stdin.flush()
            reply = json.loads(process.stdout.readline())
            assert reply["id"] == number
            assert len(reply["answers"][0]["candidates"]) == 1
            process.send_signal(signal.SIGINT)
        process.stdin.close()
        assert process.wait(timeout=20) == 0


def test_a_folder_gives_its_images_at_any_depth(tmp_path: Path) -> None:
    wanted = ["a.png", "deep/er/b.JPG", "安/c.webp"]
    for name in [*wanted, "notes.txt", ".hidden.png", ".cache/d.png"]:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    found = sorted(path for paths in folders_of_images(tmp_path) for path in paths)
    assert [str(path.relative_to(tmp_path)) for path in found] == wanted
    with pytest.raises(Problem, match="nowhere"):
        list(folders_of_images(tmp_path / "nowhere"))


async def test_the_table_has_each_candidate_or_the_reason(
    client: RecognizerClient, images: list[Path], tmp_path: Path
) -> None:
    paths = [images[0], tmp_path / "missing, [red].png"]
    answers = await client.recognize(paths, top=2)
    write_answers(tmp_path / "answers.csv", zip(paths, answers, strict=True), top=2)
    with open(tmp_path / "answers.csv", encoding="utf-8", newline="") as file:
        header, first, second = csv.reader(file)
    assert header == [
        "image",
        "answer_1",
        "probability_1",
        "answer_2",
        "probability_2",
        "verdict",
        "problem",
    ]
    one, two = answers[0].candidates
    assert first == [str(images[0]), one.label, f"{one.probability:.6f}", two.label,
                     f"{two.probability:.6f}", answers[0].verdict, ""]  # fmt: skip
    assert second[0] == str(paths[1])
    assert "no such image" in second[-1]
