"""HTML that is built, not pasted: what is not known to be markup is escaped."""

from __future__ import annotations

import html
import json
from typing import Any

from hanzi_tui.i18n import printable


class Markup(str):
    """Text that is HTML already."""


def element(name: str, *content: str, **attributes: object) -> Markup:
    """Returns an element.

    Args:
        name: of the element.
        *content: text, which is escaped, or `Markup`.
        **attributes: `class_` is class, `data_label` data-label; None and False leave one out,
            True has no value.
    """
    opening = [name]
    for key, value in attributes.items():
        if value is None or value is False:
            continue
        key = key.rstrip("_").replace("_", "-")
        opening.append(key if value is True else f'{key}="{html.escape(printable(str(value)))}"')
    return Markup(f"<{' '.join(opening)}>{joined(*content)}</{name}>")


def joined(*content: str) -> Markup:
    """Returns one piece of HTML; what is no `Markup` is escaped."""
    return Markup("".join(
        part if isinstance(part, Markup) else html.escape(printable(part), quote=False)
        for part in content
    ))  # fmt: skip


def table(
    header: list[str], rows: list[list[str]], numbers: str = "", **attributes: object
) -> Markup:
    """Returns a table.

    Args:
        header: names of the columns.
        rows: text or `Markup` of the cells; the first of a row is its heading.
        numbers: letters of the columns of numbers, such as "cd" for the third and fourth.
    """
    kinds = ["n" if letter in numbers else None for letter in "abcdefghijklmnop"[: len(header)]]
    head = (element("th", name, scope="col", class_=kind)
            for name, kind in zip(header, kinds, strict=True))  # fmt: skip
    body = (
        element("tr", element("th", row[0], scope="row", class_=kinds[0]),
                *(element("td", cell, class_=kind)
                  for cell, kind in zip(row[1:], kinds[1:], strict=True)))
        for row in rows
    )  # fmt: skip
    return element(
        "table", element("thead", element("tr", *head)), element("tbody", *body), **attributes
    )


def data(name: str, value: Any) -> Markup:
    """Returns a block of JSON for a script; no text in it can end the block."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    return Markup(f'<script type="application/json" id="{name}">{text}</script>')
