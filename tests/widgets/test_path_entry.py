"""What is typed, pasted or dropped as a path."""

from __future__ import annotations

from pathlib import Path

import pytest

from hanzi_tui.widgets.path_entry import existing_path


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("{here}/plain.png", "plain.png"),
        ("plain.png", "plain.png"),
        ("  '{here}/a b.png'\n", "a b.png"),
        ('"{here}/a b.png"', "a b.png"),
        ("{here}/a\\ b.png", "a b.png"),
        ("file://{here}/a%20b.png", "a b.png"),
        ("'{here}/it'\\''s.png'", "it's.png"),
        ("{here}/back\\slash.png", "back\\slash.png"),
        ("it's.png", "it's.png"),
        ("~/at home.png", "~/at home.png"),
        ("{here}/missing[red].png", "missing[red].png"),
        ("zero\0", "zero\0"),
    ],
)
def test_a_path_is_understood_as_typed_quoted_or_dropped(text: str, wanted: str) -> None:
    here = Path.cwd()
    for name in ("plain.png", "a b.png", "it's.png", "back\\slash.png"):
        (here / name).touch()
    (Path.home() / "at home.png").touch()
    found = existing_path(text.format(here=here))
    assert found == (Path(wanted).expanduser() if wanted.startswith("~") else here / wanted)
