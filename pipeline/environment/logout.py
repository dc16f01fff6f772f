"""Whether a job outlives the login that started it: systemd-logind's rules, as they apply here."""

from __future__ import annotations

import getpass
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.environment.system_files import read

# A file of an earlier folder hides the one of the same name in a later (logind.conf(5)).
_FOLDERS = ("etc/systemd", "run/systemd", "usr/local/lib/systemd", "usr/lib/systemd", "lib/systemd")


@dataclass(frozen=True)
class LogoutFacts:
    """What happens to this process's children when its user logs out.

    Args:
        unit: the systemd unit this process runs in, such as "session-3.scope" or
            "user@1000.service"; None without systemd.
        place: "session" (of a login), "user" (below the user's own manager), "system" (a service
            or a container) or None without systemd.
        kill_user_processes: the setting of logind for this user; None where no file tells.
        source: the file that says so, None where no file does.
        linger: whether the user's manager stays after the last logout.
        kills_jobs: the verdict: True when a job started here ends with the login; None when
            nothing tells.
    """

    unit: str | None = None
    place: str | None = None
    kill_user_processes: bool | None = None
    source: str | None = None
    linger: bool | None = None
    kills_jobs: bool | None = None


def logout(root: Path = Path("/"), user: str | None = None) -> LogoutFacts:
    """Finds the unit of this process, and what systemd-logind does to it at logout.

    A session's scope ends with the session when KillUserProcesses says so; what runs below the
    user's manager ends with the manager, unless the user lingers (logind.conf(5), loginctl(1)).
    A session of its own, as of setsid or nohup, changes neither.

    Args:
        root: the root of the file system that holds /proc, /etc, /run, /usr and /var.
        user: whose login it is; who asks when None.
    """
    cgroup = read(root / "proc/self/cgroup")
    if cgroup is None:
        return LogoutFacts()
    if not (root / "run/systemd/system").is_dir():
        return LogoutFacts(kills_jobs=False)
    name = user or _user()
    unit, place = _unit(cgroup)
    kill, source = _kill_user_processes(root, name)
    linger = (root / "var/lib/systemd/linger" / name).exists()
    kills = {"session": kill, "user": not linger}.get(place, False)
    return LogoutFacts(unit, place, kill, source, linger, kills)


def _user() -> str:
    """The user's name, or the number where no table of users has one."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


def _unit(cgroup: str) -> tuple[str | None, str]:
    """The unit named by /proc/self/cgroup, and whose it is."""
    lines = [line.split(":", 2) for line in cgroup.splitlines()]
    paths = [path for _, kind, path in lines if kind in ("name=systemd", "")]
    for path in paths:
        if session := re.search(r"/(session-[^/]+\.scope)", path):
            return session[1], "session"
        if manager := re.search(r"/(user@\d+\.service)", path):
            return manager[1], "user"
    units = re.findall(r"[^/]+\.(?:service|scope)", " ".join(paths))
    return (units[-1] if units else None), "system"


def _kill_user_processes(root: Path, user: str) -> tuple[bool | None, str | None]:
    """The setting as it applies to the user, and the file it comes from.

    The files that systemd brings name its built-in values in comments: the one way to learn
    them, as distributions differ.
    """
    values = {"KillUserProcesses": "", "KillOnlyUsers": "", "KillExcludeUsers": "root"}
    source = None
    for file in _files(root):
        text = read(file) or ""
        for comment, key, value in re.findall(r"^(#?)(\w+)=(.*)$", text, re.MULTILINE):
            if key not in values or (comment and values[key]):
                continue
            values[key] = value.strip()
            if key == "KillUserProcesses":
                source = str(file)
    word = values["KillUserProcesses"].lower()
    if word not in ("yes", "no", "true", "false", "on", "off", "1", "0"):
        return None, None
    only, spared = values["KillOnlyUsers"].split(), values["KillExcludeUsers"].split()
    meant = user not in spared and (not only or user in only)
    return word in ("yes", "true", "on", "1") and meant, source


def _files(root: Path) -> Iterator[Path]:
    """The first logind.conf, then the files that add to it, by their names."""
    folders = [root / one for one in _FOLDERS]
    main = next((one for one in folders if (one / "logind.conf").is_file()), None)
    if main:
        yield main / "logind.conf"
    added: dict[str, Path] = {}
    for folder in folders:
        for file in (folder / "logind.conf.d").glob("*.conf"):
            added.setdefault(file.name, file)
    yield from (added[name] for name in sorted(added))
