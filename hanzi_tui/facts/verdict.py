"""What a diagnosis says, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hanzi_tui.facts.fact import Fact
from hanzi_tui.i18n import _, worded

if TYPE_CHECKING:
    from pipeline.environment.diagnose import Diagnosis
    from pipeline.environment.findings import Finding


def verdict(diagnosis: Diagnosis) -> Fact:
    """Returns the verdict: a sentence that names what is behind it, and how bad that is."""
    text = worded(diagnosis.verdict, diagnosis.params | {"cause": _cause(diagnosis)})
    bad = diagnosis.verdict in ("environment.not_ready", "environment.gpu_unusable")
    return Fact(text.rstrip(": "), severity="error" if bad else "ok")


def short_verdict(diagnosis: Diagnosis) -> str:
    """Returns the verdict with the fewest words before what is behind it."""
    leads = {
        "environment.not_ready": _("Not ready"),
        "environment.gpu_unusable": _("CPU only"),
        "environment.ready_cpu": _("Ready on the CPU"),
    }
    lead = leads.get(diagnosis.verdict)
    if lead is None:
        return verdict(diagnosis).name
    cause = _cause(diagnosis)
    return f"{lead}: {cause}" if cause else lead


def reason(finding: Finding) -> str:
    """Returns why a finding matters; "" for one that explains itself."""
    return worded(f"{finding.code}.why", finding.params)


def _cause(diagnosis: Diagnosis) -> str:
    cause = diagnosis.cause
    return worded(cause.code, cause.params) if cause else ""
