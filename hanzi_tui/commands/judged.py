"""An evaluation as `hanzi-tui evaluate` prints it."""

from __future__ import annotations

from typing import Any

from hanzi_tui.commands.console import print_facts, print_table
from hanzi_tui.i18n import _

TOP = 5
"""The k of the top-k accuracies that stands in the first line."""

PAIRS_SHOWN = 10
GROUPS_SHOWN = 10
REJECTING = (0.5, 0.8, 0.9, 0.99)
"""Thresholds whose coverage is printed; the table in the run's folder has a hundred."""


def print_result(result: dict[str, Any]) -> None:
    """Prints the numbers of an evaluation and its most-confused pairs.

    Args:
        result: content of evaluation.json, of any version, or the summary of the run.
    """
    what = result.get("source") or f"{result['dataset']}/{result['split']}"
    print_table(
        (_("model"), _("split"), _("images"), _("classes"), _("top-1"), _("top-5"),
         _("mean recall"), _("images/s")),
        [(result["model"], what, str(result["images"]),
          str(result["classes"]), f"{result['top_1']:.2%}", f"{result['top_5']:.2%}",
          f"{result['mean_recall']:.2%}", f"{result['images_per_s']:.0f}")],
        right="cdefgh",
    )  # fmt: skip
    if "calibration" in result:
        _print_more(result)
    if result["pairs"]:
        print_table(
            (_("most confused"), _("first read as second"), _("second read as first"), _("rate")),
            [(f"{p['first']} {p['second']}", str(p["first_as_second"]), str(p["second_as_first"]),
              f"{p['rate']:.1%}" if "rate" in p else "") for p in result["pairs"][:PAIRS_SHOWN]],
            right="bcd",
        )  # fmt: skip


def _print_more(result: dict[str, Any]) -> None:
    """Prints averages, calibration, coverage, and accuracy by class size and by group."""
    averages = [(f"{key['precision']:.2%}", f"{key['recall']:.2%}", f"{key['f1']:.2%}")
                for key in (result["macro"], result["micro"])]  # fmt: skip
    print_table(("", _("precision"), _("recall"), "F1"),
                [(_("macro"), *averages[0]), (_("micro"), *averages[1])], right="bcd")  # fmt: skip
    calibration = result["calibration"]
    fitted = calibration["fitted"]
    interval = f"{result['top_1_low']:.2%} - {result['top_1_high']:.2%}"
    print_facts([
        (_("top-1, 95 % interval"), interval),
        *((f"top-{k}", f"{share:.2%}") for k, share in result["top"].items() if int(k) > TOP),
        (_("loss"), f"{result['loss']:.4f}"),
        (_("calibration error (ECE)"), f"{calibration['ece']:.4f}"),
        (_("fitted temperature"), "" if fitted is None else _(
            "{temperature:.3f}: ECE {ece:.4f}, loss {loss:.4f}").format(**fitted)),
    ])  # fmt: skip
    kept = [row for row in result["coverage"] if row["threshold"] in REJECTING and row["images"]]
    if kept:
        print_table(
            (_("rejected below"), _("answered"), _("of these right")),
            [(f"{row['threshold']:.2f}", f"{row['coverage']:.1%}", f"{row['accuracy']:.2%}")
             for row in kept],
            right="abc",
        )  # fmt: skip
    _print_shares(_("training images of a class"), "size", result["sizes"] or [])
    _print_shares(_("group, the worst first"), "group", result["groups"][:GROUPS_SHOWN])


def _print_shares(title: str, key: str, rows: list[dict[str, Any]]) -> None:
    if rows:
        print_table(
            (title, _("images"), _("top-1"), _("95 % interval")),
            [(row[key], str(row["images"]), f"{row['accuracy']:.2%}",
              f"{row['low']:.2%} - {row['high']:.2%}") for row in rows],
            right="bc",
        )  # fmt: skip
