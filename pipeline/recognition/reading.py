"""Pictures read and normalised ahead of the network that answers them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from pipeline.images import Picture, normalize
from pipeline.normalizer import NormalizerSpec
from pipeline.problems import Problem

Read = NDArray[np.uint8] | Problem
"""A normalised picture, uint8 `[S, S, C]`, or why there is none."""

MOST_READERS = 4
"""Large pictures read at once: each may take 50 million pixels."""
LARGE_BYTES = 1 << 17
"""From here on decoding, which lets other threads run, outweighs the calls around it."""


def read_ahead(
    pictures: Iterable[Picture], spec: NormalizerSpec, batch_size: int, threads: int
) -> Iterator[list[Read]]:
    """Yields pictures normalised, in batches; the next one is read while its taker works.

    The first batch is read by the caller's own thread, so that one picture needs no other.

    Args:
        pictures: as for `normalize`; after the first batch they are asked for in another thread.
        spec: of the normaliser.
        batch_size: the most pictures of a batch.
        threads: that read large pictures, up to `MOST_READERS`. Small ones take one: with more
            they wait for Python's lock longer than for each other.
    """
    waiting = iter(pictures)

    def batch() -> list[Read]:
        return _read(list(islice(waiting, batch_size)), spec, min(threads, MOST_READERS))

    read = batch()
    if len(read) < batch_size:
        if read:
            yield read
        return
    with ThreadPoolExecutor(1, "reading") as pool:
        while read:
            following = pool.submit(batch)
            yield read
            read = following.result()


def _read(pictures: Sequence[Picture], spec: NormalizerSpec, threads: int) -> list[Read]:
    def normalized(picture: Picture) -> Read:
        try:
            return normalize(picture, spec)
        except Problem as problem:
            return problem

    if threads < 2 or sum(map(_bytes, pictures)) < LARGE_BYTES * len(pictures):
        return list(map(normalized, pictures))
    with ThreadPoolExecutor(threads, "decoding") as pool:
        return list(pool.map(normalized, pictures))


def _bytes(picture: Picture) -> int:
    """Returns the size of a picture as it is stored, 0 for one that is not there."""
    if isinstance(picture, bytes):
        return len(picture)
    if isinstance(picture, np.ndarray):
        return picture.nbytes
    try:
        return os.stat(picture).st_size
    except (OSError, ValueError):
        return 0
