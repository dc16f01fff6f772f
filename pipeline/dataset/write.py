"""The files of a prepared dataset, written from packed images and their split."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from pipeline.dataset.arrays import write_array
from pipeline.dataset.pack import BLANK, REJECTED, Packed
from pipeline.dataset.sources import Listing
from pipeline.dataset.split import SPLITS

COPY_ROWS = 1024


@dataclass(frozen=True)
class Selection:
    """The images that become part of a dataset.

    Args:
        rows: int64 `[M]`, their indices in the listing.
        classes: int32 `[M]`, their classes, indices into `labels`.
        labels: of the classes, in the order of their code points.
    """

    rows: NDArray[np.int64]
    classes: NDArray[np.int32]
    labels: tuple[str, ...]


def selected(listing: Listing, packed: Packed) -> Selection:
    """Returns the images that were not rejected; labels without any are left out."""
    rows = np.flatnonzero(packed.fate != REJECTED)
    of_images = np.frombuffer(listing.images.label_index, np.int32)[rows]
    kept, classes = np.unique(of_images, return_inverse=True)
    labels = tuple(listing.images.labels[label] for label in kept)
    return Selection(rows, classes.astype(np.int32), labels)


def write_splits(
    folder: Path,
    listing: Listing,
    packed: Packed,
    chosen: Selection,
    split_of: NDArray[np.int8],
    progress: Callable[[int], None],
) -> dict[str, Any]:
    """Writes images, classes and sources of each split, and labels.txt.

    Args:
        split_of: int8 `[M]`, the split of each chosen image.
        progress: told how many images are written.

    Returns:
        `counts` of each split, and the `content_hash` of all images and labels.

    Raises:
        OSError: the disk has no room for them.
    """
    state = hashlib.blake2b(digest_size=16)
    counts: dict[str, int] = {}
    for number, name in enumerate(SPLITS):
        members = np.flatnonzero(split_of == number)
        rows, classes = chosen.rows[members], chosen.classes[members]

        def blocks(rows: NDArray[np.int64] = rows) -> Iterator[NDArray[np.uint8]]:
            for start in range(0, len(rows), COPY_ROWS):
                block = packed.images[rows[start : start + COPY_ROWS]]
                state.update(block.tobytes())
                yield block
                progress(sum(counts.values()) + start + len(block))

        shape = (len(rows), *packed.images.shape[1:])
        write_array(folder / f"{name}.images.npy", np.uint8, shape, blocks())
        write_array(folder / f"{name}.labels.npy", np.int32, classes.shape, [classes])
        state.update(classes.tobytes())
        counts[name] = len(rows)
        with _text(folder / f"{name}.sources.jsonl") as file:
            for row, label in zip(rows, classes, strict=True):
                origin = {"path": listing.images.path(int(row)), "label": chosen.labels[label]}
                file.write(json.dumps(origin, ensure_ascii=False) + "\n")
    state.update("\n".join(chosen.labels).encode())
    with _text(folder / "labels.txt") as file:
        file.writelines(label + "\n" for label in chosen.labels)
    return {"counts": counts, "content_hash": state.hexdigest()}


def write_split_table(
    path: Path, listing: Listing, chosen: Selection, split_of: NDArray[np.int8]
) -> None:
    """Writes split.csv: path, label and split of each image."""
    rows = zip(chosen.rows, chosen.classes, split_of, strict=True)
    _write_rows(path, ("path", "label", "split"), (
        (listing.images.path(int(row)), chosen.labels[label], SPLITS[split])
        for row, label, split in rows
    ))  # fmt: skip


def write_rejected(path: Path, listing: Listing, packed: Packed) -> int:
    """Writes rejected.csv: path, code and reason of each rejected image; returns how many."""
    listed = [(rejected.path, rejected.code, rejected.reason) for rejected in listing.rejected]
    unread = ((listing.images.path(index), code, reason)
              for index, code, reason in packed.problems())  # fmt: skip
    _write_rows(
        path, ("path", "code", "reason"), (row for part in (listed, unread) for row in part)
    )
    return len(listed) + packed.rejected


def blank_paths(listing: Listing, packed: Packed) -> list[str]:
    """Returns the paths of the glyphs without any ink."""
    return [listing.images.path(int(index)) for index in np.flatnonzero(packed.fate == BLANK)]


def _write_rows(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    with _text(path) as file:
        table = csv.writer(file)
        table.writerow(header)
        table.writerows(rows)


@contextmanager
def _text(path: Path) -> Iterator[IO[str]]:
    """Opens a text file for writing; bytes that were not UTF-8 come out as they were."""
    with open(path, "w", encoding="utf-8", errors="surrogateescape", newline="") as file:
        yield file
