"""The doors to a GPU in the file system: device files, and the libraries Windows lends to WSL."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.environment.library_search import WSL_FOLDER

# nvidia-modeset and nvidia-drm are for screens, nvidia-caps for MIG's own tools.
_PATTERNS = ("nvidia[0-9]*", "nvidiactl", "nvidia-uvm", "dxg")


@dataclass(frozen=True)
class DeviceNode:
    """A device file that CUDA opens.

    Args:
        path: such as "/dev/nvidia0".
        mode: as `ls -l` shows it, such as "crw-rw-rw-".
        group: the name of its group, or its number where it has no name here.
        usable: whether this user may read and write it.
    """

    path: str
    mode: str
    group: str
    usable: bool


@dataclass(frozen=True)
class DeviceFacts:
    """Device files, and WSL's libraries.

    Args:
        nodes: the NVIDIA device files, and /dev/dxg under WSL; empty where none is passed through.
        groups: the groups of this user, by name.
        wsl_folder: the folder in which WSL keeps the driver's libraries, where it holds libcuda;
            else None.
    """

    nodes: tuple[DeviceNode, ...] = ()
    groups: tuple[str, ...] = ()
    wsl_folder: str | None = None


def device_nodes(root: Path = Path("/")) -> DeviceFacts:
    """Looks at the device files and opens none.

    Args:
        root: the root of the file system that holds /dev and /usr.
    """
    wsl = root / WSL_FOLDER
    groups = {os.getegid(), *os.getgroups()} if hasattr(os, "getgroups") else set()
    return DeviceFacts(
        nodes=tuple(_nodes(root / "dev")),
        groups=tuple(sorted(_group_name(group) for group in groups)),
        wsl_folder=str(wsl) if (wsl / "libcuda.so.1").exists() else None,
    )


def _nodes(folder: Path) -> Iterator[DeviceNode]:
    for path in sorted(file for pattern in _PATTERNS for file in folder.glob(pattern)):
        try:
            status = path.stat()
        except OSError:
            continue
        yield DeviceNode(
            path=str(path),
            mode=stat.filemode(status.st_mode),
            group=_group_name(status.st_gid),
            usable=os.access(path, os.R_OK | os.W_OK),
        )


def _group_name(number: int) -> str:
    try:
        import grp

        return grp.getgrgid(number).gr_name
    except (ImportError, KeyError):
        return str(number)
