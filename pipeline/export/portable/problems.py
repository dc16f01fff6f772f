"""What went wrong with an image: a code, such as image.truncated, and its particulars."""

from __future__ import annotations

from typing import Any


class Problem(Exception):
    """Something that a person can act on."""

    def __init__(self, code: str, /, **params: Any) -> None:
        self.code = code
        self.params = params
        super().__init__(f"{code}: " + ", ".join(f"{name} {said}" for name, said in params.items()))
