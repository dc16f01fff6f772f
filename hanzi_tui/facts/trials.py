"""The trial of a GPU in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hanzi_tui.facts.fact import Fact
from hanzi_tui.i18n import _

if TYPE_CHECKING:
    from pipeline.environment.trial_facts import Comparison, GpuTrial


def trial(tried: GpuTrial) -> Fact:
    """Returns how a trial went, with what was computed below."""
    details = tuple(_comparison(one) for one in tried.comparisons)
    words = {
        "taken": _("not made: others seem to use it"),
        "unseen": _("not possible: TensorFlow does not list it"),
        "failed": _("failed"),
        "crashed": _("crashed"),
        "hung": _("hung"),
    }
    if tried.state in words:
        severity = "warning" if tried.state == "taken" else "error"
        return Fact(_("trial"), words[tried.state], severity, details)
    wrong = sum(not one.right for one in tried.comparisons)
    if wrong:
        told = _("{wrong} of {count} results are wrong")
        told = told.format(wrong=wrong, count=len(tried.comparisons))
        return Fact(_("trial"), told, "error", details, True)
    return Fact(_("trial"), _("computes what the CPU computes"), "ok", details)


def _comparison(one: Comparison) -> Fact:
    operations = {
        "matmul": _("matrices"), "convolution": _("convolution"), "training": _("training step"),
    }  # fmt: skip
    precisions = {"float32": "float32", "tf32": "TF32", "mixed": _("mixed")}
    operation = operations.get(one.operation, one.operation)
    off = "NaN" if one.error is None else f"{one.error:.1e}"
    value = _("error {error}, {ms:.3g} ms, the CPU {cpu_ms:.3g} ms").format(
        ms=1000 * one.seconds, cpu_ms=1000 * one.cpu_seconds, error=off
    )
    name = f"{operation} {precisions.get(one.precision, one.precision)}"
    return Fact(name, value, "ok" if one.right else "error")
