"""TensorFlow, the CUDA libraries, Python and its packages in words."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

from hanzi_tui.facts.fact import Fact, joined, known
from hanzi_tui.i18n import _, ngettext

if TYPE_CHECKING:
    from pipeline.environment.builds import TensorFlowBuild
    from pipeline.environment.host import PythonFacts
    from pipeline.environment.installers import InstallerFacts
    from pipeline.environment.libraries import Library, LibraryFacts
    from pipeline.environment.packages import PackageFacts
    from pipeline.environment.tensorflow_import import ImportFacts

BAD_STATES = ("unloadable", "crashed", "hung")


def tensorflow(name: str, build: TensorFlowBuild | None) -> Fact:
    if build is None:
        return Fact(name, _("not installed"), "error")
    cuda = f"CUDA {build.cuda_version or '-'}  cuDNN {build.cudnn_version or '-'}"
    source = {"wheel": _("its own build_info.py"), "table": _("the tested builds")}
    details = (
        Fact(_("package"), build.package),
        Fact(_("code for"), ", ".join(build.compute_capabilities) or "-"),
        Fact(_("folder"), build.folder),
        Fact(_("known from"), source.get(build.source, build.source)),
    )
    return Fact(name, f"{build.version}  {cuda}", details=details)


def imported(name: str, tried: ImportFacts | None) -> Fact:
    if tried is None:
        return Fact(name, _("not tried; another check does it"))
    details = [Fact(one.code, one.line) for one in tried.messages]
    details += known({_("its words"): tried.error, _("signal"): tried.signal})
    details += [Fact(key, value) for key, value in sorted(tried.build_info.items())]
    if tried.state == "ok":
        told = ngettext("{seconds:.1f} s, lists {count} GPU", "{seconds:.1f} s, lists {count} GPUs",
                        len(tried.gpus))  # fmt: skip
        value = told.format(seconds=tried.seconds, count=len(tried.gpus))
        return Fact(name, value, "ok", tuple(details))
    words = {"failed": _("failed"), "crashed": _("crashed"), "hung": _("hung")}
    return Fact(name, words.get(tried.state, tried.state), "error", tuple(details))


def libraries(name: str, found: LibraryFacts | None) -> Fact:
    if found is None or not (found.wanted or found.found):
        return Fact(name, _("none needed"))
    sonames = dict.fromkeys([*found.wanted, *(one.soname for one in found.found)])
    copies = {soname: [one for one in found.found if one.soname == soname] for soname in sonames}
    details = [_library(soname, places) for soname, places in copies.items()]
    details += [Fact(_("not used"), _place(one)) for one in found.elsewhere]
    details += known({"LD_LIBRARY_PATH": found.ld_library_path, "RUNPATH": joined(*found.runpath)})
    there = sum(bool(copies[soname]) for soname in found.wanted)
    value = _("{found} of {wanted} found").format(found=there, wanted=len(found.wanted))
    shadowed = sum(_is_shadowed(places) for places in copies.values())
    bad = sum(bool(places) and places[0].state in BAD_STATES for places in copies.values())
    shown = [
        value if found.wanted else _("none needed"),
        _("{count} shadowed").format(count=shadowed) if shadowed else "",
        _("{count} do not load").format(count=bad) if bad else "",
    ]
    severity = "error" if bad else "warning" if shadowed else ""
    return Fact(name, joined(*shown), severity, tuple(details), bool(shadowed or bad))


def packages(name: str, found: PackageFacts | None) -> Fact:
    from pipeline.environment.builds import TENSORFLOW_PACKAGES

    if found is None:
        return Fact(name, _("unknown"))
    # As the rule "pins" counts: one flavour of TensorFlow stands in for another.
    required = [pin for pin in found.pins if not pin.extra]
    required = [pin for pin in required if pin.installed or pin.name not in TENSORFLOW_PACKAGES]
    unmet = [pin for pin in required if not pin.holds]
    count = _("{count} required").format(count=len(required))
    held = _("{count} do not hold").format(count=len(unmet)) if unmet else _("all hold")
    details = []
    for pin in unmet:
        there = _("{version} installed, needed by {owner}")
        there = there.format(version=pin.installed or _("none"), owner=pin.owner)
        details.append(Fact(pin.requirement, there, "error"))
    details += [Fact(package.name, package.version) for package in found.installed]
    return Fact(name, f"{count}, {held}", "error" if unmet else "", tuple(details), bool(unmet))


def python(name: str, found: PythonFacts | None) -> Fact:
    if found is None:
        return Fact(name, _("unknown"))
    details = (
        Fact(_("implementation"), found.implementation),
        Fact(_("program"), found.executable),
        Fact(_("kind"), found.kind),
    )
    return Fact(name, f"{found.version}  {found.prefix}", details=details)


def installers(name: str, found: InstallerFacts | None) -> Fact:
    if found is None:
        return Fact(name, _("unknown"))
    pip = f"pip {found.pip_version}" if found.pip_version else ""
    details = list(_forbidden(found))
    details += [Fact(program, path) for program, path in found.programs.items()]
    details += known({_("conda environment"): found.conda_prefix})
    details += [Fact(f"conda {one.name}", one.version) for one in found.conda_packages]
    if found.has_modules:
        details.append(Fact(_("modules"), joined(*found.loaded_modules) or _("none loaded")))
    value = joined(found.installer, pip if found.installer != "pip" else found.pip_version)
    return Fact(name, value, details[0].severity if details else "", tuple(details))


def _forbidden(found: InstallerFacts) -> Iterator[Fact]:
    if not found.writable:
        yield Fact(_("writable"), _("no"), "warning")
    if found.externally_managed:
        yield Fact(_("pip"), _("forbidden by the system (PEP 668)"), "warning")


def _library(soname: str, places: list[Library]) -> Fact:
    if not places:
        return Fact(soname, _("not found"), "warning")
    first, *hidden = places
    states = {
        "unloadable": _("does not load"), "crashed": _("crashes"), "hung": _("hangs"),
    }  # fmt: skip
    value = joined(states.get(first.state), first.detail) if first.state in states else ""
    details = [Fact(_("hidden"), _place(one)) for one in hidden]
    severity = "error" if value else "warning" if _is_shadowed(places) else ""
    return Fact(soname, "  ".join(filter(None, [value, _place(first)])), severity, tuple(details))


def _place(one: Library) -> str:
    return f"{one.version or '-'}  {os.path.dirname(one.path)}  ({one.origin})"


def _is_shadowed(places: list[Library]) -> bool:
    """Whether LD_LIBRARY_PATH puts another copy before the wheel's."""
    wheel_hidden = any(place.origin == "wheel" for place in places[1:])
    return wheel_hidden and places[0].origin == "ld_library_path"
