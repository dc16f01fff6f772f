"""A folder of label folders, also below train, validation and test."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipeline.dataset.sources.draft import Draft, Unfit
from pipeline.dataset.sources.encodings import decoded, encoding_of, is_utf8
from pipeline.dataset.sources.folder_labels import folder_labels
from pipeline.dataset.sources.label_file import beside_file, tables_in
from pipeline.dataset.sources.levels import Level, Shelf, label_level
from pipeline.dataset.sources.limits import Limits
from pipeline.dataset.sources.listing import Listing, Rejected, SourceImage
from pipeline.dataset.sources.names import is_folder, is_image_name
from pipeline.problems import Problem


@dataclass(frozen=True)
class FolderSource:
    """Label folders; images may lie at any depth below theirs.

    Links to folders are followed, but none that leads back to a folder it lies in.
    """

    root: Path
    limits: Limits
    label_file: Path | None = None
    kind: str = "folder"

    def list(self) -> Listing:
        return _Walk(self.root).listing(self.label_file)

    @contextmanager
    def open(self) -> Iterator[FileReader]:
        yield FileReader(self.root, self.limits)


@dataclass(frozen=True)
class FileReader:
    """Reads image files whose paths are relative to `root`, or absolute."""

    root: Path
    limits: Limits

    def read(self, image: SourceImage) -> bytes:
        try:
            return self.limits.read(os.path.join(self.root, image.path), image)
        except (OSError, ValueError) as error:
            detail = getattr(error, "strerror", None) or str(error)
            raise Problem("image.unreadable", path=image.path, detail=detail) from error


class _Walk:
    """One walk through a folder, and what it found."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._draft = Draft()
        self._rejected: list[Rejected] = []
        self._others = 0
        self._loose: dict[str, list[str]] = {}
        """Images by the folder they lie in, of the folders above and among the label folders."""

    def listing(self, label_file: Path | None) -> Listing:
        """Returns what the folder holds.

        Raises:
            Problem: as `Draft.listing` and `folder_labels`.
        """
        level = label_level(self._shelf)
        labels = folder_labels(level, _names(level), label_file, self._tables(level))
        for folder in level.above:
            self._reject("source.no_label_folder", *self._loose[folder])
        filled = {folder for folder in level.labels if self._add_below(folder)}
        return self._draft.listing(
            self._root, labels.named, rejected=self._rejected, folders=labels.folders(filled),
            others=self._others, notes=[*labels.notes, *labels.empty(filled)],
        )  # fmt: skip

    def _shelf(self, folder: str) -> Shelf:
        folders, loose = [], []
        for entry in self._entries(folder):
            path = f"{folder}/{entry.name}" if folder else entry.name
            if is_folder(entry):
                folders.append(path)
            elif is_image_name(entry.name):
                loose.append(path)
        self._loose[folder] = sorted(loose)
        return Shelf(sorted(folders), bool(loose))

    def _tables(self, level: Level) -> dict[str, bytes]:
        """Returns the tables of labels above the label folders, and beside the source."""
        found = beside_file(self._root)
        for folder in level.above:
            found |= tables_in(self._root / folder)
        return found

    def _entries(self, folder: str) -> list[os.DirEntry[str]]:
        """Returns what is visible in a folder, by name; one that is closed to us is rejected."""
        try:
            with os.scandir(self._root / folder) as entries:
                visible = [entry for entry in entries if not entry.name.startswith(".")]
        except OSError as error:
            detail = error.strerror or str(error)
            if not folder:
                raise Problem("source.closed", path=str(self._root), detail=detail) from error
            self._reject("source.closed", folder, detail=detail)
            return []
        return sorted(visible, key=lambda entry: entry.name)

    def _reject(self, code: str, *paths: str, **params: str) -> None:
        self._rejected += [Unfit(code, params).rejected(path) for path in paths]

    def _add_below(self, top: str) -> bool:
        """Adds the images below a label folder and says whether there were any."""
        before = len(self._draft)
        # The folders that hold the label folder are not entered again.
        around = (*(self._root / top).absolute().parents, *self._root.resolve().parents)
        entered = {_identity(folder) for folder in around}
        waiting = [top]
        while waiting:
            folder = waiting.pop()
            identity = _identity(self._root / folder)
            if identity is None or identity in entered:
                continue
            entered.add(identity)
            for entry in self._entries(folder):
                path = f"{folder}/{entry.name}"
                if is_folder(entry):
                    waiting.append(path)
                elif is_image_name(entry.name):
                    self._draft.add(path, top, *_size_and_time(entry))
                else:
                    self._others += 1
        return len(self._draft) > before


def _names(level: Level) -> dict[str, str]:
    """Returns label folder → name; names may be in UTF-8 and GBK side by side."""
    names = {folder: os.fsencode(folder.rpartition("/")[2]) for folder in level.labels}
    encoding = encoding_of(name for name in names.values() if not is_utf8(name))
    return {folder: decoded(name, "utf-8" if is_utf8(name) else encoding)
            for folder, name in names.items()}  # fmt: skip


def _identity(folder: Path) -> tuple[int, int] | None:
    """Returns what tells a folder from all others, None where it cannot be reached."""
    try:
        status = os.stat(folder)
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _size_and_time(entry: os.DirEntry[str]) -> tuple[int, int]:
    try:
        status = entry.stat()
    except OSError:  # a dangling link: reading will say so
        return 0, 0
    return status.st_size, status.st_mtime_ns
