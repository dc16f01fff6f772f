"""What is known of a machine, in words: the same for `hanzi-tui check` and for the screen."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hanzi_tui.i18n import _, worded
from hanzi_tui.signs import Signs
from hanzi_tui.wording import size

if TYPE_CHECKING:
    # The first screen comes up before any of these is needed.
    from pipeline.environment.builds import TensorFlowBuild
    from pipeline.environment.devices import Gpu, GpuReport
    from pipeline.environment.diagnose import Diagnosis
    from pipeline.environment.findings import Finding
    from pipeline.environment.host import CpuFacts, DiskFacts, MemoryFacts, PythonFacts, SystemFacts
    from pipeline.environment.libraries import LibraryFacts
    from pipeline.environment.packages import PackageFacts
    from pipeline.environment.probes import Facts

GIBIBYTE = 2**30


@dataclass(frozen=True)
class Fact:
    """A line about the machine; its texts may hold what came from outside.

    Args:
        severity: "error", "warning", "ok", or "" for a mere fact.
        details: what belongs below it.
        unfolded: whether the details are worth showing unasked.
    """

    name: str
    value: str = ""
    severity: str = ""
    details: tuple[Fact, ...] = ()
    unfolded: bool = False


@dataclass(frozen=True)
class Sections:
    """All facts, in the order in which a reader asks for them."""

    tensorflow: Fact
    driver: Fact
    gpus: Fact
    libraries: Fact
    packages: Fact
    python: Fact
    machine: Fact

    def __iter__(self) -> Iterator[Fact]:
        yield from (self.tensorflow, self.driver, self.gpus, self.libraries)
        yield from (self.packages, self.python, self.machine)


def severity_sign(severity: str, signs: Signs) -> str:
    """Returns the sign of a finding or fact; "" for a mere fact."""
    return {"error": signs.failed, "warning": signs.warning, "ok": signs.done}.get(severity, "")


def verdict(diagnosis: Diagnosis) -> Fact:
    """Returns the verdict: a sentence that names what is behind it, and how bad that is."""
    bad = diagnosis.verdict in ("environment.not_ready", "environment.gpu_unusable")
    cause = diagnosis.cause
    behind = worded(cause.code, cause.params) if cause else ""
    text = worded(diagnosis.verdict, diagnosis.params | {"cause": behind}).rstrip(": ")
    return Fact(text, severity="error" if bad else "ok")


def reason(finding: Finding) -> str:
    """Returns why a finding matters; "" for one that explains itself."""
    return worded(f"{finding.code}.why", finding.params)


def rows(facts: Facts) -> Iterator[tuple[str, str]]:
    """Yields the facts as lines of a name and a value."""
    known = sections(facts)
    python, packages = known.python, known.packages
    for fact in (*known.machine.details, python, known.tensorflow, known.driver,
                 *known.gpus.details, known.libraries):  # fmt: skip
        yield fact.name, fact.value
    versions = "  ".join(f"{one.name} {one.value}" for one in packages.details)
    yield packages.name, "  ".join(filter(None, [packages.value, versions]))


def sections(facts: Facts, waiting: Collection[str] = ()) -> Sections:
    """Words the facts.

    Args:
        waiting: fields of `facts` whose probe has not answered yet.
    """

    def told(probe: str, name: str, word: Callable[[str, Any], Fact]) -> Fact:
        if probe in facts.unknown:
            reason = _("unknown: {reason}").format(reason=facts.unknown[probe])
            return Fact(name, reason, "warning")
        return Fact(name, _("waiting")) if probe in waiting else word(name, getattr(facts, probe))

    machine = (
        told("system", _("system"), _system),
        told("cpu", _("processor"), _cpu),
        told("memory", _("memory"), _memory),
        told("workspace", _("workspace disk"), _disk),
        told("shared_memory", _("shared memory"), _disk),
    )
    return Sections(
        tensorflow=told("tensorflow", _("TensorFlow"), _tensorflow),
        driver=told("gpu", _("driver"), _driver),
        gpus=told("gpu", _("GPUs"), lambda name, found: _gpus(name, found, facts.tensorflow)),
        libraries=told("libraries", _("libraries"), _libraries),
        packages=told("packages", _("packages"), _packages),
        python=told("python", _("Python"), _python),
        machine=Fact(_("machine"), facts.system.name if facts.system else "", "", machine, True),
    )


def gpu_use(gpu: Gpu) -> str:
    """Returns what a GPU's memory holds, such as "3.0 of 80.0 GiB used"; "" when not told."""
    if gpu.memory_total_bytes is None:
        return ""
    return _("{used:.1f} of {total:.1f} GiB used").format(
        used=(gpu.memory_used_bytes or 0) / GIBIBYTE, total=gpu.memory_total_bytes / GIBIBYTE
    )


