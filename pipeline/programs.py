"""Modules of this package run as programs of their own, which import nothing from their folder."""

from __future__ import annotations

import sys


def program(module: str) -> list[str]:
    """Returns the command that runs `main` of a module in a new interpreter."""
    if sys.version_info >= (3, 11):
        return [sys.executable, "-P", "-m", module]
    code = f"import sys; sys.path.remove(''); from {module} import main; main()"
    return [sys.executable, "-c", code]
