"""A run's own events as TensorBoard's files: one curve for training, one for validation."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path

from pipeline.events import EventReader, Metric, Resumed, Stamped
from pipeline.runs import Run
from pipeline.training import sample_sheet
from pipeline.training.board.pictures import guesses, samples
from pipeline.training.board.record_file import RecordFile

FOLDER = "tensorboard"
"""Of a run's own logs, in its directory."""

_VALIDATION = "val_"


class Logs:
    """Follows the events of a run and writes their metrics.

    Args:
        run: the run.
        folder: where the files go; "train" and "validation" are made in it.
        from_now: leave out the events that are there already.
    """

    def __init__(self, run: Run, folder: Path, *, from_now: bool = False) -> None:
        self._reader = EventReader(run.events)
        self._job = run.job
        self.training = RecordFile(folder / "train")
        self.validation = RecordFile(folder / "validation")
        if from_now:
            self._reader.read()
        else:
            text = self._job.read_text("utf-8", "replace")
            fenced = "".join(f"    {line}\n" for line in text.splitlines())
            self.training.text("job", 0, fenced, time.time())

    def update(self) -> None:
        """Writes what has happened since the call before."""
        for stamped in self._reader.read():
            self._take(stamped)
        self.flush()

    def flush(self) -> None:
        self.training.flush()
        self.validation.flush()

    def close(self) -> None:
        self.training.close()
        self.validation.close()

    def show_samples(self, path: Path, step: int) -> None:
        """Adds the sheet of validation samples, if there is one."""
        sheet = sample_sheet.read(path)
        if sheet is not None:
            now = time.time()
            self.validation.image("samples", step, samples(sheet), now)
            self.validation.text("guesses", step, guesses(sheet), now)

    def forget_from(self, step: int, time_s: float) -> None:
        """Drops what was written of this step and later ones: a resume repeats it."""
        self.training.forget_from(step, time_s)
        self.validation.forget_from(step, time_s)

    def _take(self, stamped: Stamped) -> None:
        event = stamped.event
        if isinstance(event, Resumed):
            self.forget_from(event.step + 1, stamped.time)
        elif isinstance(event, Metric):
            self._scalars(event.scope, event.step, event.values, stamped.time)

    def _scalars(
        self, scope: str, step: int, values: Mapping[str, float | None], time_s: float
    ) -> None:
        for key, value in values.items():
            if value is None:
                continue
            validated = key.startswith(_VALIDATION)
            file = self.validation if validated else self.training
            name = key.removeprefix(_VALIDATION)
            file.scalar(f"{scope}/{name}", step, value, time_s)
