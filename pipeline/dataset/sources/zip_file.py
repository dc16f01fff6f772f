"""A zip archive of label folders, read where it lies."""

from __future__ import annotations

import bz2
import stat
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from pipeline.dataset.sources.archive import Members
from pipeline.dataset.sources.label_file import MAX_BYTES, is_label_file
from pipeline.dataset.sources.limits import Limits, opened
from pipeline.dataset.sources.listing import Listing, SourceImage
from pipeline.dataset.sources.zip_directory import ENCRYPTED, UTF8, ZipEntry, zip_entries
from pipeline.problems import Problem

STORED, DEFLATED, BZIP2 = 0, 8, 12
_LOCAL = struct.Struct("<4s5H3L2H")
_CHECKSUM_FOLLOWS = 0x8
_BLOCK = 1 << 16


@dataclass(frozen=True)
class ZipSource:
    """Label folders in a zip archive."""

    root: Path
    limits: Limits
    label_file: Path | None = None
    kind: str = "zip"

    def list(self) -> Listing:
        members = Members(self.root)
        tables = []
        with self.open() as reader:
            try:
                for entry in zip_entries(reader.file):
                    if _take_in(entry, members):
                        tables.append(entry)
            except (ValueError, struct.error) as error:
                members.torn(str(error))
            for entry in tables:
                members.add_table(entry.name, reader.table(entry))
        return members.listing(self.label_file)

    @contextmanager
    def open(self) -> Iterator[ZipReader]:
        with opened(self.root) as file:
            yield ZipReader(file, self.limits)


@dataclass(frozen=True)
class ZipReader:
    """Reads members by the places of their local headers; the directory is not needed."""

    file: BinaryIO
    limits: Limits

    def read(self, image: SourceImage) -> bytes:
        self.limits.check(image.size_bytes, image)
        try:
            content, checksum = self._unpacked(image)
        except (OSError, EOFError, ValueError, struct.error, zlib.error) as error:
            raise Problem("image.truncated", path=image.path, detail=str(error)) from error
        self.limits.check(len(content), image)
        if checksum not in (None, zlib.crc32(content)):
            raise Problem("image.truncated", path=image.path, detail="wrong checksum")
        return content

    def table(self, entry: ZipEntry) -> bytes:
        """Returns the content of a table of labels, empty where it cannot be read."""
        image = SourceImage(repr(entry.name), "", entry.size_bytes, 0, entry.place)
        try:
            return ZipReader(self.file, Limits(MAX_BYTES)).read(image)
        except Problem:  # then it maps nothing, and the folders keep their names
            return b""

    def _unpacked(self, image: SourceImage) -> tuple[bytes, int | None]:
        """Returns a member's content, at most a byte more than allowed, and its checksum."""
        self.file.seek(image.place)
        (signature, _needed, flags, method, _time, _date, checksum, _packed, _size, name_size,
         extra_size) = _LOCAL.unpack(self.file.read(_LOCAL.size))  # fmt: skip
        if signature != b"PK\3\4":
            raise ValueError("no member of the archive begins here")
        self.file.seek(name_size + extra_size, 1)
        if method == STORED:
            content = self.file.read(image.size_bytes)
        else:
            content = _inflated(self.file, method, self.limits.file_bytes + 1)
        if len(content) < image.size_bytes:
            raise EOFError("the archive ends within it")
        return content, None if flags & _CHECKSUM_FOLLOWS else checksum


def is_zip(path: Path) -> bool:
    """Says whether a file begins as zip archives do, or is called like one."""
    with opened(path) as file:
        return file.read(4) in (b"PK\3\4", b"PK\5\6") or path.suffix.lower() == ".zip"


def _inflated(file: BinaryIO, method: int, most_bytes: int) -> bytes:
    """Returns one unpacked stream, but no more than `most_bytes` of it."""
    stream = zlib.decompressobj(-15) if method == DEFLATED else bz2.BZ2Decompressor()
    parts: list[bytes] = []
    left = most_bytes
    packed = file.read(_BLOCK)
    while packed and left > 0 and not stream.eof:
        parts.append(stream.decompress(packed, left))
        left -= len(parts[-1])
        packed = getattr(stream, "unconsumed_tail", b"") or file.read(_BLOCK)
    return b"".join(parts)


def _take_in(entry: ZipEntry, members: Members) -> bool:
    """Notes an entry, and says whether it is a table of labels, to be read."""
    if entry.name.endswith(b"/") or stat.S_ISDIR(entry.mode):
        return False
    if stat.S_ISLNK(entry.mode):
        members.reject(entry.name, "source.link")
    elif entry.flags & ENCRYPTED:
        members.reject(entry.name, "source.encrypted")
    elif entry.method not in (STORED, DEFLATED, BZIP2):
        members.reject(entry.name, "source.compression", method=entry.method)
    elif is_label_file(entry.name.decode("latin-1")):
        return True
    else:
        members.add(entry.name, entry.size_bytes, entry.place, bool(entry.flags & UTF8))
    return False
