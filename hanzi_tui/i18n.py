"""The user's language: texts go through `_`, counts through `ngettext`, problems `worded`."""

from __future__ import annotations

import gettext
import unicodedata
from pathlib import Path
from typing import Any

from pipeline.problems import Problem, template

DOMAIN = "hanzi_tui"
LOCALES = Path(__file__).with_name("locale")

_translations: gettext.NullTranslations = gettext.translation(DOMAIN, LOCALES, fallback=True)


def set_language(language: str) -> None:
    """Chooses the language of all texts from here on; "auto" is that of the environment."""
    global _translations
    languages = None if language == "auto" else [language]
    _translations = gettext.translation(DOMAIN, LOCALES, languages, fallback=True)


def language() -> str:
    """Returns the language of all texts, as HTML names it: "en", "zh-CN"."""
    return _translations.info().get("language", "en").replace("_", "-")


def _(text: str) -> str:
    """Returns `text` in the user's language."""
    return _translations.gettext(text)


def ngettext(one: str, many: str, count: int) -> str:
    """Returns the form of a text that goes with a count, in the user's language."""
    return _translations.ngettext(one, many, count)


def worded(code: str, params: dict[str, Any], text: str = "") -> str:
    """Returns the message of a code in the user's language.

    What another version of the program tells may have a code or values unknown here: `text`, then.
    """
    safe = {k: printable(v) if isinstance(v, str) else v for k, v in params.items()}
    try:
        return _(template(code, params)).format(**safe)
    except (KeyError, IndexError, ValueError, TypeError):
        return printable(text)


def worded_problem(problem: Problem) -> str:
    return worded(problem.code, problem.params)


def printable(text: str) -> str:
    """Returns outside text as it may go to a terminal: what would steer it is spelled out."""
    safe = text.encode("utf-8", "backslashreplace").decode("utf-8")
    return "".join(
        c.encode("unicode_escape").decode() if unicodedata.category(c) in ("Cc", "Cf") else c
        for c in safe
    )
