"""The sketch pad draws what the mouse or the keys do, in cells or in pixels."""

from __future__ import annotations

import pytest
from mouse_reports import ReportedMouse, moved_to, stroke_reports
from textual.app import App, ComposeResult

from hanzi_tui.signs import ASCII, UNICODE, Signs
from hanzi_tui.themes import THEMES, VARIABLES
from hanzi_tui.widgets.sketch_pad import PENS, SketchPad

SIZE = (40, 20)


class OnePad(App[None]):
    """A sheet that fills the terminal."""

    def __init__(self, signs: Signs = UNICODE) -> None:
        super().__init__()
        self.signs = signs
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = "ink"

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return VARIABLES

    def compose(self) -> ComposeResult:
        yield SketchPad(signs=self.signs)

    @property
    def pad(self) -> SketchPad:
        return self.query_one(SketchPad)


def ink_of(app: OnePad) -> set[tuple[int, int]]:
    """Returns columns and rows of the inked cells, as they are drawn in characters."""
    rows = app.screen._compositor.render_strips()
    return {(x, y) for y, row in enumerate(rows) for x, sign in enumerate(row.text) if sign == "#"}


async def test_a_stroke_lies_where_the_mouse_was_led() -> None:
    app = OnePad(ASCII)
    async with app.run_test(size=SIZE) as pilot:
        mouse = ReportedMouse(pilot)
        await mouse.send(stroke_reports((8, 10), (30, 10)))
        assert ink_of(app) == {(x, 10) for x in range(7, 32)}
        await mouse.send(stroke_reports((20, 4)))
        assert ink_of(app) > {(20, 4)}
        [_line, dot] = app.pad.strokes
        assert len(dot.points) == 1
        await mouse.send(moved_to((25, 15)))
        assert not app.pad.pen_is_down
        assert len(app.pad.strokes) == 2


async def test_a_button_that_is_released_outside_ends_the_stroke() -> None:
    app = OnePad(ASCII)
    async with app.run_test(size=SIZE) as pilot:
        mouse = ReportedMouse(pilot)
        await mouse.send(stroke_reports((5, 5), (10, 5), released=False))
        assert app.pad.pen_is_down
        await mouse.send(moved_to((30, 15)))
        assert not app.pad.pen_is_down
        assert len(app.pad.strokes[0].points) == 6
        assert not {cell for cell in ink_of(app) if cell[0] > 12}


async def test_a_terminal_that_reports_pixels_gets_finer_strokes() -> None:
    app = OnePad()
    async with app.run_test(size=SIZE) as pilot:
        mouse = ReportedMouse(pilot, cell_px=(10, 20))
        await mouse.send(stroke_reports((103, 105), (109, 117)))
        [stroke] = app.pad.strokes
        assert len(stroke.points) > 3
        x, y = stroke.points[0]
        assert (x, y) == pytest.approx((10.3 / 40, 2 * 5.25 / 40))
        assert stroke.grain == 0


async def test_strokes_are_taken_back_one_by_one_and_all_at_once() -> None:
    app = OnePad(ASCII)
    async with app.run_test(size=SIZE) as pilot:
        mouse = ReportedMouse(pilot)
        app.pad.focus()
        empty = app.screen._compositor.render_strips()
        await mouse.send(stroke_reports((5, 5), (15, 5)))
        first = ink_of(app)
        await mouse.send(stroke_reports((15, 12), (30, 12)))
        await pilot.press("u")
        assert ink_of(app) == first
        await mouse.send(stroke_reports((15, 12), (30, 12)))
        await pilot.press("c")
        assert app.screen._compositor.render_strips() == empty
        await pilot.press("u")
        assert not app.pad.strokes


async def test_a_wider_pen_leaves_more_ink() -> None:
    app = OnePad(ASCII)
    async with app.run_test(size=SIZE) as pilot:
        mouse = ReportedMouse(pilot)
        app.pad.focus()
        inked = []
        for _pen in PENS:
            await mouse.send(stroke_reports((20, 4), (20, 15)))
            inked.append(len(ink_of(app)))
            await pilot.press("c", "w")
        thin, *wider = inked[-1:] + inked[:-1]  # the pad begins with the pen in the middle
        assert thin < wider[0] < wider[1]


async def test_the_keys_draw_as_the_mouse_does() -> None:
    app = OnePad(ASCII)
    async with app.run_test(size=SIZE) as pilot:
        app.pad.focus()
        await pilot.press(*["left"] * 6, "space", *["right"] * 12, "space", *["down"] * 3)
        [stroke] = app.pad.strokes
        assert stroke.points[0] == (0.25, 0.5)
        assert stroke.points[-1] == (0.75, 0.5)
        assert {(x, 10) for x in range(12, 28)} <= ink_of(app)
        rows = app.screen._compositor.render_strips()
        assert "+" in rows[12].text
        await pilot.press("space", *["pageup"] * 30, *["end"] * 3)
        assert app.pad.pen_is_down
        assert (1.0, 0.0) in app.pad.strokes[1].points


@pytest.mark.parametrize("signs", [UNICODE, ASCII])
async def test_a_drawing_stays_when_the_terminal_gets_another_size(signs: Signs) -> None:
    app = OnePad(signs)
    async with app.run_test(size=SIZE) as pilot:
        await ReportedMouse(pilot).send(stroke_reports((8, 10), (30, 10)))
        before = app.screen._compositor.render_strips()
        points = list(app.pad.strokes[0].points)
        for size in ((10, 3), (120, 50), (1, 1), SIZE):
            await pilot.resize_terminal(*size)
        await pilot.pause()
        assert app.pad.strokes[0].points == points
        assert app.screen._compositor.render_strips() == before
