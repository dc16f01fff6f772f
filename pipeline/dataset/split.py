"""Who trains and who tests: by class, seeded, and what belongs together kept together.

Images are tied to others by equal content, by likeness, and by a group such as the writer. What
is tied, directly or through others, is a unit, and a unit is never divided. A class of one unit
only trains, of two trains and tests, from three on each split with a share above 0 gets one.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.dataset.apportion import SPLITS, TEST, TRAIN, VALIDATION, apportioned, class_counts
from pipeline.dataset.groups import Groups
from pipeline.dataset.ties import components, equal, mixed, numbered

__all__ = ["SPLITS", "TEST", "TRAIN", "VALIDATION", "class_counts", "split_indices", "tied"]


def split_indices(
    classes: NDArray[np.int32],
    digests: NDArray[np.uint8],
    validation: float,
    test: float,
    seed: int,
    *,
    groups: Groups | None = None,
    alike: NDArray[np.int32] | None = None,
    fixed: NDArray[np.int8] | None = None,
) -> NDArray[np.int8]:
    """Assigns each image to a split.

    Units whose images are all of one class are divided class by class. Units of several classes,
    as writers are, are divided first and as a whole. A unit's turn follows from the seed and its
    name or content, so that an image, a class or a group more or less moves few others.

    Args:
        classes: int32 `[N]`, class of each image.
        digests: uint8 `[N, D]`, digest of the content of each image.
        validation: share of the images, 0 to 0.5.
        test: share of the images, 0 to 0.5.
        seed: decides which of the units validate and test.
        groups: of the images, never divided.
        alike: int32 `[N]`, equal numbers for near copies.
        fixed: int8 `[N]`, the split an image has already, as an index into `SPLITS`, -1 where it
            has none. It is kept, whatever is tied to it; but where no image is fixed to
            validation (or test), its share is taken from the images fixed to training.

    Returns:
        int8 `[N]`, indices into `SPLITS`.
    """
    if fixed is not None and (fixed >= 0).any():
        present = set(np.unique(fixed).tolist())
        validation = 0.0 if VALIDATION in present else validation
        test = 0.0 if TEST in present else test
        free = fixed < 0 if not validation and not test else (fixed < 0) | (fixed == TRAIN)
        assigned = np.where(fixed < 0, TRAIN, fixed).astype(np.int8)
    else:
        free = np.ones(len(classes), bool)
        assigned = np.full(len(classes), TRAIN, np.int8)
    if free.any():
        some = None if groups is None else Groups(groups.ids[free], groups.names)
        units = tied(digests[free], None if alike is None else alike[free], some)
        turns = _turns(digests[free], some, seed)
        assigned[free] = _divided(units, turns, classes[free], (validation, test),
                                  by_group=groups is not None)  # fmt: skip
    return assigned


def tied(
    digests: NDArray[np.uint8], alike: NDArray[np.int32] | None, groups: Groups | None
) -> NDArray[np.int64]:
    """Returns the unit of each image: int64 `[N]`, the smallest index among its images."""
    ties = [numbered(digests), *([] if alike is None else [alike])]
    return components(len(digests), map(equal, [*ties, *([groups.ids] if groups else [])]))


def _turns(digests: NDArray[np.uint8], groups: Groups | None, seed: int) -> NDArray[np.uint64]:
    """Returns uint64 `[N]`, hashes of the seed and each image's group, or else its content."""
    salt = seed.to_bytes(8, "little")
    if groups is not None:
        hashed = [hashlib.blake2b(name.encode("utf-8", "surrogateescape"), digest_size=8, salt=salt)
                  .digest() for name in groups.names]  # fmt: skip
        return np.frombuffer(b"".join(hashed), np.uint64)[groups.ids]
    start = np.ascontiguousarray(digests[:, :8]).view(np.uint64).ravel()
    return mixed(start ^ np.frombuffer(hashlib.blake2b(salt, digest_size=8).digest(), np.uint64))


