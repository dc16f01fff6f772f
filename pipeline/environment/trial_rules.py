"""What the trials of GPUs say: each computes as the processor does, or what is wrong and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from pipeline.environment.findings import Finding, error, passed, warning
from pipeline.environment.fixes import cuda_libraries
from pipeline.environment.probes import Facts
from pipeline.environment.trial_facts import TOLERANCES, Comparison, GpuTrial

TRY_ALL = "hanzi-tui check --trial --force"
WITHOUT_TF32 = "export NVIDIA_TF32_OVERRIDE=0"


def tried(facts: Facts) -> Iterator[Finding]:
    """Every GPU that was tried computes what the processor computes."""
    if facts.trials is None:
        return
    if not facts.trials:
        yield passed("trial_no_gpu")
    for trial in facts.trials:
        yield _ended(facts, trial)


def _ended(facts: Facts, trial: GpuTrial) -> Finding:
    values: dict[str, Any] = {"index": trial.index, "name": trial.name}
    if trial.state == "done":
        return _judged(facts, trial, values)
    if trial.state == "taken":
        return warning("trial_taken", TRY_ALL, **values)
    if trial.state == "unseen":
        return error("trial_unseen", **values)
    values["doing"] = trial.doing
    if trial.state == "crashed":
        return error("trial_crashed", **values, signal=trial.signal or "?")
    if trial.state == "hung":
        return error("trial_hung", **values, seconds=round(trial.seconds))
    return error("trial_failed", **values, error=trial.error or trial.output[-200:])


def _judged(facts: Facts, trial: GpuTrial, values: dict[str, Any]) -> Finding:
    """A result in plain float32 that is wrong counts first: then TF32 and float16 prove nothing."""
    values["cudnn"] = _cudnn(facts)
    if wrong := trial.wrong("float32"):
        code = "trial_wrong" if trial.tried("tf32") else "trial_wrong_without_tf32"
        return error(code, cuda_libraries(facts), **values, **_difference(wrong))
    if wrong := trial.wrong("tf32"):
        return error("trial_wrong_by_tf32", WITHOUT_TF32, **values, **_difference(wrong))
    if wrong := trial.wrong("mixed"):
        return error("trial_wrong_in_mixed", **values, **_difference(wrong))
    worst = max(one.error or 0.0 for one in trial.comparisons)
    usual = "tf32" if trial.tried("tf32") else "float32"
    times = {"usual_ms": _training_ms(trial, usual), "mixed_ms": _training_ms(trial, "mixed")}
    return passed("trial_right", **values, **times, difference=f"{worst:.1e}")


def _difference(wrong: Iterable[Comparison]) -> dict[str, str]:
    """Which operations differ, by how much, and what is allowed."""
    told = [
        f"{one.operation} {'NaN' if one.error is None else f'{100 * one.error:.3g} %'}"
        for one in wrong
    ]
    limit = max(TOLERANCES[one.precision] for one in wrong)
    return {"wrong": ", ".join(told), "limit": f"{100 * limit:g} %"}


def _training_ms(trial: GpuTrial, precision: str) -> float | str:
    found = [
        one.seconds
        for one in trial.comparisons
        if (one.operation, one.precision) == ("training", precision)
    ]
    return round(1000 * found[0], 2) if found else "-"


def _cudnn(facts: Facts) -> str:
    """The version of the cuDNN that is loaded, or else of the one TensorFlow was built for."""
    found = facts.libraries.found if facts.libraries else ()
    loaded = next((one.version for one in found if one.soname.startswith("libcudnn.so.")), None)
    built = facts.tensorflow.cudnn_version if facts.tensorflow else None
    return loaded or built or "?"


TRIAL_RULES = (tried,)
