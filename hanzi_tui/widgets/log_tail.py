"""The newest lines of a run's log, the newest above."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from textual.content import Content
from textual.timer import Timer

from hanzi_tui.i18n import printable
from hanzi_tui.run_state import LogLine
from hanzi_tui.signs import UNICODE, Signs
from hanzi_tui.widgets.lines import Lines, cut

INTERVAL_S = 2.0
CLOCK_WIDTH = 10
ENOUGH = 30
"""Cells in which the beginning of a line tells what it is about."""


class LogTail(Lines):
    """Shows as many lines as fit; what comes quickly one after the other is shown together.

    Args:
        signs: Unicode or ASCII.
    """

    DEFAULT_CSS = """
    LogTail {
        height: 1fr;
    }
    """

    def __init__(self, *, signs: Signs = UNICODE, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._signs = signs
        self._log: Sequence[LogLine] = ()
        self._due_s = 0.0
        self._timer: Timer | None = None

    def tell(self, log: Sequence[LogLine], at_once: bool = False) -> None:
        """Shows another log, at most once in `INTERVAL_S` seconds unless `at_once`."""
        self._log = log
        wait_s = 0.0 if at_once else self._due_s - time.monotonic()
        if wait_s <= 0:
            self._draw()
        elif self._timer is None:
            self._timer = self.set_timer(wait_s, self._draw)

    def on_resize(self) -> None:
        self._draw()

    def _draw(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        self._due_s = time.monotonic() + INTERVAL_S
        width, height = self.size
        rows: list[Content] = []
        if width > CLOCK_WIDTH:
            for line in reversed(self._log):
                rows += self._set(line, width)
                if len(rows) >= height:
                    break
        self.show([*rows, *[Content("")] * height][:height])

    def _set(self, line: LogLine, width: int) -> Iterator[Content]:
        """Yields the rows of a line: one, but for what is grave, and where one says too little."""
        grave = {"warning": (self._signs.warning, "$warning"),
                 "failed": (self._signs.failed, "$error")}  # fmt: skip
        sign, colour = grave.get(line.kind, ("", ""))
        text = Content.styled(f"{sign} {printable(line.text)}".strip(), colour)
        clock = time.strftime("%H:%M:%S", time.localtime(line.time))
        room = width - CLOCK_WIDTH
        whole = sign or room < ENOUGH
        rows = text.wrap(room) if whole else [cut(text, room, self._signs)]
        for number, row in enumerate(rows):
            yield Content.styled(("" if number else clock).ljust(CLOCK_WIDTH), "$muted") + row
