"""The curves of a training: what they show, what can be read off, and what an update costs."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
from rich.cells import cell_len
from rich.console import Console
from textual._compositor import ChopsUpdate, Compositor
from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.geometry import Region

from hanzi_tui.signs import ASCII, UNICODE, Signs
from hanzi_tui.widgets.chart import smoothed, trace
from hanzi_tui.widgets.curves import Chart, Curves, Series
from hanzi_tui.widgets.sparkline import sparkline

SIZES = [(120, 36), (80, 24), (60, 20), (40, 16), (40, 8), (10, 4), (1, 1)]
EPOCHS = list(range(1, 13))
RISING = [1 - 0.8 * 0.7**epoch for epoch in EPOCHS]
TRAIN = Series("train", EPOCHS, RISING)
VALIDATION = Series("validation", EPOCHS, [y - 0.05 for y in RISING], "validation")
ACCURACY = Chart("accuracy", (TRAIN, VALIDATION), "epoch", 40, "max")


class Recorded(Curves):
    """Curves that note which regions they ask to be painted; () is everything."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        self.painted: list[tuple[Region, ...]] = []
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]

    def refresh(self, *regions: Region, **kwargs: bool) -> Recorded:
        self.painted.append(regions)
        return super().refresh(*regions, **kwargs)


class Shown(App[None]):
    def __init__(self, *charts: Chart, signs: Signs = UNICODE, interval_s: float = 0.0) -> None:
        super().__init__()
        self.curves = [Recorded(chart, signs=signs, interval_s=interval_s) for chart in charts]
        self.read: list[Curves.PointRead] = []
        self.views: list[tuple[float, float] | None] = []

    def compose(self) -> ComposeResult:
        yield from self.curves

    def on_mount(self) -> None:
        self.curves[0].focus()

    def on_curves_point_read(self, message: Curves.PointRead) -> None:
        self.read.append(message)

    def on_curves_view_changed(self, message: Curves.ViewChanged) -> None:
        self.views.append(message.view)

    def lines(self) -> list[str]:
        return [strip.text for strip in self.screen._compositor.render_strips()]

    def text(self) -> str:
        return "\n".join(self.lines())


def noisy(steps: int, per_epoch: int = 100) -> Series:
    """Returns a falling loss per step, the same for the same step however many there are."""
    xs = (np.arange(steps) + 1) / per_epoch
    noise = np.random.default_rng(0).normal(size=200_000)[:steps]
    return Series("train", xs, 3 * np.exp(-xs / 5) + 0.4 + 0.1 * np.abs(noise), "train", "step")


def column_of(lines: Sequence[str], char: str) -> int:
    return next(line.index(char) for line in lines if char in line)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("signs", [UNICODE, ASCII])
async def test_curves_fill_any_terminal_exactly(size: tuple[int, int], signs: Signs) -> None:
    app = Shown(ACCURACY, signs=signs)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        assert [cell_len(line) for line in app.lines()] == [size[0]] * size[1]
        if size[0] >= 40 and size[1] >= 16:
            assert "accuracy" in app.text()
            assert "validation" in app.text()
            assert "1.0" in app.text()
            assert " epoch" in app.text()


async def test_a_chinese_axis_is_named_on_the_axis() -> None:
    app = Shown(Chart("准确率", ACCURACY.series, "轮次"))
    async with app.run_test(size=(60, 14)) as pilot:
        await pilot.press("left")
        assert app.lines()[-3].endswith("─ 轮次")
        assert app.lines()[-1].startswith("轮次 12  train")
        assert [cell_len(line) for line in app.lines()] == [60] * 14


async def test_a_resized_terminal_gets_a_new_drawing() -> None:
    app = Shown(ACCURACY)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        before = app.lines()
        await pilot.resize_terminal(40, 12)
        await pilot.pause()
        assert [cell_len(line) for line in app.lines()] == [40] * 12
        await pilot.resize_terminal(120, 36)
        await pilot.pause()
        assert app.lines() == before


@pytest.mark.parametrize("ys", [[], [None, None], [math.nan, math.inf]])
async def test_without_data_it_says_when_curves_appear(ys: list[float]) -> None:
    app = Shown(Chart("loss", (Series("train", [1, 2][: len(ys)], ys),), "epoch", best="min"))
    async with app.run_test(size=(60, 12)) as pilot:
        await pilot.pause()
        assert "Curves appear after the first steps." in app.text()
        await pilot.press("left", "z", "l", "m", "escape")
        assert not app.read


