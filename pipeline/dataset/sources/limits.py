"""How much of a file is read before its header is judged: a bomb must cost no memory."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from pipeline.dataset.sources.listing import SourceImage
from pipeline.problems import Problem

MEGABYTE = 1_000_000

_BINARY = getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
_BLOCK = 1 << 16


@dataclass(frozen=True)
class Limits:
    """What an image may cost.

    Args:
        file_bytes: of a file, or of a member of an archive when unpacked.
        pixels: of an image that is stored as pixels.
    """

    file_bytes: int = 64 * MEGABYTE
    pixels: int = 50_000_000

    def read(self, path: str, image: SourceImage) -> bytes:
        """Returns the content of an image file.

        Raises:
            Problem: `source.too_large`, or `image.unreadable` when it is no regular file.
            OSError, ValueError: it cannot be opened or read.
        """
        # A pipe without a writer would keep us waiting.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | _BINARY)
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                detail = "not a regular file"
                raise Problem("image.unreadable", path=image.path, detail=detail)
            self.check(status.st_size, image)
            parts = []
            while part := os.read(descriptor, max(status.st_size, _BLOCK)):
                parts.append(part)
                self.check(sum(map(len, parts)), image)
            return parts[0] if len(parts) == 1 else b"".join(parts)
        finally:
            os.close(descriptor)

    def check(self, size_bytes: int, image: SourceImage) -> None:
        """Raises `source.too_large` when an image is larger than allowed."""
        if size_bytes > self.file_bytes:
            raise Problem("source.too_large", path=image.path,
                          megabytes=self.file_bytes // MEGABYTE)  # fmt: skip


LIMITS = Limits()
"""Larger than any image of a character; settings say otherwise."""


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """Opens the file of a source.

    Raises:
        Problem: `source.closed`.
    """
    try:
        file = open(path, "rb")  # noqa: SIM115
    except OSError as error:
        detail = error.strerror or str(error)
        raise Problem("source.closed", path=str(path), detail=detail) from error
    with file:
        yield file
