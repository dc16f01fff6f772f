"""The compiled steps: one batch to learn from, one batch to be judged by."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import keras
import tensorflow as tf

from pipeline.training.guard import Guard
from pipeline.training.learner import Learner
from pipeline.training.meter import Meter, sums

Step = Callable[..., None]


def train_step(learner: Learner, meter: Meter, guard: Guard) -> Step:
    """Returns the step `(images [B, S, S, C], labels [B])`, or with `others [B], shares [B]` too.

    What is trainable when it is first called stays so.
    """
    model, strategy = learner.model, learner.devices.strategy
    optimizer, replicas = model.optimizer, learner.devices.replicas

    def on_replica(images: tf.Tensor, labels: tf.Tensor, *mixed: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            logits = model(images, training=True)
            each = learner.loss.learning(logits, labels, *mixed)
            penalty = tf.add_n(model.losses) if model.losses else 0.0
            mean = tf.reduce_sum(each) / learner.plan.batch_size + penalty / replicas
            scaled = optimizer.scale_loss(mean)
        gradients = tape.gradient(scaled, model.trainable_variables)
        if replicas > 1 and _judges_gradients(optimizer):
            gradients = _of_whole_batch(gradients, replicas)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
        return sums(each, labels, logits, tf.ones_like(each))

    @tf.function(autograph=False, jit_compile=learner.jit)
    def step(*batch: tf.Tensor) -> None:
        added = strategy.reduce("SUM", strategy.run(on_replica, args=batch), axis=None)
        meter.totals.assign_add(added)
        guard.watch(added[0] / added[3])
        if learner.average is not None:
            learner.average.update(optimizer.iterations)

    return cast(Step, step)


def test_step(learner: Learner, meter: Meter) -> Step:
    """Returns the step `(images, labels, weights)`; rows of weight 0 do not count."""
    strategy = learner.devices.strategy

    def on_replica(images: tf.Tensor, labels: tf.Tensor, weights: tf.Tensor) -> tf.Tensor:
        logits = learner.judged(images, training=False)
        return sums(learner.loss.judging(logits, labels), labels, logits, weights)

    @tf.function(autograph=False, jit_compile=learner.jit)
    def step(*batch: tf.Tensor) -> None:
        added = strategy.run(on_replica, args=batch)
        meter.totals.assign_add(strategy.reduce("SUM", added, axis=None))

    return cast(Step, step)


def _judges_gradients(optimizer: keras.optimizers.Optimizer) -> bool:
    """Says whether an optimizer clips gradients or looks for overflow in them."""
    scales = isinstance(optimizer, keras.optimizers.LossScaleOptimizer)
    return scales or optimizer.global_clipnorm is not None


def _of_whole_batch(gradients: list[tf.Tensor], replicas: int) -> list[tf.Tensor]:
    """Returns a replica's share of the gradients of the whole batch.

    The optimizer adds the shares up; but it judges them before, and must judge alike everywhere.
    """
    context = tf.distribute.get_replica_context()
    return [gradient / replicas for gradient in context.all_reduce("SUM", gradients)]
