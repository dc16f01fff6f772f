"""Who trains and who tests: stratified by class, seeded, copies of a picture kept together."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

SPLITS = ("train", "validation", "test")


def split_indices(
    labels: Sequence[str],
    digests: Sequence[bytes],
    validation: float,
    test: float,
    seed: int,
) -> NDArray[np.int8]:
    """Assigns each image to a split.

    Each class is shuffled by a seed of its own, so that a class more or less leaves the others as
    they were. A class of one image only trains, of two trains and tests, from three on each split
    with a share above 0 gets at least one. Images with equal digests share a split.

    Args:
        labels: label of each of the N images.
        digests: digest of the content of each image.
        validation: share of each class, 0 to 0.5.
        test: share of each class, 0 to 0.5.
        seed: of the shuffle.

    Returns:
        int8 `[N]`, indices into `SPLITS`.
    """
    of_class: dict[str, list[int]] = {}
    copies: dict[bytes, list[int]] = {}
    for index, (label, digest) in enumerate(zip(labels, digests, strict=True)):
        of_class.setdefault(label, []).append(index)
        copies.setdefault(digest, []).append(index)
    assigned = np.full(len(labels), -1, np.int8)
    for label in sorted(of_class):
        members = of_class[label]
        wanted = class_counts(len(members), validation, test)
        # Copies that another class placed already count towards this one.
        have = [int(np.sum(assigned[members] == split)) for split in range(len(SPLITS))]
        for index in _shuffled(members, label, seed):
            if assigned[index] >= 0:
                continue
            group = [i for i in copies[digests[index]] if assigned[i] < 0]
            here = sum(labels[i] == label for i in group)
            split = _roomiest(wanted, have, here)
            assigned[group] = split
            have[split] += here
    return assigned


def class_counts(count: int, validation: float, test: float) -> tuple[int, int, int]:
    """Returns how many of a class of `count` images train, validate and test."""
    tested = max(1, round(count * test)) if test > 0 and count >= 2 else 0
    validated = max(1, round(count * validation)) if validation > 0 and count >= 3 else 0
    return count - tested - validated, validated, tested


def _roomiest(wanted: Sequence[int], have: Sequence[int], size: int) -> int:
    """Returns the first of test, validation, train with room for `size` images; else train."""
    for split in (2, 1):
        if have[split] + size <= wanted[split]:
            return split
    return 0


def _shuffled(members: list[int], label: str, seed: int) -> list[int]:
    key = hashlib.blake2b(f"{seed}\0{label}".encode(), digest_size=16).digest()
    generator = np.random.Generator(np.random.Philox(key=int.from_bytes(key, "little")))
    return [members[i] for i in generator.permutation(len(members))]
