"""A tar archive of label folders, also compressed, read where it lies."""

from __future__ import annotations

import bz2
import gzip
import lzma
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO, cast

from pipeline.dataset.sources.archive import Members
from pipeline.dataset.sources.label_file import MAX_BYTES, is_label_file
from pipeline.dataset.sources.limits import Limits, opened
from pipeline.dataset.sources.listing import Listing, SourceImage
from pipeline.problems import Problem

HEADER_BYTES = 1 << 20
"""Names and attributes of one member are shorter; `tarfile` would read any length at once."""

_GZIP, _BZIP2, _XZ = b"\x1f\x8b", b"BZh", b"\xfd7zXZ\0"
_MARK, _MARK_AT = b"ustar", 257
_DAMAGE = (tarfile.TarError, OSError, EOFError, ValueError, zlib.error, lzma.LZMAError)


@dataclass(frozen=True)
class TarSource:
    """Label folders in a tar archive; a compressed one is read forwards."""

    root: Path
    limits: Limits
    label_file: Path | None = None
    kind: str = "tar"

    def list(self) -> Listing:
        members = Members(self.root)
        with self.open() as reader:
            try:
                for member in _members(reader.file):
                    _take_in(member, members, reader)
            except _DAMAGE as error:
                members.torn(str(error))
        return members.listing(self.label_file)

    @contextmanager
    def open(self) -> Iterator[TarReader]:
        with opened(self.root) as file, _unpacked(file) as unpacked:
            yield TarReader(unpacked, self.limits)


@dataclass(frozen=True)
class TarReader:
    """Reads members by their places in the unpacked archive."""

    file: BinaryIO
    limits: Limits

    def read(self, image: SourceImage) -> bytes:
        self.limits.check(image.size_bytes, image)
        try:
            self.file.seek(image.place)
            content = self.file.read(image.size_bytes)
        except _DAMAGE as error:
            raise Problem("image.truncated", path=image.path, detail=str(error)) from error
        if len(content) < image.size_bytes:
            detail = "the archive ends within it"
            raise Problem("image.truncated", path=image.path, detail=detail)
        return content


def is_tar(path: Path) -> bool:
    """Says whether a file is a tar archive, or packed as those are."""
    with opened(path) as file:
        start = file.read(_MARK_AT + len(_MARK))
    return start[_MARK_AT:] == _MARK or start.startswith((_GZIP, _BZIP2, _XZ))


def _unpacked(file: BinaryIO) -> AbstractContextManager[BinaryIO]:
    start = file.read(6)
    file.seek(0)
    if start.startswith(_GZIP):
        return cast(AbstractContextManager[BinaryIO], gzip.GzipFile(fileobj=file))
    if start.startswith(_BZIP2):
        return cast(AbstractContextManager[BinaryIO], bz2.BZ2File(file))
    if start.startswith(_XZ):
        return cast(AbstractContextManager[BinaryIO], lzma.LZMAFile(file))
    return nullcontext(file)


@dataclass(frozen=True)
class _Headers:
    """The file as `tarfile` reads it: skipping is free, but no header is of any length."""

    file: BinaryIO

    def read(self, size: int) -> bytes:
        if size > HEADER_BYTES:
            raise tarfile.ReadError(f"a header of {size} bytes")
        return self.file.read(size)

    def seek(self, place: int) -> int:
        return self.file.seek(place)

    def tell(self) -> int:
        return self.file.tell()


def _members(file: BinaryIO) -> Iterator[tarfile.TarInfo]:
    with tarfile.open(
        fileobj=cast(IO[bytes], _Headers(file)), mode="r:", encoding="utf-8",
        errors="surrogateescape",
    ) as archive:  # fmt: skip
        while (member := archive.next()) is not None:
            yield member
            # It would keep a kilobyte for each member, and needs none of them.
            archive.members.clear()  # type: ignore[attr-defined]
        # It takes a damaged header for the end, which is a block of zeros, or nothing.
        file.seek(archive.offset)
        if file.read(tarfile.BLOCKSIZE).strip(b"\0"):
            raise tarfile.ReadError(f"no header at byte {archive.offset}")


def _take_in(member: tarfile.TarInfo, members: Members, reader: TarReader) -> None:
    name = member.name.encode("utf-8", "surrogateescape")
    if member.isdir():
        return
    if member.issym() or member.islnk():
        members.reject(name, "source.link")
    elif not member.isreg() or member.issparse():
        members.reject(name, "source.no_file")
    elif is_label_file(member.name) and member.size <= MAX_BYTES:
        image = SourceImage(member.name, "", member.size, 0, member.offset_data)
        members.add_table(name, TarReader(reader.file, Limits(MAX_BYTES)).read(image))
    else:
        members.add(name, member.size, member.offset_data)
