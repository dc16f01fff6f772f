"""How right each recipe gets in the same time: `python -m benchmarks.training --data FOLDER`.

FOLDER holds pictures by label. They are split once, and prepared for each recipe at the size it
wants; then the recipes train one after the other on the CPU, each for its minutes. Time runs from
the start of the worker, as a user waits.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.setup import finished
from benchmarks.table import load, machine
from pipeline import jobs
from pipeline.configuration import Layer, merge
from pipeline.jobs import EvaluateJob, PrepareJob, TrainJob
from pipeline.runs import Run
from pipeline.settings import EvaluationSettings
from pipeline.training.plot.curves import Curves, curves_of
from pipeline.training.plot.write import write
from pipeline.workspace import Workspace

MARKS_MIN = (0.5, 1, 2, 3, 5, 10)
POLL_S = 0.2


@dataclass(frozen=True)
class Contestant:
    """A recipe that gets `share` of the minutes, with settings beside its own."""

    recipe: str
    share: float = 1.0
    weights: str = "none"


CONTESTANTS = (Contestant("default"), Contestant("classic-cnn"),
               Contestant("classic-resnet50", share=0.8))  # fmt: skip


@dataclass(frozen=True)
class Result:
    """What a recipe came to: its curves, the images it learned from, its test accuracy."""

    name: str
    curves: Curves
    images: int
    accuracy: float


def main() -> None:
    """Reads the command line, lets the recipes train, and prints two tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="label folders")
    parser.add_argument("--minutes", type=float, default=10.0, help="for each recipe")
    parser.add_argument("--plot", type=Path, help="picture of the curves, .svg or .png")
    given = parser.parse_args()
    for variable in [v for v in os.environ if v.startswith("HANZI_")]:
        del os.environ[variable]
    print(machine() + "\n", flush=True)
    before = load()
    with tempfile.TemporaryDirectory(prefix="hanzi-benchmark-") as name:
        workspace = Workspace(Path(name))
        results = [trained(one, given.data.absolute(), workspace, given.minutes)
                   for one in CONTESTANTS]  # fmt: skip
    print("\n".join(accuracies(results, given.minutes)) + "\n")
    print("\n".join(race(*results[:2])))
    print(f"\nLoad: {before} before, {load()} at the end.")
    if given.plot:
        write(given.plot, [result.curves for result in results], across="minutes")


def trained(one: Contestant, data: Path, workspace: Workspace, minutes: float) -> Result:
    """Prepares the pictures that a recipe wants, trains for its time, and asks the test split."""
    values = {"recipe": one.recipe, "weights": one.weights, "devices": "cpu"}
    settings = merge([Layer("benchmark", {"training": values})]).settings
    first = workspace.dataset(CONTESTANTS[0].recipe) / "split.csv"
    split_file = str(first) if first.exists() else ""
    dataset = settings.dataset.model_copy(update={"split_file": split_file})
    finished(PrepareJob(workspace=workspace.root, source=data, name=one.recipe, dataset=dataset))
    job = TrainJob(workspace=workspace.root, dataset=one.recipe, name=one.recipe,
                   training=settings.training, augment=settings.augment)  # fmt: skip
    run = asyncio.run(_for_a_while(job, minutes * one.share * 60))
    curves = curves_of(run, settings.training.best)
    if curves is None:
        raise SystemExit(f"{one.recipe} finished no epoch in {minutes * one.share:g} minutes")
    judged = finished(EvaluateJob(workspace=workspace.root, run=run.id,
                                  evaluation=EvaluationSettings()))  # fmt: skip
    summary = judged.finished()
    assert summary is not None
    batch = settings.training.batch_size
    name = f"{settings.training.model} ({one.recipe}, {dataset.size} px)"
    seen = curves.epochs[-1].step * batch
    named = Curves(name, curves.epochs, curves.minutes, curves.best)
    return Result(name, named, seen, float(summary.summary["top_1"]))


async def _for_a_while(job: TrainJob, seconds: float) -> Run:
    """Lets a training run until it ends or `seconds` have passed, then stops it."""
    began = time.monotonic()
    run = await jobs.start(job)
    while run.status().live and time.monotonic() - began < seconds:
        await asyncio.sleep(POLL_S)
    if run.status().live:
        await jobs.stop(run, "now")
    return run


def accuracies(results: Sequence[Result], minutes: float) -> list[str]:
    """Returns a Markdown table: validation accuracy after so many minutes, then the test's."""
    marks = [mark for mark in MARKS_MIN if mark <= minutes]
    heads = [f"{mark:g} min" for mark in marks]
    rows = [["recipe", *heads, "trained for", "images", "test, best epoch"]]
    for result in results:
        last = result.curves.minutes[-1]
        cells = [_percent(_reached(result.curves, mark)) for mark in marks]
        rows.append([result.name, *cells, f"{last:.1f} min", f"{result.images:,}",
                     _percent(result.accuracy)])  # fmt: skip
    rows.insert(1, ["---"] * len(rows[0]))
    return ["| " + " | ".join(row) + " |" for row in rows]


def race(ours: Result, theirs: Result) -> list[str]:
    """Returns how long ours takes to reach the best validation accuracy of theirs."""
    points = theirs.curves.points("val_accuracy", "minutes")
    best = max(value for _, value in points)
    needed = next(minute for minute, value in points if value == best)
    there = [minute for minute, value in ours.curves.points("val_accuracy", "minutes")
             if value >= best]  # fmt: skip
    said = f"{theirs.name} reaches {_percent(best)} of validation within {needed * 60:.0f} s"
    if not there:
        return [f"{said}; {ours.name} never does."]
    share = there[0] / theirs.curves.minutes[-1]
    return [
        f"{said} and trains for {theirs.curves.minutes[-1] * 60:.0f} s;",
        f"{ours.name} is past that after {there[0] * 60:.0f} s, a share of {share:.3f}.",
    ]


def _reached(curves: Curves, minute: float) -> float | None:
    """Returns the best validation accuracy of the epochs that ended by a minute."""
    done = [value for at, value in curves.points("val_accuracy", "minutes") if at <= minute]
    return max(done, default=None)


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f} %"


if __name__ == "__main__":
    main()
