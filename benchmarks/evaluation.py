"""An evaluation of 100,000 images over 7,328 classes: time, memory, and opening what it found.

The network is simulated: noise, and the right class, which the pixels tell, somewhat above it. So
what is measured is all that an evaluation does beside asking a network.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import resource
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.rounds import interleaved, seconds
from benchmarks.setup import Setup, main
from benchmarks.table import Budget, Row
from pipeline.dataset.records import FORMAT_VERSION, open_dataset
from pipeline.dataset.split import SPLITS
from pipeline.evaluation.evaluate import evaluate
from pipeline.evaluation.model import JudgedModel
from pipeline.evaluation.results import read_results
from pipeline.events import EventLog, Finished, Report
from pipeline.files import write_json
from pipeline.normalizer import NormalizerSpec
from pipeline.settings import EvaluationSettings
from pipeline.workspace import Workspace

CLASSES = 7_328
IMAGES = 100_000
FIRST = 0x4E00
SPEC = NormalizerSpec(size_px=8)
LIKELIER = 9.0
DENSE_MB = CLASSES * IMAGES * 4 / 1e6


def rows(setup: Setup) -> Iterator[Row]:
    """Measures each side in a process of its own, so that its memory is its own, too."""
    workspace = Workspace(setup.folder / "evaluation")
    _write(workspace)
    run = workspace.runs / "judged"
    peaks: list[float] = []

    def judged() -> float:
        shutil.rmtree(run, ignore_errors=True)
        took_s, peak_mb = _in_a_process(_judged, workspace, run)
        peaks.append(peak_mb)
        return took_s

    values = interleaved(setup.rounds, {
        "evaluate": judged,
        "ask": lambda: _in_a_process(_asked, workspace, run)[0],
        "open": lambda: seconds(partial(_opened, run)),
        "room": lambda: _in_fresh(_room_opened, workspace, run),
    })  # fmt: skip
    what = f"{IMAGES:,} images, {CLASSES:,} classes"
    yield Row(f"evaluate {what}", "CPU s", values["evaluate"], "network and argmax alone",
              values["ask"])  # fmt: skip
    yield Row(f"memory that takes, {what}", "MB", peaks[1:], "all logits at once",
              [DENSE_MB] * setup.rounds, Budget("≤", 0.25, "×"))  # fmt: skip
    yield Row(f"open its results, {what}", "s", values["open"], budget=Budget("≤", 0.5, "s"))
    yield Row(f"open the evaluation room for the first time, {what}", "s", values["room"],
              budget=Budget("≤", 1, "s"))  # fmt: skip


class Simulated:
    """Logits as a network gives them: uint8 `[B, 8, 8, 1]` to float32 `[B, CLASSES]`."""

    def __init__(self) -> None:
        generator = np.random.default_rng(0)
        self._noise = generator.normal(0, 2, (1024, CLASSES)).astype(np.float32)

    def __call__(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        logits = self._noise[: len(images)].copy()
        classes = images[:, 0, 0, 0].astype(int) * 256 + images[:, 0, 1, 0]
        logits[np.arange(len(images)), classes] += LIKELIER
        return logits


def _judged(workspace: Workspace, run: Path) -> None:
    dataset = open_dataset(workspace.dataset("many"))
    model = JudgedModel("simulated", dataset.labels, SPEC, Simulated(), "litert", "many",
                        dataset.content_hash)  # fmt: skip
    run.mkdir(parents=True)
    evaluate(model, dataset.path, workspace, run, EvaluationSettings(),
             Report(EventLog(run / "events.jsonl")), lambda: None)  # fmt: skip


def _asked(workspace: Workspace, _run: Path) -> None:
    network, images = Simulated(), open_dataset(workspace.dataset("many")).split("test").images
    batch = EvaluationSettings().batch_size
    for start in range(0, IMAGES, batch):
        network(np.asarray(images[start : start + batch])).argmax(axis=1)


def _opened(run: Path) -> None:
    results = read_results(run)
    results.confusion.pairs(50)
    results.orders["confusion"]


def _room_opened(workspace: Workspace, run: Path) -> float:
    """Returns how long it takes from the key to a room that is drawn and has nothing left to do."""
    from hanzi_tui.app import Dashboard
    from hanzi_tui.screens.evaluation import EvaluationRoom
    from pipeline.configuration import Layer, merge

    (run / "job.toml").write_text('kind = "evaluate"\n', "utf-8")
    EventLog(run / "events.jsonl").append(Finished())
    told = {"general": {"workspace": str(workspace.root)}}

    async def opened() -> float:
        app = Dashboard(merge([Layer("benchmark", told)]))
        async with app.run_test(size=(120, 36)) as pilot:
            await pilot.pause(0.5)
            began = time.perf_counter()
            await pilot.press("f4")
            # Its keys for numbers work as soon as there are some.
            while not (
                isinstance(app.screen, EvaluationRoom) and app.screen.check_action("numbers", ())
            ):
                await asyncio.sleep(0.01)
            await pilot.pause()
            return time.perf_counter() - began

    return asyncio.run(opened())


def _in_fresh(work: Callable[[Workspace, Path], float], workspace: Workspace, run: Path) -> float:
    """Calls `work` in a process that has loaded nothing yet."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(work, (workspace, run))


def _in_a_process(work: object, workspace: Workspace, run: Path) -> tuple[float, float]:
    """Runs one side; returns seconds of CPU, and MB that it took beyond what was loaded before."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        return pool.apply(_metered, (work, workspace, run))


def _metered(work: object, workspace: Workspace, run: Path) -> tuple[float, float]:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.process_time()
    work(workspace, run)  # type: ignore[operator]
    took_s = time.process_time() - began
    return took_s, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1000


def _write(workspace: Workspace) -> None:
    """Writes a dataset of `IMAGES` test images whose first two pixels tell their class."""
    print(f"  writing {IMAGES:,} images", file=sys.stderr, flush=True)
    folder = workspace.dataset("many")
    folder.mkdir(parents=True)
    generator = np.random.default_rng(1)
    labels = [chr(FIRST + number) for number in range(CLASSES)]
    counts = {"train": CLASSES, "validation": 512, "test": IMAGES}
    for name in SPLITS:
        classes = np.sort(generator.integers(0, CLASSES, counts[name])).astype(np.int32)
        images = np.zeros((counts[name], SPEC.size_px, SPEC.size_px, 1), np.uint8)
        images[:, 0, 0, 0], images[:, 0, 1, 0] = classes // 256, classes % 256
        np.save(folder / f"{name}.images.npy", images)
        np.save(folder / f"{name}.labels.npy", classes)
        with open(folder / f"{name}.sources.jsonl", "w", encoding="utf-8") as file:
            for number, label in enumerate(classes.tolist()):
                origin = {"path": f"{labels[label]}/{number:06}.png", "label": labels[label]}
                file.write(json.dumps(origin, ensure_ascii=False) + "\n")
    (folder / "labels.txt").write_text("".join(f"{label}\n" for label in labels), "utf-8")
    write_json(folder / "dataset.json", {
        "format_version": FORMAT_VERSION, "origin": {}, "normalizer": SPEC.to_dict(),
        "classes": CLASSES, "content_hash": "simulated", "counts": counts,
    })  # fmt: skip


if __name__ == "__main__":
    main(rows)
