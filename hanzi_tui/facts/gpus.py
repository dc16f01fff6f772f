"""Driver, device files and GPUs in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from hanzi_tui.facts.fact import GIBIBYTE, Fact, joined, known, on_off, yes_no
from hanzi_tui.facts.trials import trial
from hanzi_tui.i18n import _
from hanzi_tui.wording import size

if TYPE_CHECKING:
    from pipeline.environment.builds import TensorFlowBuild
    from pipeline.environment.device_nodes import DeviceFacts
    from pipeline.environment.devices import Gpu, GpuProcess, GpuReport
    from pipeline.environment.trial_facts import GpuTrial


def driver(name: str, report: GpuReport | None) -> Fact:
    if report is None:
        return Fact(name, _("unknown"))
    ids = report.cuda_visible_devices
    source = {"proc": _("the kernel module")}.get(report.source or "", report.source)
    module = joined(report.kernel_version, _("the open one") if report.kernel_open else "")
    told = {
        _("asked"): source or _("nobody answered"),
        _("its words"): report.detail,
        _("kernel module"): module,
        _("its libraries"): report.library_version,
        _("cards in the machine"): "" if report.cards is None else str(report.cards),
        "CUDA_VISIBLE_DEVICES": _("not set") if ids is None else repr(ids),
        _("order"): "" if report.order_known else _("CUDA may count the GPUs in another one"),
    }
    details = tuple(known(told))
    if not report.driver_version:
        return Fact(name, _("none"), details=details)
    cuda = _("runs CUDA up to {cuda}").format(cuda=report.cuda_version or "?")
    return Fact(name, f"{report.driver_version}  {cuda}", details=details)


def device_files(name: str, found: DeviceFacts | None) -> Fact:
    if found is None:
        return Fact(name, _("unknown"))
    details = [
        Fact(node.path, f"{node.mode} {node.group}", "" if node.usable else "error")
        for node in found.nodes
    ]
    details += known({_("your groups"): joined(*found.groups), _("of WSL"): found.wsl_folder})
    shut = sum(not node.usable for node in found.nodes)
    if not found.nodes:
        return Fact(name, _("none"), details=tuple(details))
    value = _("{count}, {shut} not open to you").format(count=len(found.nodes), shut=shut)
    severity = "error" if shut else ""
    return Fact(name, value if shut else str(len(found.nodes)), severity, tuple(details))


def gpus(
    name: str,
    report: GpuReport | None,
    build: TensorFlowBuild | None,
    trials: tuple[GpuTrial, ...] | None,
) -> Fact:
    found = report.gpus if report else ()
    if not found:
        return Fact(name, _("none"))
    hidden = sum(not gpu.visible for gpu in found)
    value = _("{count}, {hidden} hidden").format(count=len(found), hidden=hidden)
    tried = {one.index: one for one in trials or ()}
    told = tuple(_gpu(gpu, build, tried.get(gpu.index)) for gpu in found)
    return Fact(name, value if hidden else str(len(found)), "", told, True)


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


def power(gpu: Gpu) -> str:
    """Returns what a GPU draws of what it may, such as "288/400 W"; "" when not told."""
    if gpu.power_w is None:
        return ""
    limit = "" if gpu.power_limit_w is None else f"/{gpu.power_limit_w:.0f}"
    return f"{gpu.power_w:.0f}{limit} W"


def clock(gpu: Gpu) -> str:
    """Returns the clock of a GPU's processors, such as "1170/1410 MHz"; "" when not told."""
    if gpu.clock_mhz is None:
        return ""
    most = "" if gpu.clock_max_mhz is None else f"/{gpu.clock_max_mhz}"
    return f"{gpu.clock_mhz}{most} MHz"


def held_back(gpu: Gpu) -> str:
    """Returns what holds a GPU's clock down; "" when nothing does."""
    words = {"power": _("power"), "heat": _("heat"), "hardware": _("hardware")}
    by = joined(*(words.get(one, one) for one in gpu.throttled_by))
    return _("held back by {reason}").format(reason=by) if by else ""


def process(found: GpuProcess) -> str:
    """Returns whose a process is, and the memory that it holds where the driver tells."""
    held = "" if found.memory_bytes is None else size(found.memory_bytes)
    return " ".join(filter(None, [_("yours") if found.own else _("of others"), held]))


def _gpu(gpu: Gpu, build: TensorFlowBuild | None, tried: GpuTrial | None) -> Fact:
    capability = gpu.compute_capability
    compute = "compute {}.{}".format(*capability) if capability else ""
    hidden = "" if gpu.visible else _("hidden by CUDA_VISIBLE_DEVICES")
    told = {
        _("number"): gpu.uuid,
        _("on the bus"): gpu.pci,
        _("power"): power(gpu),
        _("clock"): joined(clock(gpu), held_back(gpu)),
        _("memory clock"): "" if gpu.memory_clock_mhz is None else f"{gpu.memory_clock_mhz} MHz",
        _("temperature"): "" if gpu.temperature_c is None else f"{gpu.temperature_c} C",
        _("kept awake"): yes_no(gpu.persistence),
        "ECC": on_off(gpu.ecc),
        "MIG": _("on") if gpu.mig else "",
    }
    details = [*_code(gpu, build), *known(told), *_faults(gpu)]
    details += [Fact(_("process {pid}").format(pid=one.pid), process(one)) for one in gpu.processes]
    if tried is not None:
        details.insert(0, trial(tried))
    value = joined(gpu.name, gpu_use(gpu), compute, strangers(gpu), hidden)
    return Fact(f"GPU {gpu.index}", value, "", tuple(details), unfolded=tried is not None)


def _code(gpu: Gpu, build: TensorFlowBuild | None) -> Iterator[Fact]:
    from pipeline.environment.architectures import covers

    if build is None or gpu.compute_capability is None:
        return
    words = {
        "native": (_("in this TensorFlow"), "ok"),
        "new": (_("not yet in this TensorFlow"), "warning"),
        "old": (_("no longer in this TensorFlow"), "warning"),
    }
    fits = covers(build.compute_capabilities, gpu.compute_capability)
    if fits in words:
        yield Fact(_("code for it"), *words[fits])


def _faults(gpu: Gpu) -> Iterator[Fact]:
    if gpu.ecc_uncorrected is not None:
        severity = "warning" if gpu.ecc_uncorrected else ""
        yield Fact(_("errors in its memory"), str(gpu.ecc_uncorrected), severity)
    if gpu.retired_pages:
        yield Fact(_("pages of its memory"), _("some wait for a reset"), "warning")
