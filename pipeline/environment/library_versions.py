"""Asks libraries for their versions, each in a process of its own that may crash or hang."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from pipeline.environment import child
from pipeline.environment.library_child import REFUSED
from pipeline.environment.library_facts import Library

# cuBLAS has half a gigabyte, which a cold network disk takes seconds to give.
TIMEOUT_S = 5.0
SIDE_BY_SIDE = 4
_PROGRAM = str(Path(__file__).with_name("library_child.py"))
_DATA = ("libdevice.10.bc",)


def asked(
    found: Iterable[Library],
    environ: Mapping[str, str],
    runpath: Iterable[str] = (),
    timeout_s: float = TIMEOUT_S,
) -> tuple[Library, ...]:
    """Loads each library, and fills in its version and how that went. One file is loaded once.

    Args:
        runpath: folders that come after LD_LIBRARY_PATH, as for a library TensorFlow loads.
        timeout_s: after which a library counts as hung.
    """
    libraries = tuple(found)
    folders = [environ.get("LD_LIBRARY_PATH", ""), *runpath]
    joined = os.pathsep.join(folder for folder in folders if folder)
    given = {**environ, "LD_LIBRARY_PATH": joined} if joined else environ
    files = {os.path.realpath(one.path): one for one in libraries if one.soname not in _DATA}
    with ThreadPoolExecutor(SIDE_BY_SIDE, thread_name_prefix="library") as pool:
        answers = pool.map(lambda one: _ask(one, given, timeout_s), files.values())
        known = dict(zip(files, answers, strict=True))
    return tuple(_with(one, known.get(os.path.realpath(one.path))) for one in libraries)


def _with(library: Library, answer: Library | None) -> Library:
    if answer is None:
        return library
    return replace(library, version=answer.version, state=answer.state, detail=answer.detail)


def _ask(library: Library, environ: Mapping[str, str], timeout_s: float) -> Library:
    if library.soname == "ptxas":
        command = [library.path, "--version"]
    else:
        # -I and -S: neither the folder it runs in nor a package of the user is imported.
        name = library.soname.split(".so")[0]
        command = [sys.executable, "-I", "-S", _PROGRAM, library.path, name]
    try:
        ended = child.run(command, environ, timeout_s)
    except OSError as error:
        return replace(library, state="unloadable", detail=str(error))
    if ended.code is None:
        return replace(library, state="hung", detail=f"no answer in {timeout_s:g} s")
    if ended.signal:
        return replace(library, state="crashed", detail=ended.signal)
    last = ended.err.strip().rpartition("\n")[2]
    if ended.code == REFUSED or (ended.code and library.soname == "ptxas"):
        return replace(library, state="unloadable", detail=last)
    version = ended.out.strip() or None
    if library.soname == "ptxas":
        release = re.search(r"\bV(\d+(?:\.\d+)+)", ended.out)
        version = release[1] if release else None
    return replace(library, version=version, state="loads", detail="" if version else last)