async def test_the_first_epoch_is_visible() -> None:
    app = Shown(Chart("accuracy", (Series("train", [1], [0.5]),), "epoch"), signs=ASCII)
    async with app.run_test(size=(60, 12)) as pilot:
        await pilot.pause()
        assert any("*" in line for line in app.lines()[1:-1])
        assert "now  train 0.5" in app.text()


@pytest.mark.parametrize("missing", [None, math.nan, math.inf, -math.inf, 1e300])
async def test_what_was_not_measured_is_a_gap(missing: float | None) -> None:
    ys = [0.5] * 4 + [missing] * 4 + [0.5] * 4
    app = Shown(Chart("loss", (Series("train", range(12), ys),), "epoch", 11), signs=ASCII)
    async with app.run_test(size=(80, 16)) as pilot:
        await pilot.pause()
        [curve] = [line for line in app.lines()[1:-1] if "*" in line]
        left, gap, right = curve[7:].strip().partition(" " * 20)
        assert gap
        assert set(left) == set(right.strip()) == {"*"}


@pytest.mark.parametrize("name", ["a[/b]", "[red]x", "[/", "C:\\[new]\\a", "安静的鹤"])
async def test_names_are_shown_as_they_are(name: str) -> None:
    app = Shown(Chart(name, (Series(name, EPOCHS, RISING, "other"),), "epoch"))
    async with app.run_test(size=(80, 16)) as pilot:
        await pilot.pause()
        heading, reading = app.lines()[0], app.lines()[-1]
        assert heading.startswith(f"{name}  a {name} ")
        assert f"{name} 0.98" in reading
        assert [cell_len(line) for line in app.lines()] == [80] * 16


async def test_a_name_cannot_steer_the_terminal() -> None:
    app = Shown(Chart("loss", (Series("a\x1b[31m\nb\u202e\x07", EPOCHS, RISING),), "epoch"))
    async with app.run_test(size=(80, 16)) as pilot:
        await pilot.pause()
        assert all(line.isprintable() for line in app.lines())
        assert "a [31m b" in app.text()


async def test_ascii_signs_draw_ascii_only() -> None:
    overlaid = [Series(f"run {n}", EPOCHS, [y - 0.1 * n for y in RISING], "other") for n in (1, 2)]
    chart = Chart("loss", (noisy(500), VALIDATION, *overlaid), "epoch", best="min")
    app = Shown(chart, signs=ASCII)
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
    app = Shown(Chart("val accuracy", tuple(runs), "epoch", 10))
    async with app.run_test(size=(100, 20)) as pilot:
        await pilot.pause()
        assert "a quiet-crane  b plain-maple  c solid-otter" in app.lines()[0]
        rows = [next(y for y, line in enumerate(app.lines()[1:], 1) if letter in line[8:])
                for letter in "abc"]  # fmt: skip
        assert rows == sorted(rows)


async def test_a_legend_that_does_not_fit_says_how_many_are_missing() -> None:
    runs = [Series(f"20261121-20{n:02}-quiet-crane", EPOCHS, RISING, "other") for n in range(30)]
    app = Shown(Chart("loss", tuple(runs), "epoch"))
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.pause()
        shown = app.text().count("-quiet-crane") - app.lines()[-1].count("-quiet-crane")
        assert f" +{30 - shown}" in app.text()


async def test_the_best_epoch_is_marked_and_named() -> None:
    ys = [0.2, 0.8, 0.4, 0.8, 0.3]
    chart = Chart("accuracy", (Series("val", range(1, 6), ys, "validation"),), "epoch", 5, "max")
    app = Shown(chart)
    async with app.run_test(size=(80, 16)) as pilot:
        await pilot.pause()
        assert "best 0.8 @ 2" in app.lines()[-1]
        ticks = app.lines()[-2]
        assert abs(column_of(app.lines()[1:-1], "◆") - ticks.index("2")) <= 1
        app.curves[0].chart = Chart("loss", chart.series, "epoch", 5, "min")
        await pilot.pause()
        assert "best 0.2 @ 1" in app.lines()[-1]


async def test_the_gap_between_train_and_validation_is_shown() -> None:
    app = Shown(ACCURACY)
    async with app.run_test(size=(100, 16)) as pilot:
        await pilot.pause()
        assert "gap 0.05" in app.lines()[-1]


