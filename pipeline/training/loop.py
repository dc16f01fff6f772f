"""The training loop: one device, several devices or several workers, exact to resume.

`model.fit` is not used: it cannot resume within an epoch, and under MultiWorkerMirroredStrategy
it fails in Keras 3. Every Keras callback works here as it does there.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any, cast

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from pipeline.dataset.records import Split
from pipeline.events import StopCheck
from pipeline.problems import StopAsked
from pipeline.training.checkpoint import Position
from pipeline.training.input import TrainingBatches, ordered_batches
from pipeline.training.plan import Plan

LOGS_INTERVAL_S = 0.25

Step = Callable[..., None]


class Meter:
    """Sums of loss, correct answers and images on the device: float64 `[3]`.

    Reading waits for the device, so `logs` does it at most every `LOGS_INTERVAL_S` seconds.
    """

    def __init__(self) -> None:
        self.totals = tf.Variable(tf.zeros(3, tf.float64), trainable=False)
        self._logs: dict[str, float] = {}
        self._next_read = 0.0

    def reset(self) -> None:
        self.totals.assign(tf.zeros(3, tf.float64))

    def read(self) -> tuple[float, float, float]:
        """Returns the sums of loss and of correct answers, and the count of images."""
        loss, correct, count = self.totals.numpy().tolist()
        return loss, correct, count

    def logs(self, fresh: bool = False) -> dict[str, float]:
        """Returns the means since `reset`: Keras's running means of the epoch."""
        if fresh or time.monotonic() >= self._next_read:
            loss, correct, count = self.read()
            self._logs = {"loss": loss / max(count, 1), "accuracy": correct / max(count, 1)}
            self._next_read = time.monotonic() + LOGS_INTERVAL_S
        return self._logs


class Loop:
    """Trains a compiled model.

    Args:
        model: compiled with its optimizer, built under `strategy`.
        loss: per-example loss, `(labels [N], logits [N, C]) → [N]`.
        strategy: spreads each batch over its replicas.
        plan: batch size, steps and epochs.
    """

    def __init__(
        self,
        model: keras.Model,
        loss: keras.losses.Loss,
        strategy: tf.distribute.Strategy,
        plan: Plan,
    ) -> None:
        self._model = model
        self._strategy = strategy
        self._plan = plan
        self.meter = Meter()
        self._validation_meter = Meter()
        self._train_step = _train_step(model, loss, strategy, plan.batch_size, self.meter)
        self._test_step = _test_step(model, loss, strategy, self._validation_meter)

    def run(
        self,
        batches: TrainingBatches,
        validation: Split | None,
        position: Position,
        callbacks: keras.callbacks.CallbackList,
        on_begin: Callable[[], None],
        save: Callable[[], None],
        save_interval_s: float,
        should_stop: StopCheck,
    ) -> None:
        """Trains from `position` to the end of the plan, or until a callback stops it.

        Args:
            batches: of the training split.
            validation: images to validate on after each epoch, or None.
            position: where to begin; kept up to date.
            callbacks: told of everything, with Keras's arguments.
            on_begin: called after `on_train_begin`: restores what that resets.
            save: writes a checkpoint.
            save_interval_s: seconds between checkpoints within an epoch.
            should_stop: asked after each batch.

        Raises:
            StopAsked: as requested, its checkpoint written.
        """
        plan, model = self._plan, self._model
        model.stop_training = False
        callbacks.on_train_begin()
        on_begin()
        saved = time.monotonic()
        while position.step < plan.steps and not model.stop_training:
            epoch, done = divmod(position.step, plan.steps_per_epoch)
            if done == 0:
                self.meter.reset()
            callbacks.on_epoch_begin(epoch)
            stream = batches.stream(position.step, (epoch + 1) * plan.steps_per_epoch)
            with closing(stream):
                for images, labels in stream:
                    batch = position.step - epoch * plan.steps_per_epoch
                    callbacks.on_train_batch_begin(batch)
                    self._train_step(*self._spread(images, labels))
                    position.step += 1
                    callbacks.on_train_batch_end(batch, logs=self.meter.logs())
                    if should_stop() == "batch":
                        save()
                        raise StopAsked("batch")
                    if model.stop_training:
                        break
                    if time.monotonic() - saved > save_interval_s:
                        save()
                        saved = time.monotonic()
            logs = self.meter.logs(fresh=True)
            if validation is not None:
                callbacks.on_test_begin()
                logs |= {f"val_{key}": value for key, value in self.validate(validation).items()}
                callbacks.on_test_end(logs=logs)
            position.history.append(logs)
            callbacks.on_epoch_end(epoch, logs=logs)
            save()
            saved = time.monotonic()
            if (request := should_stop()) is not None:
                raise StopAsked(request)
        callbacks.on_train_end(logs=position.history[-1] if position.history else {})

    def validate(self, split: Split) -> dict[str, float]:
        """Returns mean loss and accuracy over a split, without distortion or dropout."""
        self._validation_meter.reset()
        for images, labels, count in ordered_batches(split, self._plan.batch_size):
            weights = (np.arange(len(labels)) < count).astype(np.float32)
            self._test_step(*self._spread(images, labels, weights))
        return self._validation_meter.logs(fresh=True)

    def _spread(self, *arrays: NDArray[Any]) -> Iterator[Any]:
        """Yields each array as a tensor, or as one part for each replica."""
        replicas = self._strategy.num_replicas_in_sync
        for array in arrays:
            if replicas == 1:
                yield tf.convert_to_tensor(array)
            else:
                yield self._strategy.experimental_distribute_values_from_function(
                    lambda context, a=array: tf.convert_to_tensor(
                        a[context.replica_id_in_sync_group :: replicas]
                    )
                )


def _train_step(
    model: keras.Model,
    loss: keras.losses.Loss,
    strategy: tf.distribute.Strategy,
    batch_size: int,
    meter: Meter,
) -> Step:
    def on_replica(images: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            logits = model(images, training=True)
            each = loss(labels, logits)
            penalty = tf.add_n(model.losses) if model.losses else 0.0
            mean = tf.reduce_sum(each) / batch_size + penalty / strategy.num_replicas_in_sync
        gradients = tape.gradient(mean, model.trainable_variables)
        model.optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
        return _sums(each, labels, logits, tf.ones_like(each))

    @tf.function(autograph=False)
    def step(images: tf.Tensor, labels: tf.Tensor) -> None:
        sums = strategy.run(on_replica, args=(images, labels))
        meter.totals.assign_add(strategy.reduce("SUM", sums, axis=None))

    return cast(Step, step)


def _test_step(
    model: keras.Model, loss: keras.losses.Loss, strategy: tf.distribute.Strategy, meter: Meter
) -> Step:
    def on_replica(images: tf.Tensor, labels: tf.Tensor, weights: tf.Tensor) -> tf.Tensor:
        logits = model(images, training=False)
        return _sums(loss(labels, logits), labels, logits, weights)

    @tf.function(autograph=False)
    def step(images: tf.Tensor, labels: tf.Tensor, weights: tf.Tensor) -> None:
        sums = strategy.run(on_replica, args=(images, labels, weights))
        meter.totals.assign_add(strategy.reduce("SUM", sums, axis=None))

    return cast(Step, step)


def _sums(each: tf.Tensor, labels: tf.Tensor, logits: tf.Tensor, weights: tf.Tensor) -> tf.Tensor:
    right = tf.cast(tf.argmax(logits, -1, output_type=labels.dtype) == labels, tf.float32)
    parts = (each * weights, right * weights, weights)
    return tf.stack([tf.reduce_sum(tf.cast(part, tf.float64)) for part in parts])
