"""What must be right for TensorFlow to use a GPU: driver, CUDA libraries, the build's GPU code."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Any

from pipeline.environment.builds import minimum_driver, numbers
from pipeline.environment.devices import Gpu
from pipeline.environment.findings import Finding, error, passed, warning
from pipeline.environment.packages import CUDA_EXTRA
from pipeline.environment.probes import Facts

MIB = 1024**2
# Docker gives 64 MiB; NCCL's guide asks for 1 GiB between the GPUs of one machine.
SHARED_MEMORY_MIB = 1024


def present(facts: Facts) -> Iterator[Finding]:
    """There is a GPU that the driver can talk to, or none at all."""
    report = facts.gpu
    if report is None:
        return
    boxed = facts.system is not None and facts.system.container is not None
    detail = report.detail or ""
    if report.problem == "version_mismatch":
        fix = None if boxed else "sudo reboot"
        yield error("driver_mismatch", fix, kernel=report.driver_version or "?")
    elif report.problem == "gpu_lost":
        kind = warning if report.gpus else error
        yield kind("gpu_lost", "sudo reboot", detail=detail)
    elif report.problem == "no_permission":
        yield error("gpu_no_permission", "ls -l /dev/nvidia*", detail=detail)
    elif report.problem == "unknown":
        yield error("gpu_unknown", detail=detail)
    elif report.problem is not None:
        yield _absent(facts)


def _absent(facts: Facts) -> Finding:
    """No driver answers, or it answers "none": is a card here, in another room, or nowhere?"""
    report = facts.gpu
    boxed = facts.system is not None and facts.system.container is not None
    if report is None or (not report.cards and report.problem != "library_missing"):
        return passed("no_gpu")
    if boxed:
        return warning("gpu_outside_container", "docker run --gpus all IMAGE")
    if report.problem == "no_driver":
        return error("driver_missing", _driver_fix(facts), cards=report.cards or 0)
    if report.problem == "library_missing":
        return error("library_missing", _driver_fix(facts), driver=report.driver_version or "?")
    if report.problem == "driver_not_loaded":
        return error("driver_not_loaded", "sudo modprobe nvidia", detail=report.detail or "")
    return error("gpu_no_devices", cards=report.cards or 0)


def visible(facts: Facts) -> Iterator[Finding]:
    """CUDA_VISIBLE_DEVICES and the MIG mode leave a GPU to use."""
    report = facts.gpu
    if report is None or not report.gpus or any(gpu.visible for gpu in report.gpus):
        return
    ids = report.cuda_visible_devices
    if ids is None:
        index = report.gpus[0].index
        yield error("mig_empty", f"sudo nvidia-smi mig -i {index} -cgi 0 -C", index=index)
    elif ids.strip() in ("", "-1"):
        yield warning("gpus_hidden", "unset CUDA_VISIBLE_DEVICES", value=ids)
    else:
        yield error("gpus_misnamed", "unset CUDA_VISIBLE_DEVICES", value=ids)


def build(facts: Facts) -> Iterator[Finding]:
    """The TensorFlow that is installed holds GPU code."""
    found = facts.tensorflow
    if found is None or facts.system is None:
        return
    if facts.system.os == "windows":
        if numbers(found.version) >= (2, 11):
            kind = error if _usable(facts) else warning
            yield kind("windows_native", "wsl --install", version=found.version)
    elif _usable(facts) and not found.is_cuda_build:
        install = f"pip install 'tensorflow[{CUDA_EXTRA}]=={found.version}'"
        fix = f"pip uninstall -y {found.package} && {install}"
        yield error(
            "cpu_build",
            fix if facts.system.machine == "x86_64" else None,
            package=found.package,
            version=found.version,
            machine=facts.system.machine,
        )


def driver(facts: Facts) -> Iterator[Finding]:
    """The driver runs the CUDA that TensorFlow was built with."""
    report, found = facts.gpu, facts.tensorflow
    if report is None or not report.driver_version or found is None or facts.system is None:
        return
    cuda = found.cuda_version if found.is_cuda_build else None
    minimum = minimum_driver(cuda, facts.system.os) if cuda else None
    if minimum is None:
        return
    values = {"driver": report.driver_version, "cuda": cuda, "minimum": minimum}
    if numbers(report.driver_version) < numbers(minimum):
        yield error("driver_old", _driver_fix(facts), **values)
    else:
        yield passed("driver_ok", **values)


def capability(facts: Facts) -> Iterator[Finding]:
    """The build holds machine code for each visible GPU; one GPU that it fits is enough."""
    found = facts.tensorflow
    if found is None or not found.is_cuda_build or not found.compute_capabilities:
        return
    known = [(gpu, gpu.compute_capability) for gpu in _usable(facts) if gpu.compute_capability]
    fits = [covers(found.compute_capabilities, one) for _, one in known]
    for (gpu, one), fit in zip(known, fits, strict=True):
        values: dict[str, Any] = {
            "index": gpu.index,
            "name": gpu.name,
            "capability": f"{one[0]}.{one[1]}",
            "version": found.version,
            "cuda": found.cuda_version or "?",
            "built_for": ", ".join(found.compute_capabilities),
        }
        if fit == "native":
            yield passed("capability_ok", **values)
        elif fit != "unknown":
            kind = warning if "native" in fits else error
            yield kind(f"capability_{fit}", **values)


def covers(built_for: tuple[str, ...], capability: tuple[int, int]) -> str:
    """Whether a build runs on a GPU: "native", "new" (only by compiling its PTX) or "old".

    Machine code runs on GPUs of the same major and the same or a higher minor version (CUDA C++
    Programming Guide, "Binary Compatibility"). TensorFlow puts machine code into the wheel for
    "sm_XY", and machine code and PTX for "compute_XY".
    """
    found = (re.search(r"(\d+)\.?(\d)[af]?$", one) for one in built_for)
    versions = [(int(one[1]), int(one[2])) for one in found if one]
    if not versions:
        return "unknown"
    if any(major == capability[0] and minor <= capability[1] for major, minor in versions):
        return "native"
    return "old" if capability < min(versions) else "new"


def cuda(facts: Facts) -> Iterator[Finding]:
    """The CUDA libraries of the build are there: from the nvidia-* wheels, or the system's."""
    found, places, report = facts.tensorflow, facts.libraries, facts.packages
    if found is None or places is None or not places.wanted or not _usable(facts):
        return
    extras = [pin for pin in report.pins if pin.extra == CUDA_EXTRA] if report else []
    fix = f"pip install '{found.package}[{CUDA_EXTRA}]=={found.version}'" if extras else None
    there = {place.soname for place in places.found}
    missing = [soname for soname in places.wanted if soname not in there]
    unmet = [pin for pin in extras if not pin.holds]
    wheels = any(place.origin == "wheel" for place in places.found)
    if missing:
        version, cudnn = found.cuda_version or "?", found.cudnn_version or "?"
        yield error("cuda_missing", fix, libraries=", ".join(missing), cuda=version, cudnn=cudnn)
    elif unmet and wheels:
        listed = ", ".join(f"{pin.requirement} ({pin.installed or '-'})" for pin in unmet)
        yield error("cuda_pins_unmet", fix, packages=listed)
    else:
        first = {place.soname: place for place in reversed(places.found)}
        folders = dict.fromkeys(os.path.dirname(first[soname].path) for soname in places.wanted)
        yield passed("cuda_ok", folders=", ".join(folders))


