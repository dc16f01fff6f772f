"""A dataset of a million images, simulated: how long it takes to open and to read in batches."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from benchmarks.rounds import interleaved, seconds
from benchmarks.setup import Setup, main
from benchmarks.table import Budget, Row
from pipeline.dataset.records import FORMAT_VERSION, open_dataset
from pipeline.dataset.split import SPLITS
from pipeline.files import write_json
from pipeline.normalizer import NormalizerSpec
from pipeline.settings import TrainingSettings
from pipeline.training.input import TrainingBatches

CLASSES = 7000
BLOCK = 16_384
"""Images written at a time; the same noise again and again."""
LARGE_BATCH = 512
MEASURED_S = 1.0
SPARE_BYTES = 1_000_000_000


def rows(setup: Setup) -> Iterator[Row]:
    """Measures opening, and reading in shuffled batches; a disk without room is left alone."""
    spec = NormalizerSpec()
    need_bytes = setup.packed * spec.size_px**2 * spec.channels + SPARE_BYTES
    if shutil.disk_usage(setup.folder).free < need_bytes:
        print(f"  no room for {setup.packed:,} images: left out", file=sys.stderr)
        return
    folder = setup.folder / "million"
    try:
        _write(folder, setup.packed, spec)
        yield from _measured(setup.rounds, folder, f"{setup.packed:,} packed images")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _measured(rounds: int, folder: Path, what: str) -> Iterator[Row]:
    def opened() -> float:
        return seconds(lambda: open_dataset(folder).require_split("train"))

    split = open_dataset(folder).require_split("train")

    def read(batch_size: int) -> Callable[[], float]:
        batches = TrainingBatches(split, batch_size, 0, None)

        def measure() -> float:
            images, began = 0, time.perf_counter()
            for pixels, _labels in batches.stream(0, 10**9):
                images += len(pixels)
                taken_s = time.perf_counter() - began
                if taken_s > MEASURED_S:
                    break
            return images / taken_s

        return measure

    small = TrainingSettings().batch_size
    values = interleaved(
        rounds, {"open": opened, "small batches": read(small), "large batches": read(LARGE_BATCH)}
    )
    yield Row(f"{what}: open", "s", values["open"], budget=Budget("≤", 0.5, "s"))
    yield Row(f"{what}: shuffled batches of {LARGE_BATCH}", "images/s", values["large batches"],
              budget=Budget("≥", 500_000, "images/s"))  # fmt: skip
    yield Row(f"{what}: shuffled batches of {small}", "images/s", values["small batches"])


def _write(folder: Path, count: int, spec: NormalizerSpec) -> None:
    """Writes a dataset of noise, all of it in the training split."""
    print(f"  writing {count:,} images", file=sys.stderr, flush=True)
    folder.mkdir(parents=True)
    generator = np.random.default_rng(0)
    image = (spec.size_px, spec.size_px, spec.channels)
    block = generator.integers(0, 256, (min(BLOCK, count), *image), np.uint8)
    images = np.lib.format.open_memmap(folder / "train.images.npy", "w+", np.uint8, (count, *image))
    for start in range(0, count, len(block)):
        images[start : start + len(block)] = block[: count - start]
    del images
    np.save(folder / "train.labels.npy", generator.integers(0, CLASSES, count, np.int32))
    (folder / "labels.txt").write_text(
        "".join(f"{chr(0x4E00 + number)}\n" for number in range(CLASSES)), "utf-8"
    )
    write_json(folder / "dataset.json", {
        "format_version": FORMAT_VERSION, "origin": {}, "normalizer": spec.to_dict(),
        "classes": CLASSES, "counts": dict.fromkeys(SPLITS, 0) | {"train": count},
        "content_hash": "",
    })  # fmt: skip


if __name__ == "__main__":
    main(rows)
