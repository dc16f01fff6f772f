"""The tail of a log: what comes quickly is drawn together."""

from __future__ import annotations

import pytest
from textual.app import App, ComposeResult

from hanzi_tui.run_state import LogLine
from hanzi_tui.signs import ASCII, UNICODE, Signs
from hanzi_tui.widgets.log_tail import LogTail


class Tail(App[None]):
    def compose(self) -> ComposeResult:
        yield LogTail()


async def test_a_log_that_grows_quickly_is_drawn_in_batches() -> None:
    app = Tail()
    async with app.run_test(size=(60, 4)) as pilot:
        await pilot.pause()
        tail = app.query_one(LogTail)
        log = [LogLine(number, "log", f"line {number}") for number in range(3)]
        tail.tell(log[:1], at_once=True)
        tail.tell(log[:2])
        tail.tell(log)
        await pilot.pause()
        rows = [strip.text for strip in app.screen._compositor.render_strips()]
        assert "line 0" in rows[0]
        assert "line 1" not in "".join(rows)
        tail.tell(log, at_once=True)
        await pilot.pause()
        rows = [strip.text for strip in app.screen._compositor.render_strips()]
        assert ["line 2" in rows[0], "line 1" in rows[1], "line 0" in rows[2]] == [True] * 3


@pytest.mark.parametrize(("signs", "sign"), [(UNICODE, "…"), (ASCII, "...")])
async def test_a_long_line_is_cut_unless_it_is_grave(signs: Signs, sign: str) -> None:
    class Long(App[None]):
        def compose(self) -> ComposeResult:
            yield LogTail(signs=signs)

    words = " ".join(f"word{number}" for number in range(20))
    log = [LogLine(0, "warning", words), LogLine(1, "log", words)]
    app = Long()
    async with app.run_test(size=(60, 12)) as pilot:
        await pilot.pause()
        app.query_one(LogTail).tell(log, at_once=True)
        await pilot.pause()
        rows = [strip.text.rstrip() for strip in app.screen._compositor.render_strips()]
        assert rows[0].endswith(sign)
        assert rows[1][10:].startswith("! word0")
        assert "word19" in rows[3]
