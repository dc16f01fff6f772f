"""The machine itself: its system, processor, memory, disks and Python, within its cgroup limits."""

from __future__ import annotations

import os
import platform
import re
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.environment.cgroups import cpu_quota, memory_limit
from pipeline.environment.system_files import read


@dataclass(frozen=True)
class SystemFacts:
    """The operating system.

    Args:
        os: "linux", "wsl", "windows", "macos", or Python's name for another one.
        name: as people call it, such as "Ubuntu 24.04.1 LTS".
        kernel: its release.
        machine: "x86_64", "aarch64", ...
        wsl_version: 1 or 2, None outside WSL.
        container: "docker", "podman", "kubernetes", "apptainer", "lxc", or None.
    """

    os: str
    name: str
    kernel: str
    machine: str
    wsl_version: int | None
    container: str | None


@dataclass(frozen=True)
class CpuFacts:
    """The processor.

    Args:
        usable_cores: what affinity and the cgroup's quota leave; may be a fraction.
        avx, avx2, fma: whether it has them; None where that cannot be read, or is not an x86.
    """

    model: str
    logical_cores: int
    usable_cores: float
    avx: bool | None
    avx2: bool | None = None
    fma: bool | None = None


@dataclass(frozen=True)
class MemoryFacts:
    """Main memory in bytes; the cgroup's limit where that is lower than the machine's."""

    total_bytes: int
    available_bytes: int
    limited: bool


@dataclass(frozen=True)
class DiskFacts:
    """The file system that holds `path`, or that will once it is made.

    Args:
        free_files: how many more files it can hold; None where it has no such limit.
        writable: whether this user may write there.
        kind: such as "ext4", "nfs4" or "9p" (a Windows disk under WSL); None when not known.
    """

    path: str
    total_bytes: int
    free_bytes: int
    free_files: int | None = None
    writable: bool = True
    kind: str | None = None


@dataclass(frozen=True)
class PythonFacts:
    """The running Python. `kind` is "venv", "conda" or "system"."""

    version: str
    implementation: str
    executable: str
    prefix: str
    kind: str


def system(environ: Mapping[str, str] = os.environ, root: Path = Path("/")) -> SystemFacts:
    """The operating system, WSL and container around this process."""
    kernel = platform.release()
    wsl_version = None
    if sys.platform == "linux":
        kernel = read(root / "proc/sys/kernel/osrelease") or kernel
        if "microsoft" in kernel.lower():
            wsl_version = 2 if "wsl2" in kernel.lower() else 1
    names = {"linux": "linux", "win32": "windows", "darwin": "macos"}
    return SystemFacts(
        os="wsl" if wsl_version else names.get(sys.platform, sys.platform),
        name=_system_name(root),
        kernel=kernel,
        machine=platform.machine(),
        wsl_version=wsl_version,
        container=_container(environ, root),
    )


def cpu(root: Path = Path("/")) -> CpuFacts:
    """The processor, and how much of it this process may use."""
    logical = os.cpu_count() or 1
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else logical
    quota = cpu_quota(root)
    info = read(root / "proc/cpuinfo") or ""
    model = re.search(r"^(?:model name|Hardware|cpu model)\s*:\s*(.+)$", info, re.MULTILINE)
    line = re.search(r"^flags\s*:(.*)$", info, re.MULTILINE)
    flags = line[1].split() if line else None
    return CpuFacts(
        model=model[1].strip() if model else platform.processor() or platform.machine(),
        logical_cores=logical,
        usable_cores=min(allowed, quota) if quota else allowed,
        avx=_has_avx_of_windows() if flags is None else "avx" in flags,
        avx2=None if flags is None else "avx2" in flags,
        fma=None if flags is None else "fma" in flags,
    )


