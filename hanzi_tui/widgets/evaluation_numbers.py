"""What an evaluation found, in numbers: averages, calibration, coverage, and who fares worse."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content

from hanzi_tui import counts
from hanzi_tui.evaluation_results import seen_before, subject
from hanzi_tui.i18n import _, printable
from hanzi_tui.signs import UNICODE, Signs
from hanzi_tui.widgets.curves import Chart, Curves, Series
from hanzi_tui.widgets.lines import Lines
from hanzi_tui.widgets.sheet import Sheet
from hanzi_tui.wording import measured

BAR_COLUMNS = 24
NAME_COLUMNS = 16
GROUPS_SHOWN = 12
UNKNOWN_SHOWN = 20


class EvaluationNumbers(Sheet[None]):
    """Shows the numbers of an evaluation.

    Args:
        summary: content of evaluation.json.
        signs: Unicode or ASCII.
    """

    DEFAULT_CSS = """
    EvaluationNumbers Horizontal { height: 16; margin-top: 1; }
    EvaluationNumbers.-narrow Horizontal, EvaluationNumbers.-tiny Horizontal {
        layout: vertical; height: 32;
    }
    """
    HORIZONTAL_BREAKPOINTS = [(0, "-tiny"), (61, "-narrow"), (100, "-wide")]
    BINDING_GROUP_TITLE = _("Numbers")

    def __init__(self, summary: dict[str, Any], *, signs: Signs = UNICODE) -> None:
        super().__init__()
        self._summary = summary
        self._signs = signs

    def compose(self) -> ComposeResult:
        with VerticalScroll():
            yield Lines()
            if "calibration" in self._summary:
                with Horizontal():
                    yield self._curves(coverage_chart(self._summary), "coverage")
                    yield self._curves(reliability_chart(self._summary), "reliability")

    def _curves(self, chart: Chart, name: str) -> Curves:
        curves = Curves(id=name)
        curves.signs, curves.chart = self._signs, chart
        return curves

    def on_mount(self) -> None:
        self.query_one(Lines).show(list(number_lines(self._summary, self._signs)))
        self.query_one(VerticalScroll).focus()


def number_lines(summary: dict[str, Any], signs: Signs) -> Iterator[Content]:
    """Yields the lines above the plots; an evaluation by an earlier version has few of them."""
    yield Content.styled(printable(subject(summary)), "bold")
    if seen := seen_before(summary):
        yield Content.styled(f"{signs.warning} {seen_words(seen)}", "bold $warning")
    yield Content("")
    yield from _facts(_averages(summary))
    if unknown := summary.get("unknown", {}).get("labels"):
        images = counts.images(summary["unknown"]["images"], ",")
        text = _("{images} of classes that the model does not know: {labels}").format(
            images=images, labels=" ".join(unknown[:UNKNOWN_SHOWN])
        )
        yield Content.styled(f"{signs.warning} {printable(text)}", "$warning")
    if summary.get("sizes"):
        yield from _shares(_("accuracy by training images of a class"), "size", summary["sizes"],
                           signs)  # fmt: skip
    if groups := summary.get("groups"):
        title = _("accuracy by group, the worst first")
        yield from _shares(title, "group", groups[:GROUPS_SHOWN], signs)
        if (more := len(groups) - GROUPS_SHOWN) > 0:
            yield Content.styled(_("and {count} more, in groups.csv").format(count=more), "$muted")


def seen_words(images: int) -> str:
    """Says that a model was judged by images it had learned from."""
    text = _("JUDGED BY WHAT IT LEARNED FROM: it has seen {images} of these images before")
    return text.format(images=f"{images:,}")


def _averages(summary: dict[str, Any]) -> Iterator[tuple[str, str]]:
    tops = summary.get("top", {"1": summary["top_1"], "5": summary["top_5"]})
    told = [f"top-{k} {share:.2%}" for k, share in tops.items()]
    yield _("accuracy"), "   ".join(told)
    if "macro" not in summary:
        yield _("mean recall"), f"{summary['mean_recall']:.2%}"
        return
    low, high = summary["top_1_low"], summary["top_1_high"]
    yield _("top-1, 95 % interval"), f"{low:.2%} - {high:.2%}"
    form = _("precision {precision:.2%}   recall {recall:.2%}   F1 {f1:.2%}")
    yield _("macro"), form.format(**summary["macro"])
    yield _("micro"), form.format(**summary["micro"])
    yield _("loss"), measured(summary["loss"])
    calibration = summary["calibration"]
    yield _("calibration error (ECE)"), f"{calibration['ece']:.4f}"
    if fitted := calibration["fitted"]:
        text = _("{temperature:.3f}: ECE {ece:.4f}, loss {loss:.4f}").format(**fitted)
        yield _("fitted temperature"), text
    yield _("speed"), _("{rate:,.0f} images/s").format(rate=summary["images_per_s"])


def _facts(facts: Iterator[tuple[str, str]]) -> list[Content]:
    known = list(facts)
    width = max(cell_len(name) for name, _text in known)
    return [Content.assemble((name, "$muted"), " " * (width - cell_len(name) + 2), text)
            for name, text in known]  # fmt: skip


def _shares(
    title: str, key: str, rows: Sequence[dict[str, Any]], signs: Signs
) -> Iterator[Content]:
    """Yields a bar for each row, from the accuracy of nothing to that of everything."""
    yield Content("")
    yield Content.styled(title, "$muted")
    names = [printable(row[key] or _("(none)")) for row in rows]
    columns = min(NAME_COLUMNS, max(map(cell_len, names)))
    for name, row in zip(names, rows, strict=True):
        if not row["images"]:
            continue
        full = round(row["accuracy"] * BAR_COLUMNS)
        shown = Content(name).truncate(columns)
        yield Content.assemble(
            " " * (columns - shown.cell_length), shown, "  ",
            signs.full * full, (signs.empty * (BAR_COLUMNS - full), "$muted"),
            f"  {row['accuracy']:7.2%}",
            (f"  {row['low']:.1%} - {row['high']:.1%}   {counts.images(row['images'], ',')}",
             "$muted"),
        )  # fmt: skip


def coverage_chart(summary: dict[str, Any]) -> Chart:
    """Returns how right the answers are when only so large a share of them is given."""
    rows = sorted((row["coverage"], row["accuracy"]) for row in summary["coverage"]
                  if row["images"])  # fmt: skip
    share, accuracy = zip(*rows, strict=True) if rows else ((), ())
    series = Series(_("accuracy"), share, accuracy, "validation", "epoch")
    return Chart(_("accuracy of what is answered"), (series,), _("coverage"), 1.0)


def reliability_chart(summary: dict[str, Any]) -> Chart:
    """Returns how often answers are right against how sure they were, in bins."""
    bins = [row for row in summary["calibration"]["bins"] if row["images"]]
    sure = [row["confidence"] for row in bins]
    right = Series(_("right"), sure, [row["accuracy"] for row in bins], "validation", "epoch")
    ideal = Series(_("as sure as right"), [0.0, 1.0], [0.0, 1.0], "train", "epoch")
    return Chart(_("reliability"), (ideal, right), _("confidence"), 1.0)
