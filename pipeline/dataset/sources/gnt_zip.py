"""CASIA's .gnt files in a zip archive, as they are handed out, read where they lie."""

from __future__ import annotations

import os
import struct
import zipfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from pipeline.dataset.sources.archive import inside_path, is_hidden
from pipeline.dataset.sources.draft import Draft, Unfit
from pipeline.dataset.sources.encodings import decoded, encoding_of
from pipeline.dataset.sources.gnt import DAMAGE, SUFFIX, GntReader, list_samples, named_tags
from pipeline.dataset.sources.limits import Limits, opened
from pipeline.dataset.sources.listing import Listing, Rejected
from pipeline.dataset.sources.names import is_image_name
from pipeline.dataset.sources.zip_directory import ENCRYPTED, UTF8, zip_entries
from pipeline.problems import Problem


@dataclass(frozen=True)
class GntZipSource:
    """A zip archive with .gnt files at any depth; a compressed one is read forwards."""

    root: Path
    limits: Limits
    kind: str = "gnt"

    def list(self) -> Listing:
        draft, rejected = Draft(), list[Rejected]()
        mtime_ns = os.stat(self.root).st_mtime_ns
        with _archive(self.root) as archive:
            for name, member in _members(archive).items():
                unfit = _unfit(name, member)
                try:
                    if unfit is None:
                        with _unpacked(archive, member) as file:
                            list_samples(file, member.file_size, mtime_ns, name, draft, rejected)
                except DAMAGE as error:
                    unfit = Unfit("source.torn", {"detail": str(error)})
                if unfit is not None:
                    rejected.append(unfit.rejected(name))
        return draft.listing(self.root, named_tags(draft), rejected=rejected)

    @contextmanager
    def open(self) -> Iterator[GntReader]:
        with _archive(self.root) as archive, ExitStack() as stack:
            members = _members(archive)

            def open_file(name: str) -> AbstractContextManager[BinaryIO]:
                return _unpacked(archive, members[name])

            yield GntReader(open_file, self.limits, stack)


def holds_gnt(path: Path) -> bool:
    """Says whether .gnt files are what a zip archive holds: one comes before any image."""
    with opened(path) as file:
        try:
            for entry in zip_entries(file):
                name = entry.name.decode("latin-1")
                if is_image_name(name):
                    return False
                if name.lower().endswith(SUFFIX) and not is_hidden(name):
                    return True
        except (ValueError, struct.error):  # damaged, which listing it will tell
            return False
    return False


@contextmanager
def _archive(path: Path) -> Iterator[zipfile.ZipFile]:
    with opened(path) as file:
        try:
            archive = zipfile.ZipFile(file)
        except DAMAGE as error:
            raise Problem("source.torn", path=str(path), detail=str(error)) from error
        with archive:
            yield archive


def _members(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """Returns the .gnt files by their names, the bytes of which tell the encoding of all."""
    members = [(_name(member), member) for member in archive.infolist()]
    encoding = encoding_of(name for name, member in members if not member.flag_bits & UTF8)
    named = ((decoded(name, "utf-8" if member.flag_bits & UTF8 else encoding), member)
             for name, member in members)  # fmt: skip
    return {inside_path(name) or name: member for name, member in named if _is_gnt(name)}


def _is_gnt(name: str) -> bool:
    inside = inside_path(name)
    return name.lower().endswith(SUFFIX) and not (inside and is_hidden(inside))


def _name(member: zipfile.ZipInfo) -> bytes:
    return member.orig_filename.encode("utf-8" if member.flag_bits & UTF8 else "cp437")


def _unfit(name: str, member: zipfile.ZipInfo) -> Unfit | None:
    if inside_path(name) is None:
        return Unfit("source.outside", {})
    return Unfit("source.encrypted", {}) if member.flag_bits & ENCRYPTED else None


def _unpacked(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo
) -> AbstractContextManager[BinaryIO]:
    return cast(AbstractContextManager[BinaryIO], archive.open(member))
