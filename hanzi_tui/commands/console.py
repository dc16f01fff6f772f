"""Printing: stdout carries data, stderr what is going on."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any

from rich.cells import cell_len, set_cell_size

from hanzi_tui.i18n import printable


def print_json(value: Any) -> None:
    """Prints one JSON object as a line on stdout."""
    print(json.dumps(value, ensure_ascii=False, default=str), flush=True)


def print_table(header: Sequence[str], rows: Sequence[Sequence[str]], right: str = "") -> None:
    """Prints a table on stdout: aligned on a terminal, tab-separated elsewhere.

    Args:
        header: names of the columns.
        rows: printed literally.
        right: letters of the right-aligned columns, such as "cd" for the third and fourth.
    """
    if not sys.stdout.isatty():
        for row in (header, *rows):
            print("\t".join(map(printable, row)))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="dim")
    for letter, name in zip("abcdefghijklmnop", header, strict=False):
        table.add_column(name, justify="right" if letter in right else "left", no_wrap=True)
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row))
    Console().print(table)


def print_facts(facts: Sequence[tuple[str, str]]) -> None:
    """Prints names and their values on stdout, one a line; those without a value are left out."""
    shown = [(name, printable(value)) for name, value in facts if value]
    width = max((cell_len(name) for name, _value in shown), default=0)
    for name, value in shown:
        print(f"{set_cell_size(name, width)}  {value}")


def print_lines(text: str) -> None:
    """Prints outside text on stdout, literally but for its line breaks."""
    print("\n".join(map(printable, text.split("\n"))))


def say(text: str) -> None:
    """Prints a line of diagnosis on stderr, literally."""
    print("\n".join(map(printable, text.split("\n"))), file=sys.stderr, flush=True)
