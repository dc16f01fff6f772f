"""The labels of a foreign model: one a line, or the list in a `.py` or `.json` file."""

from __future__ import annotations

import ast
import json
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pipeline.problems import Problem


def read_labels(path: Path) -> tuple[str, ...]:
    """Returns the labels in the order of the model's outputs, as NFC.

    A `.py` file is parsed, never run: its first list of strings is taken.

    Raises:
        Problem: `labels.unreadable`, `labels.empty`, `labels.control` or `labels.twice`.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
        given = _listed(path, text)
    except (OSError, ValueError, SyntaxError, RecursionError) as error:
        raise Problem("labels.unreadable", path=str(path), detail=str(error)) from error
    first: dict[str, int] = {}
    for number, label in enumerate(given, 1):
        if not label.strip():
            raise Problem("labels.empty", path=str(path), number=number)
        if any(unicodedata.category(character) in ("Cc", "Cs") for character in label):
            raise Problem("labels.control", path=str(path), number=number, label=repr(label))
        if label in first:
            raise Problem("labels.twice", path=str(path), label=label, first=first[label],
                          second=number)  # fmt: skip
        first[label] = number
    return tuple(first)


def _listed(path: Path, text: str) -> list[str]:
    """Returns the labels as they stand there.

    Raises:
        ValueError: the file holds no list of strings.
        SyntaxError: it is no Python.
    """
    if path.suffix == ".json":
        found = json.loads(text)
    elif path.suffix == ".py":
        found = next(_lists(ast.parse(text)), None)
    else:
        found = text.replace("\r\n", "\n").removesuffix("\n").split("\n") if text else []
    if not isinstance(found, list) or not found or not all(isinstance(x, str) for x in found):
        raise ValueError("it holds no list of labels")
    return [unicodedata.normalize("NFC", label) for label in found]


def _lists(tree: ast.AST) -> Iterator[list[Any]]:
    """Yields the values of each list or tuple of constants."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.List, ast.Tuple)):
            values = [item.value for item in node.elts if isinstance(item, ast.Constant)]
            if values and len(values) == len(node.elts):
                yield values
