"""One import of TensorFlow in a process of its own: what it said, and which devices it saw."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline.environment import child
from pipeline.environment.import_messages import Message, known

# Two to five seconds from a warm disk; a cold network disk gives a gigabyte in half a minute.
TIMEOUT_S = 60.0
OUTPUT_LIMIT = 4000
_PROGRAM = Path(__file__).with_name("import_child.py")
# The user's own settings may silence the messages; the second one makes the loader of CUDA name
# each library it misses, which it does not by itself (tensorflow#66987).
TALKATIVE = {"TF_CPP_MIN_LOG_LEVEL": "0", "TF_CPP_VMODULE": "dso_loader=3"}


@dataclass(frozen=True)
class ImportFacts:
    """How the import went.

    Args:
        state: "ok", "failed" (an exception), "crashed" (a signal) or "hung" (killed at the time
            limit).
        seconds: from the start of the process to its end.
        version: of TensorFlow; None unless "ok".
        gpus: the GPUs it lists, in its order, such as "/physical_device:GPU:0".
        build_info: `tf.sysconfig.get_build_info()`; texts and numbers as texts.
        messages: what it wrote that is known, in order.
        signal: the name of the signal that ended it, such as "SIGILL".
        error: the last line of the exception, such as "ImportError: ...".
        output: the end of what it wrote to standard error, at most
            OUTPUT_LIMIT characters.
    """

    state: str
    seconds: float
    version: str | None = None
    gpus: tuple[str, ...] = ()
    build_info: dict[str, str] = field(default_factory=dict)
    messages: tuple[Message, ...] = ()
    signal: str | None = None
    error: str | None = None
    output: str = ""


def tensorflow_import(
    environ: Mapping[str, str] = os.environ,
    timeout_s: float = TIMEOUT_S,
    python: str = sys.executable,
) -> ImportFacts:
    """Imports TensorFlow in another process; takes seconds, and no memory of a GPU.

    Args:
        timeout_s: after which the process is killed.
        python: the interpreter to do it with.
    """
    # By -c and not as a file: the folder of a file would come first on sys.path.
    isolated = ["-P"] if sys.version_info >= (3, 11) else []
    command = [python, *isolated, "-c", _PROGRAM.read_text(encoding="utf-8")]
    ended = child.run(command, {**environ, **TALKATIVE}, timeout_s)
    listed: dict[str, Any] = json.loads(ended.out) if ended.code == 0 else {}
    last = ended.err.strip().rpartition("\n")[2]
    return ImportFacts(
        state=_state(ended),
        seconds=round(ended.seconds, 2),
        version=listed.get("version"),
        gpus=tuple(listed.get("gpus", ())),
        build_info=listed.get("build_info", {}),
        messages=known(ended.err),
        signal=ended.signal,
        error=last if ended.code and not ended.signal else None,
        output=ended.err[-OUTPUT_LIMIT:],
    )


def _state(ended: child.Ended) -> str:
    if ended.code is None:
        return "hung"
    if ended.signal:
        return "crashed"
    return "failed" if ended.code else "ok"
