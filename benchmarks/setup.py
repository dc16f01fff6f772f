"""What the benchmarks share: their options, characters to work on, and jobs run to their end."""

from __future__ import annotations

import argparse
import asyncio
import itertools
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.table import Row, aligned, load, machine, markdown
from pipeline import jobs
from pipeline.dataset.sources import SourceImage, open_source
from pipeline.jobs import AnyJob
from pipeline.runs import Run, Status
from pipeline.starter import unpack_characters

ROUNDS = 5
IMAGES = 15_000
PACKED = 1_000_000


@dataclass(frozen=True)
class Setup:
    """What a benchmark works with.

    Args:
        source: folder of label folders, only read.
        folder: to work in; it goes away afterwards.
        rounds: how often each side is measured.
        images: how many images of `source` a dataset is made of.
        devices: as in the settings of a training.
        packed: how many synthetic images the simulated large dataset has.
    """

    source: Path
    folder: Path
    rounds: int
    images: int
    devices: str
    packed: int


Benchmark = Callable[[Setup], Iterable[Row]]


def main(*benchmarks: Benchmark) -> None:
    """Runs benchmarks as the command line asks, and prints the machine and one table."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="hanzi-benchmark-") as name:
        # Settings of whoever runs this must not change what is measured.
        for variable in [v for v in os.environ if v.startswith("HANZI_")]:
            del os.environ[variable]
        os.environ["XDG_CONFIG_HOME"] = name
        folder = Path(name)
        source = options.data.absolute() if options.data else unpack_characters(folder / "starter")
        setup = Setup(source, folder, options.rounds, options.images, options.devices,
                      options.packed)  # fmt: skip
        before = load()
        print(machine() + "\n", flush=True)
        rows = [row for benchmark in benchmarks for row in benchmark(setup)]
    print(markdown(rows) if options.markdown else aligned(rows))
    print(f"\nLoad: {before} before, {load()} at the end.")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description="Measures the program beside something else, and says which budgets hold.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("--data", type=Path, metavar="FOLDER",
                        help="label folders to work on; default: starter dataset")  # fmt: skip
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="measurements of each side")
    parser.add_argument("--images", type=int, default=IMAGES,
                        help="images in the datasets; a smaller folder is repeated")  # fmt: skip
    parser.add_argument("--packed", type=int, default=PACKED,
                        help="images in the simulated large dataset, 4 kB each")  # fmt: skip
    parser.add_argument("--devices", default="cpu", help="what trains: cpu, auto, or GPU numbers")
    parser.add_argument("--markdown", action="store_true", help="print a Markdown table")
    return parser.parse_args()


def characters(source: Path, folder: Path, count: int) -> list[Path]:
    """Copies `count` images of `source` to `folder`, as many of each label as can be.

    Where there are fewer, they are repeated under other names.

    Returns:
        The copies.
    """
    of_label: dict[str, list[SourceImage]] = {}
    for image in open_source(source).list().images:
        of_label.setdefault(image.label, []).append(image)
    copies = []
    for number, image in zip(range(count), _in_turn(list(of_label.values())), strict=False):
        copy = folder / image.label / f"{number:06}{Path(image.path).suffix}"
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / image.path, copy)
        copies.append(copy)
    return copies


def _in_turn(of_labels: list[list[SourceImage]]) -> Iterator[SourceImage]:
    """Yields one image of each label, then the next of each; without end."""
    whole = [image for row in itertools.zip_longest(*of_labels) for image in row if image]
    return itertools.cycle(whole)


def finished(job: AnyJob) -> Run:
    """Starts a job through the door that all use, and waits for its end.

    Raises:
        SystemExit: it did not finish.
    """
    run = asyncio.run(_finished(job))
    if run.status() is not Status.FINISHED:
        print(run.worker_log.read_text("utf-8", "replace"), file=sys.stderr)
        sys.exit(f"the {job.kind} job ended as {run.status().value}; its log is above")
    return run


async def _finished(job: AnyJob) -> Run:
    run = await jobs.start(job)
    try:
        async for _event in jobs.follow(run):
            pass
    finally:
        if run.status().live:
            await jobs.stop(run, "kill")
    return run
