"""Where the values of the settings come from: files, environment and flags, in that order.

Precedence: defaults < the recipe < user file < ./settings.toml or --settings FILE <
HANZI_SECTION__KEY < flags the user typed. Every error names the place, the section, the key and
what is allowed.
"""

from __future__ import annotations

import difflib
import json
import os
import sys
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_origin

from platformdirs import user_config_path
from pydantic import ValidationError

from pipeline.files import write_text
from pipeline.problems import Problem
from pipeline.recipes import DEFAULT as DEFAULT_RECIPE
from pipeline.recipes import RECIPES
from pipeline.settings import Section, Settings, allowed, sections

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ENVIRONMENT_PREFIX = "HANZI_"
FLAGS = "command line"
FORM = "form"
DEFAULT = "default"


@dataclass(frozen=True)
class Layer:
    """One source of values: a file, the environment or the command line."""

    origin: str
    values: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Configuration:
    """The resolved settings and where each value came from ("section.key" → origin).

    Args:
        layers: what was merged, weakest first, without the recipe.
    """

    settings: Settings
    origins: Mapping[str, str] = field(default_factory=dict)
    layers: Sequence[Layer] = ()

    def with_recipe(self, name: str) -> Configuration:
        """Returns the same sources merged over another recipe."""
        return merge([*self.layers, Layer(FORM, {"training": {"recipe": name}})])

    def reread(self, explicit_file: Path | None) -> Configuration:
        """Returns the files as they are now, below the same command line.

        Raises:
            Problem: as `resolve`.
        """
        typed = [layer for layer in self.layers if layer.origin == FLAGS]
        return merge([*_written(explicit_file), *typed])

    def origin(self, section: str, key: str) -> str:
        return self.origins.get(f"{section}.{key}", DEFAULT)


def user_file() -> Path:
    """Returns the path of the user's own settings file; it need not exist."""
    return user_config_path("hanzi-tui", appauthor=False) / "settings.toml"


def files(explicit: Path | None = None) -> list[Path]:
    """Returns the settings files that are read, weakest first.

    Raises:
        Problem: `settings.missing` when a file named by the user does not exist.
    """
    if explicit is not None and not explicit.is_file():
        raise Problem("settings.missing", path=str(explicit))
    project = explicit or Path("settings.toml")
    return [path for path in (user_file(), project) if path.is_file()]


def resolve(
    flags: Mapping[str, Section] | None = None,
    explicit_file: Path | None = None,
    environ: Mapping[str, str] | None = None,
) -> Configuration:
    """Reads all sources and merges them.

    Args:
        flags: section name → model holding what the user typed; fields not set are ignored.
        explicit_file: file named by `--settings`, read in place of `./settings.toml`.
        environ: environment to read; default `os.environ`.

    Raises:
        Problem: a source that cannot be read, an unknown section or key, a value out of bounds.
    """
    typed = {name: model.model_dump(exclude_unset=True) for name, model in (flags or {}).items()}
    return merge([*_written(explicit_file, environ), Layer(FLAGS, typed)])


def _written(explicit_file: Path | None, environ: Mapping[str, str] | None = None) -> list[Layer]:
    """Returns the layers of the files and of the environment."""
    layers = [_file_layer(path) for path in files(explicit_file)]
    return [*layers, _environment_layer(os.environ if environ is None else environ)]


def merge(layers: list[Layer]) -> Configuration:
    """Merges layers, weakest first, and below them the recipe they name, into valid settings."""
    values: dict[str, dict[str, Any]] = {}
    origins: dict[str, str] = {}
    for layer in (*_recipe_layer(layers), *layers):
        for section, keys in layer.values.items():
            _require_section(section, layer.origin)
            for key, value in keys.items():
                _require_key(section, key, layer.origin)
                values.setdefault(section, {})[key] = value
                origins[f"{section}.{key}"] = layer.origin
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        raise _bad_value(error, origins) from error
    return Configuration(settings, origins, layers)


def template() -> str:
    """Returns the commented settings.toml: every key with its description and default."""
    lines = [
        "# Settings of hanzi-tui. Every key is listed with its default; take the # away to change",
        "# one. `hanzi-tui config show --origin` tells which value is in force and why.",
    ]
    for name, model in sections().items():
        lines += ["", f"[{name}]"]
        lines += [f"# {line}" for line in textwrap.wrap((model.__doc__ or "").strip(), 98)]
        for key, info in model.model_fields.items():
            about = f"{info.description}. Allowed: {allowed(name, key)}."
            lines += [""] + [f"# {line}" for line in textwrap.wrap(about, 98)]
            lines.append(f"#{key} = {toml_value(info.default)}")
    return "\n".join(lines) + "\n"


