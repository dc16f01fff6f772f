"""From all findings to the causes: what another finding explains is left out."""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.environment.findings import Finding

SYMPTOMS = frozenset({
    "import_failed", "import_crashed", "import_hung", "cuinit_failed", "cudnn_failed",
    "cudnn_not_found", "driver_unseen", "libraries_refused", "library_refused", "gpus_unseen",
    "trial_unseen", "trial_failed", "trial_crashed", "trial_hung",
})  # fmt: skip
"""What TensorFlow met, not why: any other error of the same part explains them."""

EXPLAINED_BY = {
    "cuda_pins_unmet": {"cudnn_major", "library_hidden"},
    "cudnn_older": {"cudnn_major", "library_hidden", "cuda_pins_unmet", "conda_cuda_wrong"},
    "cuda_missing": {"conda_cuda_wrong"},
    "cuda_incomplete": {"conda_cuda_wrong"},
    "cuda_elsewhere": {"conda_cuda_wrong"},
    "libdevice_missing": {"cuda_missing", "cuda_incomplete", "cuda_elsewhere"},
    "ptxas_missing": {"cuda_missing", "cuda_incomplete", "cuda_elsewhere"},
    "nccl_failed": {"shared_memory_low"},
    "kernels_too_new": {"capability_new"},
    "kernels_too_old": {"capability_old"},
    "gpu_memory_taken": {"out_of_memory"},
}
"""A finding's code → the codes that make it a mere consequence."""


def without_consequences(findings: Iterable[Finding]) -> list[Finding]:
    """The findings that stand for themselves, in the order given."""
    found = list(findings)
    return [finding for finding in found if not _explained(finding, found)]


def _explained(finding: Finding, by: list[Finding]) -> bool:
    """Whether one of the others explains a finding; an error is explained by an error only."""
    if finding.severity == "ok":
        return False
    severities = ("error",) if finding.severity == "error" else ("error", "warning")
    others = {_code(one) for one in by if one.severity in severities and _may_explain(one, finding)}
    if _code(finding) in SYMPTOMS:
        return bool(others - SYMPTOMS)
    return bool(others & EXPLAINED_BY.get(_code(finding), set()))


def _may_explain(one: Finding, finding: Finding) -> bool:
    """What is wrong with one GPU explains nothing about another."""
    index, other = finding.params.get("index"), one.params.get("index")
    return index is None or other is None or index == other


def _code(finding: Finding) -> str:
    return finding.code.removeprefix("environment.")
