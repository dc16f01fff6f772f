"""The machine itself in words: system, processor, memory and disks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hanzi_tui.facts.fact import Fact, free_of, joined, known
from hanzi_tui.i18n import _

if TYPE_CHECKING:
    from pipeline.environment.host import CpuFacts, DiskFacts, MemoryFacts, SystemFacts


def system(name: str, found: SystemFacts | None) -> Fact:
    if found is None:
        return Fact(name, _("unknown"))
    wsl = f"WSL {found.wsl_version}" if found.wsl_version else ""
    container = _("container {kind}").format(kind=found.container) if found.container else ""
    value = joined(found.name, found.kernel, found.container or wsl)
    told = {_("kernel"): found.kernel, _("machine"): found.machine, _("inside"): container or wsl}
    return Fact(name, value, details=tuple(known(told)))


def processor(name: str, cpu: CpuFacts | None) -> Fact:
    if cpu is None:
        return Fact(name, _("unknown"))
    cores = _("{usable:g} of {all} cores").format(usable=cpu.usable_cores, all=cpu.logical_cores)
    has = {"AVX": cpu.avx, "AVX2": cpu.avx2, "FMA": cpu.fma}
    told = {
        _("instructions"): joined(*(one for one, there in has.items() if there)),
        _("it lacks"): joined(*(one for one, there in has.items() if there is False)),
    }
    severity = "error" if cpu.avx is False else ""
    return Fact(name, f"{cpu.model}, {cores}", severity, tuple(known(told)))


def memory(name: str, found: MemoryFacts | None) -> Fact:
    if found is None:
        return Fact(name, _("unknown"))
    value = free_of(found.available_bytes, found.total_bytes)
    return Fact(name, joined(value, _("limited") if found.limited else ""))


def disk(name: str, found: DiskFacts | None) -> Fact:
    if found is None:
        return Fact(name, _("none"))
    files = "" if found.free_files is None else f"{found.free_files:,}"
    details = known({_("file system"): found.kind, _("room for files"): files})
    shut = () if found.writable else (Fact(_("writable"), _("no"), "error"),)
    free = free_of(found.free_bytes, found.total_bytes)
    severity = "" if found.writable else "error"
    return Fact(name, f"{free}  {found.path}", severity, (*shut, *details))
