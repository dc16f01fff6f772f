"""Turns facts into a verdict, and findings that say what to do."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pipeline.environment.base_rules import BASE_RULES
from pipeline.environment.causes import without_consequences
from pipeline.environment.findings import Finding
from pipeline.environment.gpu_rules import GPU_RULES
from pipeline.environment.library_rules import LIBRARY_RULES
from pipeline.environment.outcome_rules import OUTCOME_RULES
from pipeline.environment.package_rules import PACKAGE_RULES
from pipeline.environment.presence_rules import PRESENCE_RULES, usable
from pipeline.environment.probes import Facts
from pipeline.environment.surroundings_rules import SURROUNDINGS_RULES
from pipeline.environment.terminal_rules import TERMINAL_RULES
from pipeline.environment.trial_rules import TRIAL_RULES
from pipeline.problems import word

__all__ = ["Diagnosis", "Finding", "diagnose"]

FOR_ALL = (*BASE_RULES, *PACKAGE_RULES, *SURROUNDINGS_RULES, *TERMINAL_RULES)
FOR_GPUS = (*PRESENCE_RULES, *GPU_RULES, *LIBRARY_RULES, *OUTCOME_RULES, *TRIAL_RULES)
"""Rules in the order in which causes come before what they cause."""

WHY_NO_GPU = ("gpus_hidden", "gpu_outside_container", "wsl_one", "no_gpu", "no_driver", "no_card")
_ORDER = ("error", "warning", "ok")


@dataclass(frozen=True)
class Diagnosis:
    """What this machine is good for.

    Args:
        verdict: "environment.ready_gpu", "environment.ready_cpu" (no GPU, or all hidden on
            purpose), "environment.gpu_unusable" (works, but on the CPU only) or
            "environment.not_ready"; a key of `pipeline.problems.MESSAGES`.
        params: values of the verdict's message, but for `cause`: the text of the finding below.
        cause: the finding behind any verdict but "ready_gpu", None where nothing is known.
        findings: all of them, the worst first.
    """

    verdict: str
    params: dict[str, Any] = field(default_factory=dict)
    cause: Finding | None = None
    findings: tuple[Finding, ...] = ()

    @property
    def text(self) -> str:
        """The verdict in English."""
        cause = self.cause.text if self.cause else ""
        return word(self.verdict, self.params | {"cause": cause}).rstrip(": ")


def diagnose(facts: Facts) -> Diagnosis:
    """Applies every rule. Facts that are unknown break none of them.

    Args:
        facts: from `pipeline.environment.probes.gather`, or recorded elsewhere.
    """
    base = without_consequences(finding for rule in FOR_ALL for finding in rule(facts))
    graphics = without_consequences(finding for rule in FOR_GPUS for finding in rule(facts))
    findings = sorted([*base, *graphics], key=lambda one: _ORDER.index(one.severity))
    errors = [finding for finding in findings if finding.severity == "error"]
    params: dict[str, Any] = {"tensorflow": facts.tensorflow.version if facts.tensorflow else "?"}
    gpus = usable(facts)
    if any(finding in base for finding in errors):
        return Diagnosis("environment.not_ready", {}, errors[0], tuple(findings))
    if errors:
        return Diagnosis("environment.gpu_unusable", params, errors[0], tuple(findings))
    if gpus:
        params["gpus"] = ", ".join(f"{gpu.index} {gpu.name}" for gpu in gpus)
        return Diagnosis("environment.ready_gpu", params, None, tuple(findings))
    codes = [f"environment.{code}" for code in WHY_NO_GPU]
    reason = next((finding for finding in findings if finding.code in codes), None)
    return Diagnosis("environment.ready_cpu", params, reason, tuple(findings))
