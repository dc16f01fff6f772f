"""What was seen of all images of a source, and what that adds up to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.dataset.digest import DIGEST_BYTES
from pipeline.dataset.looks import BLANK, DARK_ON_LIGHT, LIGHT_ON_DARK, UNREAD, Looks
from pipeline.dataset.similar import PRINT_SIZE, clusters
from pipeline.dataset.sources import Rejected
from pipeline.dataset.sources.listing import Images
from pipeline.dataset.ties import numbered

SIZES_TOLD = 10


@dataclass(frozen=True)
class Spread:
    """Smallest, middle and largest of some numbers, in pixels."""

    smallest: int
    middle: int
    largest: int


@dataclass(frozen=True)
class Pixels:
    """What a look at every image found.

    Sets of images are tuples of paths, the largest set first.

    Args:
        kind: "glyph" or "photo", as what the images were looked at.
        read: images that can be decoded.
        widths, heights: in pixels; None where no image can be decoded.
        sizes: the most frequent "WIDTHxHEIGHT", with its number of images.
        modes: PIL's names of how files store pixels, with their numbers of images.
        coloured: images with colours, as photos have them.
        polarity: images that show "dark on light" and "light on dark"; photos show neither.
        blank: paths of images without ink, or photos of one colour.
        copies: sets of files of the same content.
        near: sets of near copies: the same picture scaled, recompressed, inverted or the like. A
            set may hold exact copies, too, but not only such.
        two_labels: those of both sets whose images have different labels.
        plain: images in which near copies were not looked for, as one looks like another: a
            single stroke, or a photo without contrast.
    """

    kind: str
    read: int
    widths: Spread | None
    heights: Spread | None
    sizes: dict[str, int]
    modes: dict[str, int]
    coloured: int
    polarity: dict[str, int]
    blank: tuple[str, ...]
    copies: tuple[tuple[str, ...], ...]
    near: tuple[tuple[str, ...], ...]
    two_labels: tuple[tuple[str, ...], ...]
    plain: int


class Seen:
    """Collects the looks at N images, in columns as those of `Looks`."""

    def __init__(self, images: Images, kind: str) -> None:
        self._images = images
        self._kind = kind
        self.count = 0
        self._coloured = 0
        self._shows = np.zeros(len(images), np.uint8)
        self._heights, self._widths = np.zeros((2, len(images)), np.int32)
        self._digests = np.zeros((len(images), DIGEST_BYTES), np.uint8)
        self._prints = np.zeros((len(images), PRINT_SIZE), np.int8)
        self._modes: Counter[str] = Counter()
        self._problems: list[tuple[int, str, str]] = []

    def add(self, indices: Sequence[int], looks: Looks) -> None:
        """Adds what was seen of the images at some indices."""
        at = np.array(indices)
        self._shows[at] = looks.shows
        self._heights[at], self._widths[at] = looks.heights, looks.widths
        self._digests[at], self._prints[at] = looks.digests, looks.prints
        self._modes.update(looks.modes)
        self._coloured += looks.coloured
        self._problems += [(indices[place], code, text) for place, code, text in looks.problems]
        self.count += len(indices)

    def unreadable(self) -> Iterator[Rejected]:
        """Yields the images that cannot be decoded, in the order of the source."""
        for index, code, text in sorted(self._problems):
            yield Rejected(self._images[index].path, code, text)

    def pixels(self, distance: int) -> Pixels:
        """Adds up what was seen, and looks for copies.

        Args:
            distance: bits of 64 in which near copies differ at most, 0: not looked for.
        """
        read = np.flatnonzero(self._shows != UNREAD)
        widths, heights = self._widths[read], self._heights[read]
        sizes = Counter(zip(widths.tolist(), heights.tolist(), strict=True))
        content = numbered(self._digests)[read]
        copies = list(_sets(content, read))
        # A set that only holds copies of one file is no set of near copies.
        alike = clusters(self._prints[read], distance) if distance else content
        near = [members for members in _sets(alike, read)
                if len(np.unique(content[np.searchsorted(read, members)])) > 1]  # fmt: skip
        shows = self._shows[read]
        known = Counter({mode: count for mode, count in self._modes.items() if mode})
        return Pixels(
            kind=self._kind,
            read=len(read),
            widths=_spread(widths),
            heights=_spread(heights),
            sizes={f"{w}x{h}": count for (w, h), count in sizes.most_common(SIZES_TOLD)},
            modes=dict(known.most_common()),
            coloured=self._coloured,
            polarity={"dark on light": int((shows == DARK_ON_LIGHT).sum()),
                      "light on dark": int((shows == LIGHT_ON_DARK).sum())},
            blank=tuple(self._images[i].path for i in read[shows == BLANK].tolist()),
            copies=self._paths(copies),
            near=self._paths(near),
            two_labels=self._paths(self._of_two_labels([*copies, *near])),
            plain=int(((shows != BLANK) & ~self._prints[read].any(axis=1)).sum()),
        )  # fmt: skip

    def _of_two_labels(self, sets: Sequence[NDArray[np.int64]]) -> Iterator[NDArray[np.int64]]:
        labels = np.frombuffer(self._images.label_index, np.int32)
        told: set[bytes] = set()
        for members in sets:
            if len(np.unique(labels[members])) > 1 and members.tobytes() not in told:
                told.add(members.tobytes())
                yield members

    def _paths(self, sets: Iterable[NDArray[np.int64]]) -> tuple[tuple[str, ...], ...]:
        largest_first = sorted(sets, key=lambda members: (-len(members), members[0]))
        return tuple(tuple(self._images[i].path for i in s.tolist()) for s in largest_first)


def _sets(numbers: NDArray[np.int32], indices: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    """Yields the sets of two and more indices with equal numbers, each in ascending order."""
    order = np.argsort(numbers, kind="stable")
    starts = np.flatnonzero(np.diff(numbers[order], prepend=-1))
    for members in np.split(order, starts)[1:]:
        if len(members) > 1:
            yield indices[members]


def _spread(numbers: NDArray[np.int32]) -> Spread | None:
    if not len(numbers):
        return None
    ordered = np.sort(numbers)
    return Spread(int(ordered[0]), int(ordered[len(ordered) // 2]), int(ordered[-1]))
