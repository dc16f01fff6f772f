"""What a source holds: counts, how large its classes are, and what is odd about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual.content import Content
from textual.message import Message
from textual.style import Style
from textual.widgets import Static

from hanzi_tui import counts
from hanzi_tui.i18n import _, printable, worded
from hanzi_tui.scan_findings import sign_of
from hanzi_tui.signs import UNICODE, Signs
from hanzi_tui.source_look import Look
from hanzi_tui.source_scan import Scan, histogram
from hanzi_tui.widgets.long_list import cell

BAR_WIDTH = 9
NUMBER_WIDTH = 8
COLUMN = 12
NAMED = 10
"""Smallest and largest classes to name."""
FACT = 10


class SourceCounts(Static):
    """The counts of a scan as text, with a histogram of the class sizes, and what was found.

    Args:
        signs: Unicode or ASCII.
    """

    auto_links = False

    @dataclass
    class Asked(Message):
        """The images of a finding are wanted, by its number."""

        number: int

    def __init__(self, *, signs: Signs = UNICODE, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._signs = signs
        self._scan: Scan | None = None
        self._look = Look((), ())

    def show(self, scan: Scan, look: Look) -> None:
        """Shows a scan, and what was found so far."""
        self._scan, self._look = scan, look
        self.end_progress()

    def say(self, text: str, bad: bool = False) -> None:
        """Shows words instead, with the sign of failure where they are `bad`."""
        self._scan = None
        words = printable(text) if not bad else f"{self._signs.failed} {printable(text)}"
        self.update(Content.styled(words, "$error" if bad else "$muted"))

    def show_progress(self, done: int, total: int) -> None:
        """Says how many images were looked at, beside the counts."""
        text = _("{done} of {total} images looked at; x stops")
        self._update(f"{self._signs.running} {text.format(done=done, total=total)}", "$primary")

    def end_progress(self) -> None:
        """Says what comes next in place of how far a scan is."""
        known = bool(self._look.facts)
        self._update("" if known else _("x looks at every image: copies, blank and damaged ones"))

    def action_look(self, number: int) -> None:
        self.post_message(self.Asked(number))

    def _update(self, first: str, colour: str = "$muted") -> None:
        if self._scan is not None:
            self.update(Content("\n").join(self._lines(self._scan, Content.styled(first, colour))))

    def _lines(self, scan: Scan, first: Content) -> Iterator[Content]:
        told = f"{counts.images(scan.images)}   {counts.classes(len(scan.sizes))}"
        yield Content.styled(told, "bold")
        yield Content.styled(printable(f"{scan.root} ({scan.source.kind})"), "$muted")
        if first:
            yield first
        yield from self._findings(scan)
        yield Content("")
        for name, value in self._look.facts:
            yield Content.assemble((cell(name, FACT), "$muted"), printable(value))
        if self._look.facts:
            yield Content("")
        yield from self._histogram([size for _label, size in scan.sizes])
        yield Content("")
        yield from _ends(scan.sizes)

    def _histogram(self, sizes: Sequence[int]) -> Iterator[Content]:
        lines = [(str(low) if low == high else f"{low}-{high}", classes)
                 for low, high, classes in histogram(sizes)]  # fmt: skip
        title = _("images each")
        width = max(cell_len(title), *(len(text) for text, _classes in lines))
        most = max(classes for _text, classes in lines)
        head = cell(title, width + BAR_WIDTH + 1) + cell(_("classes"), NUMBER_WIDTH, right=True)
        yield Content.styled(head, "$muted")
        for text, classes in lines:
            bar = self._signs.full * max(bool(classes), round(BAR_WIDTH * classes / most))
            yield Content.assemble(f"{text:>{width}} ", (f"{bar:<{BAR_WIDTH}}", "$secondary"),
                                   f"{classes:>{NUMBER_WIDTH}}")  # fmt: skip

    def _findings(self, scan: Scan) -> Iterator[Content]:
        colours = {"failed": "$error", "warning": "$warning", "done": "$success", "note": "$muted"}
        for number, finding in enumerate(self._look.findings):
            sign = sign_of(finding.weight, self._signs)
            line = Content.styled(f"{sign} {printable(finding.text)}", colours[finding.weight])
            yield line.stylize(Style.from_meta({"@click": f"look({number})"}))
        for code, params in scan.listing.notes:
            yield Content.styled(printable(worded(code, params)), "$muted")
        more = Content.assemble(("l ", "bold $primary"), _("shows their images, and any class"))
        yield more.stylize(Style.from_meta({"@click": "look(0)"}))


def _ends(sizes: Sequence[tuple[str, int]]) -> Iterator[Content]:
    """Yields the smallest classes beside the largest."""
    yield Content.styled(cell(_("smallest"), COLUMN + 2) + cell(_("largest"), COLUMN), "$muted")
    for pair in zip(sizes[:NAMED], reversed(sizes[-NAMED:]), strict=True):
        yield Content("  ").join(
            Content(cell(label, COLUMN - 6) + cell(str(size), 6, right=True))
            for label, size in pair
        )
