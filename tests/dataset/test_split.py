"""Splits are honest: nothing that belongs together stands on two sides."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.dataset.groups import Groups, group_ids
from pipeline.dataset.split import TEST, TRAIN, VALIDATION, split_indices, tied
from pipeline.problems import Problem

CLASSES = 12


def digests(count: int, seed: int = 7) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (count, 16), dtype=np.uint8)


def grouped(sizes: list[int], classes: int = CLASSES) -> tuple[NDArray[np.int32], Groups]:
    """Returns classes and groups of images; the classes go round within each group."""
    ids = np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)
    of_class = np.concatenate([np.arange(size, dtype=np.int32) % classes for size in sizes])
    return of_class, Groups(ids, tuple(f"w{i:03}" for i in range(len(sizes))))


def shares(splits: NDArray[np.int8]) -> list[float]:
    return [round(float(np.mean(splits == split)), 3) for split in (TRAIN, VALIDATION, TEST)]


def sides(splits: NDArray[np.int8], keys: NDArray[np.int32]) -> Counter[int]:
    """Counts on how many sides the images of each key stand."""
    return Counter(len(np.unique(splits[keys == key])) for key in np.unique(keys))


@pytest.mark.parametrize(
    ("size", "train", "validation", "test"),
    [(1, 1, 0, 0), (2, 1, 0, 1), (3, 1, 1, 1), (10, 7, 1, 2), (100, 75, 10, 15)],
)
def test_small_classes_follow_the_stated_rule(
    size: int, train: int, validation: int, test: int
) -> None:
    splits = split_indices(np.zeros(size, np.int32), digests(size), 0.10, 0.15, seed=3)
    assert np.bincount(splits, minlength=3).tolist() == [train, validation, test]


def test_writers_stay_whole_and_make_up_the_shares() -> None:
    of_class, groups = grouped([150] * 100)
    splits = split_indices(of_class, digests(15_000), 0.10, 0.15, 0, groups=groups)
    assert sides(splits, groups.ids) == {1: 100}
    assert shares(splits) == [0.75, 0.10, 0.15]


def test_a_few_unequal_masters_come_as_near_to_the_shares_as_they_can() -> None:
    of_class, groups = grouped([2011, 1636, 1100, 1000, 497, 346])
    for seed in range(5):
        splits = split_indices(of_class, digests(6590), 0.10, 0.15, seed, groups=groups)
        assert sides(splits, groups.ids) == {1: 6}
        _train, validation, test = shares(splits)
        assert abs(test - 0.15) < 0.02
        assert abs(validation - 0.10) < 0.03


def test_another_seed_chooses_other_writers_and_the_same_seed_the_same() -> None:
    of_class, groups = grouped([150] * 100)
    one, again, other = (
        split_indices(of_class, digests(15_000), 0.10, 0.15, seed, groups=groups)
        for seed in (0, 0, 1)
    )
    assert np.array_equal(one, again)
    assert np.mean(one != other) > 0.2


def test_the_order_of_the_images_does_not_matter() -> None:
    of_class, groups = grouped([150, 130, 170] * 20)
    content = digests(len(of_class))
    splits = split_indices(of_class, content, 0.10, 0.15, 0, groups=groups)
    order = np.random.default_rng(0).permutation(len(of_class))
    shuffled = split_indices(of_class[order], content[order], 0.10, 0.15, 0,
                             groups=Groups(groups.ids[order], groups.names))  # fmt: skip
    assert np.array_equal(shuffled, splits[order])


def test_a_writer_less_moves_few_others() -> None:
    of_class, groups = grouped([150] * 100)
    content = digests(15_000)
    before = split_indices(of_class, content, 0.10, 0.15, 0, groups=groups)
    for gone in range(0, 100, 9):
        left = groups.ids != gone
        after = split_indices(of_class[left], content[left], 0.10, 0.15, 0,
                              groups=Groups(groups.ids[left], groups.names))  # fmt: skip
        moved = np.unique(groups.ids[left][after != before[left]])
        assert len(moved) <= 3


def test_an_image_more_moves_few_others_and_none_of_other_classes() -> None:
    of_class = np.repeat(np.arange(CLASSES, dtype=np.int32), 100)
    content = digests(1200)
    before = split_indices(of_class, content, 0.10, 0.15, 0)
    more = np.concatenate([content, digests(1, seed=8)])
    after = split_indices(np.append(of_class, np.int32(4)), more, 0.10, 0.15, 0)[:1200]
    assert (after != before).sum() <= 2
    assert set(of_class[after != before]) <= {4}


def test_tracks_of_one_class_are_divided_class_by_class() -> None:
    of_class = np.repeat(np.arange(CLASSES, dtype=np.int32), 36)
    tracks = np.repeat(np.arange(CLASSES * 9, dtype=np.int32), 4)
    groups = Groups(tracks, tuple(f"{i:05}" for i in range(CLASSES * 9)))
    splits = split_indices(of_class, digests(len(of_class)), 0.10, 0.15, 0, groups=groups)
    assert sides(splits, tracks) == {1: CLASSES * 9}
    for split in (TRAIN, VALIDATION, TEST):
        assert len(np.unique(of_class[splits == split])) == CLASSES
    assert abs(shares(splits)[2] - 0.15) < 0.05


@pytest.mark.parametrize(("tracks", "expected"), [(1, {TRAIN}), (2, {TRAIN, TEST})])
def test_a_class_of_few_groups_follows_the_rule_for_few_images(
    tracks: int, expected: set[int]
) -> None:
    groups = Groups(np.repeat(np.arange(tracks, dtype=np.int32), 30), tuple("abc"[:tracks]))
    splits = split_indices(np.zeros(30 * tracks, np.int32), digests(30 * tracks), 0.1, 0.15, 0,
                           groups=groups)  # fmt: skip
    assert set(splits.tolist()) == expected


def test_copies_near_copies_and_groups_tie_each_other() -> None:
    of_class, groups = grouped([40] * 30)
    content = digests(len(of_class))
    content[41] = content[0]  # writers 0 and 1
    alike = np.arange(len(of_class), dtype=np.int32)
    alike[80] = alike[45]  # writers 1 and 2
    for seed in range(10):
        splits = split_indices(of_class, content, 0.10, 0.15, seed, groups=groups, alike=alike)
        assert sides(splits, groups.ids) == {1: 30}
        assert splits[0] == splits[41] == splits[45] == splits[80]
        assert abs(shares(splits)[2] - 0.15) < 0.02


def test_a_class_whose_only_picture_is_a_copy_of_anothers_trains() -> None:
    of_class = np.array([0] * 20 + [1], np.int32)
    content = digests(21)
    content[20] = content[3]
    for seed in range(20):
        splits = split_indices(of_class, content, 0.10, 0.15, seed)
        assert splits[20] == splits[3] == TRAIN


def test_where_all_is_tied_all_trains() -> None:
    of_class, groups = grouped([40] * 10)
    alike = np.arange(400, dtype=np.int32)
    alike[::40] = 0
    splits = split_indices(of_class, digests(400), 0.10, 0.15, 0, groups=groups, alike=alike)
    assert set(splits.tolist()) == {TRAIN}


def test_the_split_of_a_tree_is_kept_even_where_it_leaks() -> None:
    of_class = np.repeat(np.arange(4, dtype=np.int32), 60)
    content = digests(240)
    content[:40] = content[40:80]
    fixed = np.tile(np.array([TRAIN, TRAIN, VALIDATION, TEST], np.int8), 60)
    splits = split_indices(of_class, content, 0.10, 0.15, 0, fixed=fixed)
    assert np.array_equal(splits, fixed)


def test_a_tree_without_validation_lends_it_from_its_training_images() -> None:
    of_class = np.repeat(np.arange(4, dtype=np.int32), 100)
    fixed = np.tile(np.array([TRAIN] * 4 + [TEST], np.int8), 80)
    splits = split_indices(of_class, digests(400), 0.10, 0.15, 0, fixed=fixed)
    assert np.array_equal(splits == TEST, fixed == TEST)
    assert np.bincount(splits).tolist() == [288, 32, 80]


def test_shares_of_zero_leave_a_split_empty() -> None:
    of_class, groups = grouped([50] * 20)
    splits = split_indices(of_class, digests(1000), 0.0, 0.15, 0, groups=groups)
    assert np.bincount(splits, minlength=3).tolist() == [850, 0, 150]


def test_a_pattern_names_groups_by_its_group_or_by_all_it_matches() -> None:
    paths = ["一/w001_1.png", "一/w002_1.png", "二/w001_2.png"]
    for pattern in (r"_?(w\d+)_", r"w\d+"):
        groups = group_ids(paths, pattern)
        assert groups.names == ("w001", "w002")
        assert groups.ids.tolist() == [0, 1, 0]
        assert groups.sizes() == {"w001": 2, "w002": 1}
        assert groups.alone(np.array([0, 0, 1])).tolist() == [1]


@pytest.mark.parametrize(
    ("pattern", "code", "said"),
    [("(w", "settings.bad_pattern", "unterminated"), ("w" * 300, "settings.bad_pattern", "200"),
     (r"w(\d)", "split.no_group", "三/x.png"), (r"()", "split.no_group", "一/w1.png")],
)  # fmt: skip
def test_a_pattern_that_is_wrong_says_so(pattern: str, code: str, said: str) -> None:
    with pytest.raises(Problem, match=said.replace(".", r"\.")) as told:
        group_ids(["一/w1.png", "二/w2.png", "三/x.png"], pattern)
    assert told.value.code == code


@pytest.mark.parametrize("seed", range(100))
def test_whatever_is_tied_nothing_stands_on_two_sides_and_every_class_trains(seed: int) -> None:
    random = np.random.default_rng(seed)
    count = int(random.integers(1, 120))
    of_class = random.integers(0, int(random.integers(1, 9)), count).astype(np.int32)
    content = digests(count, seed)
    alike = np.arange(count, dtype=np.int32)
    for ids in (content, alike):
        some = random.integers(0, count, (int(random.integers(0, 6)), 2))
        ids[some[:, 0]] = ids[some[:, 1]]
    owners = random.integers(0, 20, count).astype(np.int32)
    for groups in (None, Groups(owners, tuple(f"g{i}" for i in range(20)))):
        splits = split_indices(of_class, content, 0.10, 0.15, seed, groups=groups, alike=alike)
        assert set(sides(splits, tied(content, alike, groups).astype(np.int32))) == {1}
        trained = set(of_class[splits == TRAIN].tolist())
        assert trained == set(of_class.tolist()) if groups is None else trained
