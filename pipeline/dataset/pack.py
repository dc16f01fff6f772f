"""Reading and normalising images in several processes, into one array that survives a kill."""

from __future__ import annotations

import concurrent.futures
import hashlib
import json
import multiprocessing
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.dataset.sources import Listing
from pipeline.events import Report, StopCheck
from pipeline.images import is_blank, normalize
from pipeline.normalizer import NormalizerSpec
from pipeline.problems import Problem, StopAsked
from pipeline.processes import usable_cores

CHUNK = 256
DIGEST_BYTES = 16


@dataclass(frozen=True)
class Packed:
    """What became of each of the N images of a listing.

    `digests` has the hash of each file's bytes, b"" where it was not read; `problems` the code
    and reason of each rejected image by its index; `blank` the indices without any ink.
    """

    array: Path
    digests: list[bytes]
    problems: dict[int, tuple[str, str]]
    blank: list[int]


def pack(
    listing: Listing,
    spec: NormalizerSpec,
    folder: Path,
    processes: int,
    report: Report,
    should_stop: StopCheck,
) -> Packed:
    """Normalises every image of `listing` into `folder/pack.npy`, uint8 `[N, S, S, C]`.

    Finished chunks are noted in `folder/chunks.jsonl`; a later call on the same folder takes
    them as done.

    Raises:
        StopAsked: after the chunks under way, which are noted.
    """
    array, notes = folder / "pack.npy", folder / "chunks.jsonl"
    count = len(listing.images)
    done = _noted(notes) if array.exists() else {}
    if not done:
        shape = (count, spec.size_px, spec.size_px, spec.channels)
        np.lib.format.open_memmap(array, "w+", np.uint8, shape)
    starts = [start for start in range(0, count, CHUNK) if start not in done]
    report.progress(count - sum(min(CHUNK, count - s) for s in starts), count, "images")
    with open(notes, "a", encoding="utf-8") as log, _pool(processes, len(starts)) as pool:
        tasks = {}
        for start in starts:
            paths = [image.path for image in listing.images[start : start + CHUNK]]
            root = str(listing.root)
            tasks[pool.submit(_pack_chunk, root, paths, start, str(array), spec)] = start
        for task in concurrent.futures.as_completed(tasks):
            done[tasks[task]] = task.result()
            log.write(json.dumps({"start": tasks[task], **task.result()}) + "\n")
            log.flush()
            report.progress(sum(len(chunk["digests"]) for chunk in done.values()), count, "images")
            if (request := should_stop()) is not None:
                pool.shutdown(cancel_futures=True)
                raise StopAsked(request)
    return _joined(array, done)


def _pack_chunk(
    root: str, paths: Sequence[str], start: int, array: str, spec: NormalizerSpec
) -> dict[str, Any]:
    import cv2

    cv2.setNumThreads(1)  # one thread a process; OpenCV's own would fight over the cores
    rows = np.load(array, mmap_mode="r+")
    digests, problems, blank = [], [], []
    for index, path in enumerate(paths, start):
        full = os.path.join(root, path)
        digest = ""
        try:
            content = _read(full)
            digest = hashlib.blake2b(content, digest_size=DIGEST_BYTES).hexdigest()
            rows[index] = normalize(content, spec)
        except Problem as problem:
            shown = Problem(problem.code, **{**problem.params, "path": path})
            problems.append((index, problem.code, str(shown)))
        else:
            if spec.kind == "glyph" and is_blank(rows[index]):
                blank.append(index)
        digests.append(digest)
    return {"digests": digests, "problems": problems, "blank": blank}


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise Problem("image.unreadable", path=path, detail=str(error.strerror)) from error


def _pool(processes: int, chunks: int) -> concurrent.futures.Executor:
    count = max(1, min(processes or usable_cores(), chunks))
    # Never fork: OpenCV's threads do not survive it.
    context = multiprocessing.get_context("spawn")
    return concurrent.futures.ProcessPoolExecutor(count, mp_context=context)


def _noted(notes: Path) -> dict[int, dict[str, Any]]:
    done: dict[int, dict[str, Any]] = {}
    if notes.exists():
        for line in notes.read_text("utf-8").split("\n"):
            try:
                chunk = json.loads(line)
                done[chunk.pop("start")] = chunk
            except ValueError:  # the torn last line of a killed process
                continue
    return done


def _joined(array: Path, done: dict[int, dict[str, Any]]) -> Packed:
    chunks = [done[start] for start in sorted(done)]
    return Packed(
        array=array,
        digests=[bytes.fromhex(digest) for chunk in chunks for digest in chunk["digests"]],
        problems={i: (code, text) for chunk in chunks for i, code, text in chunk["problems"]},
        blank=[index for chunk in chunks for index in chunk["blank"]],
    )
