"""Turns facts into a verdict, and findings that say what to do."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pipeline.environment.base_rules import BASE_RULES
from pipeline.environment.findings import Finding
from pipeline.environment.gpu_rules import GPU_RULES
from pipeline.environment.probes import Facts
from pipeline.problems import word

__all__ = ["Diagnosis", "Finding", "diagnose"]

_ORDER = ("error", "warning", "ok")


@dataclass(frozen=True)
class Diagnosis:
    """What this machine is good for.

    Args:
        verdict: "environment.ready_gpu", "environment.ready_cpu" (no GPU, or all hidden on
            purpose), "environment.gpu_unusable" (works, but on the CPU only) or
            "environment.not_ready"; a key of `pipeline.problems.MESSAGES`.
        params: values of the verdict's message.
        cause: the finding behind "gpu_unusable" or "not_ready", None for the others.
        findings: all of them, the worst first.
    """

    verdict: str
    params: dict[str, Any] = field(default_factory=dict)
    cause: Finding | None = None
    findings: tuple[Finding, ...] = ()

    @property
    def text(self) -> str:
        """The verdict in English."""
        return word(self.verdict, self.params)


def diagnose(facts: Facts) -> Diagnosis:
    """Applies every rule. Facts that are unknown break none of them.

    Args:
        facts: from `pipeline.environment.probes.gather`, or recorded elsewhere.
    """
    base = [finding for rule in BASE_RULES for finding in rule(facts)]
    graphics = [finding for rule in GPU_RULES for finding in rule(facts)]
    findings = sorted([*base, *graphics], key=lambda one: _ORDER.index(one.severity))
    base_errors = [finding for finding in base if finding.severity == "error"]
    gpu_errors = [finding for finding in graphics if finding.severity == "error"]
    usable = [gpu for gpu in facts.gpu.gpus if gpu.visible] if facts.gpu else []
    version = facts.tensorflow.version if facts.tensorflow else "?"
    params: dict[str, Any] = {"tensorflow": version}
    if base_errors:
        verdict, params = "not_ready", {"errors": len(base_errors)}
    elif gpu_errors:
        verdict = "gpu_unusable"
    elif usable:
        verdict = "ready_gpu"
        params["gpus"] = ", ".join(f"{gpu.index} {gpu.name}" for gpu in usable)
    else:
        verdict = "ready_cpu"
    cause = next(iter(base_errors + gpu_errors), None)
    return Diagnosis(f"environment.{verdict}", params, cause, tuple(findings))