def shadowed(facts: Facts) -> Iterator[Finding]:
    """LD_LIBRARY_PATH holds no library that hides one of the nvidia-* wheels."""
    places = facts.libraries
    if places is None or not places.ld_library_path:
        return
    wheels = {place.soname for place in places.found if place.origin == "wheel"}
    hiding = [
        place
        for place in places.found
        if place.origin == "ld_library_path" and place.soname in wheels
    ]
    if not hiding:
        return
    folders = {os.path.dirname(place.path) for place in hiding}
    entries = places.ld_library_path.split(os.pathsep)
    kept = os.pathsep.join(one for one in entries if one and one.rstrip("/") not in folders)
    fix = f"export LD_LIBRARY_PATH='{kept}'" if kept else "unset LD_LIBRARY_PATH"
    names = ", ".join(dict.fromkeys(place.soname for place in hiding))
    yield warning("library_shadowed", fix, libraries=names, folders=", ".join(sorted(folders)))


def shared_memory(facts: Facts) -> Iterator[Finding]:
    """Several GPUs in a container have enough /dev/shm to talk to each other."""
    if facts.shared_memory is None or facts.system is None or facts.system.container is None:
        return
    size_mib = facts.shared_memory.total_bytes // MIB
    if len(_usable(facts)) > 1 and size_mib < SHARED_MEMORY_MIB:
        fix = "docker run --gpus all --shm-size=1g --ulimit memlock=-1 IMAGE"
        yield warning("shared_memory_low", fix, size_mib=size_mib)


def _usable(facts: Facts) -> list[Gpu]:
    return [gpu for gpu in facts.gpu.gpus if gpu.visible] if facts.gpu else []


def _driver_fix(facts: Facts) -> str | None:
    """Only Ubuntu has one command for it; under WSL the driver is installed in Windows."""
    on_ubuntu = facts.system is not None and facts.system.os == "linux"
    boxed = facts.system is not None and facts.system.container is not None
    ubuntu = on_ubuntu and not boxed and facts.system is not None and "Ubuntu" in facts.system.name
    return "sudo ubuntu-drivers install" if ubuntu else None


GPU_RULES = (
    present,
    visible,
    build,
    driver,
    capability,
    cuda,
    shadowed,
    shared_memory,
)
