"""Callbacks beside a training: they keep pictures and logs of it and never change it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import keras

from pipeline.dataset.records import Split
from pipeline.events import Report
from pipeline.runs import Run
from pipeline.settings import TrainingSettings
from pipeline.training.checkpoint import Position
from pipeline.training.plot.curves import curves_of
from pipeline.training.plot.write import write

CURVES = "curves.png"


def companions(
    settings: TrainingSettings,
    report: Report,
    folder: Path,
    split: Split,
    labels: Sequence[str],
    position: Position,
    judged: keras.Model,
) -> list[keras.callbacks.Callback]:
    """Returns the callbacks, which come after those that report metrics and samples.

    Args:
        settings: say whether there are to be logs for TensorBoard.
        report: told what was written and what could not be.
        folder: the run directory.
        split: images to judge by.
        labels: of the classes.
        position: of the training.
        judged: the network whose answers count.
    """
    found: list[keras.callbacks.Callback] = [CurvesCallback(report, folder, settings.best)]
    if settings.tensorboard:
        from pipeline.training.tensorboard import TensorBoardCallback

        found.append(
            TensorBoardCallback(report, folder, split, len(labels), position, judged)
        )  # fmt: skip
    return found


class CurvesCallback(keras.callbacks.Callback):
    """Draws the curves when training ends, from the run's events and so over all resumes.

    Args:
        report: told of the picture, and of a disk that does not take it.
        folder: the run directory.
        best: the metric that decides which epoch is the best.
    """

    def __init__(self, report: Report, folder: Path, best: str) -> None:
        super().__init__()
        self._report = report
        self._run = Run(folder)
        self._best = best

    def on_train_end(self, logs: dict[str, float] | None = None) -> None:
        curves = curves_of(self._run, self._best)
        if curves is None:
            return
        path = self._run.path / CURVES
        try:
            write(path, [curves])
        except OSError as error:
            self._report.warn("curves.not_written", detail=str(error), run=self._run.id)
        else:
            self._report.artifact("curves", path)
