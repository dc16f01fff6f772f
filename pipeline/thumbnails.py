"""Small pictures of a source's images as they are, made by a process that lives for one answer.

Whoever asks need not load OpenCV: `thumbnails` runs this module as a program.
"""

from __future__ import annotations

import asyncio
import io
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pipeline.problems import Problem
from pipeline.programs import program

if TYPE_CHECKING:
    from pipeline.dataset.sources import SourceImage

SIDE_PX = 96


async def thumbnails(
    source: Path, images: Sequence[SourceImage], max_pixels: int
) -> list[NDArray[np.uint8] | Problem]:
    """Reads some images of a source, outside this process.

    Args:
        source: as `open_source` takes it.
        images: of its listing.
        max_pixels: larger ones are not decoded.

    Returns:
        For each image uint8 `[H, W, 3]`, `SIDE_PX` high and wide at most, or why there is none.
    """
    process = await asyncio.create_subprocess_exec(
        *program("pipeline.thumbnails"), stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    request = {"source": os.fspath(source), "images": [asdict(image) for image in images],
               "max_pixels": max_pixels}  # fmt: skip
    try:
        answer, _nothing = await process.communicate(json.dumps(request).encode())
    except asyncio.CancelledError:
        if process.returncode is None:
            process.kill()
        raise
    try:
        with np.load(io.BytesIO(answer), allow_pickle=False) as arrays:
            problems = json.loads(arrays["problems"].tobytes())
            return [_problem(*problems[name]) if name in problems else arrays[name]
                    for name in map(str, range(len(images)))]  # fmt: skip
    except (ValueError, EOFError):
        # A decoder took the whole process with it.
        detail = f"the process that decodes it ended with {process.returncode}"
        return [Problem("image.unknown", path=image.path, detail=detail) for image in images]


def _problem(code: str, params: dict[str, Any]) -> Problem:
    return Problem(code, **params)


def main() -> None:
    """Answers the request on stdin, on stdout: .npz with an array an image, by its place."""
    from pipeline.dataset.sources import SourceImage, open_source

    request = json.load(sys.stdin)
    arrays: dict[str, NDArray[np.uint8]] = {}
    problems: dict[str, tuple[str, dict[str, object]]] = {}
    with os.fdopen(os.dup(1), "wb") as stdout:
        with open_source(Path(request["source"])).open() as reader:
            for place, image in enumerate(request["images"]):
                try:
                    content = reader.read(SourceImage(**image))
                    arrays[str(place)] = _small(content, request["max_pixels"])
                except Problem as problem:
                    params = {**problem.params, "path": image["path"]}
                    problems[str(place)] = (problem.code, params)
        told = np.frombuffer(json.dumps(problems, default=str).encode(), np.uint8)
        np.savez(stdout, problems=told, **arrays)  # type: ignore[arg-type]


def _small(content: bytes | NDArray[np.uint8], max_pixels: int) -> NDArray[np.uint8]:
    import cv2

    from pipeline.images import decode

    pixels = decode(content, max_pixels)
    rgb = cv2.cvtColor(pixels, cv2.COLOR_GRAY2RGB) if pixels.ndim == 2 else pixels
    scale = SIDE_PX / max(rgb.shape[:2])
    if scale < 1:
        size = (max(1, round(rgb.shape[1] * scale)), max(1, round(rgb.shape[0] * scale)))
        rgb = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
    return np.asarray(rgb, np.uint8)


if __name__ == "__main__":
    main()
