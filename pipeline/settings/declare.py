"""What a declaration of a setting is made of."""

from __future__ import annotations

import os
import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field


def setting(
    default: Any, description: str, *, unit: str = "", advanced: bool = False, **bounds: Any
) -> Any:
    """Declares one setting.

    Args:
        default: value when nobody sets it.
        description: one line, without a full stop.
        unit: of the value, such as "px"; shown behind the description.
        advanced: forms show it under "more".
        **bounds: pydantic constraints (`ge`, `le`, `gt`, `lt`, `pattern`).
    """
    shown = f"{description} [{unit}]" if unit else description
    extra: dict[str, Any] = {"unit": unit, "advanced": advanced}
    return Field(default, description=shown, json_schema_extra=extra, **bounds)


def _absolute(path: str) -> str:
    return os.path.abspath(os.path.expanduser(path)) if path else ""


FilePath = Annotated[str, AfterValidator(_absolute)]
"""A file, "" for none; absolute, since jobs run in folders of their own."""


def _weights(value: str) -> str:
    return _absolute(value) if "/" in value or value.startswith(("~", ".")) else value


Weights = Annotated[str, AfterValidator(_weights)]
"""none, imagenet, starter, the name of a model in the workspace, or a path, made absolute."""


def _compilable(pattern: str) -> str:
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(str(error)) from error
    return pattern


Pattern = Annotated[str, AfterValidator(_compilable)]
"""A regular expression, "" for none."""


def _number(value: Any) -> Any:
    return int(value) if isinstance(value, str) and value.isdecimal() else value


Channels = Annotated[Literal[1, 3], BeforeValidator(_number)]
"""One of two numbers, which flags and variables spell in digits."""


class Section(BaseModel):
    model_config = ConfigDict(
        extra="forbid", frozen=True, defer_build=True, protected_namespaces=()
    )