def strangers(gpu: Gpu) -> str:
    """Returns how many processes of others a GPU runs; "" for none."""
    others = sum(not process.own for process in gpu.processes)
    return _("processes of others: {count}").format(count=others) if others else ""


def _system(name: str, system: SystemFacts | None) -> Fact:
    if system is None:
        return Fact(name, _("unknown"))
    wsl = f"WSL {system.wsl_version}" if system.wsl_version else ""
    where = system.container or wsl
    return Fact(name, ", ".join(filter(None, [system.name, system.kernel, where])))


def _cpu(name: str, cpu: CpuFacts | None) -> Fact:
    if cpu is None:
        return Fact(name, _("unknown"))
    cores = _("{usable:g} of {all} cores").format(usable=cpu.usable_cores, all=cpu.logical_cores)
    return Fact(name, f"{cpu.model}, {cores}")


def _memory(name: str, memory: MemoryFacts | None) -> Fact:
    if memory is None:
        return Fact(name, _("unknown"))
    value = _("{free:.1f} of {total:.1f} GiB free").format(
        free=memory.available_bytes / GIBIBYTE, total=memory.total_bytes / GIBIBYTE
    )
    return Fact(name, f"{value}, {_('limited')}" if memory.limited else value)


def _disk(name: str, disk: DiskFacts | None) -> Fact:
    if disk is None:
        return Fact(name, _("none"))
    free = _("{free:.1f} of {total:.1f} GiB free").format(
        free=disk.free_bytes / GIBIBYTE, total=disk.total_bytes / GIBIBYTE
    )
    return Fact(name, f"{free}  {disk.path}")


def _python(name: str, python: PythonFacts | None) -> Fact:
    if python is None:
        return Fact(name, _("unknown"))
    details = (
        Fact(_("implementation"), python.implementation),
        Fact(_("program"), python.executable),
        Fact(_("kind"), python.kind),
    )
    return Fact(name, f"{python.version}  {python.prefix}", details=details)


def _tensorflow(name: str, build: TensorFlowBuild | None) -> Fact:
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


def _driver(name: str, report: GpuReport | None) -> Fact:
    if report is None:
        return Fact(name, _("unknown"))
    ids = report.cuda_visible_devices
    source = {"proc": _("the kernel module")}.get(report.source or "", report.source)
    told = {
        _("asked"): source or _("nobody answered"),
        _("its words"): report.detail or "",
        _("cards in the machine"): "" if report.cards is None else str(report.cards),
        "CUDA_VISIBLE_DEVICES": _("not set") if ids is None else repr(ids),
    }
    details = tuple(Fact(key, value) for key, value in told.items() if value)
    if not report.driver_version:
        return Fact(name, _("none"), details=details)
    cuda = _("runs CUDA up to {cuda}").format(cuda=report.cuda_version or "?")
    return Fact(name, f"{report.driver_version}  {cuda}", details=details)


