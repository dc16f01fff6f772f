"""Writing so that nobody ever sees half a file, and locks that hold across processes."""

from __future__ import annotations

import csv
import errno
import io
import json
import os
import shutil
import socket
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pipeline.problems import Problem

PARTIAL = ".partial"
MEGABYTE = 1_000_000
HEARTBEAT_INTERVAL_S = 5.0
HEARTBEAT_STALE_S = 30.0

# AT_FDCWD and RENAME_EXCHANGE of Linux's fcntl.h
_HERE, _EXCHANGE = -100, 2


def write_bytes(path: Path, content: bytes) -> None:
    """Writes `content` to a `.partial` sibling, flushes it to disk and renames it to `path`."""
    partial = path.with_name(path.name + PARTIAL)
    try:
        with open(partial, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)
    except OSError:
        partial.unlink(missing_ok=True)
        raise


def write_text(path: Path, text: str) -> None:
    """Writes UTF-8 text as `write_bytes` does; bytes that were not UTF-8 come out as they were."""
    write_bytes(path, text.encode("utf-8", "surrogateescape"))


def write_json(path: Path, value: Any) -> None:
    """Writes `value` as indented JSON, Chinese readable, as `write_bytes` does."""
    write_text(path, json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def write_table(path: Path, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Writes a CSV table as `write_bytes` does; bytes that were not UTF-8 come out as they were."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([header, *rows])
    write_text(path, text.getvalue())


def publish(partial: Path, final: Path) -> None:
    """Renames a finished folder to its name; one that stood there goes away afterwards.

    What it holds is on the disk before it bears the name, so that a power cut leaves no empty
    files there. Where the system can, both folders change places in one step, so that at every
    moment one of them bears the name. Elsewhere there is an instant between two renames.

    Raises:
        OSError: the folder cannot be written to the disk, or not be renamed.
    """
    for parent, _folders, names in os.walk(partial):
        for name in names:
            _flush(Path(parent, name))
        _flush(Path(parent))
    if final.exists() and _exchanged(partial, final):
        gone = partial
    else:
        gone = final.with_name(f".{final.name}.replaced-{os.getpid()}")
        if final.exists():
            os.rename(final, gone)
        os.rename(partial, final)
    _flush(final.parent)
    shutil.rmtree(gone, ignore_errors=True)


def _flush(path: Path) -> None:
    """Writes what the system still holds of a file, or of a folder's names, to the disk."""
    if path.is_dir() and sys.platform == "win32":
        return  # there a folder cannot be opened
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        # Some network file systems flush files only.
        if error.errno != errno.EINVAL or not path.is_dir():
            raise
    finally:
        os.close(descriptor)


def _exchanged(one: Path, other: Path) -> bool:
    """Lets two paths change places, by Linux's renameat2; says whether they did."""
    if sys.platform != "linux":
        return False
    import ctypes

    rename = getattr(ctypes.CDLL(None), "renameat2", None)
    if rename is None:
        return False
    return bool(rename(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE) == 0)


def require_room(folder: Path, need_bytes: int) -> None:
    """Checks that the disk of `folder`, which need not be there yet, has so much room.

    Raises:
        Problem: `disk.full`.
    """
    there = next(parent for parent in (folder, *folder.parents) if parent.exists())
    free_bytes = shutil.disk_usage(there).free
    if free_bytes < need_bytes:
        raise Problem("disk.full", path=str(folder), free_mb=free_bytes // MEGABYTE,
                      need_mb=-(-need_bytes // MEGABYTE))  # fmt: skip


def size_bytes(folder: Path) -> int:
    """Returns the bytes of all files below `folder`."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(os.path.join(parent, name)).st_size
            except FileNotFoundError:
                continue
    return total


@contextmanager
def locked(path: Path, owner: str, heartbeat: Path | None = None) -> Iterator[None]:
    """Holds the lock file `path` while the block runs.

    The lock is `flock`, so that it goes with the process, however that ends. Where the file
    system has no flock, a lock counts as held while its owner's heartbeat is fresh.

    Args:
        path: the lock file; it stays, empty of meaning, when the lock is released.
        owner: who holds it, shown to others; a run id.
        heartbeat: file that the owner touches.

    Raises:
        Problem: `lock.held` when somebody else holds it.
    """
    import fcntl

    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = lock_owner(path)
            if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
                raise _held(path, holder) from None
            if heartbeat_fresh(holder.get("heartbeat")):
                raise _held(path, holder) from None
        owner_line = {"run": owner, "host": socket.gethostname(),
                      "heartbeat": str(heartbeat) if heartbeat else None}  # fmt: skip
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps(owner_line).encode(), 0)
        yield
        os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


def lock_owner(path: Path) -> dict[str, Any]:
    """Returns who wrote the lock file (`run`, `host`, `heartbeat`); empty when nobody did."""
    try:
        owner = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return owner if isinstance(owner, dict) else {}


def heartbeat_fresh(heartbeat: str | Path | None) -> bool:
    """Says whether a heartbeat file was touched within `HEARTBEAT_STALE_S` seconds."""
    if heartbeat is None:
        return False
    try:
        return time.time() - os.stat(heartbeat).st_mtime < HEARTBEAT_STALE_S
    except OSError:
        return False


def _held(path: Path, holder: dict[str, Any]) -> Problem:
    return Problem(
        "lock.held",
        name=path.name.removesuffix(".lock"),
        run=holder.get("run", "?"),
        host=holder.get("host", "?"),
    )
