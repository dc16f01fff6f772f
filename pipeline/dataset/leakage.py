"""What a split is worth: counted from the images after the fact, however it was made."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.dataset.groups import Groups
from pipeline.dataset.similar import clusters, near_pairs
from pipeline.dataset.split import SPLITS, TRAIN, tied
from pipeline.dataset.ties import Ties, numbered
from pipeline.events import Report

NAMES_SHOWN = 12
# A wish is missed, and told so, from this many hundredths on.
_MISSED_PERCENT = 2


@dataclass(frozen=True)
class SplitReport:
    """Counts of a split.

    Args:
        counts: split → images.
        classes: split → classes with at least one image.
        absent: split → labels without an image there, in the order of the classes.
        groups: split → groups; empty where there are none.
        one_group: labels that one group only has.
        copies_across: images of validation and test with an exact copy in another split.
        near_across: those with a near copy there, and no exact one.
        groups_across: groups with images in several splits.
        largest: images of the largest set that is not divided, a group not counted as one.
        largest_groups: how many groups it ties together.
        compared: whether near copies were looked for.
    """

    counts: dict[str, int]
    classes: dict[str, int]
    absent: dict[str, tuple[str, ...]]
    groups: dict[str, int]
    one_group: tuple[str, ...]
    copies_across: int
    near_across: int
    groups_across: int
    largest: int
    largest_groups: int
    compared: bool

    @property
    def leaks(self) -> bool:
        return bool(self.copies_across or self.near_across or self.groups_across)

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def split_report(
    classes: NDArray[np.int32],
    names: Sequence[str],
    splits: NDArray[np.int8],
    digests: NDArray[np.uint8],
    *,
    prints: NDArray[np.int8] | None = None,
    distance: int = 0,
    groups: Groups | None = None,
) -> SplitReport:
    """Counts what stands where, and what stands on two sides.

    Args:
        classes: int32 `[N]`, class of each image, indices into `names`.
        names: label of each class.
        splits: int8 `[N]`, indices into `SPLITS`.
        digests: uint8 `[N, D]`, digest of the content of each image.
        prints: int8 `[N, 64]`, fingerprints of the images, where near copies count.
        distance: bits in which near copies differ at most.
        groups: of the images.
    """
    found = np.zeros((len(names), len(SPLITS)), bool)
    found[classes, splits] = True
    alike = None if prints is None else clusters(prints, distance)
    units = tied(digests, alike, groups)
    largest = np.flatnonzero(units == np.argmax(np.bincount(units)))
    in_groups, tied_groups, one_group = _by_group(classes, names, splits, groups, largest)
    copies = _across(numbered(digests), (), splits)
    near = np.zeros(len(splits), bool)
    if prints is not None:
        near = _across(numbered(prints), near_pairs(prints, distance), splits) & prints.any(axis=1)
    per_split = np.bincount(splits, minlength=len(SPLITS)).tolist()
    return SplitReport(
        counts=dict(zip(SPLITS, per_split, strict=True)),
        classes={name: int(found[:, split].sum()) for split, name in enumerate(SPLITS)},
        absent={name: tuple(names[i] for i in np.flatnonzero(~found[:, split]).tolist())
                for split, name in enumerate(SPLITS)},
        groups={} if groups is None
        else {name: int(in_groups[:, split].sum()) for split, name in enumerate(SPLITS)},
        one_group=one_group,
        copies_across=int(copies.sum()),
        near_across=int((near & ~copies).sum()),
        groups_across=int((in_groups.sum(axis=1) > 1).sum()),
        largest=len(largest),
        largest_groups=tied_groups,
        compared=prints is not None,
    )  # fmt: skip


def _by_group(
    classes: NDArray[np.int32],
    names: Sequence[str],
    splits: NDArray[np.int8],
    groups: Groups | None,
    largest: NDArray[np.int64],
) -> tuple[NDArray[np.bool_], int, tuple[str, ...]]:
    """Returns group × split, the groups of the largest set, and the labels of one group only."""
    if groups is None:
        return np.zeros((0, len(SPLITS)), bool), 0, ()
    found = np.zeros((len(groups.names), len(SPLITS)), bool)
    found[groups.ids, splits] = True
    one = tuple(names[i] for i in groups.alone(classes).tolist())
    return found, len(np.unique(groups.ids[largest])), one


def _across(
    numbers: NDArray[np.int32], pairs: Iterable[Ties], splits: NDArray[np.int8]
) -> NDArray[np.bool_]:
    """Finds the images of validation and test that have a twin in another split.

    Args:
        numbers: int32 `[N]`, equal for twins.
        pairs: images that are twins, too, and with them all of their number.
        splits: int8 `[N]`.
    """
    bits = np.left_shift(1, splits).astype(np.uint8)
    where = np.zeros(int(numbers.max()) + 1, np.uint8)
    np.bitwise_or.at(where, numbers, bits)
    reached = where.copy()
    for block in pairs:
        one, other = numbers[block.T]
        np.bitwise_or.at(reached, one, where[other])
        np.bitwise_or.at(reached, other, where[one])
    twin: NDArray[np.bool_] = (reached[numbers] != bits) & (splits != TRAIN)
    return twin


def tell(found: SplitReport, report: Report, validation: float, test: float) -> None:
    """Reports what a user must know about a split for which these shares were wished."""
    total = sum(found.counts.values())
    if found.leaks:
        report.warn("split.leaks", copies=found.copies_across, near=found.near_across,
                    groups=found.groups_across)  # fmt: skip
    else:
        report.log("split.proved", count=total, copies=0, near=0 if found.compared else "-",
                   groups=0 if found.groups else "-")  # fmt: skip
    if found.largest_groups > 1 and 2 * found.largest > total:
        report.warn("split.tied", count=found.largest, total=total, groups=found.largest_groups)
    percent = {name: round(100 * count / total) for name, count in found.counts.items()}
    wished = {"validation": 100 * validation, "test": 100 * test}
    if any(abs(percent[name] - share) > _MISSED_PERCENT for name, share in wished.items()):
        report.log("split.shares", **percent)
    for code, labels in (
        ("split.not_trained", found.absent["train"]),
        ("split.one_group", found.one_group),
    ):
        if labels:
            shown = ", ".join(labels[:NAMES_SHOWN]) + (", …" if len(labels) > NAMES_SHOWN else "")
            report.warn(code, count=len(labels), names=shown)
