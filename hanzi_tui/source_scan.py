"""What a source holds, counted before anything is made of it."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

from pipeline.dataset.sources import Listing, Source, SourceImage, open_source
from pipeline.dataset.sources.limits import MEGABYTE, Limits
from pipeline.settings import DatasetSettings

T = TypeVar("T")
BINS = (1, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 100_000)
"""First sizes of the classes that a line of the histogram counts together."""
MOST_LINES = 8


@dataclass(frozen=True)
class Scan:
    """The counts of one source; its images stay in the columns of `listing`.

    `sizes` has each class with its number of images, smallest first; `starts` the index of the
    first image of each class, in the order of the labels; `merged` the folders of labels that
    several folders spell.
    """

    source: Source
    listing: Listing
    sizes: tuple[tuple[str, int], ...]
    starts: tuple[int, ...]
    merged: dict[str, tuple[str, ...]]

    @property
    def root(self) -> Path:
        return self.listing.root

    @property
    def images(self) -> int:
        return len(self.listing.images)

    def sample(self, number: int) -> SourceImage:
        """Returns the first image of a class; numbers beyond the last class go round."""
        return self.listing.images[self.starts[number % len(self.starts)]]

    def of_class(self, label: int) -> range:
        """Returns the indices of the images of a class, by its index in `listing.images.labels`."""
        ends = (*self.starts[1:], self.images)
        return range(self.starts[label], ends[label])


def scan(root: Path, settings: DatasetSettings | None = None) -> Scan:
    """Counts a folder, an archive, .gnt files or a list, and opens no image.

    Args:
        root: the source.
        settings: limits, and the table of labels; the defaults without.

    Raises:
        Problem: as `open_source` and `Source.list`.
        OSError: a folder cannot be listed.
    """
    settings = settings or DatasetSettings()
    limits = Limits(settings.max_file_mb * MEGABYTE, settings.max_pixels)
    label_file = Path(settings.label_file) if settings.label_file else None
    source = open_source(root, limits, label_file)
    listing = source.list()
    labels = listing.images.labels
    counts = np.bincount(np.frombuffer(listing.images.label_index, np.int32), minlength=len(labels))
    sizes = sorted(zip(counts.tolist(), labels, strict=True))
    return Scan(
        source=source,
        listing=listing,
        sizes=tuple((label, size) for size, label in sizes),
        starts=tuple((np.cumsum(counts) - counts).tolist()),
        merged={label: names for label, names in listing.folders.items() if len(names) > 1},
    )


def histogram(sizes: Sequence[int]) -> list[tuple[int, int, int]]:
    """Returns smallest size, largest size and how many classes lie between, ends included.

    One line a size where there are few; else the sizes of `BINS`, joined at the ends until the
    lines are few. A line without classes stands only between two with some.
    """
    counts = Counter(sizes)
    if len(counts) <= MOST_LINES:
        return [(size, size, counts[size]) for size in sorted(counts)]
    ends = [*(first - 1 for first in BINS[1:]), max(sizes)]
    lines = [(low, high, sum(n for size, n in counts.items() if low <= size <= high))
             for low, high in zip(BINS, ends, strict=True)]  # fmt: skip
    while not lines[0][2]:
        lines.pop(0)
    while not lines[-1][2]:
        lines.pop()
    while len(lines) > MOST_LINES:
        at = 0 if lines[0][2] + lines[1][2] <= lines[-1][2] + lines[-2][2] else len(lines) - 2
        joined = (lines[at][0], lines[at + 1][1], lines[at][2] + lines[at + 1][2])
        lines[at : at + 2] = [joined]
    return lines


async def in_thread(function: Callable[..., T], *args: object) -> T:
    """Runs a function in a thread that nobody waits for when the program ends.

    Counting a folder far away may take minutes, and a thread cannot be stopped.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if future.done():
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)  # type: ignore[arg-type]

    def run() -> None:
        result, failure = None, None
        try:
            result = function(*args)
        except Exception as error:
            failure = error
        if not loop.is_closed():
            loop.call_soon_threadsafe(settle, result, failure)

    threading.Thread(target=run, name=function.__name__, daemon=True).start()
    return await future
