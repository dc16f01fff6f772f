"""The training loop: one device, several devices or several workers, exact to resume.

`model.fit` is not used: it cannot resume within an epoch, and under MultiWorkerMirroredStrategy
it fails in Keras 3. Every Keras callback works here as it does there.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from pipeline.dataset.records import Split
from pipeline.events import StopCheck
from pipeline.problems import StopAsked
from pipeline.training.checkpoint import Position
from pipeline.training.guard import Guard
from pipeline.training.input import Batch, TrainingBatches, ordered_batches
from pipeline.training.learner import Learner
from pipeline.training.meter import Meter
from pipeline.training.steps import test_step, train_step


class Loop:
    """Trains what a learner holds.

    Attributes:
        meter: the sums of the present epoch.
        guard: sees whether the training has gone wrong.
    """

    def __init__(self, learner: Learner) -> None:
        self._learner = learner
        self.meter = Meter()
        self.guard = Guard(learner.classes)
        self._validation_meter = Meter()
        # One for the epochs in which only the head learns, one for all others.
        self._train_steps = {
            frozen: train_step(learner, self.meter, self.guard) for frozen in (True, False)
        }
        self._test_step = test_step(learner, self._validation_meter)

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
        plan, model = self._learner.plan, self._learner.model
        model.stop_training = False
        callbacks.on_train_begin()
        on_begin()
        self.guard.begin(position.step)
        saved = time.monotonic()
        while (epoch := len(position.history)) < plan.epochs and not model.stop_training:
            first, last = epoch * plan.steps_per_epoch, (epoch + 1) * plan.steps_per_epoch
            if position.step == first:
                self.meter.reset()
            train_step = self._train_steps[self._learner.freeze(epoch)]
            callbacks.on_epoch_begin(epoch)
            with closing(batches.stream(position.step, last)) as stream:
                for batch in stream:
                    callbacks.on_train_batch_begin(position.step - first)
                    train_step(*self._spread(batch))
                    position.step += 1
                    callbacks.on_train_batch_end(position.step - first - 1, logs=self.meter.logs())
                    if (request := should_stop()) in ("batch", "now"):
                        save()
                        raise StopAsked(request)
                    if model.stop_training:
                        break
                    # The one at the epoch's end also tells that the epoch has been reported.
                    if position.step < last and time.monotonic() - saved > save_interval_s:
                        save()
                        saved = time.monotonic()
            logs = self.meter.logs(fresh=True)
            if validation is not None:
                callbacks.on_test_begin()
                for _ in self._judged(validation):
                    if should_stop() == "now":
                        save()
                        raise StopAsked("now")
                found = self._validation_meter.logs(fresh=True)
                logs |= {f"val_{key}": value for key, value in found.items()}
                callbacks.on_test_end(logs=logs)
            position.history.append(logs)
            callbacks.on_epoch_end(epoch, logs=logs)
            save()
            saved = time.monotonic()
            if (request := should_stop()) is not None:
                raise StopAsked(request)
        callbacks.on_train_end(logs=position.history[-1] if position.history else {})

    def validate(self, split: Split) -> dict[str, float]:
        """Returns mean loss and accuracies over a split, without distortion or dropout."""
        for _ in self._judged(split):
            pass
        return self._validation_meter.logs(fresh=True)

    def try_step(self, images: NDArray[np.uint8]) -> None:
        """Makes one step of learning on images `[B, S, S, C]`, to see whether there is memory."""
        labels = np.zeros(len(images), np.int32)
        self._train_steps[False](*self._spread((images, labels)))
        self.meter.read()

    def _judged(self, split: Split) -> Iterator[None]:
        """Measures a split, a batch at a time."""
        self._validation_meter.reset()
        for images, labels, count in ordered_batches(split, self._learner.plan.batch_size):
            weights = (np.arange(len(labels)) < count).astype(np.float32)
            self._test_step(*self._spread((images, labels, weights)))
            yield

    def _spread(self, batch: Batch) -> Iterator[Any]:
        """Yields each array as a tensor, or as one part for each replica."""
        strategy, replicas = self._learner.devices.strategy, self._learner.devices.replicas
        for array in batch:
            if replicas == 1:
                yield tf.convert_to_tensor(array)
            else:
                yield strategy.experimental_distribute_values_from_function(
                    lambda context, a=array: tf.convert_to_tensor(
                        a[context.replica_id_in_sync_group :: replicas]
                    )
                )
