"""The parts of the page that show numbers: the headline, how sure, by size and group, curves."""

from __future__ import annotations

import math
from typing import Any

from hanzi_tui import counts
from hanzi_tui.i18n import _, ngettext, worded
from hanzi_tui.report import plots
from hanzi_tui.report.findings import Findings
from hanzi_tui.report.markup import Markup, element, joined, table
from hanzi_tui.report.section import Section, section

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
        *(element("p", text, class_="warning") for text in _warnings(findings)),
        element("ul", *(
            element("li", element("b", value), element("span", name), element("small", more),
                    class_="figure")
            for name, value, more in _figures(said)
        ), class_="figures"),
    )  # fmt: skip


def sureness(findings: Findings) -> Section | None:
    """Returns calibration, and coverage against accuracy."""
    said = findings.summary
    if "calibration" not in said:
        return None
    found = said["calibration"]
    fitted = found["fitted"]
    caption = _(
        "Bars: how often answers of that probability were right. On the dashed line they are as "
        "sure as they are right; below it, too sure. Large dots: many images."
    )
    if fitted:
        caption += " " + _(
            "Blue, dashed: at the temperature {temperature:.3f}, fitted on {dataset}/{split}."
        ).format(**fitted)
    rejecting = _("The marks are the probability below which an answer is rejected.")
    return section("sureness", _("How sure it is"), element(
        "div",
        _figure(_("Calibration"), plots.reliability(found["bins"], bool(fitted)), caption),
        _figure(_("Rejecting unsure answers"), plots.coverage(said["coverage"]), rejecting),
        class_="plots",
    ))  # fmt: skip


def shares(findings: Findings) -> Section | None:
    """Returns the accuracy by class size and by group."""
    said = findings.summary
    sizes, groups = said.get("sizes") or [], said.get("groups") or []
    if not sizes and not groups:
        return None
    return section("shares", _("By class size and group"), _sizes(sizes) if sizes else "",
                   _groups(groups) if groups else "")  # fmt: skip


def course(findings: Findings) -> Section | None:
    """Returns the curves of the training that made the model."""
    curves = findings.curves
    if curves is None:
        return None
    best = curves.epochs[curves.best].epoch + 1
    caption = _(
        "Red: validation. Blue, dashed: training. The ring: the best epoch, {best} of {all}."
    )
    return section(
        "training", _("Training"),
        element("div", _figure(_("Accuracy"), plots.curve(curves, "accuracy", _("Accuracy")), ""),
                _figure(_("Loss"), plots.curve(curves, "loss", _("Loss")), ""), class_="plots"),
        element("p", caption.format(best=best, all=len(curves.epochs)), class_="note"),
    )  # fmt: skip


def _warnings(findings: Findings) -> list[str]:
    """Returns what makes the numbers doubtful, in words."""
    said = findings.summary
    seen, unknown = said.get("seen", {}), said.get("unknown", {"labels": []})
    texts = []
    if seen.get("known") is False:
        params = {"model": said["model"], "dataset": (findings.model or {}).get("dataset", "?")}
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


def _sizes(rows: list[Row]) -> Markup:
    header = [_("training images"), _("classes"), *_share_columns()]
    body = [[row["size"].replace("-", "–"), f"{row['classes']:,}", *_share(row, rows)]
            for row in rows]  # fmt: skip
    return element("div", table(header, body, "bcde"), class_="scroll")


def _groups(rows: list[Row]) -> Markup:
    shown = rows[:GROUPS]
    header = [_("group, the worst first"), *_share_columns()]
    body = [[row["group"], *_share(row, shown)] for row in shown]
    listed = element("div", table(header, body, "bcd"), class_="scroll")
    left_out = len(rows) - len(shown)
    more = ngettext("and {count} more group", "and {count} more groups", left_out)
    note = element("p", more.format(count=left_out), class_="note") if left_out else joined()
    return joined(listed, note)


def _share_columns() -> list[str]:
    return [_("images"), _("top-1"), _("95% interval"), ""]


def _share(row: Row, rows: list[Row]) -> list[str]:
    """Returns the cells of an accuracy; its interval is drawn on a line that holds all of them."""
    least = min(math.floor(10 * min(each["low"] for each in rows)) / 10, 0.9)
    return [f"{row['images']:,}", f"{row['accuracy']:.2%}", f"{row['low']:.1%} – {row['high']:.1%}",
            plots.interval(row["low"], row["accuracy"], row["high"], least)]  # fmt: skip
