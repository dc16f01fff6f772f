"""What is around the work in words: variables, network, language, terminal, login."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hanzi_tui.facts.fact import Fact, joined, known, on_off, yes_no
from hanzi_tui.i18n import _, ngettext

if TYPE_CHECKING:
    from pipeline.environment.locales import LocaleFacts
    from pipeline.environment.logout import LogoutFacts
    from pipeline.environment.network import NetworkFacts
    from pipeline.environment.terminal import TerminalFacts
    from pipeline.environment.variables import VariableFacts


def variables(name: str, found: VariableFacts | None) -> Fact:
    if found is None or not found.values:
        return Fact(name, _("none of those that matter"))
    details = tuple(Fact(key, value) for key, value in found.values.items())
    return Fact(name, _("{count} set").format(count=len(details)), details=details)


def network(name: str, found: NetworkFacts | None) -> Fact:
    if found is None:
        return Fact(name, _("unknown"))
    problems = {
        "no_scheme": _("does not say how to talk to the proxy"),
        "malformed": _("no address of a proxy"),
        "https_scheme": _("asks for TLS to the proxy itself"),
        "socks_missing": _("SOCKS, and PySocks is missing"),
        "scheme": _("of a kind that pip does not know"),
    }
    details = []
    for proxy in found.proxies:
        problem = problems.get(proxy.problem or "", proxy.problem)
        details.append(Fact(proxy.source, joined(proxy.url, problem), "warning" if problem else ""))
    details += known({"no_proxy": found.no_proxy})
    details += [Fact(f"pip {one.key}", f"{one.value}  {one.source}") for one in found.pip_settings]
    bad = any(one.problem for one in found.proxies)
    count = len(found.proxies)
    told = ngettext("{count} proxy", "{count} proxies", count).format(count=count)
    value = told if found.proxies else _("no proxy")
    return Fact(name, value, "warning" if bad else "", tuple(details))


def language(name: str, found: LocaleFacts | None) -> Fact:
    if found is None:
        return Fact(name, _("unknown"))
    good = found.utf8 and found.installed is not False
    details = known({
        _("chosen by"): found.variable,
        "UTF-8": yes_no(found.utf8),
        _("installed"): yes_no(found.installed),
        _("wide signs"): _("likely") if found.ambiguous_wide else "",
    })  # fmt: skip
    return Fact(name, found.name, "" if good else "warning", tuple(details))


def terminal(name: str, found: TerminalFacts | None) -> Fact:
    if found is None:
        return Fact(name, _("unknown"))
    multiplexer = " ".join(filter(None, [found.multiplexer, found.multiplexer_version]))
    details = known({
        _("colours"): {"none": _("none")}.get(found.colors, found.colors),
        _("pictures"): found.graphics,
        _("whole frames"): on_off(found.synchronized_output),
        _("inside"): multiplexer,
        _("link"): joined("SSH" if found.ssh else "", "mosh" if found.mosh else ""),
        _("size"): f"{found.columns}x{found.rows}" if found.columns else "",
    })  # fmt: skip
    return Fact(name, joined(found.term or _("none"), found.program), details=tuple(details))


def logout(name: str, found: LogoutFacts | None) -> Fact:
    if found is None:
        return Fact(name, _("unknown"))
    words = {True: _("ends background jobs"), False: _("leaves jobs alone"), None: _("unknown")}
    details = known({
        _("unit"): found.unit,
        "KillUserProcesses": yes_no(found.kill_user_processes),
        _("said by"): found.source,
        _("linger"): yes_no(found.linger),
    })  # fmt: skip
    severity = "warning" if found.kills_jobs else ""
    return Fact(name, words[found.kills_jobs], severity, tuple(details))
