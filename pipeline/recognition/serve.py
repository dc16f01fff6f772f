"""Answers pictures for another process: a JSON request a line in, a JSON answer a line out.

`python -m pipeline.recognition.serve MODEL_FOLDER [OPTIONS]`; the options are those of
`Recognizer` in JSON. A request has `id`, `pictures`, `top` and `preview_px`; a picture is the
`path` of an image file or the `content` of one in base64. Its reply has the same `id` and
`answers`, one for each picture. With `preview_px` above 0 each answer brings what the network saw
and the picture, made that small. With `page`, a picture, and its `reading`, the reply has one
`answer`: what stands on that page. A model that cannot be loaded is one line with a `problem`. The
process ends when its stdin does.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any, BinaryIO

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.bundle import open_bundle
from pipeline.images import decode
from pipeline.problems import Problem
from pipeline.recognition.answers import Answer, to_json
from pipeline.recognition.page import read_page
from pipeline.recognition.page_text import PageAnswer, answer_to_json
from pipeline.recognition.recognizer import Recognition, Recognizer


def main() -> None:
    """Serves stdin until it closes."""
    # Ctrl-C in a terminal is meant for the program that asks, and it will close stdin.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    options = json.loads(sys.argv[2]) if len(sys.argv) > 2 else {}
    with contextlib.suppress(BrokenPipeError), _answers_only() as out:
        try:
            recognizer = Recognizer(open_bundle(Path(sys.argv[1])), **options)
        except Problem as problem:
            _send(out, {"problem": {"code": problem.code, "params": problem.params}})
            return
        for line in sys.stdin.buffer:
            request = json.loads(line)
            _send(out, {"id": request["id"], **_reply(recognizer, request)})


def _answers_only() -> BinaryIO:
    """Returns stdout for answers alone: what native libraries print goes to stderr."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return out


def _send(out: BinaryIO, values: dict[str, Any]) -> None:
    out.write(json.dumps(values).encode() + b"\n")
    out.flush()


def _reply(recognizer: Recognizer, request: dict[str, Any]) -> dict[str, Any]:
    if "page" in request:
        return {"answer": answer_to_json(_page(recognizer, request))}
    return {"answers": _replies(recognizer, request)}


def _page(recognizer: Recognizer, request: dict[str, Any]) -> PageAnswer:
    start_s = time.perf_counter()
    try:
        pixels = decode(_picture(request["page"]), recognizer.bundle.description.spec.max_pixels)
    except Problem as problem:
        return PageAnswer(problem=problem)
    page = read_page(recognizer, pixels, request["reading"], request["top"])
    elapsed_s = time.perf_counter() - start_s
    height, width = pixels.shape[:2]
    preview = _small(pixels, request["preview_px"])
    return PageAnswer(page, None, preview, (width, height), elapsed_s)


def _replies(recognizer: Recognizer, request: dict[str, Any]) -> list[dict[str, Any]]:
    pictures = [_picture(values) for values in request["pictures"]]
    top, preview_px = request["top"], request["preview_px"]
    if preview_px:
        return [to_json(_looked_at(recognizer, picture, top, preview_px)) for picture in pictures]
    start_s = time.perf_counter()
    found = list(recognizer.recognize(pictures, top))
    each_s = (time.perf_counter() - start_s) / max(len(found), 1)
    return [to_json(_answer(recognition, each_s)) for recognition in found]


def _picture(values: dict[str, str]) -> Path | bytes:
    return Path(values["path"]) if "path" in values else base64.b64decode(values["content"])


def _looked_at(recognizer: Recognizer, picture: Path | bytes, top: int, preview_px: int) -> Answer:
    start_s = time.perf_counter()
    try:
        pixels = decode(picture, recognizer.bundle.description.spec.max_pixels)
    except Problem as problem:
        return Answer(problem=problem)
    (recognition,) = recognizer.recognize([pixels], top)
    elapsed_s = time.perf_counter() - start_s
    height, width = pixels.shape[:2]
    return _answer(recognition, elapsed_s, recognition.seen,
                   _small(pixels, preview_px), (width, height))  # fmt: skip


def _answer(
    recognition: Recognition,
    elapsed_s: float,
    seen: NDArray[np.uint8] | None = None,
    preview: NDArray[np.uint8] | None = None,
    size_px: tuple[int, int] | None = None,
) -> Answer:
    return Answer(recognition.candidates, recognition.problem, recognition.verdict, seen, preview,
                  size_px, elapsed_s)  # fmt: skip


def _small(pixels: NDArray[np.uint8], side_px: int) -> NDArray[np.uint8]:
    """Returns pixels whose longer side is at most `side_px`."""
    height, width = pixels.shape[:2]
    scale = side_px / max(height, width)
    if scale >= 1:
        return pixels
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


if __name__ == "__main__":
    main()
