"""What a source folder holds: counts, how large its classes are, and what is odd about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.cells import cell_len
from textual.content import Content
from textual.widgets import Static

from hanzi_tui.i18n import _, printable
from hanzi_tui.signs import UNICODE, Signs
from hanzi_tui.source_scan import Scan, histogram
from hanzi_tui.widgets.long_list import cell

BAR_WIDTH = 9
NUMBER_WIDTH = 8
COLUMN = 12
NAMED = 4


class SourceCounts(Static):
    """The counts of a scan as text, with a histogram of the class sizes.

    Args:
        signs: Unicode or ASCII.
    """

    def __init__(self, *, signs: Signs = UNICODE, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._signs = signs

    def show(self, scan: Scan) -> None:
        """Shows a scan."""
        self.update(Content("\n").join(self._lines(scan)))

    def say(self, text: str, bad: bool = False) -> None:
        """Shows words instead, with the sign of failure where they are `bad`."""
        words = printable(text) if not bad else f"{self._signs.failed} {printable(text)}"
        self.update(Content.styled(words, "$error" if bad else "$muted"))

    def _lines(self, scan: Scan) -> Iterator[Content]:
        counts = _("{images} images   {classes} classes")
        yield Content.styled(counts.format(images=scan.images, classes=len(scan.sizes)), "bold")
        yield Content.styled(printable(str(scan.root)), "$muted")
        yield from self._findings(scan)
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
        found = []
        if scan.rejected:
            text = _("{count} images lie in folders whose name holds a control character")
            found.append(text.format(count=len(scan.rejected)))
        for label, folders in list(scan.merged.items())[:NAMED]:
            text = _("{count} folders hold the label {label}; they become one class")
            found.append(text.format(count=len(folders), label=label))
        for line in found:
            yield Content.styled(f"{self._signs.warning} {printable(line)}", "$warning")
        if scan.others:
            text = _("{count} other files are no images, and are left out")
            yield Content.styled(text.format(count=scan.others), "$muted")


def _ends(sizes: Sequence[tuple[str, int]]) -> Iterator[Content]:
    """Yields the smallest classes beside the largest."""
    yield Content.styled(cell(_("smallest"), COLUMN + 2) + cell(_("largest"), COLUMN), "$muted")
    for pair in zip(sizes[:NAMED], reversed(sizes[-NAMED:]), strict=True):
        yield Content("  ").join(
            Content(cell(label, COLUMN - 6) + cell(str(size), 6, right=True))
            for label, size in pair
        )
