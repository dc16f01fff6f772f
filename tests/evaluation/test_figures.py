"""Every figure over 7,328 classes, against scikit-learn and SciPy, which are for tests only."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.calibration import best_temperature
from pipeline.evaluation import figures
from pipeline.evaluation.answers import LARGEST_LOSS, Temperatures, of_logits
from pipeline.evaluation.compare import mcnemar
from pipeline.evaluation.confusion import Confusion

metrics = pytest.importorskip("sklearn.metrics")
stats = pytest.importorskip("scipy.stats")

CLASSES = 7328
IMAGES = 30_000


@pytest.fixture(scope="module")
def pairs() -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Truths and guesses: a long tail, classes without images, and answers outside them."""
    generator = np.random.default_rng(7)
    truth = np.minimum(generator.zipf(1.4, IMAGES) * 3, CLASSES) - 1
    near = (truth + generator.integers(-3, 4, IMAGES)) % CLASSES
    guess = np.where(generator.random(IMAGES) < 0.8, truth, near)
    far = generator.random(IMAGES) < 0.05
    return truth, np.where(far, generator.integers(0, CLASSES, IMAGES), guess)


@pytest.fixture(scope="module")
def confusion(pairs: tuple[NDArray[np.int64], NDArray[np.int64]]) -> Confusion:
    return Confusion.of(*pairs, CLASSES)


def test_precision_recall_and_f1_are_those_of_scikit_learn(
    pairs: tuple[NDArray[np.int64], NDArray[np.int64]], confusion: Confusion
) -> None:
    tested = np.unique(pairs[0])
    for mine, average in ((figures.macro(confusion), "macro"), (figures.micro(confusion), "micro")):
        wanted = metrics.precision_recall_fscore_support(
            *pairs, labels=tested, average=average, zero_division=0
        )
        assert (mine.precision, mine.recall, mine.f1) == pytest.approx(wanted[:3])
    each = metrics.precision_recall_fscore_support(*pairs, labels=tested, zero_division=0)
    columns = (confusion.precision(), confusion.recall(), confusion.f1(), confusion.images())
    for mine, wanted in zip(columns, each, strict=True):
        assert np.allclose(np.nan_to_num(mine[tested]), wanted)


def test_the_sparse_confusion_holds_what_a_dense_one_does(
    pairs: tuple[NDArray[np.int64], NDArray[np.int64]], confusion: Confusion
) -> None:
    few = [part % 60 for part in pairs]
    dense = metrics.confusion_matrix(*few, labels=range(60))
    sparse = Confusion.of(*few, 60)
    rebuilt = np.zeros_like(dense)
    rebuilt[sparse.truth, sparse.guess] = sparse.count
    assert np.array_equal(rebuilt, dense)
    both = dense + dense.T
    np.fill_diagonal(both, 0)
    worst = sparse.pairs(3)
    assert [pair.total for pair in worst] == sorted(both[np.triu_indices(60)])[:-4:-1]
    images = dense.sum(1)
    rates = both / np.maximum(images[:, None] + images[None, :], 1)
    assert sparse.pairs_by_rate(1)[0].rate == pytest.approx(rates[both >= 2].max())
    assert dict(sparse.taken_for(5)) == {
        guess: count for guess, count in enumerate(dense[5]) if count and guess != 5
    }
    assert confusion.images().sum() == IMAGES
    assert len(confusion.count) < IMAGES


def test_intervals_are_wilsons(confusion: Confusion) -> None:
    images, right = confusion.images(), confusion.right()
    low, high = figures.wilson(right, images)
    for index in np.flatnonzero(images)[::97]:
        wanted = stats.binomtest(int(right[index]), int(images[index])).proportion_ci(
            method="wilson"
        )
        assert (low[index], high[index]) == pytest.approx((wanted.low, wanted.high))
    assert (low[images == 0] == 0).all()
    assert (high[images == 0] == 1).all()


