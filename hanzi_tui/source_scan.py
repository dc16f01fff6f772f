"""What a source folder holds, counted before anything is made of it."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pipeline.dataset.sources import Rejected, list_folder
from pipeline.dataset.split import class_counts

T = TypeVar("T")
BINS = (1, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 100_000)
"""First sizes of the classes that a line of the histogram counts together."""
MOST_LINES = 8


@dataclass(frozen=True)
class Scan:
    """The counts of one source folder.

    `sizes` has each class with its number of images, smallest first; `samples` one image of each
    class, relative to `root`; `merged` the folders of labels that several folders spell.
    """

    root: Path
    sizes: tuple[tuple[str, int], ...]
    samples: tuple[str, ...]
    rejected: tuple[Rejected, ...]
    merged: dict[str, tuple[str, ...]]
    others: int

    @property
    def images(self) -> int:
        return sum(count for _label, count in self.sizes)

    def split_counts(self, validation: float, test: float) -> tuple[int, int, int]:
        """Returns about how many images train, validate and test: copies stay together."""
        shares = [class_counts(count, validation, test) for _label, count in self.sizes]
        train, validated, tested = (sum(share) for share in zip(*shares, strict=True))
        return train, validated, tested

    def untested(self, test: float) -> int:
        """Returns how many classes are too small for an image in the test split."""
        return sum(not class_counts(count, 0.0, test)[2] for _label, count in self.sizes)


def scan(root: Path) -> Scan:
    """Counts a folder of label folders.

    Raises:
        Problem: as `list_folder`.
        OSError: a folder cannot be listed.
    """
    listing = list_folder(root)
    counts = Counter(image.label for image in listing.images)
    samples = {image.label: image.path for image in reversed(listing.images)}
    return Scan(
        root=root,
        sizes=tuple(sorted(counts.items(), key=lambda item: (item[1], item[0]))),
        samples=tuple(samples[label] for label in sorted(samples)),
        rejected=listing.rejected,
        merged={label: names for label, names in listing.folders.items() if len(names) > 1},
        others=listing.others,
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
