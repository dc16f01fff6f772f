"""The curves of a training: what they show at any size, of any values, under any name."""

from __future__ import annotations

import math

import numpy as np
import pytest
from rich.cells import cell_len
from shown_curves import ACCURACY, EPOCHS, RISING, VALIDATION, ShownCurves, noisy

from hanzi_tui.signs import ASCII, UNICODE, Signs
from hanzi_tui.widgets.chart import smoothed
from hanzi_tui.widgets.curves import Chart, Series

SIZES = [(120, 36), (80, 24), (60, 20), (40, 16), (40, 8), (10, 4), (1, 1)]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("signs", [UNICODE, ASCII])
async def test_curves_fill_any_terminal_exactly(size: tuple[int, int], signs: Signs) -> None:
    app = ShownCurves(ACCURACY, signs=signs)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        assert [cell_len(line) for line in app.lines()] == [size[0]] * size[1]
        if size[0] >= 40 and size[1] >= 16:
            assert "accuracy" in app.text()
            assert "validation" in app.text()
            assert "1.0" in app.text()
            assert app.lines()[-2].startswith("epoch ")


async def test_a_chinese_axis_is_named_on_the_axis() -> None:
    app = ShownCurves(Chart("准确率", ACCURACY.series, "轮次"))
    async with app.run_test(size=(60, 14)) as pilot:
        await pilot.press("left")
        assert app.lines()[-2].startswith(" 轮次 0 ")
        assert app.lines()[-1].startswith("轮次 12  train")
        assert [cell_len(line) for line in app.lines()] == [60] * 14


@pytest.mark.parametrize("ys", [[], [None, None], [math.nan, math.inf]])
async def test_without_data_it_says_when_curves_appear(ys: list[float]) -> None:
    app = ShownCurves(Chart("loss", (Series("train", [1, 2][: len(ys)], ys),), "epoch", best="min"))
    async with app.run_test(size=(60, 12)) as pilot:
        await pilot.pause()
        assert "Curves appear after the first steps." in app.text()
        await pilot.press("left", "z", "l", "m", "escape")
        assert not app.read


async def test_the_first_epoch_is_visible() -> None:
    app = ShownCurves(Chart("accuracy", (Series("train", [1], [0.5]),), "epoch"), signs=ASCII)
    async with app.run_test(size=(60, 12)) as pilot:
        await pilot.pause()
        assert any("*" in line for line in app.lines()[1:-1])
        assert "now  train 0.5000" in app.text()


@pytest.mark.parametrize("missing", [None, math.nan, math.inf, -math.inf, 1e300])
async def test_what_was_not_measured_is_a_gap(missing: float | None) -> None:
    ys = [0.5] * 4 + [missing] * 4 + [0.5] * 4
    app = ShownCurves(Chart("loss", (Series("train", range(12), ys),), "epoch", 11), signs=ASCII)
    async with app.run_test(size=(80, 16)) as pilot:
        await pilot.pause()
        [curve] = [line for line in app.lines()[1:-1] if "*" in line]
        left, gap, right = curve[7:].strip().partition(" " * 20)
        assert gap
        assert set(left) == set(right.strip()) == {"*"}


@pytest.mark.parametrize("name", ["a[/b]", "[red]x", "[/", "C:\\[new]\\a", "安静的鹤"])
async def test_names_are_shown_as_they_are(name: str) -> None:
    app = ShownCurves(Chart(name, (Series(name, EPOCHS, RISING, "other"),), "epoch"))
    async with app.run_test(size=(80, 16)) as pilot:
        await pilot.pause()
        heading, reading = app.lines()[0], app.lines()[-1]
        assert heading.startswith(f"{name}  a {name} ")
        assert f"{name} 0.98" in reading
        assert [cell_len(line) for line in app.lines()] == [80] * 16


async def test_a_name_cannot_steer_the_terminal() -> None:
    app = ShownCurves(Chart("loss", (Series("a\x1b[31m\nb\u202e\x07", EPOCHS, RISING),), "epoch"))
    async with app.run_test(size=(80, 16)) as pilot:
        await pilot.pause()
        assert all(line.isprintable() for line in app.lines())
        assert "a [31m b" in app.text()


async def test_ascii_signs_draw_ascii_only() -> None:
    overlaid = [Series(f"run {n}", EPOCHS, [y - 0.1 * n for y in RISING], "other") for n in (1, 2)]
    chart = Chart("loss", (noisy(500), VALIDATION, *overlaid), "epoch", best="min")
    app = ShownCurves(chart, signs=ASCII)
    async with app.run_test(size=(100, 24)) as pilot:
        await pilot.pause()
        # Each curve has a sign of its own: train, validation, two runs, raw steps, best.
        for sign in "*oab.B":
            assert any(sign in line[7:] for line in app.lines()[1:-3]), sign
        await pilot.press("left", "z", "l")
        assert app.text().isascii()


async def test_overlaid_runs_carry_their_letters() -> None:
    levels = {"quiet-crane": 0.9, "plain-maple": 0.5, "solid-otter": 0.1}
    runs = [Series(name, [0, 10], [y, y], "other") for name, y in levels.items()]
    app = ShownCurves(Chart("val accuracy", tuple(runs), "epoch", 10))
    async with app.run_test(size=(100, 20)) as pilot:
        await pilot.pause()
        assert "a quiet-crane  b plain-maple  c solid-otter" in app.lines()[0]
        rows = [next(y for y, line in enumerate(app.lines()[1:], 1) if letter in line[8:])
                for letter in "abc"]  # fmt: skip
        assert rows == sorted(rows)


