"""A training whose events a test writes itself, so that it goes exactly as far as it is told."""

from __future__ import annotations

import numpy as np
import tomlkit

from pipeline import runs
from pipeline.events import Artifact, Event, EventLog, Log, Metric, Progress, Stage, Started
from pipeline.jobs import TrainJob
from pipeline.processes import this_process
from pipeline.training import sample_sheet
from pipeline.training.sample_sheet import SampleSheet
from pipeline.workspace import Workspace

STEPS, EPOCHS = 10, 8


class Acted:
    """A run whose events the test writes itself; this process is its worker."""

    def __init__(self, job: TrainJob) -> None:
        values = job.model_dump(mode="json", exclude_none=True)
        self.run = runs.create(Workspace(job.workspace).runs, tomlkit.dumps(values))
        self._log = EventLog(self.run.events)
        self.come_back()

    def come_back(self) -> None:
        """Takes the run up, or up again."""
        me = this_process()
        self.say(Started(me.pid, me.start_s, me.host, me.boot_id))

    def say(self, *events: Event) -> None:
        for event in events:
            self._log.append(event)

    def begin(self) -> None:
        plan = {"model": "cnn", "parameters": 7, "images": 640, "epochs": EPOCHS}
        params = {**plan, "steps": EPOCHS * STEPS}
        self.say(Log("training.model", params, "planned"), Stage("train"))

    def train(self, first: int, last: int) -> None:
        """Reports the steps from `first` to `last`, and the epochs that end within."""
        for step in range(first, last + 1):
            epoch, share = (step - 1) // STEPS, step / (EPOCHS * STEPS)
            values = {"accuracy": share, "loss": 3 - 2 * share, "learning_rate": 1.5e-3,
                      "samples_per_s": 592.0}  # fmt: skip
            self.say(Metric("step", epoch, step, values),
                     Progress(step, EPOCHS * STEPS, "steps", 2.0, 90.0))  # fmt: skip
            if step % STEPS == 0:
                self.say(Metric("epoch", epoch, step, epoch_values(epoch)))

    def show_samples(self, epoch: int, guesses: tuple[str, ...]) -> None:
        images = np.random.default_rng(0).integers(0, 256, (len(guesses), 32, 32, 1), np.uint8)
        truths = ("永",) * len(guesses)
        sheet = SampleSheet(epoch, images, truths, guesses, np.full(len(guesses), 0.5, np.float32))
        path = self.run.path / sample_sheet.FILE
        sample_sheet.write(path, sheet)
        self.say(Artifact("samples", str(path)))


def epoch_values(epoch: int) -> dict[str, float | None]:
    """Validation is best in the fourth epoch."""
    away = abs(epoch - 3) / 10
    return {"accuracy": 0.5 + epoch / 50, "loss": 2.0 - epoch / 10, "val_accuracy": 0.9 - away,
            "val_loss": 1.0 + away}  # fmt: skip
