"""A report written by a process of its own: thousands of classes would halt the screen."""

from __future__ import annotations

import asyncio
import json
import os
from dataclasses import dataclass
from pathlib import Path

from pipeline.programs import program
from pipeline.runs import Run
from pipeline.workspace import Workspace


@dataclass(frozen=True)
class Outcome:
    """What became of a report.

    Args:
        files: written; none where it failed.
        reason: why it failed, in the user's language; "" where it did not.
    """

    files: tuple[str, ...]
    reason: str = ""


async def write_report(workspace: Workspace, run: Run, path: Path, language: str) -> Outcome:
    """Runs `hanzi-tui report` for an evaluation.

    Args:
        path: what to write, as that command takes it.
        language: as the setting `general.language` has it.
    """
    settings = {"HANZI_GENERAL__WORKSPACE": os.fspath(workspace.root),
                "HANZI_GENERAL__LANGUAGE": language}  # fmt: skip
    process = await asyncio.create_subprocess_exec(
        *program("hanzi_tui"), "report", run.id, "--output", os.fspath(path), "--json",
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE, env={**os.environ, **settings},
    )  # fmt: skip
    try:
        answer, complaint = await process.communicate()
    except asyncio.CancelledError:
        if process.returncode is None:
            process.kill()
        raise
    if process.returncode:
        return Outcome((), complaint.decode(errors="replace").strip())
    return Outcome(tuple(json.loads(answer)["paths"]))
