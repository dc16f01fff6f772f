"""A scan of a source as lines of text: what it holds, then what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len

from hanzi_tui import counts
from hanzi_tui.i18n import _, printable, worded
from hanzi_tui.scan_findings import Finding, facts, findings, sign_of
from hanzi_tui.signs import Signs
from hanzi_tui.source_scan import histogram

if TYPE_CHECKING:
    from pipeline.dataset.scan import SourceScan

BAR_WIDTH = 30
ENDS = 10
"""Smallest and largest classes to name."""
SHOWN = 5
NAME_WIDTH = 16


def scan_lines(scan: SourceScan, signs: Signs) -> Iterator[str]:
    """Yields what a source holds: counts, class sizes, pixels, and findings with a sign each."""
    yield f"{printable(scan.root)} ({scan.source_kind})"
    yield f"{counts.images(scan.images)}   {counts.classes(len(scan.classes))}"
    for code, params in scan.notes:
        yield f"  {worded(code, params)}"
    yield ""
    yield from _class_sizes(scan, signs)
    yield ""
    found = scan.to_dict()
    counted = list(facts(found))
    for name, value in counted:
        yield f"{_padded(name)}{value}"
    if counted:
        yield ""
    for finding in findings(found):
        yield f"{sign_of(finding.weight, signs)} {finding.text}"
        details = _details(finding, signs)
        yield from (f"    {printable(detail)}" for detail in details[:SHOWN])
        if len(details) > SHOWN:
            yield "    " + _("{count} more: --json names all").format(count=len(details) - SHOWN)
    if scan.pixels is None:
        yield "  " + _("A quick scan: no image was opened.")


def _class_sizes(scan: SourceScan, signs: Signs) -> Iterator[str]:
    lines = histogram(list(scan.classes.values()))
    most = max(classes for _low, _high, classes in lines)
    yield f"{_padded(_('images each'))}{_('classes')}"
    for low, high, classes in lines:
        bar = signs.full * round(BAR_WIDTH * classes / most)
        size = str(low) if low == high else f"{low}-{high}"
        yield f"{_padded('  ' + size)}{classes:<8}{bar or signs.separator * bool(classes)}"
    ends = list(scan.classes.items())
    yield _padded(_("smallest")) + _named(ends[:ENDS])
    yield _padded(_("largest")) + _named(ends[: -ENDS - 1 : -1])


def _details(finding: Finding, signs: Signs) -> list[str]:
    """Returns what shows a finding, a line each: reasons, sets of paths, or labels on one line."""
    if finding.rejected:
        return [reason for _path, reason in finding.rejected]
    if finding.sets:
        return [" = ".join(members[:SHOWN])
                + (f" = {signs.ellipsis}" if len(members) > SHOWN else "")
                for members in finding.sets]  # fmt: skip
    return [_joined(finding.labels, signs)] if finding.labels else []


def _joined(labels: Sequence[str], signs: Signs) -> str:
    return ", ".join(labels[:ENDS]) + (f", {signs.ellipsis}" if len(labels) > ENDS else "")


def _named(classes: Sequence[tuple[str, int]]) -> str:
    return "  ".join(f"{printable(label)} {count}" for label, count in classes)


def _padded(text: str) -> str:
    return text + " " * max(1, NAME_WIDTH - cell_len(text))
