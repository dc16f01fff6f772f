"""A few distorted variants of one image, made by a process that lives for one answer.

Whoever asks need not load OpenCV: `variants` runs this module as a program.
"""

from __future__ import annotations

import asyncio
import io
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pipeline.problems import Problem
from pipeline.programs import program

if TYPE_CHECKING:
    from pipeline.dataset.sources import SourceImage
    from pipeline.settings import AugmentSettings, DatasetSettings

VARIANTS = 9


async def variants(
    path: str,
    dataset: DatasetSettings,
    augment: AugmentSettings,
    draw: int,
    count: int = VARIANTS,
    *,
    within: SourceImage | None = None,
) -> NDArray[np.uint8]:
    """Normalises and distorts an image as prepare and training would, outside this process.

    Args:
        path: of the image file, or of the source that the image lies in.
        dataset: kind, size and channels of the result.
        augment: the distortions; switched off, the variants are the image itself.
        draw: another number, 0 or more, is another draw of the distortions.
        count: of variants.
        within: the image of the source; None where `path` is an image file.

    Returns:
        uint8 `[1 + count, S, S, C]`: the normalised image, then its variants.

    Raises:
        Problem: the image cannot be read, as `images.normalize` has it, or glyphs are to be
            mirrored.
    """
    request = {
        "path": path,
        "within": None if within is None else asdict(within),
        "spec": {"size_px": dataset.size, **dataset.model_dump(
            include={"kind", "channels", "margin", "max_pixels"})},
        "augment": augment.model_dump(),
        "draw": draw,
        "count": count,
    }  # fmt: skip
    process = await asyncio.create_subprocess_exec(
        *program("pipeline.preview"), json.dumps(request), stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        answer, _nothing = await process.communicate()
    except asyncio.CancelledError:
        if process.returncode is None:
            process.kill()
        raise
    try:
        if process.returncode == 0:
            return np.asarray(np.load(io.BytesIO(answer), allow_pickle=False), np.uint8)
        problem = json.loads(answer)
        raise Problem(problem["code"], **problem["params"])
    except ValueError as error:
        # Neither an answer nor a reason: a decoder took the whole process with it.
        detail = f"the process that decodes it ended with {process.returncode}"
        raise Problem("image.unknown", path=path, detail=detail) from error


def main() -> None:
    """Answers the request in the first argument, on stdout: .npy, or a problem as JSON."""
    answer, code = _answer(json.loads(sys.argv[1]))
    with os.fdopen(os.dup(1), "wb") as stdout:
        stdout.write(answer)
    sys.exit(code)


def _answer(request: dict[str, Any]) -> tuple[bytes, int]:
    from pipeline.augment import BORDERS, distort, distortion_for
    from pipeline.images import normalize
    from pipeline.normalizer import NormalizerSpec

    kind = request["spec"]["kind"]
    try:
        distortion = distortion_for(kind, request["augment"])
        image = normalize(_picture(request), NormalizerSpec(**request["spec"]))[None]
    except Problem as problem:
        return json.dumps({"code": problem.code, "params": problem.params}).encode(), 1
    made = np.repeat(image, request["count"], axis=0)
    if distortion is not None:
        made = distort(made, distortion, 0, request["draw"], border=BORDERS[kind])
    answer = io.BytesIO()
    np.save(answer, np.concatenate([image, made]), allow_pickle=False)
    return answer.getvalue(), 0


def _picture(request: dict[str, Any]) -> str | bytes | NDArray[np.uint8]:
    from pipeline.dataset.sources import SourceImage, open_source

    if request["within"] is None:
        return str(request["path"])
    with open_source(Path(request["path"])).open() as reader:
        return reader.read(SourceImage(**request["within"]))


if __name__ == "__main__":
    main()
