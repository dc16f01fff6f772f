"""Every error code has a text, and whoever raises it fills all its fields."""

from __future__ import annotations

import ast
import pickle
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.problems import MESSAGES, Problem

ROOT = Path(__file__).parents[1]
SPEAKERS = {"Problem", "log", "warn", "Log", "Warned", "Failed"}


def fields(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def uses() -> Iterator[tuple[str, str, set[str] | None]]:
    """Yields place, code and parameters of each message in the source; None: not literal."""
    for package in ("pipeline", "hanzi_tui"):
        for path in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if not isinstance(node, ast.Call) or not node.args:
                    continue
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                first = node.args[0]
                literal = isinstance(first, ast.Constant) and isinstance(first.value, str)
                if name in SPEAKERS and literal and "." in first.value and " " not in first.value:
                    names = {keyword.arg for keyword in node.keywords}
                    known = None if None in names else {name for name in names if name}
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", first.value, known


USES = list(uses())


def test_the_source_speaks() -> None:
    assert len(USES) > 50


@pytest.mark.parametrize(("place", "code", "params"), USES, ids=[use[0] for use in USES])
def test_every_code_has_a_text_whose_fields_are_given(
    place: str, code: str, params: set[str] | None
) -> None:
    assert code in MESSAGES, f"{place}: {code}"
    if params is not None:
        assert fields(MESSAGES[code]) <= params, f"{place}: {code}"


def test_a_problem_survives_the_way_between_processes() -> None:
    problem = Problem("dataset.version", path="a[/b]", found=9, known=1)
    copy = pickle.loads(pickle.dumps(problem))
    assert (copy.code, copy.params, str(copy)) == (problem.code, problem.params, str(problem))
    assert "a[/b]" in str(copy)
