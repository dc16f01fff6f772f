"""How fast a folder becomes a dataset, a dataset becomes batches, and both become folders."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.decoding import decode_all
from benchmarks.folder_flow import split_and_augment
from benchmarks.rounds import interleaved, seconds
from benchmarks.setup import Setup, characters, finished, main
from benchmarks.table import Budget, Row
from pipeline.augment import Distortion, distortion_for
from pipeline.dataset.records import Split, open_dataset
from pipeline.events import EventReader, Finished, Stage
from pipeline.jobs import FolderExport, PrepareJob
from pipeline.processes import usable_cores
from pipeline.settings import AugmentSettings, DatasetSettings, TrainingSettings
from pipeline.workspace import Workspace

COPIES = 5
CPU_BATCHES = 40
MEASURED_S = 0.5


def rows(setup: Setup) -> Iterator[Row]:
    """Measures preparing, writing folders, batches with and without distortion, and CPU time."""
    work = setup.folder / "dataset"
    source = work / "characters"
    pictures = characters(setup.source, source, setup.images)
    workspace = Workspace(work / "workspace")
    yield from _prepare(setup.rounds, workspace, source, pictures)
    yield from _folders(setup.rounds, workspace, source, len(pictures))
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


def _folders(rounds: int, workspace: Workspace, source: Path, count: int) -> Iterator[Row]:
    """Measures what people do with folders: split by copying, then write distorted copies."""
    tree = source.parent / "tree"

    def ours(copies: int) -> float:
        export = FolderExport(folder=tree, copies=copies)
        job = PrepareJob(workspace=workspace.root, source=source, name="folders", export=export,
                         dataset=DatasetSettings())  # fmt: skip
        taken_s = seconds(lambda: finished(job))
        shutil.rmtree(workspace.dataset("folders"))
        shutil.rmtree(tree)
        return taken_s

    def theirs(copies: int) -> float:
        taken_s = seconds(lambda: split_and_augment(source, tree, copies))
        shutil.rmtree(tree)
        return taken_s

    sides = {f"{whose} {copies}": lambda call=call, copies=copies: call(copies)
             for whose, call in (("ours", ours), ("folders", theirs))
             for copies in (0, COPIES)}  # fmt: skip
    values = interleaved(rounds, sides)
    for what, copies in (("", 0), (f" with {COPIES} copies of each training image", COPIES)):
        yield Row(f"prepare {count:,} images and write train/val/test{what}", "s",
                  values[f"ours {copies}"], "copying folders with Pillow and 8 threads",
                  values[f"folders {copies}"])  # fmt: skip


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


def _distortion() -> Distortion | None:
    return distortion_for(DatasetSettings().kind, AugmentSettings().model_dump())


if __name__ == "__main__":
    main(rows)
