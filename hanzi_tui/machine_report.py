"""A check as a text to paste into an issue, without the names of people and machines."""

from __future__ import annotations

import getpass
import json
import re
import socket
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

from hanzi_tui.facts.fact import severity_sign
from hanzi_tui.facts.sections import rows
from hanzi_tui.facts.verdict import reason, verdict
from hanzi_tui.i18n import printable, worded
from hanzi_tui.signs import Signs

if TYPE_CHECKING:
    from pipeline.environment.diagnose import Diagnosis
    from pipeline.environment.findings import Finding
    from pipeline.environment.probes import Facts

# What follows these is a user's name on every common system, this user's or another's.
_HOMES = re.compile(r"(/home/|/Users/|/export/home/|[A-Z]:[\\/]Users[\\/])([^/\\\s:;,'\"]+)")
_UUID = re.compile(r"\b(GPU|MIG)-[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}\b")
_CREDENTIALS = re.compile(r"(\w+://)[^/@\s]+@")
_ADDRESS = re.compile(r"(\w+://)[^/:\s'\"]+")
# Pages that a finding links to are no secret; proxies and package indexes of a company are.
_LINK_LINE = "  see "


def machine_report(diagnosis: Diagnosis, facts: Facts, signs: Signs) -> Iterator[str]:
    """Yields the lines of a check: verdict, findings with reason, fix and link, facts."""
    told = verdict(diagnosis)
    yield f"{severity_sign(told.severity, signs)} {told.name}"
    yield ""
    for finding in diagnosis.findings:
        yield from finding_lines(finding, signs)
    yield ""
    for name, value in rows(facts):
        yield f"{printable(name):14} {printable(value)}"


def report_text(diagnosis: Diagnosis, facts: Facts, signs: Signs, *, with_names: bool) -> str:
    """Returns what is to be pasted into an issue: a check, and behind it all facts as JSON."""
    if not with_names and facts.network is not None:
        facts = replace(facts, network=replace(facts.network, no_proxy=None))
    every_fact = json.dumps(asdict(facts), ensure_ascii=False, indent=1, default=str)
    lines = "\n".join(machine_report(diagnosis, facts, signs))
    text = f"{lines}\n\n{every_fact}\n"
    return text if with_names else without_names(text)


def finding_lines(finding: Finding, signs: Signs) -> Iterator[str]:
    """Yields a finding; of a check that passed only its sentence."""
    yield f"{severity_sign(finding.severity, signs)} {worded(finding.code, finding.params)}"
    if finding.severity == "ok":
        return
    if why := reason(finding):
        yield f"  {why}"
    if finding.fix:
        yield f"    {printable(finding.fix)}"
    if finding.link:
        yield f"{_LINK_LINE}{finding.link}"


def without_names(text: str, user: str = "", host: str = "", home: str = "") -> str:
    """Returns a text without home folders, users, hosts, addresses of servers and GPU numbers.

    Args:
        user, host, home: taken out wherever they stand; those of this process when empty.
    """
    user, host = user or _user(), host or socket.gethostname()
    home = home or str(Path.home())
    return "\n".join(
        line if line.startswith(_LINK_LINE) else _nameless(line, user, host, home)
        for line in text.split("\n")
    )


def _nameless(line: str, user: str, host: str, home: str) -> str:
    if len(home) > 1:
        line = re.sub(rf"{re.escape(home)}(?![\w.-])", "~", line)
    line = _HOMES.sub(r"\1USER", line)
    line = _ADDRESS.sub(r"\1HOST", _CREDENTIALS.sub(r"\1", line))
    line = _UUID.sub(r"\1-UUID", line)
    for name, instead in ((host, "HOST"), (host.split(".")[0], "HOST"), (user, "USER")):
        # "root" is nobody's name, and a word of many paths and messages.
        if len(name) > 1 and name not in ("root", "localhost"):
            line = re.sub(rf"(?<![\w-]){re.escape(name)}(?![\w-])", instead, line)
    return line


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        # A container may run under a number that has no name.
        return ""
