"""The settings of the program itself: where things lie, how they look, who is told."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pipeline.settings.declare import Section, setting


class GeneralSettings(Section):
    """Where things are kept and how they are shown."""

    workspace: Path = setting(Path("workspace"), "Folder of datasets, runs and models")
    language: Literal["auto", "en", "zh_CN"] = setting("auto", "Language of the texts")
    signs: Literal["auto", "unicode", "ascii"] = setting(
        "auto", "Signs and bars: auto takes ASCII where the locale is not UTF-8"
    )


class InterfaceSettings(Section):
    """How the dashboard looks and which keys it listens to."""

    theme: Literal["ink", "paper", "contrast", "ansi"] = setting(
        "ink", "Colours: dark, light, high contrast, or the terminal's own sixteen"
    )
    graphics: Literal["auto", "kitty", "sixel", "half", "off"] = setting(
        "auto", "How pictures are drawn; auto: half blocks, which every terminal has"
    )
    keys: dict[str, str] = setting(
        {}, 'Other keys for actions by their id, such as {"app.help" = "f10"}', advanced=True
    )


class NotifySettings(Section):
    """Who is told when a run ends."""

    bell: bool = setting(True, "Ring the terminal's bell and show its notification")
    command: str = setting(
        "", "Run this command on the run's machine; HANZI_RUN, HANZI_STATUS and more tell it what"
    )
