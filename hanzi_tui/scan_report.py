"""A scan of a source as lines of text: what it holds, then what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len

from hanzi_tui.i18n import _, printable, worded
from hanzi_tui.signs import Signs
from hanzi_tui.source_scan import histogram

if TYPE_CHECKING:
    from pipeline.dataset.scan import SourceScan
    from pipeline.dataset.seen import Pixels, Spread

BAR_WIDTH = 30
ENDS = 10
"""Smallest and largest classes to name."""
SHOWN = 5
NAME_WIDTH = 16


def scan_lines(scan: SourceScan, signs: Signs) -> Iterator[str]:
    """Yields what a source holds: counts, class sizes, pixels, and findings with a sign each."""
    counts = _("{images} images   {classes} classes")
    yield f"{printable(scan.root)} ({scan.source_kind})"
    yield counts.format(images=scan.images, classes=len(scan.classes))
    for code, params in scan.notes:
        yield f"  {worded(code, params)}"
    yield ""
    yield from _class_sizes(scan, signs)
    yield ""
    for name, value in _rows(scan):
        yield f"{_padded(name)}{value}"
    if scan.pixels or scan.splits or scan.groups:
        yield ""
    for sign, text, details in _findings(scan, signs):
        yield f"{sign} {text}"
        yield from (f"    {printable(detail)}" for detail in details[:SHOWN])
        if len(details) > SHOWN:
            yield "    " + _("{count} more: --json names all").format(count=len(details) - SHOWN)


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


def _rows(scan: SourceScan) -> Iterator[tuple[str, str]]:
    """Yields names and values of what was counted."""
    if scan.splits:
        yield _("own split"), _counted(scan.splits)
    if scan.groups:
        sizes = scan.groups.values()
        text = _("{count}; the smallest has {smallest} images, the largest {largest}")
        yield (
            _("groups"),
            text.format(count=len(sizes), smallest=min(sizes), largest=max(sizes)),
        )
    if pixels := scan.pixels:
        if pixels.widths and pixels.heights:
            yield _("width"), _spread(pixels.widths)
            yield _("height"), _spread(pixels.heights)
        if pixels.modes:
            yield _("pixels"), _counted(pixels.modes)
        words = {"dark on light": _("dark on light"), "light on dark": _("light on dark")}
        shown = {words[name]: count for name, count in pixels.polarity.items() if count}
        if shown:
            yield _("polarity"), _counted(shown)


def _findings(scan: SourceScan, signs: Signs) -> Iterator[tuple[str, str, Sequence[str]]]:
    """Yields sign, sentence and examples of each finding, the worst first."""
    pixels, count = scan.pixels, len(scan.rejected)
    if count:
        reasons = [rejected.reason for rejected in scan.rejected]
        yield signs.failed, _("files that cannot be used: {count}").format(count=count), reasons
    if pixels:
        yield from _copies(pixels, signs)
        if pixels.blank:
            text = _("blank images: {count}").format(count=len(pixels.blank))
            yield signs.warning, text, pixels.blank
        if all(pixels.polarity.values()):
            text = _("both polarities; prepare turns all of them to the same")
            yield signs.warning, text, ()
    single = [label for label, size in scan.classes.items() if size == 1]
    alone, long_labels = scan.one_group, scan.long_labels
    for text, labels in (
        (_("classes of one image, which train and are not tested: {count}"), single),
        (_("classes known from one group only, which train or test: {count}"), alone),
        # Where no label is a character, as of traffic signs, they are meant to be longer.
        (_("labels that are not one character: {count}"),
         long_labels if len(long_labels) < len(scan.classes) else ()),
    ):  # fmt: skip
        if labels:
            yield signs.warning, text.format(count=len(labels)), [_joined(labels, signs)]
    for label, folders in scan.merged.items():
        text = _("folders of the label {label}, taken together: {count}")
        yield signs.warning, text.format(label=printable(label), count=len(folders)), folders
    if scan.others:
        yield (
            " ",
            _("files that are no images by their names: {count}").format(count=scan.others),
            (),
        )
    if pixels is None:
        yield " ", _("A quick scan: no image was opened."), ()


def _copies(pixels: Pixels, signs: Signs) -> Iterator[tuple[str, str, Sequence[str]]]:
    if pixels.two_labels:
        text = _("pictures under two labels, one of which is wrong: {count}")
        yield (
            signs.failed,
            text.format(count=len(pixels.two_labels)),
            _sets(pixels.two_labels, signs),
        )
    for sets, found, none in (
        (pixels.copies, _("exact copies: {count} images in {sets} sets"), _("exact copies: none")),
        (pixels.near, _("near copies: {count} images in {sets} sets"), _("near copies: none")),
    ):
        count = sum(map(len, sets))
        text = found.format(count=count, sets=len(sets)) if sets else none
        yield signs.warning if sets else signs.done, text, _sets(sets, signs)
    if pixels.plain:
        text = _("too plain to tell a near copy, such as a single stroke: {count} images")
        yield " ", text.format(count=pixels.plain), ()


def _sets(sets: Sequence[Sequence[str]], signs: Signs) -> list[str]:
    return [" = ".join(members[:SHOWN]) + (f" = {signs.ellipsis}" if len(members) > SHOWN else "")
            for members in sets]  # fmt: skip


def _joined(labels: Sequence[str], signs: Signs) -> str:
    return ", ".join(labels[:ENDS]) + (f", {signs.ellipsis}" if len(labels) > ENDS else "")


def _named(classes: Sequence[tuple[str, int]]) -> str:
    return "  ".join(f"{printable(label)} {count}" for label, count in classes)


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items())


def _spread(spread: Spread) -> str:
    if spread.smallest == spread.largest:
        return f"{spread.smallest} px"
    return _("{smallest} to {largest} px, middle {middle} px").format(
        smallest=spread.smallest, largest=spread.largest, middle=spread.middle
    )


def _padded(text: str) -> str:
    return text + " " * max(1, NAME_WIDTH - cell_len(text))
