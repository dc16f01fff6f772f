"""What must be right around the work: its disk, the proxy, the language, the login behind it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pipeline.environment.builds import numbers
from pipeline.environment.findings import Finding, error, passed, warning
from pipeline.environment.fixes import install
from pipeline.environment.network import Proxy
from pipeline.environment.probes import Facts

GIB = 1024**3
# A prepared dataset of 1.1 million 64x64 glyphs takes 4.5 GB, a checkpoint of ResNet50 0.3 GB.
DISK_WARNING_BYTES = 5 * GIB
DISK_ERROR_BYTES = GIB // 2
# A run leaves about a hundred files.
FREE_FILES_ERROR = 1000
# How WSL mounts the disks of Windows.
WINDOWS_DISKS = ("9p", "drvfs", "v9fs")
# pip's changes: 20.3 came with urllib3 1.26, 21.3 has one that refuses with a plain message.
TLS_PROXY_FAILS = ((20, 3), (21, 2))
HIDDEN = "***"
OUTLIVES_LOGIN = "loginctl enable-linger && systemd-run --user --scope hanzi-tui"


def disk(facts: Facts) -> Iterator[Finding]:
    """The workspace's disk has room, for bytes and for files, and takes them."""
    found = facts.workspace
    if found is None:
        return
    values: dict[str, Any] = {"path": found.path, "free_gib": round(found.free_bytes / GIB, 1)}
    on_windows = facts.system is not None and facts.system.os == "wsl"
    if not found.writable:
        yield error("workspace_read_only", path=found.path)
    if found.free_bytes < DISK_ERROR_BYTES:
        yield error("disk_full", **values)
    elif found.free_files is not None and found.free_files < FREE_FILES_ERROR:
        yield error("disk_no_files", path=found.path, free_files=found.free_files)
    elif found.free_bytes < DISK_WARNING_BYTES:
        yield warning("disk_low", **values)
    else:
        yield passed("disk_ok", **values)
    if on_windows and found.kind in WINDOWS_DISKS:
        yield warning("windows_disk", path=found.path)


def proxy(facts: Facts) -> Iterator[Finding]:
    """The proxies that pip is told of can be talked to."""
    for one in facts.network.proxies if facts.network else ():
        if one.problem is None or (one.problem == "https_scheme" and not _pip_fails(facts)):
            continue
        yield warning(
            f"proxy_{one.problem}", _proxy_fix(facts, one), source=one.source, url=one.url
        )


def _pip_fails(facts: Facts) -> bool:
    """Whether this pip is one that cannot use TLS to a proxy, or may be."""
    known = facts.installers.pip_version if facts.installers else None
    first, last = TLS_PROXY_FAILS
    return known is None or first <= numbers(known)[:2] <= last


def _proxy_fix(facts: Facts, one: Proxy) -> str | None:
    if "/" in one.source:
        return None
    if one.problem == "socks_missing":
        return f"unset {one.source} && {install(facts, 'pysocks')}"
    if one.problem in ("no_scheme", "https_scheme") and HIDDEN not in one.url:
        address = one.url.removeprefix("https://")
        return f"export {one.source}=http://{address}"
    return f"unset {one.source}"


def locale(facts: Facts) -> Iterator[Finding]:
    """The locale can write Chinese."""
    found = facts.locale
    if found is None:
        return
    if not found.utf8:
        yield warning("locale_not_utf8", "export LC_ALL=C.UTF-8", name=found.name)
    elif found.installed is False:
        yield warning("locale_missing", "export LC_ALL=C.UTF-8", name=found.name)


def logout(facts: Facts) -> Iterator[Finding]:
    """A job goes on when its user logs out."""
    kills = facts.logout.kills_jobs if facts.logout else None
    if kills:
        yield warning("logout_kills", OUTLIVES_LOGIN)
    elif kills is False:
        yield passed("logout_spares")


SURROUNDINGS_RULES = (disk, proxy, locale, logout)
