"""Reading and normalising images in several processes, into one array that survives a kill."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.dataset.arrays import reserve
from pipeline.dataset.chunks import chunks_done
from pipeline.dataset.digest import DIGEST_BYTES
from pipeline.dataset.packer import DIGESTS, IMAGES, PRINTS, ChunkNote, Packing
from pipeline.dataset.similar import PRINT_SIZE
from pipeline.dataset.sources import Listing, Source
from pipeline.events import Report, StopCheck
from pipeline.normalizer import NormalizerSpec
from pipeline.problems import StopAsked

NOTES = "chunks.jsonl"
PACKED, BLANK, REJECTED = range(3)


@dataclass(frozen=True)
class Packed:
    """What became of each of the N images of a listing.

    Attributes:
        images: uint8 `[N, S, S, C]`, mapped.
        digests: uint8 `[N, 16]`, mapped: hash of each image's content, zeros where it was not read.
        prints: int8 `[N, 64]`, mapped: what near copies are told by; None when nobody asked.
        fate: uint8 `[N]`: `PACKED`, `BLANK` (packed, without any ink) or `REJECTED`.
        notes: file of what was noted of each chunk.
    """

    images: NDArray[np.uint8]
    digests: NDArray[np.uint8]
    prints: NDArray[np.int8] | None
    fate: NDArray[np.uint8]
    notes: Path

    @property
    def rejected(self) -> int:
        return int((self.fate == REJECTED).sum())

    def problems(self) -> Iterator[tuple[int, str, str]]:
        """Yields index, code and reason of each rejected image, as the file has them."""
        for note in _noted(self.notes):
            yield from note.problems


def pack(
    source: Source,
    listing: Listing,
    spec: NormalizerSpec,
    folder: Path,
    processes: int,
    report: Report,
    should_stop: StopCheck,
    *,
    prints: bool,
) -> Packed:
    """Normalises every image of `listing` into arrays in `folder`.

    Chunks that are done are noted in `folder`; a later call on the same folder with the same
    listing takes them as done. Memory does not grow with the images, but for a byte each.

    Args:
        processes: how many read and decode; 0: as many as there are cores.
        prints: keep what near copies are told by.

    Raises:
        StopAsked: somebody asked for it; what is noted is kept.
        Problem: `dataset.decoder_died`.
        OSError: the arrays cannot be written.
    """
    count = len(listing.images)
    notes = folder / NOTES
    done = _begin(folder, count, spec, prints)
    ready = sum(done.values())
    report.progress(ready, count, "images")
    chunks = chunks_done(listing, Packing(source, spec, folder, prints), processes, done)
    with open(notes, "a", encoding="utf-8") as log, closing(chunks):
        for _indices, note in chunks:
            log.write(json.dumps(asdict(note)) + "\n")
            log.flush()
            ready += note.size
            report.progress(ready, count, "images")
            if ready < count and (request := should_stop()) is not None:
                raise StopAsked(request)
    fate = np.full(count, PACKED, np.uint8)
    for note in _noted(notes):
        fate[note.blank] = BLANK
        fate[[index for index, _code, _reason in note.problems]] = REJECTED
    return Packed(
        np.load(folder / IMAGES, mmap_mode="r"), np.load(folder / DIGESTS, mmap_mode="r"),
        np.load(folder / PRINTS, mmap_mode="r") if prints else None, fate, notes,
    )  # fmt: skip


def packed_bytes(count: int, spec: NormalizerSpec, prints: bool) -> int:
    """Returns the space that packing `count` images takes."""
    image = spec.size_px**2 * spec.channels
    return count * (image + DIGEST_BYTES + (PRINT_SIZE if prints else 0))


def _begin(folder: Path, count: int, spec: NormalizerSpec, prints: bool) -> dict[int, int]:
    """Makes the arrays unless they are there.

    Returns:
        First index and size of each chunk that is done.
    """
    notes = folder / NOTES
    if notes.exists():
        # A line that a kill tore must not join the next one.
        with open(notes, "r+b") as file:
            file.truncate(file.read().rfind(b"\n") + 1)
        return {note.first: note.size for note in _noted(notes)}
    reserve(folder / IMAGES, np.uint8, (count, spec.size_px, spec.size_px, spec.channels))
    reserve(folder / DIGESTS, np.uint8, (count, DIGEST_BYTES))
    if prints:
        reserve(folder / PRINTS, np.int8, (count, PRINT_SIZE))
    notes.touch()
    return {}


def _noted(notes: Path) -> Iterator[ChunkNote]:
    """Yields the chunks that are done."""
    with open(notes, encoding="utf-8") as lines:
        for line in lines:
            note = json.loads(line)
            problems = [(index, code, reason) for index, code, reason in note["problems"]]
            yield ChunkNote(note["first"], note["size"], problems, note["blank"])
