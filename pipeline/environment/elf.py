"""Which folders a shared library names to the loader, read from its ELF header."""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

_DYNAMIC = 2
_STRING_TABLE, _RPATH, _RUNPATH = 5, 15, 29


@dataclass(frozen=True)
class SearchPath:
    """Folders in which the loader looks for what a library needs, normalised, each once.

    Args:
        rpath: before LD_LIBRARY_PATH; counts only without a RUNPATH (ld.so(8)).
        runpath: after LD_LIBRARY_PATH.
    """

    rpath: tuple[str, ...] = ()
    runpath: tuple[str, ...] = ()


def search_path(library: Path) -> SearchPath | None:
    """Reads RPATH and RUNPATH; None when it is no 64-bit little-endian ELF file.

    Only the tables are read, not the library: TensorFlow's has a gigabyte.
    """
    try:
        with library.open("rb") as file:
            entries = _dynamic(file)
            if entries is None:
                return None
            folder = str(library.resolve().parent)
            runpath = _folders(file, entries, _RUNPATH, folder)
            rpath = () if runpath else _folders(file, entries, _RPATH, folder)
            return SearchPath(rpath, runpath)
    except (OSError, struct.error):
        return None


def _dynamic(file: BinaryIO) -> dict[int, int] | None:
    """The dynamic section by tag; its string table as a place in the file, not in memory."""
    header = file.read(64)
    if header[:6] != b"\x7fELF\x02\x01":
        return None
    (segments_at,) = struct.unpack_from("<Q", header, 32)
    size, count = struct.unpack_from("<HH", header, 54)
    segments = []
    for index in range(count):
        file.seek(segments_at + index * size)
        kind, _flags, offset, address, _physical, length = struct.unpack("<IIQQQQ", file.read(40))
        segments.append((kind, offset, address, length))
    entries: dict[int, int] = {}
    for kind, offset, _address, length in segments:
        if kind == _DYNAMIC:
            file.seek(offset)
            entries.update(struct.iter_unpack("<QQ", file.read(length // 16 * 16)))
    table = entries.get(_STRING_TABLE)
    for _kind, offset, address, length in segments:
        if table is not None and address <= table < address + length:
            entries[_STRING_TABLE] = table - address + offset
            break
    return entries


def _folders(file: BinaryIO, entries: dict[int, int], tag: int, origin: str) -> tuple[str, ...]:
    if tag not in entries or _STRING_TABLE not in entries:
        return ()
    file.seek(entries[_STRING_TABLE] + entries[tag])
    text = b""
    # Bazel repeats each folder a hundred times: TensorFlow's RUNPATH has 40 kB.
    while b"\0" not in text and (more := file.read(65536)):
        text += more
    named = os.fsdecode(text.split(b"\0")[0]).split(":")
    whole = (one.replace("${ORIGIN}", origin).replace("$ORIGIN", origin) for one in named if one)
    return tuple(dict.fromkeys(os.path.normpath(one) for one in whole))
