"""One question to a module that runs as a program of its own, and its one answer, both JSON.

Whoever asks need not load TensorFlow, and whatever libraries print stays out of the answer.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from pipeline.problems import Problem
from pipeline.programs import program


def ask(module: str, question: Any) -> Any:
    """Returns what the program of a module answers; it ends with this process's wait.

    Args:
        module: one whose `main` calls `answer`.
        question: JSON types.

    Raises:
        Problem: as the program raised it, or `program.failed` when it ended without an answer.
    """
    ended = subprocess.run(
        program(module), input=json.dumps(question).encode(), capture_output=True, check=False,
        env={"TF_CPP_MIN_LOG_LEVEL": "1", **os.environ},
    )  # fmt: skip
    try:
        answer = json.loads(ended.stdout)
    except ValueError as error:
        last = ended.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
        detail = last or f"exit code {ended.returncode}"
        raise Problem("program.failed", module=module, detail=detail) from error
    if "problem" in answer:
        raise Problem(answer["problem"], **answer["params"])
    return answer["answer"]


def answer(reply: Callable[[Any], Any]) -> None:
    """Answers the question on stdin with `reply(question)`; for the program's `main`."""
    stdout = os.dup(1)
    os.dup2(2, 1)  # whatever libraries print must not mix with the answer
    try:
        said: dict[str, Any] = {"answer": reply(json.load(sys.stdin))}
    except Problem as problem:
        said = {"problem": problem.code, "params": problem.params}
    with open(stdout, "w", encoding="utf-8") as file:
        json.dump(said, file)
