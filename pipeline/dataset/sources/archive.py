"""What zip and tar share: from the names of their members to labelled images."""

from __future__ import annotations

import os
import re
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pipeline.dataset.sources.draft import Draft, Key, Named, Unfit
from pipeline.dataset.sources.encodings import SHOWN, decoded, encoding_of
from pipeline.dataset.sources.folder_labels import folder_labels
from pipeline.dataset.sources.levels import Shelf, label_level
from pipeline.dataset.sources.listing import Listing, Note, Rejected
from pipeline.dataset.sources.names import IMAGE_SUFFIXES
from pipeline.problems import Problem

_ENDINGS = tuple(suffix.encode() for suffix in IMAGE_SUFFIXES)
_DRIVE = re.compile(r"[A-Za-z]:")
_NAMES_ASKED = 10_000
"""So many names of files, beside those of all folders, tell the encoding."""


class Members:
    """The members of one archive, collected while it is read from its beginning.

    Names are kept as the bytes they are until all are known: their encoding is one for all.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._names = bytearray()
        self._ends, self._sizes, self._places = array("q"), array("q"), array("q")
        self._said_utf8 = bytearray()
        self._unfit: list[tuple[bytes, Unfit]] = []
        self._tables: dict[bytes, bytes] = {}
        self._others = 0

    def add(self, name: bytes, size_bytes: int, place: int, utf8: bool = False) -> None:
        """Takes in a file.

        Args:
            utf8: the archive says that this name is in UTF-8.
        """
        if not name.lower().endswith(_ENDINGS):
            self._others += 1
            return
        self._names += name
        self._ends.append(len(self._names))
        self._sizes.append(size_bytes)
        self._places.append(place)
        self._said_utf8.append(utf8)

    def reject(self, name: bytes, code: str, **params: Any) -> None:
        """Leaves out a member for a reason; one that is no image by its name just counts."""
        if name.lower().endswith(_ENDINGS):
            self._unfit.append((name, Unfit(code, params)))
        else:
            self._others += 1

    def add_table(self, name: bytes, content: bytes) -> None:
        """Takes in a file that is a table of labels by its name."""
        self._tables[name] = content
        self._others += 1

    def torn(self, detail: str) -> None:
        """Notes that the archive cannot be read beyond the members so far.

        Raises:
            Problem: `source.torn` when there are none.
        """
        if not self._ends:
            raise Problem("source.torn", path=str(self._root), detail=detail)
        self._unfit.append((os.fsencode(self._root.name), Unfit("source.torn", {"detail": detail})))

    def listing(self, label_file: Path | None) -> Listing:
        """Returns what the archive holds.

        Args:
            label_file: a table of labels outside the archive.

        Raises:
            Problem: as `Draft.listing` and `folder_labels`.
        """
        encoding = encoding_of(self._told())
        rejected = [unfit.rejected(decoded(name, encoding)) for name, unfit in self._unfit]
        draft = self._draft(encoding, rejected)
        tree = _Tree(str(key) for key in draft.keys)
        level = label_level(tree.shelf)
        names = {folder: folder.rpartition("/")[2] for folder in level.labels}
        beside = {decoded(name, encoding): text for name, text in self._tables.items()}
        labels = folder_labels(level, names, label_file, beside)
        named: dict[Key, Named | Unfit] = {}
        filled = set()
        for folder in draft.keys:
            top = tree.top(str(folder), level.labels)
            filled.add(top)
            named[folder] = labels.named.get(top, Unfit("source.no_label_folder", {}))
        notes: list[Note] = [*labels.notes]
        if encoding in SHOWN:
            notes.insert(0, ("source.names_in", {"encoding": SHOWN[encoding]}))
        return draft.listing(self._root, named, rejected=rejected, folders=labels.folders(filled),
                             others=self._others, notes=notes)  # fmt: skip

    def _draft(self, encoding: str, rejected: list[Rejected]) -> Draft:
        """Returns the images by the folders they lie in."""
        draft, mtime_ns = Draft(), os.stat(self._root).st_mtime_ns
        for index in range(len(self._ends)):
            path = decoded(self._name(index), "utf-8" if self._said_utf8[index] else encoding)
            inside = inside_path(path)
            if inside is None:
                rejected.append(Unfit("source.outside", {}).rejected(path))
            elif not is_hidden(inside):
                folder = inside.rpartition("/")[0]
                draft.add(inside, folder, self._sizes[index], mtime_ns, self._places[index])
        return draft

    def _name(self, index: int) -> bytes:
        return bytes(self._names[self._ends[index - 1] if index else 0 : self._ends[index]])

    def _told(self) -> Iterator[bytes]:
        """Yields names of which the archive does not say how they are encoded."""
        for index in range(len(self._ends)):
            if not self._said_utf8[index]:
                name = self._name(index)
                yield name if index < _NAMES_ASKED else name.rpartition(b"/")[0]


class _Tree:
    """Folders known from the paths of those that hold images."""

    def __init__(self, filled: Iterator[str]) -> None:
        self._filled = set(filled)
        self._below: dict[str, set[str]] = {}
        for folder in self._filled:
            while folder:
                above = folder.rpartition("/")[0]
                if folder in self._below.setdefault(above, set()):
                    break
                self._below[above].add(folder)
                folder = above

    def shelf(self, folder: str) -> Shelf:
        return Shelf(sorted(self._below.get(folder, ())), folder in self._filled)

    def top(self, folder: str, labels: dict[str, str]) -> str:
        """Returns the label folder that a folder is or lies in, "" for none."""
        while folder and folder not in labels:
            folder = folder.rpartition("/")[0]
        return folder


def inside_path(name: str) -> str | None:
    """Returns a member's name as a path below any folder, None where it would lead out of one."""
    name = name.replace("\\", "/")
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if name.startswith("/") or ".." in parts or _DRIVE.match(name) or not parts:
        return None
    return "/".join(parts)


def is_hidden(path: str) -> bool:
    """Says whether a path is hidden, or what macOS adds to archives."""
    return any(part.startswith(".") or part == "__MACOSX" for part in path.split("/"))
