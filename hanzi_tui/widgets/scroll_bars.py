"""Scroll bars of whole cells, for terminals that draw the signs of half ones two cells wide."""

from __future__ import annotations

from textual.scrollbar import ScrollBar, ScrollBarRender

from hanzi_tui.signs import ASCII, Signs


class PlainBars(ScrollBarRender):
    VERTICAL_BARS = [" "] * 8
    HORIZONTAL_BARS = [" "] * 8


def draw_scroll_bars_with(signs: Signs) -> None:
    """Chooses how all scroll bars are drawn."""
    ScrollBar.renderer = PlainBars if signs == ASCII else ScrollBarRender