async def test_arrows_read_points_off() -> None:
    app = Shown(ACCURACY)
    async with app.run_test(size=(80, 20)) as pilot:
        await pilot.press("left")
        assert (app.read[-1].x, app.read[-1].control) == (12, app.curves[0])
        await pilot.press("left", "left")
        assert app.read[-1].x == 10
        assert app.read[-1].values == {"train": RISING[9], "validation": RISING[9] - 0.05}
        assert f"epoch 10  train {RISING[9]:.4g}  validation {RISING[9] - 0.05:.4g}" in app.text()
        await pilot.press("home")
        assert app.read[-1].x == 1
        await pilot.press("left")
        assert app.read[-1].x == 1
        await pilot.press("end", "right")
        assert app.read[-1].x == 12
        await pilot.press("escape")
        assert "now" in app.lines()[-1]


async def test_reading_steps_meets_the_epochs_exactly() -> None:
    app = Shown(Chart("loss", (noisy(1000), VALIDATION), "epoch"))
    async with app.run_test(size=(80, 20)) as pilot:
        await pilot.press("home", *["right"] * 80)
        assert set(range(1, 11)) <= {message.x for message in app.read}


async def test_a_click_reads_the_point_under_the_mouse() -> None:
    app = Shown(ACCURACY)
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
    app = Shown(Chart("loss", (short, long), "epoch"))
    async with app.run_test(size=(80, 20)) as pilot:
        await pilot.press("end")
        assert list(app.read[-1].values) == ["long"]
        assert "short" not in app.lines()[-1]


async def test_zoom_is_about_the_cursor_and_can_be_undone() -> None:
    app = Shown(ACCURACY)
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
    class Listening(Shown):
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
    app = Shown(Chart("loss", (Series("train", [0, 10], [0, 10]),), "epoch", 10), signs=ASCII)
    async with app.run_test(size=(60, 14)) as pilot:
        await pilot.pause()
        app.curves[0].view = (4.0, 6.0)
        await pilot.pause()
        stars = [line.index("*") for line in app.lines()[1:-3] if "*" in line]
        assert min(stars) == column_of(app.lines(), "+") + 1
        assert any(line.rstrip().endswith("*") and len(line.rstrip()) == 60 for line in app.lines())


async def test_log_scale_counts_in_powers_of_ten_and_skips_what_has_no_logarithm() -> None:
    ys = [1000, 100, 10, 1, 0.1, 0, -1]
    app = Shown(Chart("loss", (Series("train", range(7), ys),), "epoch", best=None))
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
    app = Shown(Chart("loss", (Series("train", range(len(ys)), ys),), "epoch"))
    async with app.run_test(size=(60, 14)) as pilot:
        app.curves[0].log_scale = log
        await pilot.pause()
        assert app.text().count("┤") >= 2


@pytest.mark.parametrize("weight", [0.0, 0.6, 0.9, 0.99])
def test_smoothing_is_that_of_tensorboard(weight: float) -> None:
    values = np.random.default_rng(1).normal(size=3000)
    last, expected = 0.0, []
    for count, value in enumerate(values, 1):
        last = last * weight + (1 - weight) * value
        expected.append(last / (1 - weight**count))
    np.testing.assert_allclose(smoothed(values, weight, np.arange(3000)), expected, atol=1e-9)


async def test_smoothing_draws_the_raw_steps_as_a_band_and_leaves_epochs_alone() -> None:
    app = Shown(Chart("loss", (noisy(2000), VALIDATION), "epoch"), signs=ASCII)
    async with app.run_test(size=(100, 24)) as pilot:
        await pilot.pause()
        assert "smoothed 0.6" in app.lines()[0]
        assert app.text().count("..") > 20
        await pilot.press("home", "right", "right")
        at = round(app.read[-1].x * 100) - 1
        raw = app.curves[0].chart.series[0].points[1]
        assert app.read[-1].values["train"] == raw[at]
        assert f"~{smoothed(raw, 0.6, np.array([at]))[0]:.4g}" in app.lines()[-1]
        await pilot.press("m", "m")
        assert "smoothed 0.99" in app.lines()[0]
        await pilot.press("m")
        assert "smoothed" not in app.text()
        assert "validation" in app.text()


