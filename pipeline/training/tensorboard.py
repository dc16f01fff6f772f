"""The callback that writes logs for TensorBoard while a network learns."""

from __future__ import annotations

import time
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from pipeline.dataset.records import Split
from pipeline.events import Report
from pipeline.runs import Run
from pipeline.training import sample_sheet
from pipeline.training.board.logs import FOLDER, Logs
from pipeline.training.board.pictures import confusion
from pipeline.training.checkpoint import Position

UPDATE_INTERVAL_S = 2.0
CONFUSED_IMAGES = 2000
BATCH = 256


class TensorBoardCallback(keras.callbacks.Callback):
    """Writes scalars, samples, a confusion matrix each epoch, and the graph; then never a failure.

    The scalars are the run's own events, so this comes after whatever reports them. It keeps
    nothing that a resume would need.

    Args:
        report: told of the logs, and of a disk that does not take them.
        folder: the run directory.
        split: the confusion matrix is of images taken from it at even distances.
        classes: number of classes.
        position: of the training.
        judged: the network whose answers count.
    """

    def __init__(
        self,
        report: Report,
        folder: Path,
        split: Split,
        classes: int,
        position: Position,
        judged: keras.Model,
    ) -> None:
        super().__init__()
        rows = np.linspace(0, len(split.labels) - 1, CONFUSED_IMAGES)
        self._rows = np.unique(rows.astype(int))
        self._report = report
        self._run = Run(folder)
        self._split = split
        self._classes = classes
        self._position = position
        self._judged = judged
        self._logs: Logs | None = None
        self._next = 0.0

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        folder = self._run.path / FOLDER
        try:
            begun = folder.is_dir()
            self._logs = Logs(self._run, folder, from_now=begun)
            if begun:
                self._logs.forget_from(self._position.step + 1, time.time())
            else:
                self._logs.training.graph(graph_of(self._judged))
            self._logs.update()
        except OSError as error:
            self._give_up(error)
        else:
            self._report.artifact(FOLDER, folder)

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        if self._logs is None or time.monotonic() < self._next:
            return
        try:
            self._logs.update()
        except OSError as error:
            self._give_up(error)
        self._next = time.monotonic() + UPDATE_INTERVAL_S

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        if self._logs is None:
            return
        truths, taken_for = self._judge()
        step = self._position.step
        try:
            self._logs.show_samples(self._run.path / sample_sheet.FILE, step)
            self._logs.validation.image(
                "confusion", step, confusion(truths, taken_for, self._classes), time.time()
            )
            self._logs.update()
        except OSError as error:
            self._give_up(error)

    def _judge(self) -> tuple[np.ndarray, np.ndarray]:
        """Returns the classes of the chosen images and what they are taken for, int64 `[N]`."""
        parts = [self._rows[start : start + BATCH] for start in range(0, len(self._rows), BATCH)]
        taken_for = [
            keras.ops.convert_to_numpy(self._judged(self._split.images[part], training=False))
            .argmax(axis=-1)
            for part in parts
        ]  # fmt: skip
        truths = np.asarray(self._split.labels[self._rows], np.int64)
        return truths, np.concatenate(taken_for).astype(np.int64)

    def _give_up(self, error: OSError) -> None:
        self._logs = None
        self._report.warn("tensorboard.not_written", detail=str(error))


def graph_of(model: keras.Model) -> bytes:
    """Returns the graph of a network's answer to a batch, a serialized GraphDef."""
    [source] = model.inputs
    batch = tf.TensorSpec((None, *source.shape[1:]), source.dtype)
    answer = tf.function(lambda images: model(images, training=False), autograph=False)
    definition = answer.get_concrete_function(batch).graph.as_graph_def(add_shapes=True)
    return bytes(definition.SerializeToString())
