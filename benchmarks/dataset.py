"""How fast a folder becomes a dataset, and a dataset becomes batches."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.decoding import decode_all
from benchmarks.rounds import interleaved, seconds
from benchmarks.setup import Setup, characters, finished, main
from benchmarks.table import Budget, Row
from pipeline.augment import Distortion
from pipeline.dataset.records import Split, open_dataset
from pipeline.events import EventReader, Finished, Stage
from pipeline.jobs import PrepareJob
from pipeline.processes import usable_cores
from pipeline.settings import AugmentSettings, DatasetSettings, TrainingSettings
from pipeline.workspace import Workspace

CPU_BATCHES = 40
MEASURED_S = 0.5


def rows(setup: Setup) -> Iterator[Row]:
    """Measures preparing, batches with and without distortion, and the CPU time of both."""
    work = setup.folder / "dataset"
    source = work / "characters"
    pictures = characters(setup.source, source, setup.images)
    workspace = Workspace(work / "workspace")
    yield from _prepare(setup.rounds, workspace, source, pictures)
    split = open_dataset(workspace.dataset("characters")).require_split("train")
    yield from _cpu(setup.rounds, split)
    yield from _batches(setup.rounds, split, source, len(pictures))


def _prepare(
    rounds: int, workspace: Workspace, source: Path, pictures: list[Path]
) -> Iterator[Row]:
    processes = usable_cores()
    settings = DatasetSettings(processes=processes)
    job = PrepareJob(workspace=workspace.root, source=source, name="characters", dataset=settings)

    def prepare() -> float:
        shutil.rmtree(workspace.dataset("characters"), ignore_errors=True)
        events = EventReader(finished(job).events).read()
        began_s = next(e.time for e in events if isinstance(e.event, Stage))
        ended_s = next(e.time for e in events if isinstance(e.event, Finished))
        return len(pictures) / (ended_s - began_s)

    def decode() -> float:
        taken = seconds(lambda: decode_all(pictures, settings.max_pixels, processes))
        return len(pictures) / taken

    def again() -> float:
        return seconds(lambda: finished(job))

    values = interleaved(rounds, {"prepare": prepare, "decode": decode, "prepared": again})
    yield Row(f"prepare {len(pictures):,} images, {processes} processes", "images/s",
              values["prepare"], "decode only", values["decode"], Budget("≥", 40, "%"))  # fmt: skip
    yield Row("prepare again: already prepared", "s", values["prepared"],
              budget=Budget("≤", 1, "s"))  # fmt: skip


def _cpu(rounds: int, split: Split) -> Iterator[Row]:
    from pipeline.training.input import TrainingBatches

    batch_size = TrainingSettings().batch_size

    def microseconds(distortion: Distortion | None) -> Callable[[], float]:
        batches = TrainingBatches(split, batch_size, 0, distortion)

        def measure() -> float:
            batches.batch(0)
            began = time.process_time()
            for step in range(CPU_BATCHES):
                batches.batch(step)
            return (time.process_time() - began) * 1e6 / (CPU_BATCHES * batch_size)

        return measure

    values = interleaved(
        rounds, {"distort": microseconds(_distortion()), "gather": microseconds(None)}
    )
    yield Row("gather + distort an image, CPU time", "µs", values["distort"],
              "gather only", values["gather"], Budget("≤", 120, "µs"))  # fmt: skip


def _batches(rounds: int, split: Split, source: Path, count: int) -> Iterator[Row]:
    """Measures images a second into tensors, from our dataset and from Keras's."""
    import keras
    import tensorflow as tf

    from pipeline.training.input import TrainingBatches

    batch_size, size_px = TrainingSettings().batch_size, DatasetSettings().size
    reader = keras.utils.image_dataset_from_directory(
        source, labels="inferred", label_mode="int", color_mode="grayscale", batch_size=batch_size,
        image_size=(size_px, size_px), seed=0, verbose=False,
    )  # fmt: skip

    def ours(distortion: Distortion | None) -> Callable[[], float]:
        batches = TrainingBatches(split, batch_size, 0, distortion)

        def measure() -> float:
            images, began = 0, time.perf_counter()
            for pixels, labels in batches.stream(0, 10**9):
                images += len(tf.convert_to_tensor(pixels))
                tf.convert_to_tensor(labels)
                taken_s = time.perf_counter() - began
                if taken_s > MEASURED_S:
                    break
            return images / taken_s

        return measure

    def keras_epoch() -> float:
        return count / seconds(lambda: [len(labels) for _pixels, labels in reader])

    values = interleaved(
        rounds, {"batches": ours(None), "Keras": keras_epoch, "distorted": ours(_distortion())}
    )
    for shown, name, budget in (
        ("batches, no distortion", "batches", Budget("≥", 20, "×")),
        ("batches, distorted", "distorted", None),
    ):
        yield Row(shown, "images/s", values[name], "image_dataset_from_directory",
                  values["Keras"], budget)  # fmt: skip


def _distortion() -> Distortion:
    return Distortion(**AugmentSettings().model_dump(exclude={"enabled"}))


if __name__ == "__main__":
    main(rows)
