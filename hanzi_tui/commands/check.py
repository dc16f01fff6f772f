"""`hanzi-tui check`: is this machine fit to train, and if not, what mends it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

from hanzi_tui.commands import console
from hanzi_tui.commands.options import Common, CommonOptions, context
from hanzi_tui.i18n import _, worded
from hanzi_tui.signs import Signs
from pipeline.environment.devices import Gpu
from pipeline.environment.diagnose import Diagnosis, diagnose
from pipeline.environment.probes import Facts, gather

GIBIBYTE = 2**30


def check(*, common: CommonOptions = Common()) -> int:
    """Check GPU, driver, CUDA, TensorFlow and packages; exit code 1 when training cannot work."""
    given = context(common)
    facts = gather(given.workspace.root)
    diagnosis = diagnose(facts)
    if given.json:
        console.print_json({
            "verdict": diagnosis.verdict,
            "text": diagnosis.text,
            "findings": [asdict(found) | {"text": found.text} for found in diagnosis.findings],
            "facts": asdict(facts),
        })  # fmt: skip
    else:
        _print(diagnosis, facts, given.signs)
    return 1 if diagnosis.verdict == "environment.not_ready" else 0


def _print(diagnosis: Diagnosis, facts: Facts, signs: Signs) -> None:
    sign_of = {"error": signs.failed, "warning": signs.warning, "ok": signs.done}
    worst = {"environment.not_ready": "error", "environment.gpu_unusable": "error"}
    sign = sign_of[worst.get(diagnosis.verdict, "ok")]
    print(f"{sign} {worded(diagnosis.verdict, diagnosis.params)}")
    if diagnosis.cause is not None:
        print(f"  {worded(diagnosis.cause.code, diagnosis.cause.params)}")
    print()
    for finding in diagnosis.findings:
        print(f"{sign_of[finding.severity]} {worded(finding.code, finding.params)}")
        if finding.fix:
            print(f"    {finding.fix}")
    print()
    for name, value in _rows(facts):
        print(f"{name:14} {value}")


def _rows(facts: Facts) -> Iterator[tuple[str, str]]:
    if facts.system:
        where = facts.system.container or (
            f"WSL {facts.system.wsl_version}" if facts.system.wsl_version else ""
        )
        yield _("system"), ", ".join(filter(None, [facts.system.name, facts.system.kernel, where]))
    if facts.cpu:
        cores = _("{usable:g} of {all} cores").format(
            usable=facts.cpu.usable_cores, all=facts.cpu.logical_cores
        )
        yield _("processor"), f"{facts.cpu.model}, {cores}"
    if facts.memory:
        yield (
            _("memory"),
            _("{free:.1f} of {total:.1f} GiB free").format(
                free=facts.memory.available_bytes / GIBIBYTE,
                total=facts.memory.total_bytes / GIBIBYTE,
            ),
        )
    if facts.python:
        yield _("Python"), f"{facts.python.version}  {facts.python.prefix}"
    if facts.tensorflow:
        build = facts.tensorflow
        built_for = f"CUDA {build.cuda_version or '-'}  cuDNN {build.cudnn_version or '-'}"
        yield _("TensorFlow"), f"{build.version}  {built_for}"
    if facts.gpu:
        yield (
            _("driver"),
            f"{facts.gpu.driver_version or _('none')}  CUDA {facts.gpu.cuda_version or '-'}",
        )
        for gpu in facts.gpu.gpus:
            yield f"GPU {gpu.index}", _gpu(gpu)
    if facts.packages:
        versions = "  ".join(
            f"{package.name} {package.version}" for package in facts.packages.installed
        )
        yield _("packages"), versions
    for name, reason in facts.unknown.items():
        yield name, _("unknown: {reason}").format(reason=reason)


def _gpu(gpu: Gpu) -> str:
    parts = [gpu.name]
    if gpu.memory_total_bytes is not None:
        used = (gpu.memory_used_bytes or 0) / GIBIBYTE
        parts.append(_("{used:.1f} of {total:.1f} GiB used").format(
            used=used, total=gpu.memory_total_bytes / GIBIBYTE))  # fmt: skip
    if gpu.compute_capability:
        parts.append("compute {}.{}".format(*gpu.compute_capability))
    others = sum(not process.own for process in gpu.processes)
    if others:
        parts.append(_("{count} processes of others").format(count=others))
    if not gpu.visible:
        parts.append(_("hidden by CUDA_VISIBLE_DEVICES"))
    return ", ".join(parts)
