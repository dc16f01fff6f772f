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
        avx: whether it has AVX; None where that cannot be read, or is not an x86.
    """

    model: str
    logical_cores: int
    usable_cores: float
    avx: bool | None


@dataclass(frozen=True)
class MemoryFacts:
    """Main memory in bytes; the cgroup's limit where that is lower than the machine's."""

    total_bytes: int
    available_bytes: int
    limited: bool


@dataclass(frozen=True)
class DiskFacts:
    """The file system that holds `path`, or that will once it is made."""

    path: str
    total_bytes: int
    free_bytes: int


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
        kernel = _read(root / "proc/sys/kernel/osrelease") or kernel
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
    quota = _cpu_quota(root)
    info = _read(root / "proc/cpuinfo") or ""
    model = re.search(r"^(?:model name|Hardware|cpu model)\s*:\s*(.+)$", info, re.MULTILINE)
    flags = re.search(r"^flags\s*:(.*)$", info, re.MULTILINE)
    return CpuFacts(
        model=model[1].strip() if model else platform.processor() or platform.machine(),
        logical_cores=logical,
        usable_cores=min(allowed, quota) if quota else allowed,
        avx="avx" in flags[1].split() if flags else _avx_of_windows(),
    )


def memory(root: Path = Path("/")) -> MemoryFacts:
    """Main memory, and how much of it this process may still take."""
    info = dict(re.findall(r"^(\w+):\s+(\d+) kB$", _read(root / "proc/meminfo") or "", re.M))
    if "MemTotal" in info and "MemAvailable" in info:
        total, available = int(info["MemTotal"]) * 1024, int(info["MemAvailable"]) * 1024
    else:
        import psutil

        now = psutil.virtual_memory()
        total, available = now.total, now.available
    limit, used = _memory_limit(root)
    if limit is None or limit >= total:
        return MemoryFacts(total, available, limited=False)
    return MemoryFacts(limit, max(0, min(available, limit - used)), limited=True)


def disk(path: str | Path) -> DiskFacts:
    """The disk under `path`; of its nearest existing parent where `path` is not made yet."""
    place = Path(path).expanduser().absolute()
    existing = next(one for one in (place, *place.parents) if one.exists())
    usage = shutil.disk_usage(existing)
    return DiskFacts(str(place), usage.total, usage.free)


def shared_memory(root: Path = Path("/")) -> DiskFacts | None:
    """/dev/shm, which NCCL needs between GPUs; None on systems without it."""
    place = root / "dev/shm"
    return disk(place) if place.is_dir() else None


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


def _read(path: Path) -> str | None:
    """The text of a small system file, or None where this system has no such file."""
    try:
        return path.read_text(errors="replace").strip()
    except OSError:
        return None


def _system_name(root: Path) -> str:
    for place in ("etc/os-release", "usr/lib/os-release"):
        name = re.search(r'^PRETTY_NAME="?([^"\n]+)', _read(root / place) or "", re.MULTILINE)
        if name:
            return name[1]
    return platform.platform(terse=True)


def _container(environ: Mapping[str, str], root: Path) -> str | None:
    if "APPTAINER_CONTAINER" in environ or "SINGULARITY_CONTAINER" in environ:
        return "apptainer"
    if "KUBERNETES_SERVICE_HOST" in environ:
        return "kubernetes"
    if (root / "run/.containerenv").exists():
        return "podman"
    if (root / ".dockerenv").exists():
        return "docker"
    control = _read(root / "proc/1/cgroup") or ""
    marks = (("kubepods", "kubernetes"), ("docker", "docker"), ("libpod", "podman"), ("lxc", "lxc"))
    return next((name for mark, name in marks if mark in control), None)


def _cgroups(root: Path, controller: str) -> list[Path]:
    """Folders of this process's cgroup and its parents that may limit `controller`.

    Inside a container the path that /proc names may lie outside its mount; the mount's root then
    is the container's own group, and comes last.
    """
    found: list[Path] = []
    for line in (_read(root / "proc/self/cgroup") or "").splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers == "":
            mount = root / "sys/fs/cgroup"
        elif controller in controllers.split(","):
            mount = root / "sys/fs/cgroup" / controllers
            mount = mount if mount.is_dir() else root / "sys/fs/cgroup" / controller
        else:
            continue
        own = mount / path.lstrip("/")
        found += [one for one in (own, *own.parents) if one == mount or mount in one.parents]
    return found


def _cpu_quota(root: Path) -> float | None:
    """Cores the tightest cgroup allows, or None without a quota."""
    quotas = []
    for group in _cgroups(root, "cpu"):
        words = (_read(group / "cpu.max") or "").split()
        if len(words) != 2:
            quota, period = _read(group / "cpu.cfs_quota_us"), _read(group / "cpu.cfs_period_us")
            words = [quota or "max", period or ""]
        if re.fullmatch(r"\d+", words[0]) and re.fullmatch(r"[1-9]\d*", words[1]):
            quotas.append(int(words[0]) / int(words[1]))
    return min(quotas, default=None)


def _memory_limit(root: Path) -> tuple[int | None, int]:
    """The tightest limit and what is used of it, in bytes; file cache does not count as used."""
    tightest: int | None = None
    used = 0
    for group in _cgroups(root, "memory"):
        for limit_name, used_name, cache in (
            ("memory.max", "memory.current", "inactive_file"),
            ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
        ):
            limit, now = _read(group / limit_name) or "", _read(group / used_name) or "0"
            if not limit.isdecimal() or (tightest is not None and int(limit) >= tightest):
                continue
            stat = re.search(rf"^{cache} (\d+)$", _read(group / "memory.stat") or "", re.MULTILINE)
            tightest, used = int(limit), max(0, int(now) - (int(stat[1]) if stat else 0))
    return tightest, used


def _avx_of_windows() -> bool | None:
    """Asks Windows; 39 is PF_AVX_INSTRUCTIONS_AVAILABLE. None on other systems."""
    if sys.platform != "win32" or platform.machine().lower() not in ("amd64", "x86_64"):
        return None
    import ctypes

    return bool(ctypes.windll.kernel32.IsProcessorFeaturePresent(39))
