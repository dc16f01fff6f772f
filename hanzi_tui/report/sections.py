"""The parts of the page that show mistakes: the matrix, pairs, the worst classes, all classes."""

from __future__ import annotations

from collections.abc import Sequence

from hanzi_tui import counts
from hanzi_tui.i18n import _
from hanzi_tui.report.evidence import TAKEN_FOR, Evidence
from hanzi_tui.report.findings import Findings
from hanzi_tui.report.markup import Markup, data, element, joined
from hanzi_tui.report.matrix import embedded, order_names
from hanzi_tui.report.section import Section, section
from hanzi_tui.report.tiles import Sheet
from pipeline.evaluation.confusion import Pair

HANZI = "zh"
"""Language of labels: a browser then draws Chinese characters, not their Japanese forms."""


def matrix(findings: Findings, shown: Evidence) -> Section:
    """Returns the heatmap, drawn by the page's script."""
    scales = {"log": _("logarithm of the count"), "count": _("count"),
              "share": _("share of the class's images")}  # fmt: skip
    controls = element(
        "div",
        _labelled(_("order"), _select("matrix-order", order_names())),
        _labelled(_("coloured by"), _select("matrix-scale", scales)),
        _labelled(_("find"), _search("matrix-search")),
        element("span", _button("matrix-in", "+", _("zoom in")), " ",
                _button("matrix-out", "−", _("zoom out")), " ",
                _button("matrix-all", _("all classes"), _("all classes"))),
        class_="controls", id="matrix-controls", hidden=True,
    )  # fmt: skip
    legend = element(
        "p", element("span", id="scale-least"), element("i", id="scale-bar"),
        element("span", id="scale-most"), element("span", id="scale-range"), id="scale",
    )  # fmt: skip
    told = _(
        "Rows are what the images are, columns what they were read as; what was read rightly is "
        "the pale diagonal."
    )
    moves = _("Zoom by wheel, pinch or + and −, move by dragging or the arrow keys, 0 shows all.")
    return section(
        "matrix-section", _("Confusion matrix"),
        element("p", told, " ", element("span", moves, class_="screen"), class_="note"),
        controls,
        element("p", _("Point at a cell to read it."), id="readout", aria_live="polite"),
        element("canvas", id="matrix", tabindex=0, role="img", aria_label=_("Confusion matrix")),
        legend, element("noscript", element("p", _("The matrix is drawn by a script."))),
        data("matrix-data", embedded(findings.results, shown.glyphs)),
    )  # fmt: skip


def pairs(findings: Findings, shown: Evidence) -> Section:
    """Returns the most-confused pairs with what was misread."""
    title = _("Most-confused pairs")
    if not shown.pairs:
        return section("pairs", title, element("p", _("Nothing was confused.")))
    ways = {"total": _("by count"), "rate": _("by share of their images")}
    controls = element("div", _labelled(_("order"), _select("pairs-order", ways)),
                       class_="controls", id="pairs-controls", hidden=True)  # fmt: skip
    cards = [_pair(pair, findings, shown) for pair in shown.pairs]
    return section("pairs", title, _without_pictures(findings), controls,
                   element("div", *cards, class_="pairs", id="pair-cards"))  # fmt: skip


def worst(findings: Findings, shown: Evidence) -> Section | None:
    """Returns the classes with the lowest recall, and their misread images."""
    if not shown.worst:
        return None
    confusion, label = findings.results.confusion, findings.results.label
    images, right = confusion.images(), confusion.right()
    cards = []
    for index, rows in shown.worst.items():
        guesses = [label(int(findings.results.answers["guess"][row])) for row in rows]
        part = _("{right} of {images} right").format(right=right[index], images=images[index])
        cards.append(element(
            "article",
            element("h3", _known_by(index, shown), _link(index, index, label(index)),
                    element("small", part)),
            element("p", _("taken for"), " ", _answers(index, findings, shown)),
            _strip(rows, guesses, shown.samples), class_="worst",
        ))  # fmt: skip
    return section("worst", _("Worst classes"), element("div", *cards, class_="worsts"))


