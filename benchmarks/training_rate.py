"""Whether training waits for its data: the real loop on real data and on random data."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from benchmarks.rounds import interleaved, seconds
from benchmarks.setup import Setup, characters, finished, main
from benchmarks.table import Budget, Row
from pipeline.augment import distortion_for
from pipeline.dataset.records import PreparedDataset, open_dataset
from pipeline.events import EventLog, Report
from pipeline.jobs import PrepareJob
from pipeline.settings import AugmentSettings, DatasetSettings, TrainingSettings
from pipeline.workspace import Workspace

if TYPE_CHECKING:
    from pipeline.training.input import Batch, TrainingBatches

STEPS = 40
RANDOM_BATCHES = 8


class RandomBatches:
    """Batches of noise that lie in memory, in the place of `TrainingBatches`."""

    def __init__(self, batch_size: int, shape: tuple[int, ...], classes: int) -> None:
        generator = np.random.default_rng(0)
        self._images: NDArray[np.uint8] = generator.integers(
            0, 256, (RANDOM_BATCHES, batch_size, *shape), np.uint8
        )
        self._labels: NDArray[np.int32] = generator.integers(
            0, classes, (RANDOM_BATCHES, batch_size), np.int32
        )

    def stream(self, first: int, last: int) -> Iterator[Batch]:
        for step in range(first, last):
            yield self._images[step % RANDOM_BATCHES], self._labels[step % RANDOM_BATCHES]


def rows(setup: Setup) -> Iterator[Row]:
    """Measures samples a second of the default network on the default batch."""
    work = setup.folder / "training"
    characters(setup.source, work / "characters", setup.images)
    workspace = Workspace(work / "workspace")
    finished(PrepareJob(workspace=workspace.root, source=work / "characters", name="characters",
                        dataset=DatasetSettings()))  # fmt: skip
    yield _real_and_random(setup, open_dataset(workspace.dataset("characters")), work)


def _real_and_random(setup: Setup, dataset: PreparedDataset, work: Path) -> Row:
    import keras

    from pipeline.training.callbacks import BestCallback, EventCallback
    from pipeline.training.checkpoint import Position
    from pipeline.training.distribute import devices
    from pipeline.training.input import TrainingBatches
    from pipeline.training.learner import learner
    from pipeline.training.loop import Loop
    from pipeline.training.plan import Plan

    settings = TrainingSettings(devices=setup.devices)
    keras.utils.set_random_seed(settings.seed)
    plan = Plan(settings.batch_size, STEPS, epochs=1)
    shape = (dataset.spec.size_px, dataset.spec.size_px, dataset.spec.channels)
    classes = len(dataset.labels)
    counts = np.ones(classes, np.int64)
    learning = learner(settings, shape, counts, devices(settings.devices), plan)
    loop = Loop(learning)
    report = Report(EventLog(work / "events.jsonl"))

    def samples_per_s(batches: TrainingBatches | RandomBatches) -> float:
        position = Position()
        callbacks = keras.callbacks.CallbackList(
            [BestCallback(position, settings.best),
             EventCallback(report, loop.meter, position, plan)],
            model=learning.model, epochs=plan.epochs, steps=plan.steps_per_epoch,
        )  # fmt: skip
        taken_s = seconds(
            lambda: loop.run(batches, None, position, callbacks, lambda: None, lambda: None,
                             float("inf"), lambda: None)
        )  # fmt: skip
        return STEPS * plan.batch_size / taken_s

    distortion = distortion_for(DatasetSettings().kind, AugmentSettings().model_dump())
    real = TrainingBatches(
        dataset.require_split("train"), plan.batch_size, settings.seed, distortion
    )
    noise = RandomBatches(plan.batch_size, shape, classes)
    values = interleaved(
        setup.rounds,
        {"real data": lambda: samples_per_s(real), "random data": lambda: samples_per_s(noise)},
    )
    side = dataset.spec.size_px
    return Row(f"train {settings.model}, {side}x{side}, batch {plan.batch_size}: real data",
               "samples/s", values["real data"], "random data in memory", values["random data"],
               Budget("≥", 92, "%"))  # fmt: skip


if __name__ == "__main__":
    main(rows)
