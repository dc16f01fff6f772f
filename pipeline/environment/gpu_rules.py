"""What must be right between TensorFlow's build and the GPU: system, driver, the GPU's code."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pipeline.environment.architectures import covers
from pipeline.environment.builds import minimum_driver, numbers, tested_build
from pipeline.environment.findings import Finding, error, passed, warning
from pipeline.environment.fixes import environment, install, tools, uninstall
from pipeline.environment.packages import CUDA_EXTRA
from pipeline.environment.plan import NVIDIA_IMAGE, machine_of, newest_fit, serves_hanzi
from pipeline.environment.presence_rules import driver_fix, in_container, usable
from pipeline.environment.probes import Facts
from pipeline.environment.said import said, sees_gpu

MIB = 1024**2
# Docker gives 64 MiB; NCCL's guide asks for 1 GiB between the GPUs of one machine.
SHARED_MEMORY_MIB = 1024
LAST_ON_WINDOWS = (2, 10)
RUN_NVIDIA = f"docker run --gpus all -it --rm {NVIDIA_IMAGE}"
SEE_PLAN = "hanzi-tui check --plan"
MORE_SHARED_MEMORY = "docker run --gpus all --shm-size=1g --ulimit memlock=-1 IMAGE"


def build(facts: Facts) -> Iterator[Finding]:
    """The TensorFlow that is installed holds GPU code."""
    found = facts.tensorflow
    if found is None or facts.system is None:
        return
    if facts.system.os == "windows":
        if numbers(found.version)[:2] > LAST_ON_WINDOWS:
            kind = error if usable(facts) else warning
            yield kind("windows_native", "wsl --install", version=found.version)
    elif usable(facts) and not found.is_cuda_build:
        wanted = install(facts, f"tensorflow[{CUDA_EXTRA}]=={found.version}")
        fix = f"{uninstall(facts, found.package)} && {wanted}"
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
    if numbers(report.driver_version) < numbers(minimum) or said(facts, "driver_old"):
        # NVIDIA's compatibility package makes an older driver of a data centre do.
        if not sees_gpu(facts):
            yield error("driver_old", driver_fix(facts), **values)
    else:
        yield passed("driver_ok", **values)


def capability(facts: Facts) -> Iterator[Finding]:
    """The build holds machine code for each visible GPU; one GPU that it fits is enough."""
    found = facts.tensorflow
    if found is None or not found.is_cuda_build or not found.compute_capabilities:
        return
    known = [(gpu, gpu.compute_capability) for gpu in usable(facts) if gpu.compute_capability]
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
            yield kind(f"capability_{fit}", RUN_NVIDIA if fit == "new" else SEE_PLAN, **values)


def better_build(facts: Facts) -> Iterator[Finding]:
    """Where driver, GPU or Python do not take this build: the newest tested one that they do."""
    found, system = facts.tensorflow, facts.system
    if found is None or system is None or not usable(facts):
        return
    wrong = (*driver(facts), *capability(facts))
    if system.os not in ("linux", "wsl") or not any(one.severity == "error" for one in wrong):
        return
    machine = machine_of(facts)
    row = newest_fit(machine, system.os)
    if row is None or row == tested_build(found.version, system.os):
        return
    python = ".".join(map(str, numbers(machine.python or row.python_max)[:2]))
    steps = environment(row, python, tools(facts))
    values = {"tensorflow": row.tensorflow, "cuda": row.cuda, "cudnn": row.cudnn}
    if serves_hanzi(row, machine):
        yield warning("build_fits", " && ".join(steps), **values)
    else:
        needed = {"requirement": machine.needed}
        yield warning("build_fits_not_here", " && ".join(steps), **values, **needed)


def shared_memory(facts: Facts) -> Iterator[Finding]:
    """Several GPUs in a container have enough /dev/shm to talk to each other."""
    if facts.shared_memory is None or not in_container(facts):
        return
    size_mib = facts.shared_memory.total_bytes // MIB
    if len(usable(facts)) > 1 and size_mib < SHARED_MEMORY_MIB:
        yield warning("shared_memory_low", MORE_SHARED_MEMORY, size_mib=size_mib)


GPU_RULES = (build, driver, capability, better_build, shared_memory)
