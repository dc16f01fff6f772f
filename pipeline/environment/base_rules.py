"""What must be right on any machine, with a GPU or without: processor, TensorFlow, Python."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.environment.builds import newest_build, numbers, tested_build
from pipeline.environment.findings import Finding, error, passed, warning
from pipeline.environment.fixes import install
from pipeline.environment.packages import CUDA_EXTRA
from pipeline.environment.probes import Facts
from pipeline.environment.said import said


def unknown(facts: Facts) -> Iterator[Finding]:
    """Probes that failed. Without an answer about TensorFlow nothing can be called ready."""
    for probe, reason in facts.unknown.items():
        kind = error if probe == "tensorflow" else warning
        yield kind("unknown", probe=probe, reason=reason)


def avx(facts: Facts) -> Iterator[Finding]:
    """An x86 processor has AVX, which TensorFlow's wheels are compiled for."""
    if facts.cpu is None:
        return
    ended = facts.tensorflow_import.signal if facts.tensorflow_import else None
    if facts.cpu.avx is False or ended == "SIGILL" or said(facts, "no_avx"):
        yield error("no_avx", model=facts.cpu.model)
    elif facts.cpu.avx:
        yield passed("avx", model=facts.cpu.model)


def tensorflow(facts: Facts) -> Iterator[Finding]:
    """TensorFlow is installed."""
    if "tensorflow" in facts.unknown:
        return
    build = facts.tensorflow
    if build is None:
        linux = facts.system is not None and facts.system.os in ("linux", "wsl")
        extra = f"[{CUDA_EXTRA}]" if facts.gpu and facts.gpu.gpus and linux else ""
        asked = facts.packages.pins if facts.packages else ()
        version = next((one.requirement[10:] for one in asked if one.name == "tensorflow"), "")
        yield error("tensorflow_missing", install(facts, f"tensorflow{extra}{version}"))
    elif build.is_cuda_build:
        cuda, cudnn = build.cuda_version or "?", build.cudnn_version or "?"
        yield passed("tensorflow_cuda", version=build.version, cuda=cuda, cudnn=cudnn)
    else:
        yield passed("tensorflow_cpu", version=build.version)


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


def imported(facts: Facts) -> Iterator[Finding]:
    """TensorFlow was imported, where that was tried; a failure whose cause is known says so."""
    tried = facts.tensorflow_import
    if tried is None:
        return
    seconds = round(tried.seconds, 1)
    if tried.state == "ok":
        yield passed("import_sees", seconds=seconds, gpus=len(tried.gpus))
    elif glibc := said(facts, "glibc_old"):
        yield error("glibc_old", version=glibc.params.get("version", "GLIBC"))
    elif full := said(facts, "no_static_tls"):
        library = full.params.get("library", "?")
        yield error("no_static_tls", f"export LD_PRELOAD={library}", library=library)
    elif tried.state == "crashed":
        yield error("import_crashed", signal=tried.signal or "?")
    elif tried.state == "hung":
        yield error("import_hung", seconds=seconds)
    elif facts.tensorflow is not None:
        yield error("import_failed", error=tried.error or tried.output[-200:])


BASE_RULES = (unknown, avx, tensorflow, python, imported)
