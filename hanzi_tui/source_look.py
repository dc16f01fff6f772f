"""What was seen of a source: each finding with the images that show it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

from hanzi_tui.i18n import _
from hanzi_tui.scan_findings import Finding, Weight, facts, findings
from hanzi_tui.source_scan import Scan
from pipeline.dataset.sources import SourceImage

MOST_EXAMPLES = 2000
"""Of one finding; the rest is counted."""


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
class ShownFinding:
    """A sentence with its number, how much it matters, and examples."""

    weight: Weight
    text: str
    examples: tuple[Example, ...] = ()


@dataclass(frozen=True)
class Look:
    """What is known of a source, in words a person can read.

    Args:
        facts: name → value, such as "width" → "64 px".
        findings: the worst first.
    """

    facts: tuple[tuple[str, str], ...]
    findings: tuple[ShownFinding, ...]


def look_of(scan: Scan, found: Mapping[str, Any]) -> Look:
    """Words a full scan, as of `SourceScan.to_dict`, of the source that was counted before."""
    made = findings(found)
    at = _by_path(scan, chain.from_iterable(map(_paths, made)))
    starts = dict(zip(scan.listing.images.labels, scan.starts, strict=True))
    shown = (
        ShownFinding(finding.weight, finding.text,
                     tuple(islice(_examples(finding, scan, at, starts), MOST_EXAMPLES)))
        for finding in made
    )  # fmt: skip
    return Look(tuple(facts(found)), tuple(shown))


def quick_look(scan: Scan) -> Look:
    """Words what the listing alone tells."""
    rejected = [{"path": entry.path, "reason": entry.reason} for entry in scan.listing.rejected]
    return look_of(scan, {
        "pixels": None, "rejected": rejected, "classes": dict(scan.sizes), "long_labels": (),
        "one_group": (), "merged": scan.merged, "others": scan.listing.others, "splits": {},
        "groups": {},
    })  # fmt: skip


def _paths(finding: Finding) -> Iterator[str]:
    """Yields the paths of a finding's examples, unless labels name these."""
    paths = chain((path for path, _reason in finding.rejected),
                  () if finding.labels else chain.from_iterable(finding.sets))  # fmt: skip
    return islice(paths, MOST_EXAMPLES)


def _by_path(scan: Scan, paths: Iterable[str]) -> dict[str, SourceImage]:
    """Finds images by their paths: one pass, since a dictionary of a million costs 100 MB."""
    wanted = {path.encode("utf-8", "surrogateescape") for path in paths}
    images = scan.listing.images
    found = (i for i in range(len(images)) if images.path_bytes(i) in wanted) if wanted else ()
    return {image.path: image for image in map(images.__getitem__, found)}


def _examples(
    finding: Finding, scan: Scan, at: Mapping[str, SourceImage], starts: Mapping[str, int]
) -> Iterator[Example]:
    for path, reason in finding.rejected:
        yield Example(path, at.get(path), reason)
    if finding.labels:
        for image in (scan.listing.images[starts[label]] for label in finding.labels):
            yield Example(image.path, image, image.label)
    else:
        yield from _of_sets(finding.sets, at)


def _of_sets(sets: Sequence[Sequence[str]], at: Mapping[str, SourceImage]) -> Iterator[Example]:
    """Yields the images of sets, those of more than one image with the number of their set."""
    text = _("set {number} of {count}")
    for number, members in enumerate(sets, 1):
        note = text.format(number=number, count=len(sets)) if len(members) > 1 else ""
        yield from (Example(path, at.get(path), note) for path in members)
