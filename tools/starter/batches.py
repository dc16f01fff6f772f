"""Batches of written characters, as functions of (seed, step): every class as often as any."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.normalizer import NormalizerSpec
from starter.fonts import Pixels
from starter.glyphs import Glyphs
from starter.hand import Hand, write

Batch = tuple[Pixels, NDArray[np.int8]]
IMPOSSIBLE, POSSIBLE, RIGHT = -1, 0, 1
"""What a target says of a character: the font has none of it, it is another, it is this one."""

AHEAD = 4


PLAIN_SHARE = 0.35
"""Of a character's images from the first font, the only one that has all of them.

With less of it, a network takes whatever looks like another font for one of the others' characters.
"""


@dataclass(frozen=True)
class Stage:
    """How the images of a step are made: their side and the hand."""

    size_px: int
    hand: Hand


@dataclass(frozen=True)
class Batches:
    """Writes each class once before any class comes again, with one of its fonts.

    `seed` decides order, fonts and writing; `count` is B, the images of a batch.
    """

    glyphs: Glyphs
    count: int
    seed: int

    def batch(self, step: int, stage: Stage) -> Batch:
        """Returns the images uint8 `[B, S, S, 1]` and targets int8 `[B, C]` of a step, from 0."""
        possible = self._possible
        classes = possible.shape[1]
        numbers = np.arange(step * self.count, (step + 1) * self.count)
        labels = np.empty(self.count, np.int32)
        for turn in np.unique(numbers // classes):
            order = np.random.default_rng((self.seed, 2, int(turn))).permutation(classes)
            now = numbers // classes == turn
            labels[now] = order[numbers[now] % classes]
        first, last = np.searchsorted(self.glyphs.labels, (labels, labels + 1))
        draws = np.random.default_rng((self.seed, 3, step)).random(self.count)
        others = (draws - PLAIN_SHARE) / (1 - PLAIN_SHARE) * (last - first - 1)
        rows = first + np.ceil(np.clip(others, 0, None)).astype(int)
        spec = NormalizerSpec(size_px=stage.size_px)
        targets = possible[self.glyphs.fonts[rows]]
        targets[np.arange(self.count), labels] = RIGHT
        return write(self.glyphs.images[rows], stage.hand, spec, self.seed, step), targets

    @cached_property
    def _possible(self) -> NDArray[np.int8]:
        """`IMPOSSIBLE` or `POSSIBLE` for each font and character, `[F, C]`."""
        shape = (int(self.glyphs.fonts.max()) + 1, int(self.glyphs.labels[-1]) + 1)
        possible = np.full(shape, IMPOSSIBLE, np.int8)
        possible[self.glyphs.fonts, self.glyphs.labels] = POSSIBLE
        return possible

    def stream(self, first: int, last: int, stage: Callable[[int], Stage]) -> Iterator[Batch]:
        """Yields the batches of the steps `first` to `last - 1`, made ahead in one thread.

        `stage` gives what belongs to a step.
        """
        # OpenCV's own threads cost more than they bring on pictures so small.
        cv2.setNumThreads(1)
        with ThreadPoolExecutor(1, thread_name_prefix="batches") as thread:
            ahead: deque[Future[Batch]] = deque()
            for step in range(first, last):
                while len(ahead) < AHEAD and step + len(ahead) < last:
                    next_step = step + len(ahead)
                    ahead.append(thread.submit(self.batch, next_step, stage(next_step)))
                yield ahead.popleft().result()