def toml_value(value: Any) -> str:
    """Returns `value` as it is written in TOML."""
    if isinstance(value, (str, Path)):
        return json.dumps(str(value), ensure_ascii=False)
    if isinstance(value, dict):
        pairs = (f"{toml_value(key)} = {toml_value(item)}" for key, item in value.items())
        return "{" + ", ".join(pairs) + "}"
    return str(value).lower() if isinstance(value, bool) else str(value)


def write_value(path: Path, section: str, key: str, value: Any) -> None:
    """Sets one key in a settings file, keeping its comments and order; makes the file if needed.

    Raises:
        Problem: the key or its value is not allowed; the file is then left as it was.
    """
    import tomlkit

    if path.is_file():
        _file_layer(path)
    checked = merge([Layer(str(path), {section: {key: value}})]).settings
    value = getattr(getattr(checked, section), key)
    document = tomlkit.parse(path.read_text("utf-8") if path.is_file() else "")
    table = document.setdefault(section, tomlkit.table())
    table[key] = str(value) if isinstance(value, Path) else value
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, tomlkit.dumps(document))


def _file_layer(path: Path) -> Layer:
    try:
        values = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Problem("settings.syntax", path=str(path), detail=str(error)) from error
    except OSError as error:
        raise Problem("settings.unreadable", path=str(path), detail=str(error.strerror)) from error
    for section, keys in values.items():
        _require_section(section, str(path))
        if not isinstance(keys, dict):
            raise Problem("settings.not_a_table", origin=str(path), section=section)
    return Layer(str(path), values)


def _recipe_layer(layers: Sequence[Layer]) -> list[Layer]:
    """Returns the values of the recipe that the strongest layer names; a wrong name has none."""
    named = [values["recipe"] for layer in layers
             if "recipe" in (values := layer.values.get("training", {}))]  # fmt: skip
    name = str(named[-1]) if named else DEFAULT_RECIPE
    return [Layer(f"recipe {name}", RECIPES[name])] if RECIPES.get(name) else []


def _environment_layer(environ: Mapping[str, str]) -> Layer:
    values: dict[str, dict[str, Any]] = {}
    for name, value in environ.items():
        section, separator, key = name.removeprefix(ENVIRONMENT_PREFIX).lower().partition("__")
        if name.startswith(ENVIRONMENT_PREFIX) and separator:
            _require_section(section, name)
            _require_key(section, key, name)
            values.setdefault(section, {})[key] = _choice(section, key, value)
    return Layer("environment", values)


def _choice(section: str, key: str, text: str) -> Any:
    """Returns the value that `text` spells: a choice, a table as "id=key,id=key", or the text."""
    field = sections()[section].model_fields[key]
    if get_origin(field.annotation) is dict:
        return dict(pair.split("=", 1) for pair in text.split(",") if "=" in pair)
    choices = getattr(field.annotation, "__args__", ())
    return next((choice for choice in choices if str(choice) == text), text)


def _require_section(section: str, origin: str) -> None:
    known = list(sections())
    if section not in known:
        nearest = _nearest(section, known)
        raise Problem(
            "settings.unknown_section", origin=origin, section=section, nearest=nearest,
            allowed=", ".join(known),
        )  # fmt: skip


def _require_key(section: str, key: str, origin: str) -> None:
    known = list(sections()[section].model_fields)
    if key not in known:
        raise Problem(
            "settings.unknown_key", origin=origin, section=section, key=key,
            nearest=_nearest(key, known), allowed=", ".join(known),
        )  # fmt: skip


def _bad_value(error: ValidationError, origins: Mapping[str, str]) -> Problem:
    first = error.errors(include_url=False)[0]
    section, key = str(first["loc"][0]), str(first["loc"][1])
    return Problem(
        "settings.bad_value", origin=origins[f"{section}.{key}"], section=section, key=key,
        value=str(first["input"]), allowed=allowed(section, key),
    )  # fmt: skip


def _nearest(word: str, known: list[str]) -> str:
    return difflib.get_close_matches(word, known, n=1, cutoff=0.0)[0]
