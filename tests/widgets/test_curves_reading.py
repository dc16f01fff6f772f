"""What can be read off the curves of a training, and how near one can look."""

from __future__ import annotations

import math

from rich.cells import cell_len
from shown_curves import ACCURACY, EPOCHS, RISING, VALIDATION, ShownCurves, noisy
from textual.binding import Binding

from hanzi_tui.signs import ASCII
from hanzi_tui.widgets.curves import Chart, Curves, Series


async def test_arrows_read_points_off() -> None:
    app = ShownCurves(ACCURACY)
    async with app.run_test(size=(80, 20)) as pilot:
        await pilot.press("left")
        assert (app.read[-1].x, app.read[-1].control) == (12, app.curves[0])
        await pilot.press("left", "left")
        assert app.read[-1].x == 10
        assert app.read[-1].values == {"train": RISING[9], "validation": RISING[9] - 0.05}
        assert f"epoch 10  train {RISING[9]:.4f}  validation {RISING[9] - 0.05:.4f}" in app.text()
        await pilot.press("home")
        assert app.read[-1].x == 1
        await pilot.press("left")
        assert app.read[-1].x == 1
        await pilot.press("end", "right")
        assert app.read[-1].x == 12
        await pilot.press("escape")
        assert "now" in app.lines()[-1]


async def test_reading_steps_meets_the_epochs_exactly() -> None:
    app = ShownCurves(Chart("loss", (noisy(1000), VALIDATION), "epoch"))
    async with app.run_test(size=(80, 20)) as pilot:
        await pilot.press("home", *["right"] * 80)
        assert set(range(1, 11)) <= {message.x for message in app.read}


async def test_a_click_reads_the_point_under_the_mouse() -> None:
    app = ShownCurves(ACCURACY)
    async with app.run_test(size=(80, 20)) as pilot:
        await pilot.pause()
        tick = app.lines()[-2].index("10")
        await pilot.click(Curves, offset=(tick + 1, 8))
        assert app.read[-1].x == 10
        assert app.lines()[-5].rindex("│") in (tick, tick + 1)
        await pilot.click(Curves, offset=(0, 8))
        assert app.read[-1].x == 1


async def test_what_a_run_did_not_reach_is_not_read() -> None:
    short = Series("short", [1, 2], [0.1, 0.2], "other")
    long = Series("long", EPOCHS, RISING, "other")
    app = ShownCurves(Chart("loss", (short, long), "epoch"))
    async with app.run_test(size=(80, 20)) as pilot:
        await pilot.press("end")
        assert list(app.read[-1].values) == ["long"]
        assert "short" not in app.lines()[-1]


async def test_zoom_is_about_the_cursor_and_can_be_undone() -> None:
    app = ShownCurves(ACCURACY)
    async with app.run_test(size=(80, 20)) as pilot:
        await pilot.pause()
        whole = app.lines()
        app.curves[0].read(6)
        await pilot.press("z", "z")
        low, high = app.curves[0].view or (0, 0)
        assert low < 6 < high
        assert math.isclose(high - low, 15 / 4)
        assert f"{low:.4g} to {high:.4g}" in app.lines()[0]
        await pilot.press("left_square_bracket")
        assert (app.curves[0].view or (9, 9))[0] < low
        await pilot.press(*["shift+right"] * 30)
        assert app.curves[0].view == (15 - 15 / 4, 15)
        await pilot.press("minus", "Z", "minus")
        assert app.curves[0].view is None
        await pilot.press("plus", "escape")
        assert app.lines() == whole
        assert app.views[-1] is None
        await pilot.press(*["z"] * 40)
        assert [cell_len(line) for line in app.lines()] == [80] * 20


async def test_escape_is_left_to_the_screen_when_nothing_is_zoomed() -> None:
    class Listening(ShownCurves):
        BINDINGS = [Binding("escape", "heard")]
        heard = 0

        def action_heard(self) -> None:
            self.heard += 1

    app = Listening(ACCURACY)
    async with app.run_test(size=(80, 20)) as pilot:
        await pilot.press("z", "escape")
        assert app.heard == 0
        await pilot.press("escape")
        assert app.heard == 1


async def test_a_zoomed_line_goes_on_to_the_edges() -> None:
    app = ShownCurves(Chart("loss", (Series("train", [0, 10], [0, 10]),), "epoch", 10), signs=ASCII)
    async with app.run_test(size=(60, 14)) as pilot:
        await pilot.pause()
        app.curves[0].view = (4.0, 6.0)
        await pilot.pause()
        stars = [line.index("*") for line in app.lines()[1:-3] if "*" in line]
        assert min(stars) == app.lines()[-3].index("+") + 1
        assert any(line.rstrip().endswith("*") and len(line.rstrip()) == 60 for line in app.lines())


def test_every_key_can_be_rebound_and_explained() -> None:
    for binding in Curves.BINDINGS:
        assert isinstance(binding, Binding)
        assert binding.id
        assert binding.description
        assert binding.tooltip
