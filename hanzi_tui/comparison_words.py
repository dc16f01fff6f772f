"""What a comparison of two evaluations says, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hanzi_tui.i18n import _

if TYPE_CHECKING:
    from pipeline.evaluation.compare import Comparison

SIGNIFICANT = 0.05


def significance(found: Comparison) -> str:
    """Returns what McNemar's test says."""
    form = _("exact") if found.test == "exact" else _("χ² with continuity correction")
    if found.p_value < SIGNIFICANT:
        text = _("p = {p:.2g} ({form}): more than chance")
    else:
        text = _("p = {p:.2g} ({form}): may well be chance")
    return text.format(p=found.p_value, form=form)