@pytest.mark.parametrize("weight", [0.0, 0.6])
def test_a_hundred_thousand_steps_become_two_points_a_column(weight: float) -> None:
    series = noisy(100_000)
    reduced = trace(series, 0, 1000, 110, weight)
    assert len(reduced.xs) <= 2 * 110
    assert reduced.highs.max() == series.points[1].max()
    assert reduced.lows.min() == series.points[1].min()


def test_new_points_never_move_old_ones() -> None:
    def but_the_last_column(steps: int) -> Sequence[tuple[float, ...]]:
        reduced = trace(noisy(steps), 0, 400, 110, 0.9)
        return list(zip(reduced.columns, reduced.lows, reduced.highs, reduced.ys, strict=True))[:-1]

    before, after = but_the_last_column(20_000), but_the_last_column(20_500)
    assert before == after[: len(before)]


def test_the_axis_grows_in_strides_up_to_what_is_planned() -> None:
    ends = [Chart("", (Series("", range(1, n + 1), [0] * n),), x_end=40).extent[1]
            for n in range(1, 41)]  # fmt: skip
    assert len(set(ends)) <= 12
    assert ends[-1] == 40
    assert all(end >= n and end <= 2 * n for n, end in enumerate(ends, 1))


async def test_an_update_repaints_only_what_changed() -> None:
    app = Shown(Chart("loss", (noisy(1520), VALIDATION), "epoch", 40, "max"))
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

    app = Shown(*[Chart("loss", (noisy(1500), VALIDATION), "epoch", 40, "max")] * 2)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        monkeypatch.setattr(Compositor, "render_partial_update", counted)
        for steps in range(1505, 1605, 5):
            for curves in app.curves:
                curves.chart = Chart("loss", (noisy(steps), VALIDATION), "epoch", 40, "max")
            await pilot.pause()
    assert 0 < sum(sent) / 20 <= 2500, sent  # bytes an update, of which there is one a second


async def test_many_charts_a_second_are_drawn_once_and_keys_at_once() -> None:
    app = Shown(ACCURACY, interval_s=3600)
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
    app = Shown(Chart("loss", (Series("安寮", EPOCHS, RISING),), "epoch"))
    async with app.run_test(size=(60, 14)) as pilot:
        for name in ("宦寮", "宦", "a寮", "安寮"):
            app.curves[0].chart = Chart("loss", (Series(name, EPOCHS, RISING),), "epoch")
            await pilot.pause()
            assert f"⠒⠒ {name} " in app.lines()[0]
            assert [cell_len(line) for line in app.lines()] == [60] * 14


async def test_two_charts_on_one_screen_do_not_mix() -> None:
    alone = []
    for chart in (ACCURACY, Chart("loss", (noisy(800),), "epoch")):
        app = Shown(chart)
        async with app.run_test(size=(80, 12)) as pilot:
            await pilot.pause()
            alone += app.lines()
    app = Shown(ACCURACY, Chart("loss", (noisy(800),), "epoch"))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert app.lines() == alone


async def test_colours_come_from_the_theme() -> None:
    app = Shown(ACCURACY)
    async with app.run_test(size=(80, 20)) as pilot:
        seen = set()
        for theme in ("textual-dark", "textual-light", "ansi-dark"):
            app.theme = theme
            await pilot.pause()
            heading = app.screen._compositor.render_strips()[0]
            [style] = [s.style for s in heading if "train" in s.text and s.style]
            seen.add(style.color)
        assert len(seen) == 3


def test_every_key_can_be_rebound_and_explained() -> None:
    for binding in Curves.BINDINGS:
        assert isinstance(binding, Binding)
        assert binding.id
        assert binding.description
        assert binding.tooltip


def test_a_sparkline_is_as_high_as_its_values() -> None:
    assert sparkline(range(8), 8, UNICODE) == "▁▂▃▄▅▆▇█"
    assert sparkline(range(8), 4, ASCII).isascii()
    assert sparkline([1, None, math.nan, 3], 4, UNICODE) == "▁  █"
    assert sparkline([2.0] * 100, 7, UNICODE) == "▁" * 7
    assert len(sparkline(range(1000), 12, ASCII)) == 12
    assert sparkline([], 5, UNICODE) == sparkline([None], 5, ASCII) == ""
    assert sparkline([1, 2], 0, UNICODE) == ""
