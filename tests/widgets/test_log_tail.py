"""The tail of a log: what comes quickly is drawn together."""

from __future__ import annotations

from textual.app import App, ComposeResult

from hanzi_tui.run_state import LogLine
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
