"""Which process is which: a pid alone does not tell a worker from a later one of that number."""

from __future__ import annotations

import os
import socket
import sys
from dataclasses import dataclass
from pathlib import Path

import psutil

START_TOLERANCE_S = 0.1


@dataclass(frozen=True)
class ProcessIdentity:
    """A process for as long as its machine runs. `start_s` counts from boot on Linux."""

    pid: int
    start_s: float
    host: str
    boot_id: str


def this_process() -> ProcessIdentity:
    start_s = process_start_s(os.getpid())
    return ProcessIdentity(os.getpid(), start_s or 0.0, socket.gethostname(), boot_id())


def usable_cores() -> int:
    """Returns how many cores this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def boot_id() -> str:
    """Returns what changes with each boot, "" where the system does not tell."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


def is_here(identity: ProcessIdentity) -> bool:
    """Says whether the process belongs to this host."""
    return identity.host == socket.gethostname()


def is_alive(identity: ProcessIdentity) -> bool:
    """Says whether a process of this host still runs; a zombie does not."""
    if identity.boot_id != boot_id():
        return False
    start_s = process_start_s(identity.pid)
    return start_s is not None and abs(start_s - identity.start_s) < START_TOLERANCE_S


def end_with_parent() -> None:
    """Has this process, a child made by multiprocessing, end when its parent does, killed or not.

    Otherwise a child waits for work that nobody hands out any more.
    """
    import multiprocessing
    import threading
    from multiprocessing.connection import wait

    parent = multiprocessing.parent_process()
    assert parent is not None
    sentinel = parent.sentinel

    def watch() -> None:
        wait([sentinel])
        os._exit(1)

    threading.Thread(target=watch, name="parent", daemon=True).start()


def process_start_s(pid: int) -> float | None:
    """Returns when a live process started, None when there is none or it is a zombie."""
    if Path("/proc/self/stat").exists():
        return _linux_start_s(pid)
    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else process.create_time()
    except psutil.NoSuchProcess:
        return None


def _linux_start_s(pid: int) -> float | None:
    # psutil's create_time moves with the wall clock; the ticks since boot do not.
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    state, *numbers = stat[stat.rindex(")") + 2 :].split()
    return None if state in "ZX" else int(numbers[18]) / os.sysconf("SC_CLK_TCK")


def peak_memory_bytes() -> int:
    """Returns the most memory this process has held, resident.

    `ru_maxrss` also counts what the parent held when it started this process.
    """
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        import resource

        unit = 1 if sys.platform == "darwin" else 1024
        return unit * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return 1024 * int(status.partition("VmHWM:")[2].split()[0])
