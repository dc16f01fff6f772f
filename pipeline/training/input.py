"""Batches as functions of (seed, step), so that a resumed training sees what it would have seen."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.augment import Border, Distortion, distort
from pipeline.dataset.records import Split
from pipeline.training.mixing import Mixing, mix
from pipeline.training.sampling import epoch_order

PREFETCHED = 3
Batch = tuple[NDArray[Any], ...]
"""Images uint8 `[B, S, S, C]` and labels int32 `[B]`; mixed ones have second labels int32 `[B]`
and shares of the first ones float32 `[B]`."""


class TrainingBatches:
    """Batches of a training split, shuffled anew each epoch.

    The last batch of an epoch is filled up from the epoch's beginning, so that every batch has
    the same shape and, where classes are not balanced, every image is seen at least once.

    Args:
        split: images uint8 `[N, S, S, C]` and labels int32 `[N]`.
        batch_size: B, images a batch over all replicas.
        seed: of order and distortions.
        distortion: drawn anew for each image at each step; None leaves images as they are.
        border: what lies beyond an image.
        balance: of the classes, 0 to 1; see `sampling.epoch_order`.
        mixing: of the distorted images with one another; None for none.
    """

    def __init__(
        self,
        split: Split,
        batch_size: int,
        seed: int,
        distortion: Distortion | None,
        border: Border = "blank",
        balance: float = 0.0,
        mixing: Mixing | None = None,
    ) -> None:
        self._split = split
        self._batch_size = batch_size
        self._seed = seed
        self._distortion = distortion
        self._border: Border = border
        self._balance = balance
        self._mixing = mixing
        self.steps_per_epoch = -(-len(split.labels) // batch_size)
        self._epoch = -1
        self._order = np.empty(0, np.int64)

    def batch(self, step: int) -> Batch:
        """Returns the batch of a step, counted from 0."""
        epoch, position = divmod(step, self.steps_per_epoch)
        if epoch != self._epoch:
            self._order = epoch_order(self._split.labels, self._balance, self._seed, epoch)
            self._epoch = epoch
        start = position * self._batch_size
        rows = np.take(self._order, range(start, start + self._batch_size), mode="wrap")
        images = self._split.images[rows]
        if self._distortion is not None:
            images = distort(images, self._distortion, self._seed, step, border=self._border)
        labels = self._split.labels[rows]
        if self._mixing:
            return mix(images, labels, self._mixing, self._seed, step)
        return images, labels

    def stream(self, first: int, last: int) -> Generator[Batch, None, None]:
        """Yields the batches of the steps `first` to `last - 1`, made ahead in one thread."""
        with ThreadPoolExecutor(1, thread_name_prefix="batches") as thread:
            ahead = [
                thread.submit(self.batch, s) for s in range(first, min(first + PREFETCHED, last))
            ]
            for step in range(first, last):
                ready = ahead.pop(0)
                if step + PREFETCHED < last:
                    ahead.append(thread.submit(self.batch, step + PREFETCHED))
                try:
                    yield ready.result()
                except GeneratorExit:
                    thread.shutdown(cancel_futures=True)
                    raise


def ordered_batches(
    split: Split, batch_size: int
) -> Iterator[tuple[NDArray[np.uint8], NDArray[np.int32], int]]:
    """Yields all images in order as `(images, labels, count)`.

    Every batch has `batch_size` rows, so that a compiled step meets one shape; of the last, only
    the first `count` rows belong to the split.
    """
    total = len(split.labels)
    for start in range(0, total, batch_size):
        rows = np.arange(start, start + batch_size) % total
        yield split.images[rows], split.labels[rows], min(batch_size, total - start)
