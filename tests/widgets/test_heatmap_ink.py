"""The shades of the confusion heatmap can be told apart on any terminal, in any theme."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from heatmap_on_screen import HANZI, Shown, diagonal, scattered
from rich.color import Color, ColorSystem

from hanzi_tui.signs import ASCII, UNICODE, Signs
from hanzi_tui.themes import THEMES
from hanzi_tui.widgets.heatmap_ink import ON_DARK, ON_LIGHT


async def test_in_ascii_densities_tell_the_shades() -> None:
    labels = [f"c{i}" for i in range(300)]
    app = Shown(scattered(300, 3000), labels, ASCII)
    async with app.run_test(size=(80, 24)) as pilot:
        for keys in ([], ["n"], ["d"], ["enter"]):
            await pilot.press(*keys)
            text = "".join(app.lines())
            assert text.isascii()
            assert "##" in text and "[]" in text


async def test_without_colour_densities_tell_the_shades(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = Shown(scattered(300, 3000), HANZI)
    async with app.run_test(size=(80, 24)):
        text = "".join(app.lines())
        assert "##" in text and "[]" in text
        assert "▀" not in text


@pytest.mark.parametrize("signs", [UNICODE, ASCII])
async def test_without_colour_large_cells_keep_their_numbers(
    monkeypatch: pytest.MonkeyPatch, signs: Signs
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = Shown(diagonal(4, [(0, 2, 3)]), list("abcd"), signs)
    async with app.run_test(size=(80, 24)) as pilot:
        assert app.row("a") == ["a", "9", "3"]
        await pilot.press("left", "d")
        assert app.row("a") == ["a", "3"]


@pytest.mark.parametrize("ramp", [ON_DARK, ON_LIGHT])
def test_no_shade_is_lost_with_256_colours(ramp: Sequence[str]) -> None:
    shown = [Color.parse(name).downgrade(ColorSystem.EIGHT_BIT) for name in ramp]
    assert len({color.number for color in shown}) == len(ramp)
    lightness = [_luminance(color) for color in shown]
    assert lightness in (sorted(lightness), sorted(lightness, reverse=True))


@pytest.mark.parametrize("theme", ["ink", "paper", "contrast", "ansi-dark"])
async def test_cursor_and_shades_differ_from_the_paper_in_every_theme(theme: str) -> None:
    app = Shown(diagonal(2), ["a", "b"])
    async with app.run_test(size=(40, 12)) as pilot:
        for known in THEMES:
            app.register_theme(known)
        app.theme = theme
        await pilot.pause()
        strips = app.screen._compositor.render_strips()
        first = next(strip for strip in strips if strip.text.split() == ["a", "9"])
        fills = [str(s.style.bgcolor) for s in first if s.style is not None and s.text.strip()]
        empty = [str(s.style.bgcolor) for s in first if s.style is not None and not s.text.strip()]
        assert fills and not set(fills[1:]) & set(empty)


def _luminance(color: Color) -> float:
    red, green, blue = (c / 255 for c in color.get_truecolor())
    return float(0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2)
