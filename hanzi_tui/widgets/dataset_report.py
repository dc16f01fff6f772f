"""What will be prepared, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.cells import cell_len
from textual.containers import VerticalScroll
from textual.content import Content
from textual.style import Style
from textual.widgets import Static

from hanzi_tui import counts
from hanzi_tui.i18n import _, ngettext, printable, worded_problem
from hanzi_tui.prepared import DatasetFacts
from hanzi_tui.signs import UNICODE, Signs
from hanzi_tui.source_scan import Scan
from hanzi_tui.split_plan import SplitPlan
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
        text = _("The report of a dataset appears here: choose a source (o) and p prepares it; "
                 "10000 images take up to a minute. Or select a prepared one.")  # fmt: skip
        self._show([Content.styled(text, "$muted")])

    def show_plan(
        self, scan: Scan, plan: SplitPlan | None, name: str, target: Path, settings: DatasetSettings
    ) -> None:
        """Shows what would be prepared; `plan` is None while it is made."""
        self._show(list(self._plan(scan, plan, name, target, settings)))

    def show_made(self, made: DatasetFacts) -> None:
        """Shows a prepared dataset."""
        self._show(list(self._made(made)))

    def _show(self, lines: Sequence[Content]) -> None:
        shown = Content("\n").join(lines)
        if not shown.is_same(self._shown):
            self._shown = shown
            self._text.update(shown)

    def _plan(
        self, scan: Scan, plan: SplitPlan | None, name: str, target: Path, settings: DatasetSettings
    ) -> Iterator[Content]:
        yield Content.assemble((_("to prepare") + "  ", "$muted"), (printable(name), "bold"))
        colour = _("gray") if settings.channels == 1 else "RGB"
        text = _("{images} as {side}x{side} {colour}, {size}")
        array_bytes = scan.images * settings.size**2 * settings.channels
        yield Content(text.format(images=counts.images(scan.images), side=settings.size,
                                  colour=colour, size=size(array_bytes)))  # fmt: skip
        yield Content("")
        if plan is not None:
            yield from self._split(plan, settings)
        yield Content("")
        yield _pair(_("lies in"), str(target))
        yield Content("")
        prepares = _("prepares it; 10000 images take up to a minute")
        yield Content.assemble(("p ", "bold $primary"), prepares)

    def _split(self, plan: SplitPlan, settings: DatasetSettings) -> Iterator[Content]:
        """Yields what the split would be, and the rule it follows."""
        if plan.problem is not None:
            yield Content.styled(f"{self._signs.failed} {worded_problem(plan.problem)}", "$error")
            return
        if settings.split_file:
            yield _pair(_("split as in"), settings.split_file)
            return
        for split, count in plan.counts.items():
            groups = plan.group_counts.get(split)
            text = "" if groups is None else _("groups: {count}").format(count=groups)
            yield _number(split, count) + Content.styled(f"  {text}" if text else "", "$muted")
        if plan.own:
            yield Content.styled(_("the source's own split is kept"), "$muted")
        elif plan.groups:
            yield Content.styled(_("about: groups and copies stay in one split"), "$muted")
        else:
            yield Content.styled(_("about: copies stay in one split"), "$muted")
            yield Content.styled(_("a class of 1 image trains only, of 2 trains and tests, "
                                   "from 3 on is in each split"), "$muted")  # fmt: skip
        for split, count in plan.absent.items():
            if count and plan.counts[split]:
                text = ngettext("{count} class without an image in {split}",
                                "{count} classes without an image in {split}", count)  # fmt: skip
                yield self._warning(text.format(count=count, split=split))
        if plan.one_group:
            text = _("classes known from one group only, which train or test: {count}")
            yield self._warning(text.format(count=plan.one_group))

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
        if reviewed := made.described.get("reviewed"):
            text = _("{dropped} left out, {relabelled} relabelled")
            yield _pair(_("review list"), text.format(**reviewed))
        origin, shape = made.described["origin"], made.described["normalizer"]
        yield Content("")
        colour = _("gray") if shape["channels"] == 1 else "RGB"
        text = _("{side}x{side} {colour}, {size}, seed {seed}")
        yield Content(text.format(side=shape["size_px"], colour=colour, size=size(made.size_bytes),
                                  seed=origin["seed"]))  # fmt: skip
        yield _pair(_("lies in"), str(made.path))
        yield _pair(_("made from"), str(origin["source"]))
        folders = _("writes train, val and test folders for other tools")
        export = Content.assemble(("f ", "bold $primary"), folders)
        yield export.stylize(Style.from_meta({"@click": "screen.export"}))
        yield from self._findings(made)

    def _findings(self, made: DatasetFacts) -> Iterator[Content]:
        described = made.described
        yield from self._proof(described.get("split") or {})
        if described["copies"]:
            text = ngettext("{count} image is an exact copy of another; copies stay in one split",
                            "{count} images are exact copies of others; copies stay in one split",
                            described["copies"])  # fmt: skip
            yield self._warning(text.format(count=described["copies"]))
        if names := described["blank"]:
            text = ngettext("{count} image is blank: {names}", "{count} images are blank: {names}",
                            len(names))  # fmt: skip
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

    def _proof(self, split: Mapping[str, Any]) -> Iterator[Content]:
        """Yields what was counted of a split after it was made."""
        if not split:
            return
        yield Content("")
        across = {_("copies"): split["copies_across"], _("near copies"): split["near_across"],
                  _("groups"): split["groups_across"]}  # fmt: skip
        if not split["compared"]:
            del across[_("near copies")]
        if not split["groups"]:
            del across[_("groups")]
        counts = ", ".join(f"{name} {count}" for name, count in across.items())
        if any(across.values()):
            yield self._warning(_("leakage, on two sides of the split: {counts}")
                                .format(counts=counts))  # fmt: skip
        else:
            text = _("leakage 0, counted after the split: {counts}").format(counts=counts)
            yield Content.styled(f"{self._signs.done} {text}", "$success")
        if split["groups"]:
            groups = ", ".join(f"{name} {count}" for name, count in split["groups"].items())
            yield _pair(_("groups"), groups)
        for name, labels in split["absent"].items():
            if labels:
                text = ngettext("{count} class without an image in {split}: {names}",
                                "{count} classes without an image in {split}: {names}",
                                len(labels))  # fmt: skip
                yield self._warning(text.format(count=len(labels), split=name,
                                                names=self._some(labels)))  # fmt: skip
        if labels := split["one_group"]:
            text = ngettext("{count} class known from one group only: {names}",
                            "{count} classes known from one group only: {names}",
                            len(labels))  # fmt: skip
            yield self._warning(text.format(count=len(labels), names=self._some(labels)))

    def _warning(self, text: str) -> Content:
        return Content.styled(f"{self._signs.warning} {printable(text)}", "$warning")

    def _some(self, names: Sequence[str]) -> str:
        shown = ", ".join(map(printable, names[:NAMED]))
        return f"{shown}, {self._signs.ellipsis}" if len(names) > NAMED else shown


def _number(title: str, count: int) -> Content:
    gap = " " * max(1, 12 - cell_len(title))
    return Content.assemble((f"{title}{gap}", "$muted"), f"{count:>{NUMBERS}}")


def _pair(title: str, text: str) -> Content:
    return Content.assemble((f"{title}\n", "$muted"), printable(text))
