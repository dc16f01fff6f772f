"""What must be right on any machine, with a GPU or without: Python, packages, processor, disk."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pipeline.environment.builds import TENSORFLOW_PACKAGES, newest_build, numbers, tested_build
from pipeline.environment.findings import Finding, error, passed, warning
from pipeline.environment.packages import CUDA_EXTRA
from pipeline.environment.probes import Facts

GIB = 1024**3
# A prepared dataset of 1.1 million 64x64 glyphs takes 4.5 GB, a checkpoint of ResNet50 0.3 GB.
DISK_WARNING_BYTES = 5 * GIB
DISK_ERROR_BYTES = GIB // 2


def unknown(facts: Facts) -> Iterator[Finding]:
    """Probes that failed. Without an answer about TensorFlow nothing can be called ready."""
    for probe, reason in facts.unknown.items():
        kind = error if probe == "tensorflow" else warning
        yield kind("unknown", probe=probe, reason=reason)


def tensorflow(facts: Facts) -> Iterator[Finding]:
    """TensorFlow is installed."""
    if "tensorflow" in facts.unknown:
        return
    build = facts.tensorflow
    if build is None:
        extra = f"[{CUDA_EXTRA}]" if facts.gpu and facts.gpu.gpus and _is_linux(facts) else ""
        asked = facts.packages.pins if facts.packages else ()
        version = next((one.requirement[10:] for one in asked if one.name == "tensorflow"), "")
        yield error("tensorflow_missing", f"pip install 'tensorflow{extra}{version}'")
    elif build.is_cuda_build:
        cuda, cudnn = build.cuda_version or "?", build.cudnn_version or "?"
        yield passed("tensorflow_cuda", version=build.version, cuda=cuda, cudnn=cudnn)
    else:
        yield passed("tensorflow_cpu", version=build.version)


def pins(facts: Facts) -> Iterator[Finding]:
    """Every required package is there, in a version that is allowed."""
    required = [pin for pin in facts.packages.pins if not pin.extra] if facts.packages else []
    # An absent TensorFlow is the rule above's; one flavour of it stands in for another.
    required = [pin for pin in required if pin.installed or pin.name not in TENSORFLOW_PACKAGES]
    unmet = [pin for pin in required if not pin.holds]
    for pin in unmet:
        there = pin.installed or "-"
        yield error(
            "pin_unmet",
            f"pip install '{pin.requirement}'",
            owner=pin.owner,
            requirement=pin.requirement,
            installed=there,
        )
    if required and not unmet:
        yield passed("pins_hold", count=len(required))


def python(facts: Facts) -> Iterator[Finding]:
    """The Python is one that this TensorFlow, or the newest for want of one, was tested with."""
    if facts.python is None or facts.system is None or "tensorflow" in facts.unknown:
        return
    build, os = facts.tensorflow, facts.system.os
    row = tested_build(build.version, os) if build else newest_build(os)
    if row is None:
        return
    here = numbers(facts.python.version)[:2]
    values = {
        "python": facts.python.version,
        "tensorflow": row.tensorflow,
        "first": row.python_min,
        "last": row.python_max,
    }
    if numbers(row.python_min) <= here <= numbers(row.python_max):
        yield passed("python_tested", **values)
    elif build is None:
        yield error("python_untested", f"python{row.python_max} -m venv .venv", **values)
    else:
        yield warning("python_untested", f"python{row.python_max} -m venv .venv", **values)


def avx(facts: Facts) -> Iterator[Finding]:
    """An x86 processor has AVX, which TensorFlow's wheels are compiled for."""
    if facts.cpu is None or facts.cpu.avx is None:
        return
    if facts.cpu.avx:
        yield passed("avx", model=facts.cpu.model)
    else:
        yield error("no_avx", model=facts.cpu.model)


def opencv(facts: Facts) -> Iterator[Finding]:
    """One OpenCV only: its flavours write into the same folder `cv2`."""
    installed = facts.packages.installed if facts.packages else ()
    flavours = [one.name for one in installed if one.name.startswith("opencv-")]
    if len(flavours) > 1:
        names = " ".join(flavours)
        fix = f"pip uninstall -y {names} && pip install opencv-python-headless"
        yield warning("opencv_several", fix, flavours=", ".join(flavours))
    elif flavours:
        yield passed("opencv_one", flavour=flavours[0])


def disk(facts: Facts) -> Iterator[Finding]:
    """The workspace's disk has room."""
    if facts.workspace is None:
        return
    free = facts.workspace.free_bytes
    values: dict[str, Any] = {"path": facts.workspace.path, "free_gib": round(free / GIB, 1)}
    if free < DISK_ERROR_BYTES:
        yield error("disk_full", **values)
    elif free < DISK_WARNING_BYTES:
        yield warning("disk_low", **values)
    else:
        yield passed("disk_ok", **values)


def _is_linux(facts: Facts) -> bool:
    return facts.system is not None and facts.system.os in ("linux", "wsl")


BASE_RULES = (unknown, tensorflow, pins, python, avx, opencv, disk)
