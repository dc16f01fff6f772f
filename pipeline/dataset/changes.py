"""What a source held when a dataset was made of it, to say what has changed since."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.dataset.sources.listing import Images

FILES = "files.npz"
NAMES_SHOWN = 3


@dataclass(frozen=True)
class Changes:
    """How many files came, went and changed, and the names of the first ones of each."""

    added: int
    removed: int
    changed: int
    names: tuple[str, ...]


def state_of(images: Images) -> tuple[str, str]:
    """Returns a hash of the files of a source, and one of their labels and splits."""
    files, labels = (hashlib.blake2b(digest_size=16) for _ in range(2))
    for column in (images.paths, images.ends, images.sizes, images.mtimes, images.places):
        files.update(column)
    labels.update("\n".join(images.labels).encode("utf-8", "surrogateescape"))
    for column in (images.label_index, images.splits):
        labels.update(column)
    return files.hexdigest(), labels.hexdigest()


def write_files(path: Path, images: Images) -> None:
    """Writes the paths, sizes and times of a source's files.

    Raises:
        OSError: the disk has no room for it.
    """
    with open(path, "wb") as file:
        ends, sizes, mtimes = map(_int64, (images.ends, images.sizes, images.mtimes))
        np.savez(file, paths=np.frombuffer(images.paths, np.uint8), ends=ends, sizes=sizes,
                 mtimes=mtimes)  # fmt: skip


def changes_since(path: Path, images: Images) -> Changes | None:
    """Returns what changed since `write_files` wrote `path`, None where that cannot be read."""
    try:
        with np.load(path, allow_pickle=False) as before:
            paths, ends = before["paths"].tobytes(), before["ends"]
            old = np.stack([before["sizes"], before["mtimes"]])
    except (OSError, ValueError, KeyError):
        return None
    new = np.stack([_int64(images.sizes), _int64(images.mtimes)])
    known = _keys(paths, ends)
    keys = _keys(bytes(images.paths), _int64(images.ends))
    added = np.flatnonzero(~np.isin(keys, known))
    removed = np.flatnonzero(~np.isin(known, keys))
    _common, at_old, at_new = np.intersect1d(known, keys, return_indices=True)
    changed = np.sort(at_new[(old[:, at_old] != new[:, at_new]).any(axis=0)])
    names = [images.path(int(i)) for part in (added, changed) for i in part[:NAMES_SHOWN]]
    names += [_name(paths, ends, int(i)).decode("utf-8", "surrogateescape")
              for i in removed[:NAMES_SHOWN]]  # fmt: skip
    return Changes(len(added), len(removed), len(changed), tuple(names))


def _int64(column: array[int]) -> NDArray[np.int64]:
    return np.frombuffer(column, np.int64)


def _keys(paths: bytes, ends: NDArray[np.int64]) -> NDArray[np.int64]:
    """Returns a hash of each path, the same within one process."""
    return np.fromiter(map(hash, _names(paths, ends)), np.int64, len(ends))


def _names(paths: bytes, ends: NDArray[np.int64]) -> Iterator[bytes]:
    return (_name(paths, ends, index) for index in range(len(ends)))


def _name(paths: bytes, ends: NDArray[np.int64], index: int) -> bytes:
    return paths[ends[index - 1] if index else 0 : ends[index]]
