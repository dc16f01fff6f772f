"""The texts of the code that an exported folder carries, its imports turned to that folder."""

from __future__ import annotations

import re
from pathlib import Path

from pipeline.export.request import Format

PACKAGE = "hanzi"
"""The exported folder's own modules; `recognize.py` beside them is the program."""
ROOT = Path(__file__).resolve().parents[1]
NORMALIZER = ("images.py", "ink.py", "normalizer.py")
"""The very files that made the training images: what they do is not written twice."""


def carried(form: Format) -> dict[str, str]:
    """Returns the Python files of an exported folder, by their paths in it."""
    portable = ROOT / "export" / "portable"
    taken = {f"{PACKAGE}/{name}": ROOT / name for name in NORMALIZER}
    taken |= {
        f"{PACKAGE}/network.py": portable / f"network_{form}.py",
        f"{PACKAGE}/problems.py": portable / "problems.py",
        "recognize.py": portable / "recognize.py",
    }
    texts = {name: _moved(path.read_text("utf-8")) for name, path in taken.items()}
    return {f"{PACKAGE}/__init__.py": '"""The normaliser and the network."""\n', **texts}


def _moved(text: str) -> str:
    text = text.replace("pipeline.export.portable.network_litert", f"{PACKAGE}.network")
    text = re.sub(r"^from pipeline\.", f"from {PACKAGE}.", text, flags=re.MULTILINE)
    return re.sub(r"  # type: ignore\[.*\]$", "", text, flags=re.MULTILINE)
