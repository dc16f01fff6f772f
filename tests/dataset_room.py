"""The dataset room, and what stands in its parts."""

from __future__ import annotations

from pathlib import Path

from on_screen import seen
from textual.pilot import Pilot
from workers import until

from hanzi_tui.app import Dashboard
from hanzi_tui.screens.dataset import DatasetRoom


async def opened(pilot: Pilot[None]) -> DatasetRoom:
    app = pilot.app
    assert isinstance(app, Dashboard)
    await app.action_open("dataset")
    await seen(pilot, "report")
    assert isinstance(app.screen, DatasetRoom)
    return app.screen


async def counted(pilot: Pilot[None], source: Path) -> DatasetRoom:
    room = await opened(pilot)
    room.count(str(source))
    await until(lambda: room.scan is not None)
    return room


async def said(pilot: Pilot[None], where: str, text: str) -> str:
    """Waits until a text stands in a widget, however its lines are broken."""

    def words() -> str:
        region = pilot.app.screen.query_one(where).region
        strips = pilot.app.screen._compositor.render_strips()[region.y : region.bottom]
        lines = (strip.crop(region.x, region.right).text for strip in strips)
        return " ".join(" ".join(lines).split())

    # A long path is broken anywhere, so blanks do not count.
    await until(lambda: text.replace(" ", "") in words().replace(" ", ""))
    return words()
