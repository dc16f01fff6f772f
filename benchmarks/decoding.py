"""Decoding and nothing else, in several processes: the floor under preparing a dataset."""

from __future__ import annotations

import concurrent.futures
import multiprocessing
import os
from collections.abc import Sequence
from pathlib import Path

from pipeline.dataset.chunks import CHUNK
from pipeline.worker import NICENESS


def decode_all(
    paths: Sequence[Path], max_pixels: int, processes: int, niceness: int = NICENESS
) -> int:
    """Decodes files as `prepare` does, in chunks and processes as `prepare` has them.

    Returns:
        The number of pixels.
    """
    chunks = [paths[start : start + CHUNK] for start in range(0, len(paths), CHUNK)]
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(
        min(processes, len(chunks)), context, os.nice, (niceness,)
    ) as pool:
        return sum(pool.map(_decode_chunk, chunks, [max_pixels] * len(chunks)))


def _decode_chunk(paths: Sequence[Path], max_pixels: int) -> int:
    import cv2

    from pipeline.images import decode

    cv2.setNumThreads(1)
    return sum(decode(path.read_bytes(), max_pixels).size for path in paths)
