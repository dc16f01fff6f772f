"""How a network learns: each setting does what its paper says, checked by hand."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from pipeline.problems import Problem
from pipeline.settings import TrainingSettings
from pipeline.training import recipes
from pipeline.training.acceleration import built_with, compiled, policy
from pipeline.training.averaging import Average
from pipeline.training.distribute import Devices
from pipeline.training.guard import Guard
from pipeline.training.judging import plateau_scale, rank
from pipeline.training.losses import CrossEntropy
from pipeline.training.meter import sums
from pipeline.training.models import build
from pipeline.training.plan import Plan
from pipeline.training.schedules import learning_rate, level

PLAN = Plan(batch_size=4, steps_per_epoch=10, epochs=10)
LOGITS = np.array([[2.0, 0.0, -1.0], [0.5, 0.5, 3.0]], np.float32)
LABELS = np.array([0, 1], np.int32)


def log_softmax(logits: np.ndarray) -> np.ndarray:
    return logits - np.log(np.exp(logits).sum(-1, keepdims=True))


def rates(*steps: int, **settings: object) -> list[float]:
    schedule = learning_rate(TrainingSettings(**settings), PLAN)
    return [float(schedule(step)) for step in steps]


def test_smoothing_gives_every_class_a_share() -> None:
    logs = log_softmax(LOGITS)
    plain = -logs[[0, 1], LABELS]
    found = CrossEntropy(3, 0.3).judging(LOGITS, LABELS)
    assert np.allclose(found, 0.7 * plain - 0.1 * logs.sum(-1), atol=1e-6)


def test_a_mixed_image_owes_its_two_labels_their_shares() -> None:
    logs = log_softmax(LOGITS)
    others, shares = np.array([2, 2], np.int32), np.array([0.75, 0.5], np.float32)
    found = CrossEntropy(3, 0.0).learning(LOGITS, LABELS, others, shares)
    wanted = -shares * logs[[0, 1], LABELS] - (1 - shares) * logs[[0, 1], others]
    assert np.allclose(found, wanted, atol=1e-6)


def test_logit_adjustment_counts_while_learning_and_not_when_judged() -> None:
    counts = np.array([90, 9, 1])
    loss = recipes.loss(TrainingSettings(logit_adjustment=1.0, label_smoothing=0.0), counts)
    wanted = -log_softmax(LOGITS + np.log(counts / 100))[[0, 1], LABELS]
    assert np.allclose(loss.learning(LOGITS, LABELS), wanted, atol=1e-5)
    assert np.allclose(loss.judging(LOGITS, LABELS), -log_softmax(LOGITS)[[0, 1], LABELS])
    even = TrainingSettings(logit_adjustment=1.0, balance=1.0, label_smoothing=0.0)
    balanced = recipes.loss(even, counts)
    assert np.allclose(balanced.learning(LOGITS, LABELS), loss.judging(LOGITS, LABELS), atol=1e-5)


def test_schedules_rise_and_then_go_down_as_asked() -> None:
    peak = {"learning_rate": 0.8, "warmup": 0.1}
    assert rates(0, 5, 10, 55, 100, **peak) == pytest.approx([0, 0.4, 0.8, 0.4, 0], abs=1e-6)
    stairs = {**peak, "schedule": "staircase", "decay_rate": 0.5, "decay_steps": 20}
    assert rates(0, 5, 19, 20, 99, **stairs) == pytest.approx([0, 0.4, 0.8, 0.4, 0.05])
    assert rates(0, 5, 99, **peak, schedule="constant") == pytest.approx([0, 0.4, 0.8])
    assert rates(0, warmup=0.0, schedule="constant", learning_rate=0.8) == pytest.approx([0.8])


def test_a_plateau_lowers_the_rate_by_what_the_history_says() -> None:
    losses = [1.0, 0.9, 0.95, 0.91, 0.92, 0.93, 0.5, 0.6]
    history = [{"loss": 0.0, "val_loss": loss} for loss in losses]
    scales = [plateau_scale(history[:n], 0.5, patience=2) for n in range(len(history) + 1)]
    assert scales == [1, 1, 1, 1, 0.5, 0.5, 0.25, 0.25, 0.25]
    schedule = learning_rate(TrainingSettings(schedule="plateau", warmup=0.0), PLAN)
    lowered = level(schedule)
    assert lowered is not None
    lowered.scale.assign(0.25)
    assert float(schedule(50)) == pytest.approx(2e-3 / 4)


def test_epochs_are_ranked_by_the_chosen_metric_and_nan_is_worst() -> None:
    good = {"val_accuracy": 0.9, "val_loss": 0.5, "val_top_5": 0.95}
    sure = {"val_accuracy": 0.8, "val_loss": 0.4, "val_top_5": 0.99}
    lost = {"val_accuracy": 0.25, "val_loss": float("nan"), "val_top_5": float("nan")}
    assert rank(good, "accuracy") > rank(sure, "accuracy")
    for name in ("loss", "top_5"):
        assert rank(sure, name) > rank(good, name) > rank(lost, name)


def test_ties_and_nan_are_not_among_the_first_five() -> None:
    logits = np.zeros((4, 8), np.float32)
    logits[0] = range(8)
    logits[3] = np.nan
    labels = np.array([3, 0, 7, 2], np.int32)
    logits[2, 7] = 1
    _, right, among, count = sums(tf.zeros(4), labels, tf.constant(logits), tf.ones(4)).numpy()
    assert (right, among, count) == (2, 3, 4)  # a tie for the first place goes to the first class


def test_gradients_are_clipped_by_their_common_norm() -> None:
    variables = [keras.Variable(tf.zeros(2)), keras.Variable(tf.zeros(1))]
    settings = TrainingSettings(
        optimizer="sgd", momentum=0.0, weight_decay=0.0, clip_norm=1.0, learning_rate=1.0,
        schedule="constant", warmup=0.0,
    )  # fmt: skip
    optimizer = recipes.optimizer(settings, learning_rate(settings, PLAN))
    optimizer.build(variables)
    gradients = [tf.constant([2.0, 4.0]), tf.constant([4.0])]
    optimizer.apply_gradients(zip(gradients, variables, strict=True))
    moved = np.concatenate([variable.numpy() for variable in variables])
    assert np.allclose(moved, -np.array([2, 4, 4]) / 6)


def test_the_average_holds_weights_and_statistics_of_normalisation() -> None:
    model, average = (build("hanzi_s", (16, 16, 1), 3, 0.1) for _ in range(2))
    kept = Average(model, average, decay=0.5)
    names = [variable.path.split("/")[-1] for variable in model.variables]
    wanted = [variable.numpy().astype(np.float64) for variable in model.variables]
    for step in range(1, 14):
        for variable in model.variables:
            if "float" in variable.dtype:
                variable.assign_add(tf.ones(variable.shape))
        kept.update(tf.constant(step))
        decay = min(0.5, (1 + step) / (10 + step))
        wanted = [decay * mean + (1 - decay) * variable.numpy()
                  for mean, variable in zip(wanted, model.variables, strict=True)]  # fmt: skip
    for name, mean, variable in zip(names, wanted, average.variables, strict=True):
        if "float" in variable.dtype:
            assert np.allclose(variable.numpy(), mean, rtol=1e-4), name
    assert {"moving_mean", "moving_variance", "kernel"} <= set(names)


def test_a_loss_that_is_no_number_is_noticed_at_its_very_step() -> None:
    guard = Guard(classes=100)
    guard.begin(40)
    for loss in (4.6, 900.0, 4.6):  # one bad batch is no divergence
        guard.watch(tf.constant(loss, tf.float64))
    assert guard.lost_at() is None
    for loss in (float("nan"), 4.6):
        guard.watch(tf.constant(loss, tf.float64))
    assert guard.lost_at() == 44
    assert guard.sound_step() == 42


def test_a_loss_far_beyond_guessing_is_a_divergence() -> None:
    guard = Guard(classes=100)
    guard.begin(0)
    while guard.lost_at() is None:
        guard.watch(tf.constant(60.0, tf.float64))
    assert 20 < (guard.lost_at() or 0) < 60


def test_precision_follows_the_device_and_float16_is_refused_on_a_cpu() -> None:
    strategy = tf.distribute.get_strategy()
    cpu = Devices(strategy, ("CPU",))
    new, old = (Devices(strategy, ("GPU",), (capability,)) for capability in ((9, 0), (6, 1)))
    assert [policy("auto", on) for on in (cpu, new, old)] == ["float32", "mixed_float16", "float32"]
    assert policy("mixed_bfloat16", cpu) == "mixed_bfloat16"
    with pytest.raises(Problem, match="needs a GPU"):
        policy("mixed_float16", cpu)


def test_only_float16_scales_the_loss() -> None:
    settings = TrainingSettings()
    schedule = learning_rate(settings, PLAN)
    scaled = recipes.optimizer(settings, schedule, scaled=True)
    assert isinstance(scaled, keras.optimizers.LossScaleOptimizer)
    assert float(scaled.scale_loss(1.0)) > 1000
    assert recipes.optimizer(settings, schedule).scale_loss(1.0) == 1.0


def test_xla_is_off_on_a_cpu_unless_it_is_asked_for() -> None:
    cpu = Devices(tf.distribute.get_strategy(), ("CPU",))
    with built_with("mixed_bfloat16"):
        model = build("cnn", (16, 16, 1), 3, 0.1)
    assert keras.config.dtype_policy().name == "float32"
    assert model.layers[-1].dtype == "float32"
    model.compile(optimizer="sgd")
    assert [compiled(choice, model, cpu) for choice in ("auto", "on", "off")] == [
        False, True, False]  # fmt: skip
