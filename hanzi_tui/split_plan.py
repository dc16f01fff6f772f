"""How a source would be split, told before anything is prepared."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from pipeline.dataset.groups import Groups, group_ids
from pipeline.dataset.sources import Listing
from pipeline.dataset.split import SPLITS, split_indices
from pipeline.problems import Problem
from pipeline.settings import DatasetSettings


@dataclass(frozen=True)
class SplitPlan:
    """What a split would be if no image had a copy; copies shift some images.

    Args:
        counts: split → images; empty where another dataset's split.csv decides.
        absent: split → classes that have no image there.
        groups: group → images, empty where nothing is grouped.
        group_counts: split → groups.
        one_group: classes that one group only has.
        own: whether the source comes with a split.
        problem: what is wrong with the group pattern; the rest is empty then.
    """

    counts: dict[str, int] = field(default_factory=dict)
    absent: dict[str, int] = field(default_factory=dict)
    groups: dict[str, int] = field(default_factory=dict)
    group_counts: dict[str, int] = field(default_factory=dict)
    one_group: int = 0
    own: bool = False
    problem: Problem | None = None


def split_plan(listing: Listing, settings: DatasetSettings) -> SplitPlan:
    """Splits the images of a listing as prepare would, without a look at their content."""
    images = listing.images
    groups: Groups | None = None
    if settings.group:
        try:
            groups = group_ids(map(images.path, range(len(images))), settings.group)
        except Problem as problem:
            return SplitPlan(problem=problem)
    classes = np.frombuffer(images.label_index, np.int32)
    alone = 0 if groups is None else len(groups.alone(classes))
    sizes = {} if groups is None else groups.sizes()
    if settings.split_file:
        return SplitPlan(groups=sizes, one_group=alone)
    # No two alike, as no content is known.
    digests = np.zeros((len(images), 8), np.uint8)
    digests.view(np.uint64)[:, 0] = np.arange(len(images))
    fixed = np.frombuffer(images.splits, np.int8) - np.int8(1)
    own = bool((fixed >= 0).any())
    splits = split_indices(classes, digests, settings.validation, settings.test, settings.seed,
                           groups=groups, fixed=fixed if own else None)  # fmt: skip
    found = np.zeros((len(images.labels), len(SPLITS)), bool)
    found[classes, splits] = True
    held = np.zeros((len(sizes), len(SPLITS)), bool)
    if groups is not None:
        held[groups.ids, splits] = True
    per_split = np.bincount(splits, minlength=len(SPLITS)).tolist()
    return SplitPlan(
        counts=dict(zip(SPLITS, per_split, strict=True)),
        absent=dict(zip(SPLITS, (~found).sum(axis=0).tolist(), strict=True)),
        groups=sizes,
        group_counts=dict(zip(SPLITS, held.sum(axis=0).tolist(), strict=True)) if sizes else {},
        one_group=alone,
        own=own,
    )
