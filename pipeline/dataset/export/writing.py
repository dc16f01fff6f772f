"""Writing images and their distorted copies into the folders of a tree, in several processes."""

from __future__ import annotations

import concurrent.futures
import multiprocessing
import os
from collections import Counter
from collections.abc import Generator, Iterable
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.augment import Distortion, distortion_for
from pipeline.dataset.export.copies import distorted_copies
from pipeline.dataset.export.links import Link, place
from pipeline.dataset.export.names import copy_name
from pipeline.dataset.export.places import Item
from pipeline.dataset.sources import Reader, Source
from pipeline.dataset.sources.folder import FileReader
from pipeline.problems import Problem
from pipeline.processes import end_with_parent, usable_cores
from pipeline.settings import AugmentSettings, DatasetSettings

CHUNK = 64
AHEAD = 2
"""Chunks handed out for each process."""


@dataclass(frozen=True)
class Copies:
    """How many distorted copies each training image gets, and how; see `distorted_copies`."""

    count: int
    distortion: Distortion
    kind: str
    seed: int
    max_pixels: int


def copies_for(count: int, dataset: DatasetSettings, augment: AugmentSettings) -> Copies | None:
    """Returns what settings ask for; None for no copies.

    Raises:
        Problem: `export.undistorted` or `augment.mirror`.
    """
    if not count:
        return None
    distortion = distortion_for(dataset.kind, augment.model_dump())
    if distortion is None:
        raise Problem("export.undistorted")
    return Copies(count, distortion, dataset.kind, dataset.seed, dataset.max_pixels)


@dataclass(frozen=True)
class Order:
    """What a process needs to know: where from, where to, and how."""

    source: Source
    root: str
    link: Link
    copies: Copies | None


def write_all(
    order: Order, items: Iterable[Item], processes: int
) -> Generator[tuple[int, Counter[str]], None, None]:
    """Writes items, and yields after each chunk how many it was.

    Args:
        order: for all of them.
        items: whose folders exist and whose files do not.
        processes: 0 for one a core.

    Yields:
        The number of images, and how many were copied in place of linked by the reason.

    Raises:
        Problem, OSError: an image cannot be read, or a file not be written.
        Problem: `dataset.decoder_died` when a process was killed, as for want of memory.
    """
    count = processes or usable_cores()
    # Never fork: OpenCV's threads do not survive it.
    pool = concurrent.futures.ProcessPoolExecutor(
        count, multiprocessing.get_context("spawn"), _begin, (order,)
    )
    remaining = iter(items)
    waiting: dict[concurrent.futures.Future[Counter[str]], list[Item]] = {}
    try:
        while True:
            while len(waiting) < AHEAD * count and (chunk := list(islice(remaining, CHUNK))):
                waiting[pool.submit(_write_chunk, chunk)] = chunk
            if not waiting:
                return
            ready, _ = concurrent.futures.wait(
                waiting, return_when=concurrent.futures.FIRST_COMPLETED
            )
            for task in ready:
                result = task.result()
                yield len(waiting.pop(task)), result
    except BrokenProcessPool as error:
        first = next(iter(waiting.values()))[0].image.path
        raise Problem("dataset.decoder_died", first=first) from error
    finally:
        pool.shutdown(cancel_futures=True)


class Writer:
    """Writes images of one source below one folder; keeps the source open."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._opened = ExitStack()
        self._reader: Reader = self._opened.enter_context(order.source.open())

    def write(self, item: Item) -> str:
        """Writes an image and its copies.

        Returns:
            Why the file was copied in place of linked, else "".
        """
        target = os.path.join(self._order.root, item.path)
        content: bytes | NDArray[np.uint8] | None = None
        reason = ""
        if isinstance(self._reader, FileReader):
            file = os.path.join(self._reader.root, item.image.path)
            reason = place(file, target, self._order.link)
        else:
            content = self._reader.read(item.image)
            _write(target, content if isinstance(content, bytes) else _png(content))
        copies = self._order.copies
        if copies is not None and item.is_training:
            picture = self._reader.read(item.image) if content is None else content
            made = distorted_copies(picture, copies.kind, copies.distortion, copies.count,
                                    copies.seed, item.row, copies.max_pixels)  # fmt: skip
            for number, copy in enumerate(made):
                _write(copy_name(target, number), _png(copy))
        return reason


_writer: Writer
"""The writer of this process, whose source stays open from chunk to chunk."""


def _begin(order: Order) -> None:
    global _writer
    end_with_parent()
    cv2.setNumThreads(1)  # one thread a process; OpenCV's own would fight over the cores
    _writer = Writer(order)


def _write_chunk(items: list[Item]) -> Counter[str]:
    return Counter(reason for item in items if (reason := _writer.write(item)))


def _write(path: str, content: bytes) -> None:
    with open(path, "xb") as file:
        file.write(content)


def _png(pixels: NDArray[np.uint8]) -> bytes:
    _, encoded = cv2.imencode(".png", pixels if pixels.ndim == 2 else pixels[:, :, ::-1])
    return bytes(encoded)
