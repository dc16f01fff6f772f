"""The directory at the end of a zip archive, entry by entry; PKWARE's APPNOTE 6.3 describes it.

`zipfile` holds a kilobyte for each entry; an archive of a million images would need a gigabyte.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

_END = struct.Struct("<4s4H2LH")
_END64_PLACE = struct.Struct("<4sLQL")
_END64 = struct.Struct("<4sQ2H2L4Q")
_ENTRY = struct.Struct("<4s6H3L5H2L")
_LONGEST_COMMENT = 65_535
_FULL = 0xFFFF_FFFF

ENCRYPTED, UTF8 = 0x1, 0x800


@dataclass(frozen=True, slots=True)
class ZipEntry:
    """One member of an archive.

    Args:
        name: as stored.
        flags, method: as in the format.
        size_bytes: unpacked, as the archive claims.
        place: offset of its local header in the file.
        mode: type and permissions under Unix, 0 where the archive does not tell.
    """

    name: bytes
    flags: int
    method: int
    size_bytes: int
    place: int
    mode: int


def zip_entries(file: BinaryIO) -> Iterator[ZipEntry]:
    """Yields the entries of an archive's directory.

    Raises:
        ValueError: the archive is damaged from here on.
    """
    count, start, shift = _end(file)
    file.seek(start)
    for _number in range(count):
        fixed = file.read(_ENTRY.size)
        if len(fixed) < _ENTRY.size or not fixed.startswith(b"PK\1\2"):
            raise ValueError("its directory is cut off")
        (_signature, made_by, _needed, flags, method, _time, _date, _crc, _packed, size,
         name_size, extra_size, comment_size, _disk, _internal, external, place) = _ENTRY.unpack(
            fixed)  # fmt: skip
        name, extra = file.read(name_size), file.read(extra_size)
        file.seek(comment_size, 1)
        size, place, said = _extended(extra, name, size, _packed, place)
        if said is not None:
            name, flags = said, flags | UTF8
        mode = external >> 16 if made_by >> 8 == 3 else 0
        yield ZipEntry(name, flags, method, size, place + shift, mode)


def _end(file: BinaryIO) -> tuple[int, int, int]:
    """Returns how many entries there are, where they begin, and what to add to their places."""
    length = file.seek(0, 2)
    file.seek(max(0, length - _END.size - _LONGEST_COMMENT))
    base, tail = file.tell(), file.read()
    at = tail.rfind(b"PK\5\6")
    if at < 0 or len(tail) - at < _END.size:
        raise ValueError("it has no directory at its end: it is cut off")
    _sig, disk, _cd_disk, _here, count, size, offset, _comment = _END.unpack_from(tail, at)
    end = base + at
    if 0xFFFF in (disk, count) or _FULL in (size, offset):
        file.seek(max(0, end - _END64_PLACE.size))
        signature, _disk, _place, _disks = _END64_PLACE.unpack(file.read(_END64_PLACE.size))
        if signature == b"PK\6\7":
            # What stands before the archive, as a self-extracting program, moves all places.
            end -= _END64_PLACE.size + _END64.size
            file.seek(end)
            *_rest, count, size, offset = _END64.unpack(file.read(_END64.size))
            disk = 0
    if disk:
        raise ValueError("it is one of several volumes")
    shift = end - size - offset
    if shift < 0:
        raise ValueError("its directory is damaged")
    return count, end - size, shift


def _extended(
    extra: bytes, name: bytes, size: int, packed: int, place: int
) -> tuple[int, int, bytes | None]:
    """Returns size and place from the extra fields, and the name in UTF-8 if they give one."""
    said = None
    at = 0
    while at + 4 <= len(extra):
        tag, length = struct.unpack_from("<HH", extra, at)
        body = extra[at + 4 : at + 4 + length]
        at += 4 + length
        if tag == 1:
            wide = iter(struct.unpack(f"<{len(body) // 8}Q", body[: len(body) // 8 * 8]))
            size = next(wide, size) if size == _FULL else size
            if packed == _FULL:
                next(wide, None)
            place = next(wide, place) if place == _FULL else place
        elif tag == 0x7075 and len(body) > 5 and body[1:5] == struct.pack("<L", zlib.crc32(name)):
            said = body[5:]
    return size, place, said
