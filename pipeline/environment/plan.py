"""Which TensorFlow, CUDA and cuDNN go with a machine, and the commands that install them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from packaging.requirements import Requirement

from pipeline.environment.architectures import build_capabilities, covers
from pipeline.environment.builds import (
    TestedBuild,
    minimum_driver,
    newest_build,
    numbers,
    tested_builds,
)
from pipeline.environment.findings import Finding
from pipeline.environment.fixes import Tools, environment, tools
from pipeline.environment.probes import Facts

# The last container image of TensorFlow that NVIDIA made; it holds CUDA 12.8, for Blackwell.
NVIDIA_IMAGE = "nvcr.io/nvidia/tensorflow:25.02-tf2-py3"
SYSTEMS = {"linux": ("linux",), "wsl": ("wsl",), "windows": ("wsl", "windows")}


@dataclass(frozen=True)
class Machine:
    """What a plan is made for.

    Args:
        os: "linux", "wsl", "windows" or "macos".
        driver: of NVIDIA; None when there is none yet.
        python: such as "3.9" or "3.9.18"; None when any will do.
        gpus: names; empty when there is none.
        capabilities: compute capabilities of those GPUs, as far as they are known.
        tools: what installs software there.
        needed: what hanzi-tui asks of TensorFlow, such as "tensorflow>=2.20"; None when not known.
    """

    os: str = "linux"
    driver: str | None = None
    python: str | None = None
    gpus: tuple[str, ...] = ()
    capabilities: tuple[tuple[int, int], ...] = ()
    tools: Tools = field(default_factory=Tools)
    needed: str | None = None


@dataclass(frozen=True)
class Option:
    """A build that serves, and the way to it.

    Args:
        system: where it runs: "linux", "wsl" or "windows".
        python: a minor version to make the environment with.
        driver: the oldest driver that runs it; None for a CPU build, and where no table tells.
        before: what has to change first, each a remark; empty for a build that fits as it is.
        steps: commands, one a line.
    """

    build: TestedBuild
    system: str
    python: str
    driver: str | None
    before: tuple[Finding, ...]
    steps: tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """The options, the one with the least to change first; and what is to be said beside them."""

    machine: Machine
    options: tuple[Option, ...]
    remarks: tuple[Finding, ...]


def machine_of(facts: Facts) -> Machine:
    """The machine of recorded facts; GPUs that are hidden do not count while one is visible."""
    report, known = facts.gpu, facts.packages
    found = report.gpus if report else ()
    counted = [gpu for gpu in found if gpu.visible] or found
    pins = known.pins if known else ()
    asked = (pin for pin in pins if (pin.owner, pin.name) == ("hanzi-tui", "tensorflow"))
    return Machine(
        os=facts.system.os if facts.system else "linux",
        driver=report.driver_version if report else None,
        python=facts.python.version if facts.python else None,
        gpus=tuple(gpu.name for gpu in counted),
        capabilities=tuple(gpu.compute_capability for gpu in counted if gpu.compute_capability),
        tools=tools(facts),
        needed=next((pin.requirement for pin in asked), None),
    )


def plan(machine: Machine) -> Plan:
    """Looks through the tested builds. Answers for any machine, if only with the CPU."""
    options: list[Option] = []
    if machine.gpus or machine.driver:
        for system in SYSTEMS.get(machine.os, ()):
            options += _options(machine, system)
    remarks = tuple(_remarks(machine, bool(options)))
    if not options:
        options += _on_cpu(machine)
    return Plan(machine, tuple(options), remarks)


def newest_fit(machine: Machine, system: str) -> TestedBuild | None:
    """The newest GPU build that this driver, GPU and Python take as they are."""
    return next((row for row in _gpu_builds(machine, system) if not _lacks(row, machine, system)),
                None)  # fmt: skip


def serves_hanzi(build: TestedBuild, machine: Machine) -> bool:
    """Whether hanzi-tui itself can work with a build."""
    return machine.needed is None or Requirement(machine.needed).specifier.contains(
        build.tensorflow
    )


def _gpu_builds(machine: Machine, system: str) -> list[TestedBuild]:
    """GPU builds with code for one of the GPUs, newest first; all of them for unknown GPUs."""
    os = "windows-native" if system == "windows" else "linux"
    rows = [row for row in tested_builds() if row.os == os and row.kind == "gpu"]
    wanted = machine.capabilities
    found = [
        row
        for row in rows
        if not wanted
        or any(covers(build_capabilities(row.tensorflow), one) == "native" for one in wanted)
    ]
    return sorted(found, key=lambda row: numbers(row.tensorflow), reverse=True)


def _lacks(row: TestedBuild, machine: Machine, system: str) -> list[str]:
    """What keeps a build from this machine: "driver", "python", both or nothing."""
    minimum = minimum_driver(row.cuda, system) if row.cuda else None
    driver_fits = minimum is None or (
        machine.driver is not None and numbers(machine.driver) >= numbers(minimum)
    )
    return ([] if driver_fits else ["driver"]) + ([] if _python_fits(row, machine) else ["python"])


def _python_fits(row: TestedBuild, machine: Machine) -> bool:
    if machine.python is None:
        return True
    minor = numbers(machine.python)[:2]
    return numbers(row.python_min) <= minor <= numbers(row.python_max)


def _options(machine: Machine, system: str) -> list[Option]:
    """What fits as it is, and the newest build of all, where that is another one."""
    newest = next(iter(_gpu_builds(machine, system)), None)
    chosen = dict.fromkeys(row for row in (newest_fit(machine, system), newest) if row)
    return [_option(row, machine, system) for row in chosen]


def _option(row: TestedBuild, machine: Machine, system: str) -> Option:
    lacks = _lacks(row, machine, system) if row.cuda else []
    minimum = minimum_driver(row.cuda, system) if row.cuda else None
    fits = machine.python is not None and _python_fits(row, machine)
    python = ".".join((machine.python or "").split(".")[:2]) if fits else row.python_max
    before = []
    if system == "wsl" and machine.os == "windows":
        before.append(_remark("wsl", "wsl --install"))
    if "driver" in lacks:
        known = {"have": machine.driver} if machine.driver else {}
        code = "driver_update" if machine.driver else "driver_install"
        before.append(_remark(code, minimum=minimum, where=_driver_place(system), **known))
    if "python" in lacks:
        have = machine.python
        before.append(_remark("python", have=have, first=row.python_min, last=row.python_max))
    if not serves_hanzi(row, machine):
        before.append(_remark("not_for_hanzi", needed=machine.needed))
    there = machine.tools if system == machine.os else Tools()
    inside = replace(there, windows=system == "windows")
    return Option(row, system, python, minimum, tuple(before), environment(row, python, inside))


def _on_cpu(machine: Machine) -> Iterator[Option]:
    """The newest build, on the CPU; macOS is not in the table of tested builds."""
    row = newest_build(machine.os)
    if row is None:
        return
    rows = [
        one
        for one in tested_builds()
        if one.os == row.os and _python_fits(one, machine) and serves_hanzi(one, machine)
    ]
    best = max(rows, key=lambda one: numbers(one.tensorflow), default=row)
    cpu = TestedBuild(best.os, best.tensorflow, best.python_min, best.python_max, None, None,
                      "cpu-only", best.source)  # fmt: skip
    yield _option(cpu, machine, machine.os)


def _remarks(machine: Machine, served: bool) -> Iterator[Finding]:
    if machine.os == "macos":
        yield _remark("macos", "pip install tensorflow")
    elif not machine.gpus and not machine.driver:
        yield _remark("no_gpu")
    elif machine.gpus and not machine.capabilities:
        yield _remark("gpu_unknown", gpu=", ".join(machine.gpus))
    elif not served:
        newest = max(machine.capabilities)
        too_new = newest >= (10, 0)
        yield _remark(
            "gpu_too_new" if too_new else "gpu_too_old",
            f"docker run --gpus all -it --rm {NVIDIA_IMAGE}" if too_new else None,
            gpu=", ".join(machine.gpus),
            capability=f"{newest[0]}.{newest[1]}",
        )


def _driver_place(system: str) -> str:
    return "Linux" if system == "linux" else "Windows"


def _remark(code: str, fix: str | None = None, **params: object) -> Finding:
    return Finding(f"plan.{code}", "warning", params, fix)