def _gpus(name: str, report: GpuReport | None, build: TensorFlowBuild | None) -> Fact:
    found = report.gpus if report else ()
    if not found:
        return Fact(name, _("none"))
    hidden = sum(not gpu.visible for gpu in found)
    value = _("{count}, {hidden} hidden").format(count=len(found), hidden=hidden)
    told = tuple(_gpu(gpu, build) for gpu in found)
    return Fact(name, value if hidden else str(len(found)), "", told, True)


def _gpu(gpu: Gpu, build: TensorFlowBuild | None) -> Fact:
    from pipeline.environment.architectures import covers

    details = [Fact(_("number"), gpu.uuid)]
    compute = ""
    if gpu.compute_capability:
        compute = "compute {}.{}".format(*gpu.compute_capability)
        fits = covers(build.compute_capabilities, gpu.compute_capability) if build else ""
        told = {
            "native": Fact(_("code for it"), _("in this TensorFlow"), "ok"),
            "new": Fact(_("code for it"), _("not yet in this TensorFlow"), "warning"),
            "old": Fact(_("code for it"), _("no longer in this TensorFlow"), "warning"),
        }.get(fits)
        details += [told] if told else []
    if gpu.temperature_c is not None:
        details.append(Fact(_("temperature"), f"{gpu.temperature_c} C"))
    if gpu.power_w is not None:
        details.append(Fact(_("power"), f"{gpu.power_w:.0f} W"))
    for process in gpu.processes:
        owner = _("yours") if process.own else _("of others")
        held = size(process.memory_bytes) if process.memory_bytes is not None else ""
        details.append(Fact(_("process {pid}").format(pid=process.pid),
                            "  ".join(filter(None, [owner, held]))))  # fmt: skip
    hidden = "" if gpu.visible else _("hidden by CUDA_VISIBLE_DEVICES")
    parts = [gpu.name, gpu_use(gpu), compute, strangers(gpu), hidden]
    return Fact(f"GPU {gpu.index}", ", ".join(filter(None, parts)), details=tuple(details))


def _libraries(name: str, known: LibraryFacts | None) -> Fact:
    if known is None or not known.wanted:
        return Fact(name, _("none needed"))
    details: list[Fact] = []
    shadowed = 0
    for soname in known.wanted:
        places = [place for place in known.found if place.soname == soname]
        hides = any(place.origin == "wheel" for place in places[1:])
        if not places:
            details.append(Fact(soname, _("not found")))
            continue
        shadowed += hides and places[0].origin == "ld_library_path"
        first, *hidden = (f"{place.path}  ({place.origin})" for place in places)
        details.append(Fact(soname, first, details=tuple(Fact(_("hidden"), one) for one in hidden)))
    found = sum(known.first(soname) is not None for soname in known.wanted)
    value = _("{found} of {wanted} found").format(found=found, wanted=len(known.wanted))
    if shadowed:
        value += ", " + _("{count} shadowed").format(count=shadowed)
    return Fact(name, value, "warning" if shadowed else "", tuple(details), shadowed > 0)


def _packages(name: str, known: PackageFacts | None) -> Fact:
    from pipeline.environment.builds import TENSORFLOW_PACKAGES

    if known is None:
        return Fact(name, _("unknown"))
    # As the rule "pins" counts: one flavour of TensorFlow stands in for another.
    required = [pin for pin in known.pins if not pin.extra]
    required = [pin for pin in required if pin.installed or pin.name not in TENSORFLOW_PACKAGES]
    unmet = [pin for pin in required if not pin.holds]
    count = _("{count} required").format(count=len(required))
    held = _("{count} do not hold").format(count=len(unmet)) if unmet else _("all hold")
    details = []
    for pin in unmet:
        there = _("{version} installed, needed by {owner}")
        there = there.format(version=pin.installed or _("none"), owner=pin.owner)
        details.append(Fact(pin.requirement, there, "error"))
    details += [Fact(package.name, package.version) for package in known.installed]
    return Fact(name, f"{count}, {held}", "error" if unmet else "", tuple(details), bool(unmet))
