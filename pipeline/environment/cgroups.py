"""What the control groups around this process leave of the machine, in versions 1 and 2."""

from __future__ import annotations

import re
from pathlib import Path

from pipeline.environment.system_files import read


def cpu_quota(root: Path) -> float | None:
    """Cores the tightest cgroup allows, or None without a quota."""
    quotas = []
    for group in _groups(root, "cpu"):
        words = (read(group / "cpu.max") or "").split()
        if len(words) != 2:
            quota, period = read(group / "cpu.cfs_quota_us"), read(group / "cpu.cfs_period_us")
            words = [quota or "max", period or ""]
        if re.fullmatch(r"\d+", words[0]) and re.fullmatch(r"[1-9]\d*", words[1]):
            quotas.append(int(words[0]) / int(words[1]))
    return min(quotas, default=None)


def memory_limit(root: Path) -> tuple[int | None, int]:
    """The tightest limit and what is used of it, in bytes; file cache does not count as used."""
    tightest: int | None = None
    used = 0
    for group in _groups(root, "memory"):
        for limit_name, used_name, cache in (
            ("memory.max", "memory.current", "inactive_file"),
            ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
        ):
            limit, now = read(group / limit_name) or "", read(group / used_name) or "0"
            if not limit.isdecimal() or (tightest is not None and int(limit) >= tightest):
                continue
            stat = re.search(rf"^{cache} (\d+)$", read(group / "memory.stat") or "", re.MULTILINE)
            tightest, used = int(limit), max(0, int(now) - (int(stat[1]) if stat else 0))
    return tightest, used


def _groups(root: Path, controller: str) -> list[Path]:
    """Folders of this process's cgroup and its parents that may limit `controller`.

    Inside a container the path that /proc names may lie outside its mount; the mount's root then
    is the container's own group, and comes last.
    """
    found: list[Path] = []
    for line in (read(root / "proc/self/cgroup") or "").splitlines():
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
