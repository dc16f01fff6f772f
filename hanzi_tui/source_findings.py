"""What is wrong with a source, or may be: each finding with the images that show it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from hanzi_tui.i18n import _
from hanzi_tui.source_scan import Scan
from pipeline.dataset.sources import SourceImage

MOST_EXAMPLES = 2000
"""Of one finding; the rest is counted."""
Weight = Literal["failed", "warning", "done"]


@dataclass(frozen=True)
class Example:
    """An image that shows a finding.

    Args:
        path: in the source.
        image: None for what is no image of the listing, as a folder with a forbidden name.
        note: what to know of it: the reason, or the set it belongs to.
    """

    path: str
    image: SourceImage | None
    note: str = ""


@dataclass(frozen=True)
class Finding:
    """A sentence with its number, how much it matters, and examples."""

    weight: Weight
    text: str
    examples: tuple[Example, ...] = ()


@dataclass(frozen=True)
class Look:
    """What a full scan saw of the pixels of a source, in words a person can read.

    Args:
        facts: name → value, such as "width" → "64 px".
        findings: the worst first.
    """

    facts: tuple[tuple[str, str], ...]
    findings: tuple[Finding, ...]


def look_of(scan: Scan, found: Mapping[str, Any]) -> Look:
    """Words a full scan, as of `SourceScan.to_dict`, of the source that was counted before."""
    pixels = found["pixels"]
    rejected = [(entry["path"], entry["reason"]) for entry in found["rejected"]]
    named: list[str] = [path for path, _reason in rejected[:MOST_EXAMPLES]]
    for sets in (pixels["two_labels"], pixels["copies"], pixels["near"], [pixels["blank"]]):
        named += _flat(sets)
    at = _by_path(scan, named)
    finds = [*_unusable(rejected, at), *_of_pixels(pixels, at),
             *_of_labels(scan, found["long_labels"])]  # fmt: skip
    order: list[Weight] = ["failed", "warning", "done"]
    finds.sort(key=lambda finding: order.index(finding.weight))
    return Look(tuple(_facts(pixels)), tuple(finds))


def quick_look(scan: Scan) -> Look:
    """Words what the listing alone tells."""
    rejected = [(entry.path, entry.reason) for entry in scan.listing.rejected]
    return Look((), (*_unusable(rejected, {}), *_of_labels(scan, ())))


def _flat(sets: Iterable[Sequence[str]]) -> list[str]:
    return [path for members in sets for path in members][:MOST_EXAMPLES]


def _by_path(scan: Scan, paths: Iterable[str]) -> dict[str, SourceImage]:
    """Finds images by their paths: one pass, since a dictionary of a million costs 100 MB."""
    wanted = {path.encode("utf-8", "surrogateescape") for path in paths}
    images = scan.listing.images
    found = (i for i in range(len(images)) if images.path_bytes(i) in wanted) if wanted else ()
    return {image.path: image for image in map(images.__getitem__, found)}


def _unusable(
    rejected: Sequence[tuple[str, str]], at: Mapping[str, SourceImage]
) -> Iterator[Finding]:
    if rejected:
        text = _("files that cannot be used: {count}").format(count=len(rejected))
        examples = (Example(path, at.get(path), reason) for path, reason in rejected)
        yield Finding("failed", text, tuple(examples)[:MOST_EXAMPLES])


def _of_pixels(pixels: Mapping[str, Any], at: Mapping[str, SourceImage]) -> Iterator[Finding]:
    if pixels["two_labels"]:
        text = _("pictures under two labels, one of which is wrong: {count}")
        yield Finding("failed", text.format(count=len(pixels["two_labels"])),
                      _sets(pixels["two_labels"], at))  # fmt: skip
    for sets, text, none in (
        (pixels["copies"], _("exact copies: {count} images in {sets} sets"),
         _("exact copies: none")),
        (pixels["near"], _("near copies: {count} images in {sets} sets"), _("near copies: none")),
    ):  # fmt: skip
        if sets:
            shown = text.format(count=sum(map(len, sets)), sets=len(sets))
            yield Finding("warning", shown, _sets(sets, at))
        else:
            yield Finding("done", none)
    if pixels["blank"]:
        text = _("blank images: {count}").format(count=len(pixels["blank"]))
        examples = (Example(path, at.get(path)) for path in _flat([pixels["blank"]]))
        yield Finding("warning", text, tuple(examples))
    if all(pixels["polarity"].values()):
        yield Finding("warning", _("both polarities; prepare turns all of them to the same"))


def _sets(sets: Sequence[Sequence[str]], at: Mapping[str, SourceImage]) -> tuple[Example, ...]:
    text = _("set {number} of {count}")
    shown = (Example(path, at.get(path), text.format(number=number, count=len(sets)))
             for number, members in enumerate(sets, 1) for path in members)  # fmt: skip
    return tuple(example for example, _path in zip(shown, _flat(sets), strict=False))


def _of_labels(scan: Scan, long_labels: Sequence[str]) -> Iterator[Finding]:
    images = scan.listing.images
    starts = dict(zip(images.labels, scan.starts, strict=True))

    def one_each(labels: Sequence[str]) -> tuple[Example, ...]:
        shown = (images[starts[label]] for label in labels[:MOST_EXAMPLES])
        return tuple(Example(image.path, image, image.label) for image in shown)

    single = [label for label, size in scan.sizes if size == 1]
    # Where no label is a character, as of traffic signs, they are meant to be longer.
    odd = long_labels if len(long_labels) < len(images.labels) else ()
    for text, labels in (
        (_("classes of one image, which train and are not tested: {count}"), single),
        (_("labels that are not one character: {count}"), odd),
        (_("labels that several folders spell, taken together: {count}"), list(scan.merged)),
    ):
        if labels:
            yield Finding("warning", text.format(count=len(labels)), one_each(labels))


def _facts(pixels: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, spread in ((_("width"), pixels["widths"]), (_("height"), pixels["heights"])):
        if spread is not None:
            same = spread["smallest"] == spread["largest"]
            text = "{smallest} px" if same else _("{smallest} to {largest} px, middle {middle} px")
            yield name, text.format(**spread)
    if pixels["modes"]:
        yield _("pixels"), _counted(pixels["modes"])
    words = {"dark on light": _("dark on light"), "light on dark": _("light on dark")}
    polarity = {words[name]: count for name, count in pixels["polarity"].items() if count}
    if polarity:
        yield _("polarity"), _counted(polarity)


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items())
