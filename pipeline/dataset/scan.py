"""What a source holds and what is wrong with it, looked up before anything is made of it."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from pipeline.dataset.chunks import chunks_done
from pipeline.dataset.groups import GNT_WRITER, Groups, group_ids
from pipeline.dataset.looks import Looking
from pipeline.dataset.seen import Pixels, Seen
from pipeline.dataset.similar import DISTANCE
from pipeline.dataset.sources import Listing, Rejected, Source
from pipeline.dataset.sources.listing import SPLITS

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class SourceScan:
    """What a source holds; made of JSON types only, see `to_dict`.

    Args:
        root: the source.
        source_kind: such as "folder", "zip" or "gnt".
        images: all that are listed, unreadable ones included.
        classes: label → images, smallest class first.
        rejected: what cannot be used, and why.
        merged: label → the folders that spell it, where there are several.
        long_labels: labels of more than one character.
        others: files that are no images by their names.
        splits: images of each split, where the source is a tree of those.
        groups: group → images, where there is a pattern that finds groups, else empty.
        one_group: labels that one group only has.
        notes: codes and parameters of what the source has to tell.
        pixels: None after a quick scan.
    """

    root: str
    source_kind: str
    images: int
    classes: dict[str, int]
    rejected: tuple[Rejected, ...]
    merged: dict[str, tuple[str, ...]]
    long_labels: tuple[str, ...]
    others: int
    splits: dict[str, int]
    groups: dict[str, int]
    one_group: tuple[str, ...]
    notes: tuple[tuple[str, dict[str, Any]], ...]
    pixels: Pixels | None

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def scan(
    source: Source,
    kind: Literal["glyph", "photo"],
    max_pixels: int,
    *,
    group: str = "",
    processes: int = 0,
    distance: int = DISTANCE,
    progress: Progress | None = None,
) -> SourceScan:
    """Looks at every image of a source, in several processes. Reads only.

    Args:
        source: where the images are.
        kind: glyphs have ink and a polarity; photos are compared as they are.
        max_pixels: larger images are rejected, as they are by prepare.
        group: pattern that finds the group in a path, as of `group_ids`; empty: the writers of
            .gnt files, and no groups in other sources.
        processes: 0: as many as there are cores.
        distance: bits of 64 in which near copies differ at most, 0: not looked for.
        progress: called with how many images are done, and of how many; what it raises ends the
            scan.

    Raises:
        Problem: the source cannot be listed, the group pattern does not fit it, or a process that
            decodes was killed.
    """
    listing = source.list()
    groups = _groups(source, listing, group)
    seen = Seen(listing.images, kind)
    if progress:
        progress(0, len(listing.images))
    for indices, looks in chunks_done(listing, Looking(source, kind, max_pixels), processes):
        seen.add(indices, looks)
        if progress:
            progress(seen.count, len(listing.images))
    rejected = (*listing.rejected, *seen.unreadable())
    return _counted(source, listing, groups, rejected, seen.pixels(distance))


def quick_scan(source: Source, group: str = "") -> SourceScan:
    """Counts a source and opens no image; arguments and errors as of `scan`."""
    listing = source.list()
    return _counted(source, listing, _groups(source, listing, group), listing.rejected, None)


def is_one_character(label: str) -> bool:
    """Says whether a label is one character, marks and variation selectors on it not counted."""
    return sum(not unicodedata.category(char).startswith("M") for char in label) == 1


def _groups(source: Source, listing: Listing, pattern: str) -> Groups | None:
    if not pattern and source.kind == "gnt":
        pattern = GNT_WRITER
    return group_ids((image.path for image in listing.images), pattern) if pattern else None


def _counted(
    source: Source,
    listing: Listing,
    groups: Groups | None,
    rejected: tuple[Rejected, ...],
    pixels: Pixels | None,
) -> SourceScan:
    images = listing.images
    classes = np.frombuffer(images.label_index, np.int32)
    sizes = np.bincount(classes, minlength=len(images.labels))
    splits = np.bincount(np.frombuffer(images.splits, np.int8), minlength=len(SPLITS))
    by_size = sorted(zip(sizes.tolist(), images.labels, strict=True))
    return SourceScan(
        root=str(source.root),
        source_kind=source.kind,
        images=len(images),
        classes={label: size for size, label in by_size},
        rejected=rejected,
        merged={label: names for label, names in listing.folders.items() if len(names) > 1},
        long_labels=tuple(label for label in images.labels if not is_one_character(label)),
        others=listing.others,
        splits={name: int(n) for name, n in zip(SPLITS, splits, strict=True) if name and n},
        groups={} if groups is None else groups.sizes(),
        one_group=() if groups is None
        else tuple(images.labels[i] for i in groups.alone(classes).tolist()),
        notes=listing.notes,
        pixels=pixels,
    )  # fmt: skip
