"""A table of paths and labels: CSV, TSV, or text with the label last."""

from __future__ import annotations

import csv
import os
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from pipeline.dataset.sources.archive import inside_path
from pipeline.dataset.sources.draft import Draft, Key, Named, Unfit
from pipeline.dataset.sources.encodings import encoding_of
from pipeline.dataset.sources.folder import FileReader
from pipeline.dataset.sources.label_file import (
    LABEL_HEADS,
    beside_file,
    labels_by_name,
    rows_of,
)
from pipeline.dataset.sources.levels import SPLIT_FOLDERS
from pipeline.dataset.sources.limits import Limits, opened
from pipeline.dataset.sources.listing import Listing, Rejected
from pipeline.dataset.sources.names import is_image_name, is_label
from pipeline.problems import Problem

SUFFIXES = (".csv", ".tsv", ".txt", ".lst")
PATH_HEADS = ("path", "file", "filename", "file_name", "image", "image_path", "img", "路径", "图片")
SPLIT_HEADS = ("split", "subset", "set", "partition")
_SAMPLE_ROWS = 20
_SAMPLE_BYTES = 1 << 20


@dataclass(frozen=True)
class ListSource:
    """A list of images.

    Relative paths start at the list's folder and may not leave it; absolute ones are read as
    whoever wrote the list meant them. A third column headed "split" is kept.
    """

    root: Path
    limits: Limits
    label_file: Path | None = None
    kind: str = "list"

    def list(self) -> Listing:
        encoding = _encoding(self.root)
        draft, rejected = Draft(), list[Rejected]()
        seen: dict[str, Key] = {}
        others = 0
        try:
            for path, key in _rows(self.root, encoding):
                if not is_image_name(path):
                    others += 1
                    continue
                inside = os.path.normpath(path) if os.path.isabs(path) else inside_path(path)
                if inside is None:
                    rejected.append(Unfit("source.outside", {}).rejected(path))
                    continue
                inside, size_bytes, mtime_ns = _found(self.root.parent, inside, encoding)
                if seen.setdefault(inside, key) != key:
                    rejected.append(Unfit("source.two_labels", {}).rejected(inside))
                else:
                    draft.add(inside, key, size_bytes, mtime_ns)
        except csv.Error as error:
            raise Problem("source.torn", path=str(self.root), detail=str(error)) from error
        written = sorted({key[0] for key in draft.keys if isinstance(key, tuple)})
        table, notes = labels_by_name(written, self.label_file, beside_file(self.root))
        named = {key: _named(key, table) for key in draft.keys}
        return draft.listing(self.root, named, rejected=rejected, others=others, notes=notes)

    @contextmanager
    def open(self) -> Iterator[FileReader]:
        yield FileReader(self.root.parent, self.limits)


def _encoding(path: Path) -> str:
    with opened(path) as file:
        start = file.read(_SAMPLE_BYTES)
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    encoding = encoding_of(start.rpartition(b"\n")[0].splitlines() or [start])
    return "utf-8-sig" if encoding == "utf-8" else encoding


def _rows(path: Path, encoding: str) -> Iterator[tuple[str, Key]]:
    """Yields the path of each row, and its label and split as they are written."""
    with open(path, encoding=encoding, errors="surrogateescape", newline="") as table:
        rows = rows_of(table, spaces=1)
        first = list(islice(rows, _SAMPLE_ROWS))
        at_path, at_label, at_split, headed = _columns(first)
        for row in (*first[headed:], *rows):
            if len(row) > max(at_path, at_label):
                split = row[at_split] if at_split is not None and at_split < len(row) else ""
                yield row[at_path], (row[at_label], split)


def _columns(rows: Sequence[Sequence[str]]) -> tuple[int, int, int | None, bool]:
    """Returns the columns of path, label and split, and whether the first row is their heads."""
    heads = [cell.casefold() for cell in rows[0]] if rows else []
    split = next((heads.index(head) for head in SPLIT_HEADS if head in heads), None)
    path = next((heads.index(head) for head in PATH_HEADS if head in heads), None)
    label = next((heads.index(head) for head in LABEL_HEADS if head in heads), None)
    headed = path is not None or label is not None
    width = max(map(len, rows), default=0)
    if path is None:
        hits = [sum(at < len(row) and is_image_name(row[at]) for row in rows)
                for at in range(width)]  # fmt: skip
        path = hits.index(max(hits)) if any(hits) else 0
    if label is None or label == path:
        label = next((at for at in range(width) if at not in (path, split)), 1)
    return path, label, split, headed


def _found(folder: Path, path: str, encoding: str) -> tuple[str, int, int]:
    """Returns the path under which a file is there, its size and its time."""
    names = [path]
    if not path.isascii() and not encoding.startswith("utf"):
        # On disk, too, the name may be in the bytes of the list.
        names.append(os.fsdecode(path.encode(encoding, "surrogateescape")))
    for name in names:
        try:
            status = os.stat(folder / name)
        except (OSError, ValueError):
            continue
        return name, status.st_size, status.st_mtime_ns
    return path, 0, 0  # reading will say that it is not there


def _named(key: Key, table: dict[str, str]) -> Named | Unfit:
    assert isinstance(key, tuple)
    written, split = key
    label = unicodedata.normalize("NFC", table.get(written, "") if table else written)
    if table and not label:
        return Unfit("source.unmapped", {"name": written})
    if not is_label(label):
        return Unfit("source.bad_label", {})
    return Named(label, SPLIT_FOLDERS.get(split.casefold(), ""))
