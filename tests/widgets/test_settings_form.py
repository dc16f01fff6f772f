"""The settings form: what is declared is what is shown, and only valid values get through."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

import pytest
from rich.cells import cell_len
from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.widgets import Input

from hanzi_tui.signs import ASCII, UNICODE, Signs
from hanzi_tui.themes import VARIABLES
from hanzi_tui.widgets.choice import Fold, Toggle
from hanzi_tui.widgets.form_scroll import FormScroll
from hanzi_tui.widgets.path_suggester import completed
from hanzi_tui.widgets.settings_field import SettingsField, shown
from hanzi_tui.widgets.settings_form import SettingsForm
from pipeline import settings
from pipeline.problems import Problem
from pipeline.settings import Section, allowed, sections
from pipeline.settings.declare import setting


class Sample(Section):
    """One setting of each kind."""

    epochs: int = setting(12, "Passes over the images", ge=1, le=1000)
    rate: float = setting(3e-3, "Peak learning rate", unit="a step", gt=0, le=10)
    model: Literal["small", "large"] = setting("small", "Network")
    channels: Literal[1, 3] = setting(1, "1: gray, 3: RGB")
    distort: bool = setting(True, "Distort the images")
    folder: Path = setting(Path("here"), "Folder of images")
    devices: str = setting("auto", "Where it runs", pattern=r"^(auto|cpu)$")
    margin: float = setting(0.0, "Empty border", unit="px", ge=0, le=9, advanced=True)
    threads: int = setting(0, "Threads", ge=0, le=8, advanced=True)


class AllSettings(settings.Settings):
    sample: Sample = Sample()


@pytest.fixture(autouse=True)
def sample_is_a_section(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "Settings", AllSettings)


class Shown(App[None]):
    def __init__(
        self,
        values: Section | None = None,
        origins: Mapping[str, str] | None = None,
        first: Sequence[str] = (),
        section: str = "sample",
        signs: Signs = UNICODE,
    ) -> None:
        super().__init__()
        self.form = SettingsForm(section, values or Sample(), origins, first, signs=signs)
        self.changes: list[tuple[str, str, object]] = []

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return VARIABLES

    def compose(self) -> ComposeResult:
        with FormScroll(can_focus=False):
            yield self.form

    def on_settings_form_changed(self, message: SettingsForm.Changed) -> None:
        self.changes.append((message.section, message.key, message.value))

    def lines(self) -> list[str]:
        return [strip.text.rstrip() for strip in self.screen._compositor.render_strips()]

    def line(self, label: str) -> str:
        return next(line for line in self.lines() if line.startswith(label))


async def enter(pilot: Pilot[None], key: str, text: str) -> None:
    """Types over the value of a field and moves on."""
    focus(pilot, key)
    await pilot.pause()
    await pilot.press(*text, "tab")


def focus(pilot: Pilot[None], key: str) -> None:
    for field in pilot.app.query(SettingsField):
        if field.declaration.key == key:
            field.query("Input, Choice").first().focus()


async def test_each_setting_has_a_line_with_value_unit_default_and_origin() -> None:
    app = Shown(Sample(epochs=40), {"epochs": "./settings.toml"})
    async with app.run_test(size=(80, 24)):
        assert app.line("epochs").split() == ["epochs", "40", "default", "12", "./settings.toml"]
        assert app.line("rate").split() == ["rate", "0.003", "a", "step"]
        assert app.line("model").split() == ["model", "<", "small", ">"]
        assert app.line("distort").split() == ["distort", "[x]", "on"]
        assert app.line("folder").split() == ["folder", "here"]
        assert app.lines()[7] == "+ more... (2)"


async def test_a_valid_value_is_told_once_when_one_moves_on() -> None:
    app = Shown()
    async with app.run_test(size=(80, 24)) as pilot:
        focus(pilot, "epochs")
        await pilot.press("4", "0")
        assert app.changes == []
        await pilot.press("enter", "tab")
        await enter(pilot, "rate", "1e-2")
        assert app.changes == [("sample", "epochs", 40), ("sample", "rate", 0.01)]
        assert app.form.value() == Sample(epochs=40, rate=0.01)
        assert app.line("rate").split() == [
            "rate", "0.01", "a", "step", "default", "0.003", "changed", "here"
        ]  # fmt: skip


@pytest.mark.parametrize(
    ("key", "text"),
    [("epochs", "0"), ("epochs", "many"), ("epochs", "1.5"), ("rate", "nan"), ("rate", "0"),
     ("devices", "gpu"), ("folder", " ")],
)  # fmt: skip
async def test_a_wrong_value_says_what_is_allowed_under_its_field(key: str, text: str) -> None:
    app = Shown()
    async with app.run_test(size=(80, 24)) as pilot:
        await enter(pilot, key, ["space"] if text == " " else text)  # type: ignore[arg-type]
        lines = app.lines()
        at = lines.index(app.line(key))
        assert lines[at + 1].strip() == f"✗ not allowed; it takes {allowed('sample', key)}"
        assert app.form.errors().keys() == {key}
        assert app.changes == []
        with pytest.raises(Problem) as raised:
            app.form.value()
        assert raised.value.code == "settings.bad_value"
        assert raised.value.params["key"] == key


async def test_the_message_goes_as_soon_as_the_value_is_right() -> None:
    app = Shown()
    async with app.run_test(size=(80, 24)) as pilot:
        await enter(pilot, "epochs", "0")
        assert "not allowed" in "".join(app.lines())
        focus(pilot, "epochs")
        await pilot.press("end", "backspace", "7")
        assert "not allowed" not in "".join(app.lines())
        assert app.form.value() == Sample(epochs=7)


async def test_what_is_being_typed_counts() -> None:
    app = Shown()
    async with app.run_test(size=(80, 24)) as pilot:
        focus(pilot, "epochs")
        await pilot.press("9", "9")
        assert app.form.value() == Sample(epochs=99)
        await pilot.pause()
        assert app.changes == [("sample", "epochs", 99)]


async def test_escape_brings_the_value_back_and_ctrl_r_the_default() -> None:
    app = Shown(Sample(epochs=40))
    async with app.run_test(size=(80, 24)) as pilot:
        focus(pilot, "epochs")
        await pilot.press("x", "escape", "tab")
        assert app.line("epochs").split()[1] == "40"
        assert app.changes == []
        focus(pilot, "epochs")
        await pilot.press("ctrl+r")
        assert app.changes == [("sample", "epochs", 12)]
        assert app.form.value() == Sample()


async def test_choices_and_ticks_change_by_key_and_by_mouse() -> None:
    app = Shown()
    async with app.run_test(size=(80, 24)) as pilot:
        focus(pilot, "model")
        await pilot.press("right")
        assert app.line("model").split() == ["model", "<", "large", ">", "default", "small",
                                             "changed", "here"]  # fmt: skip
        await pilot.press("left")
        await pilot.click(app.query(Toggle).first())
        assert app.line("distort").startswith("distort            [ ] off")
        focus(pilot, "channels")
        await pilot.press("space")
        assert app.changes == [
            ("sample", "model", "large"),
            ("sample", "model", "small"),
            ("sample", "distort", False),
            ("sample", "channels", 3),
        ]
        assert app.form.value() == Sample(distort=False, channels=3)


async def test_more_unfolds_the_advanced_fields() -> None:
    app = Shown()
    async with app.run_test(size=(80, 24)) as pilot:
        assert "margin" not in "".join(app.lines())
        app.form.query_one(Fold).focus()
        await pilot.press("enter")
        assert app.line("margin").split() == ["margin", "0", "px"]
        assert app.line("- less")
        await enter(pilot, "threads", "99")
        await pilot.click(Fold)
        assert "margin" not in "".join(app.lines())
        with pytest.raises(Problem):
            app.form.value()
        await pilot.pause()
        assert "not allowed" in "".join(app.lines())


async def test_an_advanced_value_that_is_not_the_default_is_in_sight() -> None:
    app = Shown(Sample(margin=2))
    async with app.run_test(size=(80, 24)):
        assert app.line("margin").split() == ["margin", "2", "px", "default", "0"]


async def test_a_screen_names_the_few_first_fields() -> None:
    app = Shown(first=["threads", "model"])
    async with app.run_test(size=(80, 24)):
        assert [line.split()[0] for line in app.lines() if line] == ["threads", "model", "+"]


async def test_arrows_and_tab_move_between_fields() -> None:
    app = Shown()
    async with app.run_test(size=(80, 24)) as pilot:
        focus(pilot, "epochs")
        await pilot.press("down", "down", "right", "down", "space", "up", "up", "5", "shift+tab")
        assert app.changes == [
            ("sample", "model", "large"),
            ("sample", "channels", 3),
            ("sample", "rate", 5.0),
        ]
        await pilot.press("up", "up")
        assert isinstance(app.focused, Input)


async def test_the_focused_field_explains_itself() -> None:
    app = Shown()
    async with app.run_test(size=(80, 24)) as pilot:
        focus(pilot, "rate")
        await pilot.pause()
        help_text = "Peak learning rate (a step). Takes a number, above 0 to 10. Default: 0.003."
        assert help_text in app.lines()


async def test_no_room_is_kept_for_what_a_field_is_about() -> None:
    app = Shown(signs=ASCII)
    async with app.run_test(size=(80, 24)) as pilot:
        assert not any(app.lines()[8:])
        last = app.lines()[7]
        focus(pilot, "epochs")
        await pilot.pause()
        assert app.lines()[7] == last
        assert app.lines()[-1].startswith("Passes over the images. Takes ")
        app.set_focus(None)
        await pilot.pause()
        assert not any(app.lines()[8:])


async def test_origins_stand_at_the_right_edge() -> None:
    app = Shown(Sample(epochs=40), {"epochs": "./settings.toml", "folder": "~/settings.toml"})
    async with app.run_test(size=(80, 24)):
        for key in ("epochs", "folder"):
            assert app.line(key).endswith("settings.toml")
            assert cell_len(app.line(key)) == 80


async def test_with_two_forms_only_the_one_in_use_explains_itself() -> None:
    class Two(Shown):
        def compose(self) -> ComposeResult:
            with FormScroll(can_focus=False):
                yield self.form
                yield SettingsForm("general", sections()["general"]())

    app = Two(first=["epochs"])
    async with app.run_test(size=(80, 24)) as pilot:
        for key, about in (("epochs", "Passes over"), ("signs", "Signs and bars")) * 2:
            focus(pilot, key)
            await pilot.pause()
            helps = [line for line in app.lines() if "Takes " in line]
            assert len(helps) == 1
            assert helps[0].startswith(about)


async def test_other_values_replace_what_was_entered_and_are_no_change() -> None:
    app = Shown()
    async with app.run_test(size=(80, 24)) as pilot:
        await enter(pilot, "epochs", "0")
        app.form.show(Sample(epochs=5, distort=False), {"epochs": "[/home]/settings.toml"})
        await pilot.pause()
        assert app.line("epochs").split()[1:] == ["5", "default", "12", "[/home]/settings.toml"]
        assert "[ ] off" in app.line("distort")
        assert app.form.errors() == {}
        assert app.form.value() == Sample(epochs=5, distort=False)
        assert app.changes == []


async def test_outside_text_is_shown_literally() -> None:
    app = Shown(Sample(folder=Path("a[/b] [red]x")), {"folder": "[/", "epochs": "[bold]x.toml"})
    async with app.run_test(size=(80, 24)):
        assert "a[/b] [red]x" in app.line("folder")
        assert app.line("folder").endswith("[/")
        assert app.line("epochs").endswith("[bold]x.toml")


@pytest.mark.parametrize("size", [(120, 36), (80, 24), (60, 20), (40, 20), (20, 30)])
@pytest.mark.parametrize("section", ["general", "dataset", "augment", "training", "recognition"])
async def test_the_sections_fit_one_line_a_setting(size: tuple[int, int], section: str) -> None:
    model = sections()[section]
    app = Shown(model(), section=section, signs=ASCII)
    async with app.run_test(size=size):
        strips = app.screen._compositor.render_strips()
        assert {cell_len(strip.text) for strip in strips} == {size[0]}
        fields = [f for f in app.query(SettingsField) if not f.has_class("-folded")]
        assert [field.size.height for field in fields] == [1] * len(fields)
        if size[0] >= 40:
            for field in fields:
                line = app.line(field.declaration.label)
                assert shown(field.value)[:4] in line


async def test_numbers_are_typed_in_full_at_40_columns() -> None:
    app = Shown(signs=ASCII)
    async with app.run_test(size=(40, 24)) as pilot:
        await enter(pilot, "epochs", "12345")
        lines = [line.strip() for line in app.lines()]
        assert "12345" in app.line("epochs")
        assert "x not allowed; it takes a whole" in lines
        assert "number, from 1 to 1000" in lines


async def test_paths_complete_from_the_file_system(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    app = Shown(Sample(folder=tmp_path))
    async with app.run_test(size=(120, 24)) as pilot:
        focus(pilot, "folder")
        await pilot.press("end", "slash", "i")
        await app.workers.wait_for_complete()
        await pilot.press("right", "enter")
        assert app.changes == [("sample", "folder", tmp_path / "images")]


def test_a_completion_is_the_first_entry_by_name(tmp_path: Path) -> None:
    for name in ("beta", "alpha", ".hidden"):
        (tmp_path / name).mkdir()
    (tmp_path / "almanac.txt").write_text("")
    (tmp_path / "al\nx").write_text("")
    assert completed(f"{tmp_path}/al") == f"{tmp_path}/almanac.txt"
    assert completed(f"{tmp_path}/al", lambda name: False) == f"{tmp_path}/alpha/"
    assert completed(f"{tmp_path}/") == f"{tmp_path}/almanac.txt"
    assert completed(f"{tmp_path}/.h") == f"{tmp_path}/.hidden/"
    assert completed(f"{tmp_path}/none") is None
    assert completed(f"{tmp_path}/nowhere/x") is None
    assert completed("bad\0name") is None
    assert completed("") is None


def test_a_completion_keeps_the_home_sign() -> None:
    (Path.home() / "pictures").mkdir()
    assert completed("~/pic") == "~/pictures/"