def memory(root: Path = Path("/")) -> MemoryFacts:
    """Main memory, and how much of it this process may still take."""
    info = dict(re.findall(r"^(\w+):\s+(\d+) kB$", read(root / "proc/meminfo") or "", re.M))
    if "MemTotal" in info and "MemAvailable" in info:
        total, available = int(info["MemTotal"]) * 1024, int(info["MemAvailable"]) * 1024
    else:
        import psutil

        now = psutil.virtual_memory()
        total, available = now.total, now.available
    limit, used = memory_limit(root)
    if limit is None or limit >= total:
        return MemoryFacts(total, available, limited=False)
    return MemoryFacts(limit, max(0, min(available, limit - used)), limited=True)


def disk(path: str | Path, root: Path = Path("/")) -> DiskFacts:
    """The disk under `path`; of its nearest existing parent where `path` is not made yet."""
    place = Path(path).expanduser().absolute()
    existing = next(one for one in (place, *place.parents) if one.exists())
    usage = shutil.disk_usage(existing)
    return DiskFacts(
        path=str(place),
        total_bytes=usage.total,
        free_bytes=usage.free,
        free_files=_free_files(existing),
        writable=os.access(existing, os.W_OK),
        kind=_file_system(existing, root),
    )


def shared_memory(root: Path = Path("/")) -> DiskFacts | None:
    """/dev/shm, which NCCL needs between GPUs; None on systems without it."""
    place = root / "dev/shm"
    return disk(place, root) if place.is_dir() else None


def python() -> PythonFacts:
    """The running Python, and the kind of folder it lives in."""
    if sys.prefix != sys.base_prefix:
        kind = "venv"
    elif (Path(sys.prefix) / "conda-meta").is_dir():
        kind = "conda"
    else:
        kind = "system"
    return PythonFacts(
        version=platform.python_version(),
        implementation=platform.python_implementation(),
        executable=sys.executable,
        prefix=sys.prefix,
        kind=kind,
    )


def _system_name(root: Path) -> str:
    for place in ("etc/os-release", "usr/lib/os-release"):
        name = re.search(r'^PRETTY_NAME="?([^"\n]+)', read(root / place) or "", re.MULTILINE)
        if name:
            return name[1]
    return platform.platform(terse=True)


def _free_files(folder: Path) -> int | None:
    """Inodes left; file systems such as btrfs have no fixed number, and say 0 of 0."""
    if not hasattr(os, "statvfs"):
        return None
    known = os.statvfs(folder)
    return known.f_favail if known.f_files else None


def _file_system(folder: Path, root: Path) -> str | None:
    """The type of the mount that holds a folder (proc_pid_mountinfo(5))."""
    place = folder.resolve()
    best, kind = -1, None
    for line in (read(root / "proc/self/mountinfo") or "").splitlines():
        before, _, after = line.partition(" - ")
        mount = Path(re.sub(r"\\(\d{3})", lambda octal: chr(int(octal[1], 8)), before.split()[4]))
        # The last of equal mounts lies over the others.
        if len(mount.parts) >= best and place.is_relative_to(mount):
            best, kind = len(mount.parts), after.split()[0]
    return kind


def _container(environ: Mapping[str, str], root: Path) -> str | None:
    if "APPTAINER_CONTAINER" in environ or "SINGULARITY_CONTAINER" in environ:
        return "apptainer"
    if "KUBERNETES_SERVICE_HOST" in environ:
        return "kubernetes"
    if (root / "run/.containerenv").exists():
        return "podman"
    if (root / ".dockerenv").exists():
        return "docker"
    control = read(root / "proc/1/cgroup") or ""
    marks = (("kubepods", "kubernetes"), ("docker", "docker"), ("libpod", "podman"), ("lxc", "lxc"))
    return next((name for mark, name in marks if mark in control), None)


def _has_avx_of_windows() -> bool | None:
    """Asks Windows; 39 is PF_AVX_INSTRUCTIONS_AVAILABLE. None on other systems."""
    if sys.platform != "win32" or platform.machine().lower() not in ("amd64", "x86_64"):
        return None
    import ctypes

    return bool(ctypes.windll.kernel32.IsProcessorFeaturePresent(39))
