"""Orders of classes put beside each other what a reader expects there."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.evaluation.confusion import Confusion
from pipeline.evaluation.linkage import leaf_order, merges
from pipeline.evaluation.orders import by_accuracy, by_confusion
from pipeline.evaluation.radicals import TABLE, by_radical


def test_characters_stand_as_in_a_dictionary_of_radicals() -> None:
    shuffled = "说巳a未〇土人已木一士説己末丁們word安"
    labels = ["word", *shuffled.replace("word", "")]
    ordered = [labels[i] for i in by_radical(labels)]
    # 1 一丁, 9 人們, 32 土, 33 士, 40 安, 49 己已巳, 75 木未末, 149 説 and its simplified form
    wanted = "一丁人們土士安己已巳木未末说説〇a".replace("〇", "")
    assert "".join(x for x in ordered if x not in ("〇", "word")) == wanted
    assert ordered[-2:] in (["a", "word"], ["word", "〇"], ["a", "〇"])
    assert TABLE.stat().st_size <= 100_000
    assert TABLE.with_suffix(".txt").read_text("utf-8").count("Unicode-3.0") == 1


def test_a_label_with_a_variation_selector_stands_with_its_character() -> None:
    labels = ["丁", "一\ufe00", "a"]
    assert [labels[i] for i in by_radical(labels)] == ["一\ufe00", "丁", "a"]


def test_classes_that_are_confused_are_neighbours() -> None:
    # 0-4-7 are taken for each other, 2-9 are; the others never.
    pairs = [(0, 4)] * 3 + [(4, 7)] * 2 + [(7, 0)] + [(9, 2)] * 4
    pairs += [(label, label) for label in range(10) for _ in range(5)]
    truth, guess = np.array(pairs).T
    order = by_confusion(Confusion.of(truth, guess, 10)).tolist()
    assert sorted(order[:3]) == [0, 4, 7]
    assert sorted(order[3:5]) == [2, 9]
    assert order[5:] == [1, 3, 5, 6, 8]
    # The two that are most alike touch.
    assert abs(order.index(0) - order.index(4)) == 1


def test_the_worst_class_comes_first_and_one_without_images_last() -> None:
    truth, guess = np.array([(0, 0), (1, 0), (1, 1), (3, 0)]).T
    assert by_accuracy(Confusion.of(truth, guess, 4)).tolist() == [3, 1, 0, 2]


@pytest.mark.parametrize("seed", range(3))
def test_clusters_are_those_of_scipys_average_linkage(seed: int) -> None:
    hierarchy = pytest.importorskip("scipy.cluster.hierarchy")
    generator = np.random.default_rng(seed)
    count = 40
    first, second = np.triu_indices(count, 1)
    alike = generator.random(len(first))
    alike[generator.random(len(first)) < 0.7] = 0.0  # most pairs are never confused
    kept = alike > 0
    made = merges(first[kept], second[kept], alike[kept], count)
    linked = hierarchy.linkage(1 - alike, "average")
    heights = linked[: len(made), 2]
    assert np.allclose([1 - merge.similarity for merge in made], heights)
    assert {frozenset((m.first, m.second)) for m in made} == {
        frozenset(map(int, row[:2])) for row in linked[: len(made)]
    }
    order = leaf_order(made, count, lambda _a, _b: 0.0)
    assert sorted(order) == list(range(count))
