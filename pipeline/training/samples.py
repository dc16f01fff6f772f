"""The callback that shows, epoch after epoch, what the network makes of the same few images."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np

from pipeline.dataset.records import Split
from pipeline.events import Report
from pipeline.training import sample_sheet
from pipeline.training.sample_sheet import SampleSheet

COUNT = 20


class SamplesCallback(keras.callbacks.Callback):
    """Writes a `SampleSheet` after each epoch; it keeps nothing that a resume would need.

    Args:
        report: told of the sheet, and of a disk that does not take it.
        folder: the run directory.
        split: the images are taken from it at even distances, and so from many classes.
        labels: of the classes.
        judged: the network whose answers are shown.
    """

    def __init__(
        self,
        report: Report,
        folder: Path,
        split: Split,
        labels: Sequence[str],
        judged: keras.Model,
    ) -> None:
        super().__init__()
        rows = np.unique(np.linspace(0, len(split.labels) - 1, COUNT).astype(int))
        self._report = report
        self._path = folder / sample_sheet.FILE
        self._images = np.array(split.images[rows])
        self._truths = tuple(labels[label] for label in split.labels[rows])
        self._labels = labels
        self._judged = judged

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        logits = self._judged(self._images, training=False)
        probabilities = keras.ops.convert_to_numpy(keras.ops.softmax(logits))
        guesses = tuple(self._labels[best] for best in probabilities.argmax(axis=-1))
        best = probabilities.max(axis=-1).astype(np.float32)
        sheet = SampleSheet(epoch + 1, self._images, self._truths, guesses, best)
        try:
            sample_sheet.write(self._path, sheet)
        except OSError as error:
            self._report.warn("samples.not_written", detail=str(error))
        else:
            self._report.artifact("samples", self._path)