def classes(findings: Findings, shown: Evidence) -> Section:
    """Returns the table of all classes that have images, the worst first."""
    results = findings.results
    rows = {row["label"]: row for row in results.classes}
    header = [_("class"), _("images"), _("right"), _("recall, %"), _("95% interval"),
              _("precision, %"), _("F1, %"), _("training images"), _("taken for")]  # fmt: skip
    body = []
    for index in shown.ranked:
        row = rows[results.labels[index]]
        answers = [results.label(guess) for guess, _count in shown.taken_for.get(index, [])]
        cells = (str(row["images"]), str(row["right"]), _hundredths(row["recall"]),
                 _interval(row.get("low"), row.get("high")), _hundredths(row["precision"]),
                 _hundredths(row.get("f1")), _whole(row.get("training_images")))  # fmt: skip
        body.append(element(
            "tr", element("th", _known_by(index, shown), row["label"], scope="row"),
            *(element("td", cell, class_="n") for cell in cells),
            element("td", _answers(index, findings, shown)),
            data_find=" ".join((row["label"], *answers)),
        ))  # fmt: skip
    listed = element(
        "table", _head(header), element("tbody", *body, lang=HANZI), id="classes",
        data_shown=_("{shown} of {all} classes"),
    )  # fmt: skip
    controls = element(
        "div", _labelled(_("find"), _search("classes-search")),
        element("span", id="classes-shown"),
        element("button", _("show all"), type="button", id="classes-more"),
        class_="controls", id="classes-controls", hidden=True,
    )  # fmt: skip
    return section("all-classes", _("All classes"), _not_judged(findings, shown), controls,
                   element("div", listed, class_="scroll"))  # fmt: skip


def _pair(pair: Pair, findings: Findings, shown: Evidence) -> Markup:
    label = findings.results.label
    first, second = pair.first, pair.second
    ways = [(first, second, pair.first_as_second), (second, first, pair.second_as_first)]
    ways.sort(key=lambda way: -way[2])
    strips: list[Markup] = []
    for truth, guess, count in ways:
        if not count:
            continue
        told = _("{truth} read as {guess}: {count}").format(
            truth=label(truth), guess=label(guess), count=count)  # fmt: skip
        rows = shown.strips[truth, guess]
        sure = [f"{findings.results.answers['probability'][row]:.0%}" for row in rows]
        strips += [element("p", told, lang=HANZI), _strip(rows, sure, shown.samples)]
    truth, guess, _count = ways[0]
    return element(
        "article",
        element("h3", _known_by(first, shown), _link(truth, guess, label(first)), " ",
                _known_by(second, shown), _link(truth, guess, label(second)),
                element("small", f"{pair.total}×, {pair.rate:.1%}")),
        *strips, class_="pair", data_total=pair.total, data_rate=f"{pair.rate:.5f}",
    )  # fmt: skip


def _strip(rows: Sequence[int], captions: Sequence[str], samples: Sheet | None) -> Markup:
    """Returns images side by side, each with a line below; nothing where images are gone."""
    if samples is None:
        return joined()
    return element("div", *(
        element("figure", samples.tile(row, caption), element("figcaption", caption, lang=HANZI))
        for row, caption in zip(rows, captions, strict=True)
    ), class_="strip")  # fmt: skip


def _answers(index: int, findings: Findings, shown: Evidence) -> Markup:
    """Returns what a class was taken for, and how often."""
    found = shown.taken_for.get(index, [])
    texts = [f"{findings.results.label(guess)} {count}" for guess, count in found[:TAKEN_FOR]]
    more = " …" if len(found) > TAKEN_FOR else ""
    return element("span", ", ".join(texts) + more, lang=HANZI)


def _known_by(index: int, shown: Evidence) -> Markup:
    """Returns a sample of a class, to stand beside its label."""
    row = shown.known_by.get(index)
    return joined() if row is None or shown.glyphs is None else shown.glyphs.tile(row)


def _link(truth: int, guess: int, text: str) -> Markup:
    """Returns a label that leads to a cell of the matrix."""
    return element("a", text, href="#matrix-section", lang=HANZI, data_truth=truth,
                   data_guess=guess)  # fmt: skip


def _not_judged(findings: Findings, shown: Evidence) -> Markup:
    left_out = len(findings.results.labels) - len(shown.ranked)
    if not left_out:
        return joined()
    said = _("Without images, and so not judged: {classes}.")
    return element("p", said.format(classes=counts.classes(left_out, ",")), class_="note")


def _without_pictures(findings: Findings) -> Markup:
    if findings.pixels is not None:
        return joined()
    said = _("There are no pictures here: the images are gone, or others have taken their place.")
    return element("p", said, class_="note")


def _head(names: Sequence[str]) -> Markup:
    last = len(names) - 1
    return element("thead", element("tr", *(
        element("th", name, scope="col", class_=None if at in (0, last) else "n",
                aria_sort="ascending" if at == 3 else None)
        for at, name in enumerate(names)
    )))  # fmt: skip


def _labelled(text: str, field: Markup) -> Markup:
    return element("label", text, field)


def _select(name: str, options: dict[str, str]) -> Markup:
    choices = (element("option", text, value=value) for value, text in options.items())
    return element("select", *choices, id=name)


def _search(name: str) -> Markup:
    return element("input", id=name, type="search", size=8, lang=HANZI)


def _button(name: str, text: str, told: str) -> Markup:
    return element("button", text, type="button", id=name, aria_label=told, title=told)


def _hundredths(value: float | None) -> str:
    return "" if value is None else f"{100 * value:.1f}"


def _interval(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f"{100 * low:.1f} – {100 * high:.1f}"


def _whole(value: int | None) -> str:
    return "" if value is None else str(value)
