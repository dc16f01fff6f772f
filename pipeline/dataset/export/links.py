"""One file in two places: copied, hard-linked, or sharing its blocks on disk until one changes."""

from __future__ import annotations

import errno
import os
import shutil
from typing import Literal

Link = Literal["copy", "hard", "reflink"]

FICLONE = 0x40049409
"""The request of linux/fs.h that makes one file share all blocks of another."""
_DISK_TROUBLE = (errno.ENOSPC, errno.EDQUOT, errno.EIO)


def place(source: str, target: str, link: Link) -> str:
    """Makes `target`, which must not exist, a file with the content of `source`.

    Where the file system cannot link these two, the file is copied.

    Returns:
        Why it was copied in place of linked; "" when it was done as asked.

    Raises:
        OSError: the file cannot be read or written.
    """
    if link == "copy":
        _copy(source, target)
        return ""
    try:
        if link == "hard":
            # A link to a link would point elsewhere once either is moved.
            os.link(os.path.realpath(source), target)
        else:
            _clone(source, target)
    except FileExistsError:
        raise
    except OSError as error:
        if error.errno in _DISK_TROUBLE:
            raise
        _copy(source, target)
        return error.strerror or str(error)
    return ""


def _copy(source: str, target: str) -> None:
    with open(source, "rb") as old, open(target, "xb") as new:
        shutil.copyfileobj(old, new, 1 << 20)


def _clone(source: str, target: str) -> None:
    import fcntl

    with open(source, "rb") as old, open(target, "xb") as new:
        try:
            fcntl.ioctl(new.fileno(), FICLONE, old.fileno())
        except OSError:
            os.unlink(target)
            raise
