"""Pictures of every room of the dashboard on the starter dataset, with a training under way.

`python tools/screenshots.py --font FONT` makes a workspace in a temporary folder, prepares the
starter dataset, trains and evaluates a small model, starts a longer training, and draws each scene
at each size as PNG and SVG. A scene that fails is told at the end, and the exit code is 1. With
--workspace the next call finds everything done; the long training then goes on where it was.
The pictures of the README: --rooms training evaluation --sizes 120x36 --formats png.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import traceback
from collections.abc import Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

os.environ["TEXTUAL_ANIMATIONS"] = "none"  # read when textual is imported

from PIL import Image
from scenes import NAME, SCENES
from terminal_picture import Letters, contact_sheet, fitted_svg, picture
from textual._context import visible_screen_stack
from textual.message import Message
from textual.worker import Worker, WorkerState

from hanzi_tui.app import Dashboard
from hanzi_tui.themes import NAMES
from pipeline import jobs, runs
from pipeline.configuration import Layer, merge
from pipeline.jobs import AnyJob, EvaluateJob, PrepareJob, TrainJob
from pipeline.runs import Run, Status
from pipeline.settings import AugmentSettings, DatasetSettings, EvaluationSettings, TrainingSettings
from pipeline.starter import unpack_characters
from pipeline.workspace import Workspace

ROOT = Path(__file__).resolve().parents[1]
STEPS = 90
"""Of the model that is evaluated: few enough that some characters are still confused."""
LONG = TrainingSettings(epochs=200, devices="cpu")
EPOCHS_SEEN = 8
"""Epochs of the long training that the pictures show at least."""
SIZES = ("120x36", "80x24", "60x20", "200x60")


@dataclass
class Pictures:
    """Takes pictures of scenes, and keeps what went wrong.

    Args:
        workspace: what the dashboard shows.
        out: folder of the pictures.
        letters: fonts of the PNGs.
        formats: "png", "svg" or both.
    """

    workspace: Workspace
    out: Path
    letters: Letters
    formats: Sequence[str] = ("png", "svg")
    taken: list[tuple[str, Image.Image]] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    async def take(self, name: str, size: tuple[int, int], theme: str) -> None:
        """Opens a dashboard of its own, goes to the scene and writes its pictures."""
        title = f"{name}-{size[0]}x{size[1]}-{theme}"
        print(title, end=" ", flush=True)
        values: dict[str, dict[str, Any]] = {
            "general": {"workspace": self.workspace.root, "signs": "unicode"},
            "interface": {"theme": theme},
        }
        app = Dashboard(merge([Layer("screenshots", values)]))
        broken: list[str] = []

        def watch(message: Message) -> None:
            if isinstance(message, Worker.StateChanged) and message.state is WorkerState.ERROR:
                broken.append(f"worker {message.worker.name}: {message.worker.error!r}")

        try:
            async with app.run_test(size=size, message_hook=watch) as pilot:
                try:
                    await SCENES[name](pilot)
                finally:
                    if app.is_running:
                        self._write(title, app)
        except Exception:  # whatever a room does, the others are to be drawn
            broken.append(traceback.format_exc(limit=-3))
        self.failed += [f"{title}: {what}" for what in broken]
        print("failed" if broken else "ok", flush=True)

    def _write(self, title: str, app: Dashboard) -> None:
        self.out.mkdir(parents=True, exist_ok=True)
        if "svg" in self.formats:
            svg = fitted_svg(app.export_screenshot(title="hanzi-tui", simplify=True))
            (self.out / f"{title}.svg").write_text(svg, "utf-8")
        if "png" in self.formats:
            # What a dialog leaves visible of the room behind it.
            visible_screen_stack.set(app._background_screens)
            rows = app.screen._compositor.render_strips()
            colours = app.current_theme
            image = picture(rows, self.letters, colours.foreground or "#e8e3d8",
                            colours.background or "#16161a")  # fmt: skip
            few = image.quantize(256, dither=Image.Dither.NONE)  # a third of the bytes
            few.save(self.out / f"{title}.png", optimize=True)
            self.taken.append((title, image))


async def made(workspace: Workspace) -> None:
    """Prepares the starter dataset, trains a small model and evaluates it, unless that is done."""
    root = workspace.root
    source = unpack_characters(root / NAME)
    training = TrainingSettings(steps=STEPS, devices="cpu")
    road: list[AnyJob] = [
        PrepareJob(workspace=root, source=source, name=NAME, dataset=DatasetSettings()),
        TrainJob(workspace=root, dataset=NAME, name=f"{NAME}-{training.model}", training=training,
                 augment=AugmentSettings()),
        EvaluateJob(workspace=root, dataset=NAME, evaluation=EvaluationSettings()),
    ]  # fmt: skip
    done = {jobs.read_job(r).kind for r in runs.listed(workspace.runs) if r.finished() is not None}
    for job in road:
        if job.kind not in done:
            print(job.kind, flush=True)
            await _ended(await jobs.start(job))


async def _ended(run: Run) -> None:
    async for _stamped in jobs.follow(run):
        pass
    if run.status() is not Status.FINISHED:
        raise SystemExit(f"{run.id}: {run.status().value}, see {run.worker_log}")


async def under_way(workspace: Workspace) -> Run:
    """Starts the long training, or goes on with it, and returns when it has some epochs to show."""
    halted = [run for run in runs.listed(workspace.runs)
              if run.status() in (Status.STOPPED, Status.INTERRUPTED)]  # fmt: skip
    if halted:
        run, before = halted[-1], halted[-1].last_progress()
        await jobs.resume(run)
    else:
        before = None
        run = await jobs.start(
            TrainJob(workspace=workspace.root, dataset=NAME, name=f"{NAME}-long", training=LONG,
                     augment=AugmentSettings())
        )  # fmt: skip
    print(f"training {run.id}", flush=True)
    while (
        run.last_progress() == before
        or (last := run.last_epoch()) is None
        or last.epoch < EPOCHS_SEEN
    ):
        if not run.status().live:
            raise SystemExit(f"{run.id}: {run.status().value}, see {run.worker_log}")
        await asyncio.sleep(0.2)
    return run


def chosen(patterns: Sequence[str]) -> list[str]:
    """Returns the names of the scenes that match any of the patterns."""
    return [name for name in SCENES if any(fnmatch(name, pattern) for pattern in patterns)]


async def all_taken(given: argparse.Namespace, pictures: Pictures) -> None:
    """Takes every picture that was asked for while the long training runs."""
    await made(pictures.workspace)
    run = await under_way(pictures.workspace)
    try:
        for theme in given.themes:
            for size in given.sizes:
                columns, rows = map(int, size.split("x"))
                for name in chosen(given.rooms):
                    if not run.status().live:  # a quick machine has trained to the end
                        run = await under_way(pictures.workspace)
                    # In a task of its own: each dashboard leaves its context behind.
                    await asyncio.create_task(pictures.take(name, (columns, rows), theme))
    finally:
        if run.status().live:
            await jobs.stop(run)


def main() -> int:
    """Reads the command line, takes the pictures and tells what failed."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "images", help="folder")
    parser.add_argument("--font", type=Path, action="append", default=[],
                        help="of the PNGs; of several the first that has a character")  # fmt: skip
    parser.add_argument("--sizes", nargs="+", default=SIZES, help="COLUMNSxROWS")
    parser.add_argument("--rooms", nargs="+", default=["*"], metavar="SCENE",
                        help=f"or patterns such as 'data*'; of {', '.join(SCENES)}")  # fmt: skip
    parser.add_argument("--themes", nargs="+", default=["ink"], choices=NAMES, help="colours")
    parser.add_argument("--formats", nargs="+", default=["png", "svg"], choices=["png", "svg"])
    parser.add_argument("--workspace", type=Path, help="folder to keep and to use again")
    parser.add_argument("--contact-sheet", action="store_true", help="all PNGs in one, small")
    given = parser.parse_args()
    if not chosen(given.rooms):
        parser.error(f"no scene is named {' or '.join(given.rooms)}; there are {', '.join(SCENES)}")
    letters = Letters([font.resolve() for font in given.font])
    if not letters.has("汉"):
        print("No font here has Chinese characters: give one by --font.", file=sys.stderr)
    out = given.out.resolve()
    with tempfile.TemporaryDirectory(prefix="hanzi-tui-") as scratch:
        workspace = Workspace((given.workspace or Path(scratch) / "workspace").resolve())
        workspace.root.mkdir(parents=True, exist_ok=True)
        os.chdir(workspace.root.parent)
        pictures = Pictures(workspace, out, letters, given.formats)
        asyncio.run(all_taken(given, pictures))
        os.chdir(ROOT)
    if given.contact_sheet and pictures.taken:
        contact_sheet(pictures.taken).save(out / "contact-sheet.png", optimize=True)
    for failure in pictures.failed:
        print(failure, file=sys.stderr)
    return 1 if pictures.failed else 0


if __name__ == "__main__":
    sys.exit(main())