def _divided(
    units: NDArray[np.int64],
    turns: NDArray[np.uint64],
    classes: NDArray[np.int32],
    shares: tuple[float, float],
    *,
    by_group: bool,
) -> NDArray[np.int8]:
    """Divides units of images, int64 `[N]`, that come in turns, uint64 `[N]`; lowest first."""
    unit_of = np.unique(units, return_inverse=True)[1]
    turn = np.full(unit_of.max() + 1, np.iinfo(np.uint64).max, np.uint64)
    np.minimum.at(turn, unit_of, turns)
    # A part is what a unit holds of a class.
    class_count = int(classes.max()) + 1
    keys, part_of = np.unique(unit_of * class_count + classes, return_inverse=True)
    unit, label = np.divmod(keys, class_count)
    parts = _Parts(unit, label, np.bincount(part_of), turn, shares)
    split_of = np.full(len(keys), TRAIN, np.int8)
    several = np.bincount(unit)[unit] > 1
    _divide_whole(parts, several, split_of, by_group)
    _divide_by_class(parts, several, split_of)
    return split_of[part_of]


@dataclass(frozen=True)
class _Parts:
    """Parts of units, int64 `[P]` each: the unit, its class there, how many images.

    `turn` is uint64 `[U]`, one for each unit; `shares` those of validation and test.
    """

    unit: NDArray[np.int64]
    label: NDArray[np.int64]
    sizes: NDArray[np.int64]
    turn: NDArray[np.uint64]
    shares: tuple[float, float]

    @property
    def wished(self) -> list[int]:
        """Splits beside training that are to have images, the more important one first."""
        shares = zip((TEST, VALIDATION), reversed(self.shares), strict=True)
        return [split for split, share in shares if share > 0]


def _divide_whole(
    parts: _Parts, several: NDArray[np.bool_], split_of: NDArray[np.int8], by_group: bool
) -> None:
    """Divides the units of several classes, without a look at the classes."""
    divided = several
    if not by_group:
        # Where a few images are tied across classes, a class of one unit trains, as others do.
        alone = parts.sizes == np.bincount(parts.label, parts.sizes)[parts.label]
        divided = several & ~np.isin(parts.unit, parts.unit[alone])
    if not divided.any():
        return
    counts = np.bincount(parts.unit[divided], parts.sizes[divided], len(parts.turn)).astype(int)
    order = np.unique(parts.unit[divided])
    order = order[np.argsort(parts.turn[order], kind="stable")]
    split_of_unit = np.full(len(parts.turn), TRAIN, np.int8)
    split_of_unit[order] = apportioned(
        counts[order].tolist(),
        class_counts(int(counts.sum()), *parts.shares),
        [TRAIN, *parts.wished] if by_group else [],
        generous=_coin(parts, order[0]),
    )
    split_of[several] = split_of_unit[parts.unit[several]]
    if not by_group:
        _train_each_class(parts, several, split_of)


def _train_each_class(
    parts: _Parts, several: NDArray[np.bool_], split_of: NDArray[np.int8]
) -> None:
    """Gives a unit back to training wherever a class has no other image to train with."""
    trained = ~several | (split_of == TRAIN)
    for label in np.setdiff1d(parts.label, parts.label[trained]):
        members = parts.label == label
        if not (split_of[members] == TRAIN).any():
            split_of[parts.unit == parts.unit[members][0]] = TRAIN


def _divide_by_class(parts: _Parts, several: NDArray[np.bool_], split_of: NDArray[np.int8]) -> None:
    """Divides the units of one class, beside what units of several classes brought already."""
    have = np.zeros((int(parts.label.max()) + 1, len(SPLITS)), int)
    np.add.at(have, (parts.label[several], split_of[several]), parts.sizes[several])
    single = np.flatnonzero(~several)
    unit, label = parts.unit[single], parts.label[single]
    single = single[np.lexsort((unit, parts.turn[unit], label))]
    starts = np.flatnonzero(np.diff(parts.label[single], prepend=-1))
    for members in np.split(single, starts)[1:]:
        placed = have[parts.label[members[0]]].tolist()
        sizes = parts.sizes[members].tolist()
        wanted = class_counts(sum(sizes) + sum(placed), *parts.shares)
        split_of[members] = apportioned(
            sizes,
            [max(0, want - had) for want, had in zip(wanted, placed, strict=True)],
            [split for split in (TRAIN, *parts.wished) if not placed[split]],
            generous=_coin(parts, parts.unit[members[0]]),
        )


def _coin(parts: _Parts, unit: np.int64) -> bool:
    return bool(parts.turn[unit] & np.uint64(1))
