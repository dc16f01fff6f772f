"""What the dashboard costs: its start, the bytes it draws, its memory, and how it keeps up."""

from __future__ import annotations

import asyncio
import json
import math
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from msgspec.structs import asdict

from benchmarks.rounds import interleaved
from benchmarks.setup import Setup, characters, finished, main
from benchmarks.table import Budget, Row
from benchmarks.watched import Watched
from pipeline import jobs, runs
from pipeline.events import EventLog, Finished, Metric, Report, Started
from pipeline.jobs import PrepareJob, TrainJob
from pipeline.processes import this_process
from pipeline.runs import Run
from pipeline.settings import AugmentSettings, DatasetSettings, TrainingSettings
from pipeline.workspace import Workspace

IMAGES = 1200
WATCHED_S = 30.0
LAG_S = 60.0
EVENTS = 200_000
HANZI_TUI = [sys.executable, "-m", "hanzi_tui"]
EMPTY = [sys.executable, "-c", """
from textual.app import App
from textual.widgets import Static
class Empty(App):
    def compose(self):
        yield Static("nothing else")
Empty().run()
"""]  # fmt: skip

LAGGING = """
import asyncio, json, sys, time
from pathlib import Path
from hanzi_tui.app import Dashboard
from hanzi_tui.launch import open_dashboard
from pipeline.configuration import resolve
from pipeline.runs import Run
out, seconds, run = Path(sys.argv[1]), float(sys.argv[2]), sys.argv[3:]
lags, mount = [], Dashboard.on_mount
async def measured(self):
    async def tick():
        began = time.perf_counter()
        while time.perf_counter() - began < seconds:
            before = time.perf_counter()
            await asyncio.sleep(0.02)
            lags.append(1000 * (time.perf_counter() - before - 0.02))
        out.write_text(json.dumps(lags))
        self.exit()
    await mount(self)
    self.run_worker(tick())
Dashboard.on_mount = measured
open_dashboard(resolve(), None, Run(Path(run[0])) if run else None)
"""


def rows(setup: Setup) -> Iterator[Row]:
    """Measures the dashboard on a terminal of 120 by 36 cells."""
    folder = setup.folder / "dashboard"
    workspace = Workspace(folder / "workspace")
    workspace.root.mkdir(parents=True)
    yield _start(setup.rounds, folder)
    yield _idle(folder)
    yield from _long_log(workspace, folder)
    yield from _watching(setup, workspace, folder)


def _start(rounds: int, folder: Path) -> Row:
    def first(command: list[str], *marks: bytes) -> float:
        program = Watched(command, folder)
        try:
            return program.until(*marks)
        finally:
            program.end()

    sides = interleaved(rounds, {
        "dashboard": lambda: first(HANZI_TUI, b"Environment", b"keys"),
        "empty": lambda: first(EMPTY, b"nothing else"),
    })  # fmt: skip
    budget = Budget("≤", 2.5, "×")
    return Row(
        "first content", "s", sides["dashboard"], "empty Textual app", sides["empty"], budget
    )


def _idle(folder: Path) -> Row:
    program = Watched(HANZI_TUI, folder)
    try:
        program.until(b"Runs")
        program.type(b"\x1b[17~")  # F6
        program.until(b"F2")
        program.bytes_in(3)
        return Row("idle, runs", "B", [program.bytes_in(10)], budget=Budget("≤", 0, "B"))
    finally:
        program.end()


def _long_log(workspace: Workspace, folder: Path) -> Iterator[Row]:
    run = _run_of(workspace, EVENTS)
    lags, opened = _lags(folder, 6.0, run)
    what = f"a log of {EVENTS:,} events"
    yield Row(f"{what}: on screen", "s", [opened], budget=Budget("≤", 1.5, "s"))
    yield Row(
        f"{what}: longest pause once the room stands",
        "ms",
        [max(lags)],
        budget=Budget("≤", 50, "ms"),
    )


def _run_of(workspace: Workspace, count: int) -> Run:
    """Makes a finished run with a log of `count` events."""
    job = TrainJob(workspace=workspace.root, dataset="long", name="long",
                   training=TrainingSettings(), augment=AugmentSettings())  # fmt: skip
    import tomlkit

    run = runs.create(workspace.runs, tomlkit.dumps(job.model_dump(mode="json", exclude_none=True)))
    me = this_process()
    log = EventLog(run.events)
    log.append(Started(me.pid, 1.0, me.host, me.boot_id))
    report = Report(log)
    report.stage("train")
    lines = [run.events.read_text("utf-8")]
    for step in range(count):
        value = 1 / math.sqrt(step + 1)
        scope = "epoch" if step % 1000 == 999 else "step"
        values = {
            "loss": value,
            "accuracy": 1 - value,
            "val_loss": value,
            "val_accuracy": 1 - value,
        }
        event = Metric(scope, step // 1000, step, values)
        lines.append(json.dumps({"sequence": step + 3, "time": time.time(), "kind": "metric",
                                 **asdict(event)}) + "\n")  # fmt: skip
    run.events.write_text("".join(lines), "utf-8")
    EventLog(run.events).append(Finished({}))
    return run


def _watching(setup: Setup, workspace: Workspace, folder: Path) -> Iterator[Row]:
    characters(setup.source, folder / "characters", IMAGES)
    finished(PrepareJob(workspace=workspace.root, source=folder / "characters", name="set",
                        dataset=DatasetSettings()))  # fmt: skip
    job = TrainJob(workspace=workspace.root, dataset="set", name="m", augment=AugmentSettings(),
                   training=TrainingSettings(epochs=10_000, devices=setup.devices))  # fmt: skip
    run = asyncio.run(jobs.start(job))
    try:
        while run.last_epoch() is None:
            time.sleep(0.2)
        program = Watched(HANZI_TUI, folder)
        try:
            program.until(b"closing")
            program.bytes_in(5)
            rate = program.bytes_in(WATCHED_S) / WATCHED_S / 1000
            yield Row("watching a training", "kB/s", [rate], budget=Budget("≤", 6, "kB/s"))
            memory = program.memory_mb()
            yield Row("memory", "MB", [memory], budget=Budget("≤", 150, "MB"))
        finally:
            program.end()
        lags, _opened = _lags(folder, LAG_S, None)
        p99 = sorted(lags)[int(0.99 * len(lags))]
        yield Row("loop lag, p99, beside a training", "ms", [p99], budget=Budget("≤", 50, "ms"))
    finally:
        asyncio.run(jobs.stop(run, "kill"))


def _lags(folder: Path, seconds: float, run: Run | None) -> tuple[list[float], float]:
    """Returns the delays of a 20 ms timer in milliseconds, and when the curves were drawn."""
    out = folder / "lags.json"
    arguments = [str(out), str(seconds), *([str(run.path)] if run else [])]
    program = Watched([sys.executable, "-c", LAGGING, *arguments], folder)
    try:
        opened = program.until(b"accuracy", b"best" if run else b"closing")
        program.bytes_in(max(0.0, seconds - opened + 3))
        return json.loads(out.read_text()), opened
    finally:
        program.end()


if __name__ == "__main__":
    main(rows)
