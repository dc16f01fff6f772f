"""What stands on a page, as a screen shows it and as it travels between processes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from pipeline.problems import Problem
from pipeline.recognition.answers import Candidate, Verdict, packed, unpacked

Reading = Literal["columns", "rows"]
"""Columns are read from the right to the left and downwards, rows as in this sentence."""
Box = tuple[int, int, int, int]
"""Left, top, right, bottom, in pixels of the page."""
UNREAD = "〓"
"""Stands in a text for a character that could not be read, as in print (the geta mark)."""


@dataclass(frozen=True)
class PageCharacter:
    """A character of a page: where its ink is, and what it is, as of `Recognition`."""

    box: Box
    candidates: tuple[Candidate, ...]
    verdict: Verdict = "sure"

    @property
    def label(self) -> str:
        """The likeliest, `UNREAD` where there is none."""
        return self.candidates[0].label if self.candidates else UNREAD


@dataclass(frozen=True)
class Page:
    """What stands on a page, line by line, in the order of reading.

    Args:
        reading: the direction of its lines.
        lines: their characters.
    """

    reading: Reading
    lines: tuple[tuple[PageCharacter, ...], ...]

    @property
    def text(self) -> str:
        """The likeliest characters, a line a line."""
        return "\n".join("".join(one.label for one in line) for line in self.lines)


@dataclass(frozen=True, eq=False)
class PageAnswer:
    """What became of a page.

    Args:
        page: what stands on it; None when there is a problem.
        problem: why the picture could not be read.
        preview: the picture, made small, uint8 gray `[H, W]` or RGB `[H, W, 3]`.
        size_px: width and height of the picture.
        elapsed_s: from the file to the text.
    """

    page: Page | None = None
    problem: Problem | None = None
    preview: NDArray[np.uint8] | None = None
    size_px: tuple[int, int] = (0, 0)
    elapsed_s: float = 0.0


def page_to_json(page: Page) -> dict[str, Any]:
    """Returns a page in JSON types: its text, and its lines with box and candidates of each."""
    return {
        "reading": page.reading,
        "text": page.text,
        "lines": [[_character_to_json(one) for one in line] for line in page.lines],
    }


def _character_to_json(character: PageCharacter) -> dict[str, Any]:
    candidates = [
        {"label": c.label, "probability": round(c.probability, 6)} for c in character.candidates
    ]
    return {"box": list(character.box), "candidates": candidates, "verdict": character.verdict}


def page_from_json(values: dict[str, Any]) -> Page:
    """Returns the page that `page_to_json` gave."""
    lines = (tuple(map(_character_from_json, line)) for line in values["lines"])
    return Page(values["reading"], tuple(lines))


def _character_from_json(values: dict[str, Any]) -> PageCharacter:
    left, top, right, bottom = values["box"]
    candidates = (Candidate(c["label"], c["probability"]) for c in values["candidates"])
    return PageCharacter((left, top, right, bottom), tuple(candidates), values["verdict"])


def answer_to_json(answer: PageAnswer) -> dict[str, Any]:
    """Returns an answer in JSON types; pixels as base64 of their bytes."""
    problem, page = answer.problem, answer.page
    return {
        "page": page and page_to_json(page),
        "problem": problem and {"code": problem.code, "params": problem.params},
        "preview": packed(answer.preview),
        "size_px": answer.size_px,
        "elapsed_s": answer.elapsed_s,
    }


def answer_from_json(values: dict[str, Any]) -> PageAnswer:
    """Returns the answer that `answer_to_json` gave."""
    problem, page, (width, height) = values["problem"], values["page"], values["size_px"]
    return PageAnswer(
        page=page and page_from_json(page),
        problem=problem and Problem(problem["code"], **problem["params"]),
        preview=unpacked(values["preview"]),
        size_px=(width, height),
        elapsed_s=values["elapsed_s"],
    )
