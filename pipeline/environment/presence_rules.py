"""Whether there is a GPU to use: the driver answers, and nothing hides its GPUs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pipeline.environment.devices import Gpu
from pipeline.environment.findings import Finding, error, passed, warning
from pipeline.environment.probes import Facts
from pipeline.environment.said import said, sees_gpu

GIB = 1024**3
# cuDNN and the CUDA context alone take about half a gigabyte.
LEAST_FREE_BYTES = GIB
# A limit on power is how GPUs are driven, and no fault.
SLOWED_BY = ("heat", "hardware")
RUN_WITH_GPUS = "docker run --gpus all IMAGE"


def present(facts: Facts) -> Iterator[Finding]:
    """There is a GPU that the driver can talk to, or none at all."""
    report = facts.gpu
    if report is None:
        return
    detail = report.detail or ""
    told = said(facts, "kernel_mismatch", "version_mismatch") if not sees_gpu(facts) else None
    if report.problem == "version_mismatch" or told:
        params = told.params if told else {}
        kernel = params.get("kernel") or report.kernel_version or report.driver_version or "?"
        library = params.get("library") or report.library_version or "?"
        fix = RUN_WITH_GPUS if in_container(facts) else "sudo reboot"
        yield error("driver_mismatch", fix, kernel=kernel, library=library)
    elif report.problem == "gpu_lost":
        kind = warning if report.gpus else error
        yield kind("gpu_lost", "sudo reboot", detail=detail)
    elif report.problem == "no_permission":
        yield error("gpu_no_permission", _permission_fix(facts), detail=detail)
    elif report.problem == "unknown":
        yield error("gpu_unknown", detail=detail)
    elif report.problem is not None:
        yield _absent(facts)


def _absent(facts: Facts) -> Finding:
    """No driver answers, or it answers "none": is a card here, in another room, or nowhere?"""
    report = facts.gpu
    if facts.system is not None and facts.system.wsl_version == 1:
        return warning("wsl_one", "wsl --set-version Ubuntu 2")
    if report is None or (not report.cards and report.problem != "library_missing"):
        if report and report.problem == "no_devices":
            return passed("no_card")
        return passed("no_driver" if report and report.cards is None else "no_gpu")
    if in_container(facts):
        return warning("gpu_outside_container", RUN_WITH_GPUS)
    if report.problem == "no_driver":
        return error("driver_missing", driver_fix(facts), cards=report.cards or 0)
    if report.problem == "library_missing":
        return error("library_missing", driver_fix(facts), driver=report.driver_version or "?")
    if report.problem == "driver_not_loaded":
        return error("driver_not_loaded", "sudo modprobe nvidia", detail=report.detail or "")
    return error("gpu_no_devices", cards=report.cards or 0)


def visible(facts: Facts) -> Iterator[Finding]:
    """CUDA_VISIBLE_DEVICES and the MIG mode leave a GPU to use, and mean the one they seem to."""
    report = facts.gpu
    if report is None or not report.gpus:
        return
    ids = report.cuda_visible_devices
    seen = usable(facts)
    hidden = [gpu for gpu in report.gpus if not gpu.visible and not gpu.mig]
    if not seen and ids is None:
        index = report.gpus[0].index
        yield error("mig_empty", f"sudo nvidia-smi mig -i {index} -cgi 0 -C", index=index)
    elif not seen and (ids or "").strip() in ("", "-1"):
        yield warning("gpus_hidden", "unset CUDA_VISIBLE_DEVICES", value=ids)
    elif not seen:
        yield error("gpus_misnamed", "unset CUDA_VISIBLE_DEVICES", value=ids)
    elif not report.order_known and ids and re.search(r"(^|,)\s*\d", ids):
        yield warning("gpu_order", "export CUDA_DEVICE_ORDER=PCI_BUS_ID", value=ids)
    elif hidden and ids is not None:
        names = {"hidden": _names(hidden), "visible": _names(seen)}
        yield warning("gpus_some_hidden", "unset CUDA_VISIBLE_DEVICES", value=ids, **names)
    elif seen[0].mig:
        yield passed("mig_one", name=seen[0].name)


def health(facts: Facts) -> Iterator[Finding]:
    """The GPUs have memory left, and neither its faults nor heat hold them back."""
    for gpu in usable(facts):
        values: dict[str, Any] = {"index": gpu.index, "name": gpu.name}
        free_bytes = gpu.free_memory_bytes
        others = any(not process.own for process in gpu.processes)
        if others and free_bytes is not None and free_bytes < LEAST_FREE_BYTES:
            yield warning("gpu_memory_taken", **values, free_gib=round(free_bytes / GIB, 1))
        if gpu.ecc_uncorrected or gpu.retired_pages:
            reset = f"sudo nvidia-smi --gpu-reset -i {gpu.index}"
            yield warning("gpu_memory_faulty", reset, **values, errors=gpu.ecc_uncorrected or 0)
        for reason in gpu.throttled_by:
            if reason in SLOWED_BY:
                yield warning(f"gpu_slowed_by_{reason}", **values)


def usable(facts: Facts) -> list[Gpu]:
    """The GPUs that a process here may use."""
    return [gpu for gpu in facts.gpu.gpus if gpu.visible] if facts.gpu else []


def in_container(facts: Facts) -> bool:
    """Whether this process runs in a container, where drivers are not installed."""
    return facts.system is not None and facts.system.container is not None


def driver_fix(facts: Facts) -> str | None:
    """Only Ubuntu has one command for it; under WSL the driver is installed in Windows."""
    system = facts.system
    if system is None or system.os != "linux" or in_container(facts):
        return None
    return "sudo ubuntu-drivers install" if "Ubuntu" in system.name else None


def _permission_fix(facts: Facts) -> str:
    """Joins the group that may, where the device files belong to one; else shows whose they are."""
    known = facts.devices
    shut = [node for node in known.nodes if not node.usable] if known else []
    groups = {node.group for node in shut} - {"root"}
    group = next(iter(sorted(groups)), None)
    return f'sudo usermod -aG {group} "$USER"' if group else "ls -l /dev/nvidia*"


def _names(gpus: list[Gpu]) -> str:
    return ", ".join(f"{gpu.index} {gpu.name}" for gpu in gpus)


PRESENCE_RULES = (present, visible, health)