async def test_a_legend_that_does_not_fit_says_how_many_are_missing() -> None:
    runs = [Series(f"20261121-20{n:02}-quiet-crane", EPOCHS, RISING, "other") for n in range(30)]
    app = ShownCurves(Chart("loss", tuple(runs), "epoch"))
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.pause()
        shown = app.text().count("-quiet-crane") - app.lines()[-1].count("-quiet-crane")
        assert f" +{30 - shown}" in app.text()


async def test_the_best_epoch_is_marked_and_named() -> None:
    ys = [0.2, 0.8, 0.4, 0.8, 0.3]
    chart = Chart("accuracy", (Series("val", range(1, 6), ys, "validation"),), "epoch", 5, "max")
    app = ShownCurves(chart)
    async with app.run_test(size=(80, 16)) as pilot:
        await pilot.pause()
        assert "best 0.8000 @ 2" in app.lines()[-1]
        ticks = app.lines()[-2]
        [mark] = [line.index("◆") for line in app.lines()[1:-1] if "◆" in line]
        assert abs(mark - ticks.index("2")) <= 1
        app.curves[0].chart = Chart("loss", chart.series, "epoch", 5, "min")
        await pilot.pause()
        assert "best 0.2000 @ 1" in app.lines()[-1]


async def test_the_gap_between_train_and_validation_is_shown() -> None:
    app = ShownCurves(ACCURACY)
    async with app.run_test(size=(100, 16)) as pilot:
        await pilot.pause()
        assert "gap 0.0500" in app.lines()[-1]


async def test_log_scale_counts_in_powers_of_ten_and_skips_what_has_no_logarithm() -> None:
    ys = [1000, 100, 10, 1, 0.1, 0, -1]
    app = ShownCurves(Chart("loss", (Series("train", range(7), ys),), "epoch", best=None))
    async with app.run_test(size=(80, 20)) as pilot:
        await pilot.press("l")
        assert "log scale" in app.lines()[0]
        for label in ("1000┤", "100┤", "10┤", "1┤", "0.1┤"):
            assert f" {label}" in app.text()
        await pilot.press("l")
        assert "log scale" not in app.text()


@pytest.mark.parametrize("ys", [[0.0], [-1.0, -2.0], [0.95, 0.951], [5.0, 5.0], [1e-12, 1e12]])
@pytest.mark.parametrize("log", [False, True])
async def test_any_range_of_values_has_an_axis(ys: list[float], log: bool) -> None:
    app = ShownCurves(Chart("loss", (Series("train", range(len(ys)), ys),), "epoch"))
    async with app.run_test(size=(60, 14)) as pilot:
        app.curves[0].log_scale = log
        await pilot.pause()
        assert app.text().count("┤") >= 2


async def test_smoothing_draws_the_raw_steps_as_a_band_and_leaves_epochs_alone() -> None:
    app = ShownCurves(Chart("loss", (noisy(2000), VALIDATION), "epoch"), signs=ASCII)
    async with app.run_test(size=(100, 24)) as pilot:
        await pilot.pause()
        assert "smoothed 0.6" in app.lines()[0]
        assert app.text().count("..") > 20
        await pilot.press("home", "right", "right")
        at = round(app.read[-1].x * 100) - 1
        raw = app.curves[0].chart.series[0].points[1]
        assert app.read[-1].values["train"] == raw[at]
        assert f"~{smoothed(raw, 0.6, np.array([at]))[0]:.4f}" in app.lines()[-1]
        await pilot.press("m", "m")
        assert "smoothed 0.99" in app.lines()[0]
        await pilot.press("m")
        assert "smoothed" not in app.text()
        assert "validation" in app.text()


async def test_two_charts_on_one_screen_do_not_mix() -> None:
    alone = []
    for chart in (ACCURACY, Chart("loss", (noisy(800),), "epoch")):
        app = ShownCurves(chart)
        async with app.run_test(size=(80, 12)) as pilot:
            await pilot.pause()
            alone += app.lines()
    app = ShownCurves(ACCURACY, Chart("loss", (noisy(800),), "epoch"))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert app.lines() == alone


async def test_colours_come_from_the_theme() -> None:
    app = ShownCurves(ACCURACY)
    async with app.run_test(size=(80, 20)) as pilot:
        seen = set()
        for theme in ("textual-dark", "textual-light", "ansi-dark"):
            app.theme = theme
            await pilot.pause()
            heading = app.screen._compositor.render_strips()[0]
            [style] = [s.style for s in heading if "train" in s.text and s.style]
            seen.add(style.color)
        assert len(seen) == 3


async def test_every_number_stands_under_a_mark_of_the_axis() -> None:
    app = ShownCurves(Chart("accuracy", ACCURACY.series, "epoch", 15))
    async with app.run_test(size=(58, 20)) as pilot:
        await pilot.pause()
        axis, numbers = app.lines()[-3:-1]
        for number in ("0", "5", "10", "15"):
            at = numbers.index(f" {number} ") + 1
            assert "┬" in axis[at : at + len(number) + 1]


async def test_what_is_special_is_said_in_few_words_before_it_takes_rows_from_the_curves() -> None:
    train = noisy(500)
    app = ShownCurves(Chart("loss", (train, Series("val", EPOCHS, RISING, "validation")), "epoch"))
    async with app.run_test(size=(37, 16)) as pilot:
        await pilot.press("l")
        assert app.lines()[0].rstrip() == "loss  ⠒⠒ train  ▞▞ val  log  ~0.6"
        assert sum("│" in line or "┤" in line for line in app.lines()) == 12
        await pilot.resize_terminal(80, 16)
        await pilot.pause()
        assert app.lines()[0].rstrip().endswith("log scale  smoothed 0.6")
