"""The scan of a source in a process of its own, which tells how far it is.

Whoever asks need not load OpenCV, and ends the scan by ending its wait: `scanned` runs this module
as a program, and its processes end with it.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.problems import Problem
from pipeline.programs import program

if TYPE_CHECKING:
    from pipeline.settings import DatasetSettings

TOLD_EVERY_S = 0.25
_LONGEST_LINE = 1 << 30


async def scanned(
    source: Path, dataset: DatasetSettings, progress: Callable[[int, int], None]
) -> dict[str, Any]:
    """Looks at every image of a source, outside this process; cancelled, it ends the process.

    Args:
        source: as `open_source` takes it.
        dataset: kind of the images, limits, near copies and processes; groups are not looked for.
        progress: called with how many images are done, and of how many.

    Returns:
        The `SourceScan` as of its `to_dict`, tuples as lists.

    Raises:
        Problem: as `pipeline.dataset.scan.scan`, or `source.scan_died`.
    """
    process = await asyncio.create_subprocess_exec(
        *program("pipeline.scanning"), stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL, limit=_LONGEST_LINE,
    )  # fmt: skip
    assert process.stdin is not None and process.stdout is not None
    request = {"source": os.fspath(source), "dataset": dataset.model_dump()}
    try:
        process.stdin.write(json.dumps(request).encode())
        process.stdin.close()
        async for line in process.stdout:
            told = await asyncio.to_thread(json.loads, line)
            if "done" in told:
                progress(told["done"], told["total"])
            elif "code" in told:
                raise Problem(told["code"], **told["params"])
            else:
                scan: dict[str, Any] = told["scan"]
                return scan
        raise Problem("source.scan_died", path=str(source), code=await process.wait())
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def main() -> None:
    """Answers the request on stdin: lines of JSON on stdout, of which the last is the scan."""
    from pipeline.dataset.scan import scan
    from pipeline.dataset.sources import open_source
    from pipeline.dataset.sources.limits import MEGABYTE, Limits
    from pipeline.settings import DatasetSettings

    request = json.load(sys.stdin)
    dataset = DatasetSettings.model_validate(request["dataset"])
    limits = Limits(dataset.max_file_mb * MEGABYTE, dataset.max_pixels)
    label_file = Path(dataset.label_file) if dataset.label_file else None
    try:
        source = open_source(Path(request["source"]), limits, label_file)
        found = scan(source, dataset.kind, dataset.max_pixels, processes=dataset.processes,
                     distance=dataset.near_duplicates, progress=_teller())  # fmt: skip
    except Problem as problem:
        _tell({"code": problem.code, "params": problem.params})
    else:
        _tell({"scan": found.to_dict()})


def _teller() -> Callable[[int, int], None]:
    last_s = 0.0

    def progress(done: int, total: int) -> None:
        nonlocal last_s
        if time.monotonic() - last_s > TOLD_EVERY_S:
            last_s = time.monotonic()
            _tell({"done": done, "total": total})

    return progress


def _tell(message: dict[str, Any]) -> None:
    print(json.dumps(message, default=str), flush=True)


if __name__ == "__main__":
    main()
