"""The dashboard on a workspace, without a terminal."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from textual.pilot import Pilot

from hanzi_tui.app import Dashboard
from pipeline.configuration import Configuration, Layer, merge
from pipeline.workspace import Workspace

SIZES = [(120, 36), (80, 24)]


def configuration(workspace: Workspace, **general: str) -> Configuration:
    return merge([Layer("test", {"general": {"workspace": workspace.root, **general}})])


def dashboard(workspace: Workspace) -> Dashboard:
    return Dashboard(configuration(workspace))


def text_of(app: Dashboard) -> str:
    """Returns what is on the screen, a line of text a row."""
    strips = app.screen._compositor.render_strips()
    return "\n".join(strip.text.rstrip() for strip in strips)


async def seen(
    pilot: Pilot[None], condition: str | Callable[[], bool], timeout_s: float = 60.0
) -> str:
    """Waits until a text is on the screen, or a condition holds, and returns the screen's text."""
    app = pilot.app
    assert isinstance(app, Dashboard)
    deadline = time.monotonic() + timeout_s
    while True:
        await pilot.pause()
        text = text_of(app)
        if condition in text if isinstance(condition, str) else condition():
            return text
        assert time.monotonic() < deadline, f"{condition!r} was not seen on:\n{text}"
        await asyncio.sleep(0.02)
