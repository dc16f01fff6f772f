"""What will be prepared, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.cells import cell_len
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from hanzi_tui.i18n import _, printable, worded_problem
from hanzi_tui.prepared import DatasetFacts
from hanzi_tui.signs import ASCII, UNICODE, Signs
from hanzi_tui.source_scan import Scan
from hanzi_tui.wording import size
from pipeline.settings import DatasetSettings

NUMBERS = 7
NAMED = 12
"""Classes or files that are named; the others are counted."""


class DatasetReport(VerticalScroll):
    """Shows a plan or a prepared dataset as text that scrolls.

    Args:
        signs: Unicode or ASCII.
    """

    BINDING_GROUP_TITLE = _("Report")

    def __init__(self, *, signs: Signs = UNICODE, id: str | None = None) -> None:  # noqa: A002
        text = Static()
        super().__init__(text, id=id)
        self._text = text
        self._signs = signs
        self._shown = Content("")

    def show_nothing(self) -> None:
        """Teaches what comes here."""
        text = _("The report of a dataset appears here: choose a folder (o) and p prepares it; "
                 "10000 images take up to a minute. Or select a prepared one.")  # fmt: skip
        self._show([Content.styled(text, "$muted")])

    def show_plan(self, scan: Scan, name: str, target: Path, settings: DatasetSettings) -> None:
        """Shows what would be prepared."""
        self._show(list(self._plan(scan, name, target, settings)))

    def show_made(self, made: DatasetFacts) -> None:
        """Shows a prepared dataset."""
        self._show(list(self._made(made)))

    def _show(self, lines: Sequence[Content]) -> None:
        shown = Content("\n").join(lines)
        if not shown.is_same(self._shown):
            self._shown = shown
            self._text.update(shown)

    def _plan(
        self, scan: Scan, name: str, target: Path, settings: DatasetSettings
    ) -> Iterator[Content]:
        yield Content.assemble((_("to prepare") + "  ", "$muted"), (printable(name), "bold"))
        colour = _("gray") if settings.channels == 1 else "RGB"
        text = _("{images} images as {side}x{side} {colour}, {size}")
        array_bytes = scan.images * settings.size**2 * settings.channels
        yield Content(text.format(images=scan.images, side=settings.size, colour=colour,
                                  size=size(array_bytes)))  # fmt: skip
        yield Content("")
        counts = scan.split_counts(settings.validation, settings.test)
        for split, count in zip(("train", "validation", "test"), counts, strict=True):
            yield _number(split, count)
        yield Content.styled(_("about: copies stay in one split"), "$muted")
        untested = scan.untested(settings.test)
        if untested and settings.test:
            text = _("{count} classes are too small for a test image")
            yield self._warning(text.format(count=untested))
        yield Content("")
        yield _pair(_("lies in"), str(target))
        yield Content("")
        prepares = _("prepares it; 10000 images take up to a minute")
        yield Content.assemble(("p ", "bold $primary"), prepares)

    def _made(self, made: DatasetFacts) -> Iterator[Content]:
        yield Content.styled(printable(made.name), "bold")
        if made.problem is not None:
            text = f"{self._signs.failed} {worded_problem(made.problem)}"
            yield Content.styled(text, "$error")
            return
        yield _number(_("classes"), made.classes)
        for split, count in made.counts.items():
            yield _number(split, count)
        yield _number(_("rejected"), int(made.described["rejected"]))
        origin, shape = made.described["origin"], made.described["normalizer"]
        yield Content("")
        colour = _("gray") if shape["channels"] == 1 else "RGB"
        text = _("{side}x{side} {colour}, {size}, seed {seed}")
        yield Content(text.format(side=shape["size_px"], colour=colour, size=size(made.size_bytes),
                                  seed=origin["seed"]))  # fmt: skip
        yield _pair(_("lies in"), str(made.path))
        yield _pair(_("made from"), str(origin["source"]))
        yield from self._findings(made)

    def _findings(self, made: DatasetFacts) -> Iterator[Content]:
        described = made.described
        if described["copies"]:
            text = _("{count} images are exact copies of others; copies stay in one split")
            yield self._warning(text.format(count=described["copies"]))
        for names, text in (
            (described["blank"], _("{count} images are blank: {names}")),
            (described["untested"], _("{count} classes without a test image: {names}")),
        ):
            if names:
                yield self._warning(text.format(count=len(names), names=self._some(names)))
        if made.rejected:
            yield Content("")
            yield Content.styled(_("rejected"), "$muted")
        for path, reason in made.rejected[:NAMED]:
            words = printable(reason.removeprefix(f"{path}: "))
            yield Content.assemble(f"{self._signs.failed} {printable(path)}  ", (words, "$muted"))
        if len(made.rejected) > NAMED:
            text = _("{count} more: b browses them")
            yield Content.styled(text.format(count=len(made.rejected) - NAMED), "$muted")

    def _warning(self, text: str) -> Content:
        return Content.styled(f"{self._signs.warning} {printable(text)}", "$warning")

    def _some(self, names: Sequence[str]) -> str:
        shown = ", ".join(map(printable, names[:NAMED]))
        more = ", ..." if self._signs == ASCII else ", …"
        return shown + more if len(names) > NAMED else shown


def _number(title: str, count: int) -> Content:
    gap = " " * max(1, 12 - cell_len(title))
    return Content.assemble((f"{title}{gap}", "$muted"), f"{count:>{NUMBERS}}")


def _pair(title: str, text: str) -> Content:
    return Content.assemble((f"{title}\n", "$muted"), printable(text))
