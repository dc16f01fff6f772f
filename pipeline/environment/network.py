"""What stands between pip and its index: proxies, and the settings of pip."""

from __future__ import annotations

import configparser
import os
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import util
from pathlib import Path
from urllib.parse import urlsplit

_VARIABLES = ("http_proxy", "https_proxy", "all_proxy")
_KEYS = (
    "cert",
    "constraint",
    "extra-index-url",
    "find-links",
    "index-url",
    "no-index",
    "only-binary",
    "prefix",
    "proxy",
    "require-virtualenv",
    "target",
    "trusted-host",
    "user",
)


@dataclass(frozen=True)
class Proxy:
    """A proxy that a variable or a setting of pip names.

    Args:
        source: the variable, such as "https_proxy", or the path of a pip.conf.
        url: its value; a user name and a password are replaced by "***".
        problem: None, or "no_scheme" (host:port alone, which some programs refuse), "malformed"
            (no host, or a port that is no number), "https_scheme" (an https:// proxy, which pip
            20.3 to 21.2 cannot talk to), "socks_missing" (SOCKS, and PySocks is not installed) or
            "scheme" (one that nobody knows).
    """

    source: str
    url: str
    problem: str | None = None


@dataclass(frozen=True)
class PipSetting:
    """A setting of pip that decides from where and to where it installs.

    Args:
        source: path of the file, or the variable.
        key: such as "index-url".
        value: credentials are replaced by "***".
    """

    source: str
    key: str
    value: str


@dataclass(frozen=True)
class NetworkFacts:
    """Proxies and settings of pip, the strongest first. Nothing is sent anywhere."""

    proxies: tuple[Proxy, ...] = ()
    no_proxy: str | None = None
    pysocks: bool = False
    pip_settings: tuple[PipSetting, ...] = ()


def network(
    environ: Mapping[str, str] = os.environ,
    root: Path = Path("/"),
    prefix: Path = Path(sys.prefix),
) -> NetworkFacts:
    """Reads the variables and files of a proxy and of pip; asks no host.

    Args:
        root: the root of the file system that holds /etc.
        prefix: the folder of the Python, whose pip.conf counts.
    """
    # pip carries its own copy of all it needs but PySocks.
    pysocks = util.find_spec("socks") is not None
    settings = tuple(_pip_settings(environ, root, prefix))
    named = [(name, environ[name]) for name in _spelled(environ)]
    named += [(one.source, one.value) for one in settings if one.key == "proxy"]
    return NetworkFacts(
        proxies=tuple(Proxy(source, masked(url), problem(url, pysocks)) for source, url in named),
        no_proxy=environ.get("no_proxy") or environ.get("NO_PROXY"),
        pysocks=pysocks,
        pip_settings=tuple(PipSetting(one.source, one.key, masked(one.value)) for one in settings),
    )


def problem(url: str, pysocks: bool) -> str | None:
    """What is wrong with the address of a proxy, as a code of Proxy; None when nothing is."""
    if "://" not in url:
        return "no_scheme" if re.fullmatch(r"(?:[^@/\s]+@)?[\w.-]+:\d+/?", url) else "malformed"
    parts = urlsplit(url)
    try:
        whole = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        whole = False
    if not whole or re.search(r"\s", url):
        return "malformed"
    if parts.scheme.startswith("socks"):
        return None if pysocks else "socks_missing"
    return {"http": None, "https": "https_scheme"}.get(parts.scheme, "scheme")


def masked(text: str) -> str:
    """Puts "***" in the place of user names and passwords of addresses."""
    return re.sub(r"(?<=//)[^/@\s]+(?=@)|^[^/@\s:]+:[^/@\s]+(?=@)", "***", text)


def _spelled(environ: Mapping[str, str]) -> Iterator[str]:
    """The names that are set; of two spellings the lower one wins, as in urllib and pip."""
    for name in _VARIABLES:
        spelling = next((one for one in (name, name.upper()) if environ.get(one)), None)
        if spelling:
            yield spelling


def _pip_settings(environ: Mapping[str, str], root: Path, prefix: Path) -> Iterator[PipSetting]:
    """In pip's order: variables, then the file named, of the environment, of the user, of all."""
    for key in _KEYS:
        name = "PIP_" + key.upper().replace("-", "_")
        if environ.get(name):
            yield PipSetting(name, key, environ[name])
    named = environ.get("PIP_CONFIG_FILE")
    if named == os.devnull:
        return
    for file in _pip_files(Path(named) if named else None, environ, root, prefix):
        parser = configparser.RawConfigParser()
        try:
            parser.read_string(file.read_text(encoding="utf-8", errors="replace"))
        except (OSError, configparser.Error):
            continue
        for section in ("install", "global"):
            for key, value in parser.items(section) if parser.has_section(section) else ():
                if key.replace("_", "-") in _KEYS:
                    yield PipSetting(str(file), key.replace("_", "-"), value)


def _pip_files(
    named: Path | None, environ: Mapping[str, str], root: Path, prefix: Path
) -> Iterator[Path]:
    if named:
        yield named
    yield prefix / ("pip.ini" if sys.platform == "win32" else "pip.conf")
    if sys.platform == "win32":
        if "APPDATA" in environ:
            yield Path(environ["APPDATA"]) / "pip/pip.ini"
        return
    if environ.get("HOME"):
        home = Path(environ["HOME"])
        yield Path(environ.get("XDG_CONFIG_HOME") or home / ".config") / "pip/pip.conf"
        yield home / ".pip/pip.conf"
    yield root / "etc/xdg/pip/pip.conf"
    yield root / "etc/pip.conf"
