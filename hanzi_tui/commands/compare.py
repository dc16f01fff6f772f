"""`hanzi-tui compare`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hanzi_tui.commands import console
from hanzi_tui.commands.options import Common, CommonOptions, context
from hanzi_tui.comparison_words import significance
from hanzi_tui.i18n import _

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pipeline.evaluation.compare import Comparison
    from pipeline.evaluation.results import Results


def compare(
    old: str,
    new: str,
    /,
    *,
    most: int = 20,
    common: CommonOptions = Common(),
) -> int:
    """Compare two evaluations of the same images: what got better, what worse, and by chance?

    Prints both accuracies, McNemar's test, and the classes that changed most.

    Args:
        old: evaluation to compare with: run id, a unique part of it, or "last"
        new: evaluation that may be better
        most: classes that changed to print, the worst and the best of them
    """
    from pipeline import runs
    from pipeline.evaluation.compare import compare as compared
    from pipeline.evaluation.results import results_of

    folder = context(common).workspace.runs
    before, after = (results_of(runs.find(folder, name)) for name in (old, new))
    found = compared(before, after)
    if common.json:
        console.print_json(_to_json(before, after, found))
    else:
        _print(before, after, found, most)
    return 0


def _print(old: Results, new: Results, found: Comparison, most: int) -> None:
    both = (_("old"), old, found.old_right), (_("new"), new, found.new_right)
    rows = [(name, results.path.name, results.summary["model"], f"{right / found.images:.2%}",
             str(right)) for name, results, right in both]  # fmt: skip
    console.print_table(("", _("run"), _("model"), _("top-1"), _("right")), rows, right="de")
    console.print_facts([
        (_("images"), str(found.images)),
        (_("only the new one is right"), str(len(found.better))),
        (_("only the old one is right"), str(len(found.worse))),
        (_("both are wrong"), str(found.both_wrong)),
        (_("McNemar's test"), significance(found)),
    ])  # fmt: skip
    changed = found.classes
    if len(changed) > most:
        changed = (*changed[: most - most // 2], *changed[len(changed) - most // 2 :])
    if changed:
        console.print_table(
            (_("class"), _("images"), _("right before"), _("right now"), _("change")),
            [(c.label, str(c.images), str(c.old), str(c.new), f"{c.new - c.old:+d}")
             for c in changed],
            right="bcde",
        )  # fmt: skip


def _to_json(old: Results, new: Results, found: Comparison) -> dict[str, Any]:
    return {
        "old": old.path.name, "new": new.path.name, "images": found.images,
        "old_right": found.old_right, "new_right": found.new_right,
        "both_wrong": found.both_wrong, "p_value": found.p_value, "test": found.test,
        "better": _images(old, new, found, found.better),
        "worse": _images(old, new, found, found.worse),
        "classes": [vars(change) for change in found.classes],
    }  # fmt: skip


def _images(
    old: Results, new: Results, found: Comparison, rows: NDArray[np.int64]
) -> list[dict[str, str]]:
    """Returns images whose answers changed: where each lies, what it is and was taken for."""
    columns = (rows, new.truth[rows], old.guess[found.old_row[rows]], new.guess[rows])
    return [
        {"path": new.paths[row], "truth": new.label(truth), "old": old.label(before),
         "new": new.label(now)}
        for row, truth, before, now in zip(*(c.tolist() for c in columns), strict=True)
    ]  # fmt: skip