@pytest.fixture(scope="module")
def logits() -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Unsure answers of 7,328 classes to a few images, and the right ones."""
    generator = np.random.default_rng(3)
    truth = generator.integers(0, CLASSES, 150)
    answers = generator.normal(0, 1, (150, CLASSES)).astype(np.float32)
    answers[np.arange(150), truth] += generator.normal(7, 3, 150)
    return answers * 3, truth


def test_ranks_probabilities_and_loss_are_those_of_scikit_learn(
    logits: tuple[NDArray[np.float32], NDArray[np.int64]],
) -> None:
    values, truth = logits
    said = of_logits(values, truth, Temperatures(2.0, 1.0))
    for column, temperature in (("loss", 2.0), ("calibrated_loss", 1.0)):
        likely = softmax(values / temperature)
        wanted = metrics.log_loss(truth, likely, labels=range(CLASSES))
        assert said[column].mean() == pytest.approx(wanted, rel=1e-4)
        sure = said["probability" if temperature == 2.0 else "calibrated"]
        assert np.allclose(sure, likely.max(axis=1), rtol=1e-4)
    for k in (1, 5, 10, 100):
        wanted = metrics.top_k_accuracy_score(truth, values, k=k, labels=range(CLASSES))
        assert np.mean(said["rank"] < k) == pytest.approx(wanted)
    assert np.array_equal(said["guess"], values.argmax(axis=1))


def test_of_equal_outputs_the_first_is_the_answer_and_ranks_agree_with_it() -> None:
    said = of_logits(np.zeros((3, 4), np.float32), np.array([0, 2, -1]), Temperatures())
    assert said["guess"].tolist() == [0, 0, 0]
    assert said["rank"].tolist() == [0, 2, 4]
    assert said["probability"].tolist() == [0.25] * 3
    assert said["loss"][2] == LARGEST_LOSS


def test_the_fitted_temperature_has_the_least_loss(
    logits: tuple[NDArray[np.float32], NDArray[np.int64]],
) -> None:
    values, truth = logits
    found = best_temperature(values.copy(), truth)
    assert found is not None

    def loss(temperature: float) -> float:
        said = of_logits(values, truth, Temperatures(temperature))
        return float(said["loss"].mean(dtype=np.float64))

    assert loss(found) < min(loss(found * 1.02), loss(found / 1.02), loss(1.0))
    overconfident = best_temperature(values * 4, truth)
    assert overconfident == pytest.approx(4 * found, rel=2e-3)


def test_no_temperature_is_told_where_nothing_bounds_it() -> None:
    right = np.eye(5, dtype=np.float32)
    assert best_temperature(right.copy(), np.arange(5)) is None
    assert best_temperature(np.full((2, 2), np.nan, np.float32), np.zeros(2, int)) is None


def test_calibration_and_coverage_are_what_one_would_count() -> None:
    generator = np.random.default_rng(1)
    probability = generator.random(5000).astype(np.float32)
    probability[:20] = np.repeat([0.0, 1.0], 10)
    right = generator.random(5000) < probability**2
    rows = figures.reliability(probability, right, 10)
    error = 0.0
    for row in rows:
        inside = (probability > row["low"]) & (probability <= row["high"])
        inside |= (probability == 0) & (row["low"] == 0)
        assert row["images"] == inside.sum()
        assert row["confidence"] == pytest.approx(probability[inside].mean())
        assert row["accuracy"] == pytest.approx(right[inside].mean())
        error += inside.mean() * abs(probability[inside].mean() - right[inside].mean())
    assert figures.expected_error(rows) == pytest.approx(error, rel=1e-5)
    for row in figures.coverage(probability, right):
        kept = probability >= row["threshold"]
        assert row["coverage"] == pytest.approx(kept.mean(), abs=3e-4)
        assert row["accuracy"] == pytest.approx(right[kept].mean(), abs=3e-3)


def test_classes_are_told_by_how_many_images_they_were_learned_from(confusion: Confusion) -> None:
    trained = np.random.default_rng(2).choice([0, 1, 2, 4, 5, 9, 10, 99, 100, 2000], CLASSES)
    rows = {row["size"]: row for row in figures.by_size(confusion, trained)}
    assert list(rows) == ["0", "1", "2-4", "5-9", "10-99", "100+"]
    assert sum(row["images"] for row in rows.values()) == IMAGES
    inside = (trained >= 2) & (trained <= 4)
    images, right = confusion.images()[inside].sum(), confusion.right()[inside].sum()
    assert rows["2-4"]["accuracy"] == pytest.approx(right / images)
    assert rows["2-4"]["classes"] == np.count_nonzero(confusion.images()[inside])


@pytest.mark.parametrize(("better", "worse"), [(0, 0), (5, 7), (1, 9), (3, 21), (40, 12), (30, 30)])
def test_mcnemars_test_is_that_of_scipy(better: int, worse: int) -> None:
    p_value, form = mcnemar(better, worse)
    if better + worse < 25:
        assert form == "exact"
        wanted = 1.0 if better == worse else stats.binomtest(better, better + worse).pvalue
    else:
        assert form == "chi2"
        chi2 = max(abs(better - worse) - 1, 0) ** 2 / (better + worse)
        wanted = stats.chi2.sf(chi2, 1)
    assert p_value == pytest.approx(wanted)


def softmax(values: NDArray[Any]) -> NDArray[Any]:
    shifted = np.exp(values.astype(np.float64) - values.max(axis=1, keepdims=True))
    likely: NDArray[Any] = shifted / shifted.sum(axis=1, keepdims=True)
    return likely
