"""Machines as data: the facts of one, often as what differs from another, and what is wrong."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, get_type_hints

import tomlkit
from pydantic import TypeAdapter

from pipeline.environment.probes import Facts

FOLDER = Path(__file__).parent / "environment/machines"
NAMES = sorted(path.stem for path in FOLDER.glob("*.toml"))


@dataclass(frozen=True)
class RecordedMachine:
    """A machine and what `diagnose` must say of it.

    Args:
        verdict: its code without "environment.".
        errors, warnings: all of them by their codes, the root cause first.
        fix: the command of the first finding; None where it has none, or none is recorded.
    """

    about: str
    facts: Facts
    verdict: str
    errors: tuple[str, ...]
    warnings: tuple[str, ...]
    fix: str | None


@cache
def machine(name: str) -> RecordedMachine:
    """Reads `machines/NAME.toml`; see `_facts` for how a file builds on another one."""
    told = _read(name)
    # Field by field: `Facts` has fields of the names of modules, which confuses pydantic.
    kinds = get_type_hints(Facts)
    values = _facts(name).items()
    facts = Facts(**{fact: TypeAdapter(kinds[fact]).validate_python(one) for fact, one in values})
    return RecordedMachine(
        about=told["about"],
        facts=facts,
        verdict=told["verdict"],
        errors=tuple(told.get("errors", ())),
        warnings=tuple(told.get("warnings", ())),
        fix=told.get("fix"),
    )


def _facts(name: str) -> dict[str, Any]:
    """The facts of `base`, changed: tables but those in `fresh` are merged, lists replaced.

    `absent` names facts that are not there. Of the libraries found, `keep_libraries` leaves those
    named, `drop_libraries` all others; the table's `more` come behind.
    """
    told = _read(name)
    facts = deepcopy(_facts(told["base"])) if "base" in told else {}
    for fact in told.get("fresh", ()):
        facts.pop(fact, None)
    for fact, values in told.get("facts", {}).items():
        facts[fact] = values if isinstance(values, list) else facts.get(fact, {}) | values
    for fact in told.get("absent", ()):
        facts.pop(fact, None)
    libraries = facts["libraries"]
    dropped, kept = told.get("drop_libraries", ()), told.get("keep_libraries")
    found = [
        one
        for one in libraries["found"]
        if one["soname"] not in dropped and (kept is None or one["soname"] in kept)
    ]
    libraries["found"] = found + libraries.pop("more", [])
    libraries.setdefault("ld_library_path", None)
    facts["system"] = {"wsl_version": None, "container": None} | facts["system"]
    facts["tensorflow"] = {"cuda_version": None, "cudnn_version": None} | facts["tensorflow"]
    pins = [{"installed": None} | pin for pin in facts["packages"]["pins"]]
    facts["packages"]["pins"] = pins
    return facts


@cache
def _read(name: str) -> dict[str, Any]:
    return tomlkit.parse((FOLDER / f"{name}.toml").read_text(encoding="utf-8")).unwrap()
