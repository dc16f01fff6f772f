"""A split made before, taken for the images of a source."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.dataset.sources import Listing, Reader, Source
from pipeline.dataset.split_file import NAMES_SHOWN, UNKNOWN, not_in_it, read_split
from pipeline.events import Report
from pipeline.images import decode
from pipeline.problems import Problem

NAMES_WARNED = 12


def reused_split(
    path: Path, source: Source, listing: Listing, max_pixels: int, report: Report
) -> NDArray[np.int8]:
    """Returns the split that a file gives to each image of a source.

    Only what cannot be read may be missing in the file: it will be rejected, as it was when the
    file was made. So the images that are missing are decoded here, until one can be.

    Args:
        path: as of `read_split`.
        source: of the listing.
        max_pixels: larger images count as unreadable.
        report: is warned of what the file knows and the source has not.

    Returns:
        int8 `[N]`, indices into `SPLITS`, `UNKNOWN` for what cannot be read.

    Raises:
        Problem: as `read_split`, or `split_file.not_in_it`.
    """
    images = listing.images
    labels = (images.labels[label] for label in images.label_index)
    splits, gone = read_split(path, map(images.path, range(len(images))), labels, listing.renamed)
    missing = np.flatnonzero(splits == UNKNOWN).tolist()
    with source.open() as reader:
        readable = _readable(reader, listing, missing, max_pixels)
        names = [name for name, _number in zip(readable, range(NAMES_SHOWN), strict=False)]
    if names:
        raise not_in_it(path, len(missing), names)
    if gone:
        report.warn("split_file.gone", count=len(gone), names=", ".join(gone[:NAMES_WARNED]))
    return splits


def _readable(
    reader: Reader, listing: Listing, indices: list[int], max_pixels: int
) -> Iterator[str]:
    """Yields the paths of the images that can be decoded."""
    for index in indices:
        image = listing.images[index]
        try:
            decode(reader.read(image), max_pixels)
        except Problem:  # it will be rejected with this reason
            continue
        yield image.path
