"""What an update of the curves paints again, and what that costs."""

from __future__ import annotations

import pytest
from rich.cells import cell_len
from rich.console import Console
from shown_curves import ACCURACY, EPOCHS, RISING, VALIDATION, ShownCurves, noisy
from textual._compositor import ChopsUpdate, Compositor

from hanzi_tui.widgets.curves import Chart, Series


async def test_an_update_repaints_only_what_changed() -> None:
    app = ShownCurves(Chart("loss", (noisy(1520), VALIDATION), "epoch", 40, "max"))
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        app.curves[0].painted.clear()
        app.curves[0].chart = Chart("loss", (noisy(1520), VALIDATION), "epoch", 40, "max")
        await pilot.pause()
        assert app.curves[0].painted == []
        app.curves[0].chart = Chart("loss", (noisy(1525), VALIDATION), "epoch", 40, "max")
        await pilot.pause()
        [regions] = app.curves[0].painted
        assert 0 < len(regions) <= 6
        assert sum(region.area for region in regions) <= 100


async def test_watching_a_training_costs_little_on_the_wire(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = Console(color_system="truecolor", force_terminal=True, width=120)
    sent: list[int] = []
    render = Compositor.render_partial_update

    def counted(compositor: Compositor) -> ChopsUpdate | None:
        update = render(compositor)
        sent.append(len(update.render_segments(terminal).encode()) if update else 0)
        return update

    app = ShownCurves(*[Chart("loss", (noisy(1500), VALIDATION), "epoch", 40, "max")] * 2)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        monkeypatch.setattr(Compositor, "render_partial_update", counted)
        for steps in range(1505, 1605, 5):
            for curves in app.curves:
                curves.chart = Chart("loss", (noisy(steps), VALIDATION), "epoch", 40, "max")
            await pilot.pause()
    assert 0 < sum(sent) / 20 <= 2500, sent  # bytes an update, of which there is one a second


async def test_many_charts_a_second_are_drawn_once_and_keys_at_once() -> None:
    app = ShownCurves(ACCURACY, interval_s=3600)
    async with app.run_test(size=(80, 20)) as pilot:
        await pilot.pause()
        before = app.lines()
        for number in range(5):
            app.curves[0].chart = Chart(f"chart {number}", ACCURACY.series, "epoch")
            await pilot.pause()
        assert app.lines() == before
        await pilot.press("l")
        assert "chart 4" in app.lines()[0]


async def test_half_a_wide_character_is_never_repainted() -> None:
    app = ShownCurves(Chart("loss", (Series("安寮", EPOCHS, RISING),), "epoch"))
    async with app.run_test(size=(60, 14)) as pilot:
        for name in ("宦寮", "宦", "a寮", "安寮"):
            app.curves[0].chart = Chart("loss", (Series(name, EPOCHS, RISING),), "epoch")
            await pilot.pause()
            assert f"⠒⠒ {name} " in app.lines()[0]
            assert [cell_len(line) for line in app.lines()] == [60] * 14


async def test_a_resized_terminal_gets_a_new_drawing() -> None:
    app = ShownCurves(ACCURACY)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        before = app.lines()
        await pilot.resize_terminal(40, 12)
        await pilot.pause()
        assert [cell_len(line) for line in app.lines()] == [40] * 12
        await pilot.resize_terminal(120, 36)
        await pilot.pause()
        assert app.lines() == before
