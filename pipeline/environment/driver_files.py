"""What files tell of the NVIDIA driver: its kernel module, and its libraries for programs."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from pipeline.environment.system_files import read

_VERSION = r"\d{3,}\.\d+(?:\.\d+)?"
_LIBRARIES = ("libcuda.so.1", "libnvidia-ml.so.1")
_FOLDERS = ("usr/lib/x86_64-linux-gnu", "usr/lib/aarch64-linux-gnu", "usr/lib64", "usr/lib",
            "usr/lib/x86_64-linux-gnu/nvidia/current", "usr/local/nvidia/lib64")  # fmt: skip


@dataclass(frozen=True)
class DriverFiles:
    """Versions of the driver's two halves. None stands for a half that is not there.

    Args:
        kernel: of the module that is loaded.
        is_open: whether that is the open module.
        library: of libcuda or libnvidia-ml, by the name of the file behind the link.
    """

    kernel: str | None = None
    is_open: bool | None = None
    library: str | None = None


def driver_files(root: Path = Path("/")) -> DriverFiles:
    """Reads /proc and the names of files; loads nothing.

    Args:
        root: the root of the file system that holds /proc, /sys and /usr.
    """
    words = read(root / "proc/driver/nvidia/version") or ""
    version = re.search(rf"\b{_VERSION}\b", words)
    kernel = version.group() if version else read(root / "sys/module/nvidia/version")
    is_open = "Open Kernel Module" in words if words else None
    return DriverFiles(kernel, is_open, _library_version(root))


def _library_version(root: Path) -> str | None:
    """An update that was not followed by a restart leaves files newer than the module."""
    for folder in _FOLDERS:
        for name in _LIBRARIES:
            real = os.path.realpath(root / folder / name)
            version = re.search(rf"\.so\.({_VERSION})$", real)
            if version and os.path.exists(real):
                return version[1]
    return None
