"""The parts of the page that show numbers: the headline, how sure, by size and group, curves."""

from __future__ import annotations

import math
from typing import Any

from hanzi_tui import counts
from hanzi_tui.i18n import _, ngettext, worded
from hanzi_tui.report import plots
from hanzi_tui.report.findings import Findings
from hanzi_tui.report.markup import Markup, element, joined, table
from hanzi_tui.report.sections import section

GROUPS, NAMES = 20, 12
"""Groups in the table, and unknown labels that are named."""

Row = dict[str, Any]


def headline(findings: Findings) -> Markup:
    """Returns what the report is of, what to beware of, and the numbers in large type."""
    said = findings.summary
    model = said["model"] if not findings.model else f"{said['model']} ({findings.model['model']})"
    lead = _("The model {model} read {share} of {images} of {classes} rightly.").format(
        model=model, share=f"{said['top_1']:.2%}", images=counts.images(said["images"], ","),
        classes=counts.classes(said["classes"], ","),
    )  # fmt: skip
    return joined(
        element("p", _("Evaluation report"), class_="eyebrow"),
        element("h1", findings.judged),
        element("p", lead, class_="lead"),
        *(element("p", text, class_="warning") for text in _warnings(said)),
        element("ul", *(
            element("li", element("b", value), element("span", name), element("small", more),
                    class_="figure")
            for name, value, more in _figures(said)
        ), class_="figures"),
    )  # fmt: skip


def sureness(findings: Findings) -> Markup:
    """Returns calibration, and coverage against accuracy."""
    said = findings.summary
    if "calibration" not in said:
        return joined()
    found = said["calibration"]
    fitted = found["fitted"]
    caption = _(
        "Bars: how often answers of that probability were right. On the dashed line they are as "
        "sure as they are right; below it, too sure. Large dots: many images."
    )
    if fitted:
        caption += " " + _(
            "Blue: at the temperature {temperature:.3f}, fitted on {dataset}/{split}."
        ).format(**fitted)
    rejecting = _("The marks are the probability below which an answer is rejected.")
    return section("sureness", _("How sure it is"), element(
        "div",
        _figure(_("Calibration"), plots.reliability(found["bins"], bool(fitted)), caption),
        _figure(_("Rejecting unsure answers"), plots.coverage(said["coverage"]), rejecting),
        class_="plots",
    ))  # fmt: skip


def shares(findings: Findings) -> Markup:
    """Returns the accuracy by class size and by group."""
    said = findings.summary
    sizes, groups = said.get("sizes") or [], said.get("groups") or []
    parts = []
    if sizes:
        parts.append(_shares(_("training images"), "size", sizes, classes=True))
    if groups:
        title = _("group, the worst first")
        left_out = len(groups) - GROUPS
        more = "" if left_out <= 0 else ngettext(
            "and {count} more group", "and {count} more groups", left_out
        ).format(count=left_out)  # fmt: skip
        parts += [_shares(title, "group", groups[:GROUPS]), element("p", more, class_="note")]
    if not parts:
        return joined()
    return section("shares", _("By class size and group"), *parts)


def course(findings: Findings) -> Markup:
    """Returns the curves of the training that made the model."""
    curves = findings.curves
    if curves is None:
        return joined()
    best = curves.epochs[curves.best].epoch + 1
    caption = _("Red: validation. Blue: training. The ring is the best epoch, {best} of {all}.")
    return section(
        "training", _("Training"),
        element("div", _figure(_("Accuracy"), plots.curve(curves, "accuracy", _("Accuracy")), ""),
                _figure(_("Loss"), plots.curve(curves, "loss", _("Loss")), ""), class_="plots"),
        element("p", caption.format(best=best, all=len(curves.epochs)), class_="note"),
    )  # fmt: skip


def _warnings(said: Row) -> list[str]:
    """Returns what makes the numbers doubtful, in words."""
    seen, unknown = said.get("seen", {}), said.get("unknown", {"labels": []})
    texts = []
    if seen.get("known") is False:
        params = {"model": said["model"], "dataset": (said.get("trained_on") or "?")}
        texts.append(worded("evaluation.training_unknown", params))
    if seen.get("train"):
        code = "trained_on" if seen["train"] == said["images"] else "partly_trained_on"
        texts.append(worded(f"evaluation.{code}",
                            {"count": seen["train"], "total": said["images"]}))  # fmt: skip
    if seen.get("validation"):
        texts.append(worded("evaluation.chosen_by", {}))
    if unknown["labels"]:
        names = " ".join(unknown["labels"][:NAMES]) + (
            " …" if len(unknown["labels"]) > NAMES else ""
        )
        texts.append(worded("evaluation.unknown_labels",
                            {"count": len(unknown["labels"]), "names": names}))  # fmt: skip
    return texts


def _figures(said: Row) -> list[tuple[str, str, str]]:
    """Returns name, value and a remark of each number; earlier versions knew but some."""
    between = ""
    if "top_1_low" in said:
        between = f"{said['top_1_low']:.2%} – {said['top_1_high']:.2%} (95%)"
    found = [
        (_("top-1"), f"{said['top_1']:.2%}", between),
        (_("top-5"), f"{said['top_5']:.2%}", ""),
        (_("mean recall"), f"{said['mean_recall']:.2%}", _("each class counts the same")),
    ]
    if "macro" in said:
        precision = _("precision {share}").format(share=f"{said['macro']['precision']:.2%}")
        found.append((_("macro F1"), f"{said['macro']['f1']:.2%}", precision))
    if "calibration" in said:
        fitted = said["calibration"]["fitted"]
        better = (_("{ece:.4f} at the fitted temperature").format(ece=fitted["ece"])
                  if fitted else "")  # fmt: skip
        found.append((_("calibration error (ECE)"), f"{said['calibration']['ece']:.4f}", better))
    if said.get("loss") is not None and math.isfinite(said["loss"]):
        found.append((_("loss"), f"{said['loss']:.4f}", _("cross-entropy, in nats")))
    return found


def _figure(title: str, plot: Markup, caption: str) -> Markup:
    return element("figure", element("h3", title), plot, element("figcaption", caption))


def _shares(title: str, key: str, rows: list[Row], classes: bool = False) -> Markup:
    least = math.floor(10 * min(row["low"] for row in rows)) / 10
    header = [title, *([_("classes")] if classes else []), _("images"), _("top-1"),
              _("95% interval"), ""]  # fmt: skip
    body = [
        [str(row[key]), *([f"{row['classes']:,}"] if classes else []), f"{row['images']:,}",
         f"{row['accuracy']:.2%}", f"{row['low']:.1%} – {row['high']:.1%}",
         plots.interval(row["low"], row["accuracy"], row["high"], min(least, 0.9))]
        for row in rows
    ]  # fmt: skip
    numbers = "bcde" if classes else "bcd"
    return element("div", table(header, body, numbers), class_="scroll")
