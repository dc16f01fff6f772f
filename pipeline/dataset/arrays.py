"""Arrays in .npy files, written row by row without ever being mapped.

A full disk is an error of the write here; in a mapped file it would kill the process by SIGBUS.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import DTypeLike, NDArray

_NO_RESERVING = (errno.EOPNOTSUPP, errno.EINVAL, errno.ENOSYS)


def reserve(path: Path, dtype: DTypeLike, shape: Sequence[int]) -> None:
    """Creates an array of zeros with all its space on the disk.

    Raises:
        OSError: the disk has no room for it.
    """
    with open(path, "wb") as file:
        _write_header(file, dtype, shape)
        length = file.tell() + np.dtype(dtype).itemsize * int(np.prod(shape, dtype=np.int64))
        file.flush()
        if hasattr(os, "posix_fallocate"):
            try:
                os.posix_fallocate(file.fileno(), 0, length)
            except OSError as error:
                if error.errno not in _NO_RESERVING:
                    raise
        file.truncate(length)


class Rows:
    """Writes rows of an array that `reserve` made; several processes may, each its own rows."""

    def __init__(self, path: Path) -> None:
        with open(path, "rb") as file:
            np.lib.format.read_magic(file)
            shape, _fortran, dtype = np.lib.format.read_array_header_1_0(file)
            self._start = file.tell()
        self._row_bytes = dtype.itemsize * int(np.prod(shape[1:], dtype=np.int64))
        self._descriptor = os.open(path, os.O_WRONLY | getattr(os, "O_CLOEXEC", 0))

    def put(self, indices: Sequence[int], rows: NDArray[Any]) -> None:
        """Writes `rows` to the given indices, neighbours at once.

        Raises:
            OSError: as of a write.
        """
        rows = np.ascontiguousarray(rows)
        at = np.asarray(indices, np.int64)
        for run in np.split(np.arange(len(at)), np.flatnonzero(np.diff(at) != 1) + 1):
            content = rows[run[0] : run[-1] + 1].data.cast("B")
            place = self._start + int(at[run[0]]) * self._row_bytes
            while content:
                written = os.pwrite(self._descriptor, content, place)
                content, place = content[written:], place + written

    def close(self) -> None:
        os.close(self._descriptor)


def write_array(
    path: Path, dtype: DTypeLike, shape: Sequence[int], blocks: Iterable[NDArray[Any]]
) -> None:
    """Writes an array that comes in blocks of rows.

    Raises:
        OSError: the disk has no room for it.
    """
    with open(path, "wb") as file:
        _write_header(file, dtype, shape)
        for block in blocks:
            file.write(np.ascontiguousarray(block, dtype).tobytes())


def _write_header(file: BinaryIO, dtype: DTypeLike, shape: Sequence[int]) -> None:
    described = {"descr": np.lib.format.dtype_to_descr(np.dtype(dtype)), "fortran_order": False,
                 "shape": tuple(shape)}  # fmt: skip
    np.lib.format.write_array_header_1_0(file, described)
