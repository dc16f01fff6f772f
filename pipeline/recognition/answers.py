"""Answers to pictures, as a screen shows them and as they travel from one process to another."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from pipeline.problems import Problem

Verdict = Literal["sure", "unsure", "blank", "not_character"]
"""How far an answer can be trusted. Unsure: its probability is too low; blank: there is no ink;
not a character: the ink is a blob or in too many pieces."""


@dataclass(frozen=True)
class Candidate:
    """One answer: the label and its probability, 0 to 1."""

    label: str
    probability: float


@dataclass(frozen=True, eq=False)
class Answer:
    """What became of one picture.

    Args:
        candidates: the likeliest first; none when there is a problem, or no character.
        problem: why the picture could not be read.
        verdict: how far the candidates can be trusted.
        seen: what the network was given, uint8 `[S, S, C]`; only when asked for.
        preview: the picture itself, made small, uint8 gray `[H, W]` or RGB `[H, W, 3]`; only when
            asked for.
        size_px: width and height of the picture; only when asked for.
        elapsed_s: from the file to the candidates.
    """

    candidates: tuple[Candidate, ...] = ()
    problem: Problem | None = None
    verdict: Verdict = "sure"
    seen: NDArray[np.uint8] | None = None
    preview: NDArray[np.uint8] | None = None
    size_px: tuple[int, int] | None = None
    elapsed_s: float = 0.0


def to_json(answer: Answer) -> dict[str, Any]:
    """Returns an answer in JSON types; pixels as base64 of their bytes."""
    problem = answer.problem
    return {
        "candidates": [[c.label, c.probability] for c in answer.candidates],
        "problem": problem and {"code": problem.code, "params": problem.params},
        "verdict": answer.verdict,
        "seen": packed(answer.seen),
        "preview": packed(answer.preview),
        "size_px": answer.size_px,
        "elapsed_s": answer.elapsed_s,
    }


def from_json(values: dict[str, Any]) -> Answer:
    """Returns the answer that `to_json` gave."""
    problem, size_px = values["problem"], values["size_px"]
    return Answer(
        candidates=tuple(Candidate(label, share) for label, share in values["candidates"]),
        problem=problem and Problem(problem["code"], **problem["params"]),
        verdict=values["verdict"],
        seen=unpacked(values["seen"]),
        preview=unpacked(values["preview"]),
        size_px=size_px and (size_px[0], size_px[1]),
        elapsed_s=values["elapsed_s"],
    )


def packed(pixels: NDArray[np.uint8] | None) -> dict[str, Any] | None:
    """Returns pixels in JSON types: their shape, and base64 of their bytes."""
    if pixels is None:
        return None
    return {"shape": pixels.shape, "data": base64.b64encode(pixels.tobytes()).decode()}


def unpacked(values: dict[str, Any] | None) -> NDArray[np.uint8] | None:
    """Returns the pixels that `packed` gave."""
    if values is None:
        return None
    shape: tuple[int, ...] = tuple(values["shape"])
    return np.frombuffer(base64.b64decode(values["data"]), np.uint8).reshape(shape)
