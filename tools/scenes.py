"""What the screenshots show: the rooms of the dashboard, and the keys that lead to a scene."""

from __future__ import annotations

import asyncio
import re
import threading
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from textual import events
from textual.pilot import Pilot

from hanzi_tui.app import Dashboard
from hanzi_tui.widgets.tab_line import tabs

NAME = "starter"
"""Dataset, its folder in the workspace, and the start of its models' names."""
IMAGE = "characters/永/MaShanZheng-003"
"""What is recognised, without its suffix."""
LASTING = {"look", "follow"}
"""Groups of workers that end with the dashboard only."""
PROBES = "check"
"""Thread of the environment room that asks what this machine has."""
STILL_S = 0.4
LIVELY_S = 5.0
"""A screen that is never still, as that of a quick training, is taken after so long."""
TIMEOUT_S = 60.0
NUMBERS = re.compile(r"[\d.:%▁-█░]+")

Scene = Callable[[Pilot[None]], Awaitable[None]]


async def settled(pilot: Pilot[None]) -> None:
    """Waits until nothing is at work and the words on the screen stay as they are.

    Raises:
        TimeoutError: something is at work still.
    """
    app = pilot.app
    before, busy = "", [""]
    began_s = still_s = idle_s = time.monotonic()
    while app.is_running:
        await pilot.pause()
        rows = app.screen._compositor.render_strips()
        words = NUMBERS.sub("", "\n".join(row.text for row in rows[:-2]))
        busy = [worker.name for worker in app.workers
                if worker.is_running and worker.group not in LASTING]  # fmt: skip
        busy += [thread.name for thread in threading.enumerate() if thread.name == PROBES]
        now_s = time.monotonic()
        idle_s = now_s if busy else idle_s
        still_s = now_s if busy or words != before else still_s
        before = words
        if now_s - still_s > STILL_S or now_s - idle_s > LIVELY_S:
            return
        if now_s - began_s > TIMEOUT_S:
            raise TimeoutError(f"at work for {TIMEOUT_S:.0f} s: {', '.join(busy)}")
        await asyncio.sleep(0.05)


def room(name: str, *keys: str) -> Scene:
    """Returns the scene of a room after some keys, each pressed when the one before has worked."""

    async def show(pilot: Pilot[None]) -> None:
        await _open(pilot, name)
        for key in keys:
            await pilot.press(key)
            await settled(pilot)

    return show


async def _open(pilot: Pilot[None], name: str) -> None:
    await settled(pilot)
    await pilot.press(f"f{[*tabs()].index(name) + 1}" if name in tabs() else "comma")
    await settled(pilot)
    if pilot.app.current_mode != name:
        raise RuntimeError(f"the key of {name} opened {pilot.app.current_mode}")


async def _recognized(pilot: Pilot[None]) -> None:
    """An image that was dropped on the terminal, and what it was recognised as."""
    await _open(pilot, "recognition")
    app = pilot.app
    assert isinstance(app, Dashboard)
    (image,) = (app.workspace.root / NAME).glob(f"{IMAGE}.*")
    app.post_message(events.Paste(str(image.relative_to(Path.cwd()))))
    await settled(pilot)


async def _sketched(pilot: Pilot[None]) -> None:
    """The character 大, drawn by keys."""
    await _open(pilot, "recognition")
    strokes = [
        ("left",) * 8, ("up",) * 3, ("space",), ("right",) * 16, ("space",),
        ("left",) * 8, ("up",) * 6, ("space",), ("down",) * 7, ("end",) * 8, ("space",),
        ("pageup",) * 8, ("space",), ("pagedown",) * 9, ("space",),
    ]  # fmt: skip
    await pilot.press("d", *(key for keys in strokes for key in keys))
    await settled(pilot)


async def _recognized_folder(pilot: Pilot[None]) -> None:
    """All images of the folder of that image."""
    await _recognized(pilot)
    await pilot.press("a")
    await settled(pilot)


SCENES: dict[str, Scene] = {
    "environment": room("environment"),
    "environment-tables": room("environment", "t"),
    "dataset": room("dataset"),
    "dataset-source": room("dataset", "u"),
    "dataset-browse": room("dataset", "b", "down", "down", "down", "tab"),
    "training": room("training"),
    "training-samples": room("training", "tab"),
    "training-form": room("training", "n"),
    "evaluation": room("evaluation"),
    "evaluation-pairs": room("evaluation", "tab", "down"),
    "recognition": _recognized,
    "recognition-sketch": _sketched,
    "recognition-folder": _recognized_folder,
    "runs": room("runs"),
    "settings": room("settings"),
    "keys": room("training", "question_mark"),
}
