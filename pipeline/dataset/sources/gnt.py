"""CASIA's .gnt files of isolated handwritten characters, one writer a file.

The format, as NLPR publishes it with the HWDB databases: samples one after the other, each a
uint32 with its size in bytes, two bytes of the label in GB 2312 or GBK, uint16 width and height
(all little-endian), and height x width bytes of gray.
"""

from __future__ import annotations

import os
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from pipeline.dataset.sources.draft import Draft, Key, Named, Unfit
from pipeline.dataset.sources.limits import Limits, opened
from pipeline.dataset.sources.listing import Listing, Rejected, SourceImage
from pipeline.dataset.sources.names import is_image_name, is_label
from pipeline.problems import Problem

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SUFFIX = ".gnt"
HEADER = struct.Struct("<L2sHH")
DAMAGE = (OSError, EOFError, zlib.error, zipfile.BadZipFile, NotImplementedError)
"""What reading a damaged file, or one in a damaged archive, may raise."""


@dataclass(frozen=True)
class GntSource:
    """A .gnt file, or a folder with some at any depth."""

    root: Path
    limits: Limits
    kind: str = "gnt"

    def list(self) -> Listing:
        draft, rejected = Draft(), list[Rejected]()
        folder = self.root if self.root.is_dir() else self.root.parent
        for name in gnt_files(self.root):
            try:
                with opened(folder / name) as file:
                    status = os.fstat(file.fileno())
                    list_samples(file, status.st_size, status.st_mtime_ns, name, draft, rejected)
            except Problem as problem:
                rejected.append(Rejected(name, problem.code, str(problem)))
        return draft.listing(self.root, named_tags(draft), rejected=rejected)

    @contextmanager
    def open(self) -> Iterator[GntReader]:
        with ExitStack() as stack:
            folder = self.root if self.root.is_dir() else self.root.parent
            yield GntReader(lambda name: opened(folder / name), self.limits, stack)


class GntReader:
    """Reads samples; the file read last stays open.

    Args:
        open_file: opens a .gnt file by its name in the source.
        limits: the most pixels of a sample.
        stack: holds the open file.
    """

    def __init__(
        self,
        open_file: Callable[[str], AbstractContextManager[BinaryIO]],
        limits: Limits,
        stack: ExitStack,
    ) -> None:
        self._open_file, self._limits, self._stack = open_file, limits, stack
        self._name = ""
        self._file: BinaryIO | None = None

    def read(self, image: SourceImage) -> NDArray[np.uint8]:
        """Returns the pixels of a sample, uint8 `[H, W]`, dark ink on light paper."""
        try:
            return self._sample(image)
        except DAMAGE as error:
            raise Problem("image.truncated", path=image.path, detail=str(error)) from error

    def _sample(self, image: SourceImage) -> NDArray[np.uint8]:
        import numpy as np

        file = self._opened(image.path.rpartition("/")[0])
        file.seek(image.place)
        header = file.read(HEADER.size)
        if len(header) < HEADER.size:
            raise Problem("image.truncated", path=image.path, detail="the file ends before it")
        _size, _tag, width, height = HEADER.unpack(header)
        if width * height > self._limits.pixels:
            raise Problem("image.too_large", path=image.path, width=width, height=height,
                          max_pixels=self._limits.pixels)  # fmt: skip
        if not width * height:
            raise Problem("image.empty", path=image.path)
        content = file.read(width * height)
        if len(content) < width * height:
            raise Problem("image.truncated", path=image.path, detail="the file ends within it")
        return np.frombuffer(content, np.uint8).reshape(height, width)

    def _opened(self, name: str) -> BinaryIO:
        if self._file is None or name != self._name:
            self._stack.close()
            self._file = self._stack.enter_context(self._open_file(name))
            self._name = name
        return self._file


def holds_gnt(folder: Path) -> bool:
    """Says whether .gnt files are what a folder holds: one comes before any image."""
    for _folder, below, names in os.walk(folder):
        below[:] = sorted(name for name in below if not name.startswith("."))
        if any(name.lower().endswith(SUFFIX) for name in names):
            return True
        if any(map(is_image_name, names)):
            return False
    return False


def gnt_files(root: Path) -> list[str]:
    """Returns the .gnt files of a folder at any depth, relative to it; of a file, its name."""
    if not root.is_dir():
        return [root.name]
    found = []
    for folder, below, names in os.walk(root):
        below[:] = sorted(name for name in below if not name.startswith("."))
        inside = os.path.relpath(folder, root)
        found += [name if inside == "." else f"{inside}/{name}" for name in names
                  if name.lower().endswith(SUFFIX) and not name.startswith(".")]  # fmt: skip
    return sorted(found)


def list_samples(
    file: BinaryIO,
    size_bytes: int,
    mtime_ns: int,
    name: str,
    draft: Draft,
    rejected: list[Rejected],
) -> None:
    """Adds the samples of one file; where it stops making sense, the rest of it is rejected."""
    place = number = 0
    while place < size_bytes:
        header = file.read(HEADER.size)
        size, tag, width, height = HEADER.unpack(header.ljust(HEADER.size, b"\0"))
        if size != HEADER.size + width * height or place + size > size_bytes:
            params = {"number": number, "place": place}
            rejected.append(Unfit("source.gnt_torn", params).rejected(name))
            return
        draft.add(f"{name}/{number:06d}", tag, width * height, mtime_ns, place)
        place += size
        number += 1
        file.seek(place)


def named_tags(draft: Draft) -> dict[Key, Named | Unfit]:
    """Returns the label of each tag of a draft's samples."""
    return {tag: _named(tag) for tag in draft.keys}


def _named(tag: Key) -> Named | Unfit:
    """Returns the label of two bytes in GBK; of ASCII characters the second one is zero."""
    assert isinstance(tag, bytes)
    try:
        label = unicodedata.normalize("NFC", tag.rstrip(b"\0").decode("gbk"))
    except UnicodeDecodeError:
        label = ""
    return Named(label) if is_label(label) else Unfit("source.gnt_label", {"tag": tag.hex()})
