"""Tables that say which label a numbered folder has: text tables, JSON, and old Python lists."""

from __future__ import annotations

import ast
import csv
import io
import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

from pipeline.dataset.sources.encodings import encoding_of
from pipeline.dataset.sources.listing import Note
from pipeline.dataset.sources.names import is_image_name
from pipeline.problems import Problem

MAX_BYTES = 16_000_000
_STEMS = ("label", "lable", "class", "char", "mapping", "dict")
_SUFFIXES = (".csv", ".tsv", ".txt", ".json", ".py")
LABEL_HEADS = ("character", "char", "hanzi", "label", "name", "class", "字", "汉字", "標籤", "标签")

_HEADED = re.compile(rb"(\xef\xbb\xbf)?folder[,;\t]label\r?\n", re.IGNORECASE)

Rows = list[list[str]]


def is_label_file(name: str) -> bool:
    """Says whether a file is called as tables of labels are, such as label_character.csv."""
    stem, suffix = os.path.splitext(os.path.basename(name).casefold())
    return suffix in _SUFFIXES and stem.startswith(_STEMS)


def read_label_file(path: Path) -> bytes:
    """Returns the content of a table of labels.

    Raises:
        Problem: `source.label_file` when it cannot be read, or is no text by its size.
    """
    try:
        with open(path, "rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        detail = error.strerror or str(error)
        raise Problem("source.label_file", path=str(path), detail=detail) from error
    if len(content) > MAX_BYTES:
        detail = f"it is larger than {MAX_BYTES // 1_000_000} MB"
        raise Problem("source.label_file", path=str(path), detail=detail)
    return content


def beside_file(path: Path) -> dict[str, bytes]:
    """Returns path → content of the tables of labels in the folder of `path`, which is none."""
    return tables_in(path.absolute().parent, leave_out=path.name)


def tables_in(folder: Path, leave_out: str = "") -> dict[str, bytes]:
    """Returns path → content of the tables of labels in a folder; unreadable ones are none."""
    found = {}
    try:
        paths = [folder / name for name in os.listdir(folder) if is_label_file(name)]
    except OSError:
        return {}
    for path in paths:
        if path.name != leave_out and path.is_file():
            try:
                found[str(path)] = read_label_file(path)
            except Problem:  # closed to us, or far too large
                continue
    return found


def labels_by_name(
    names: Sequence[str], given: Path | None, beside: Mapping[str, bytes]
) -> tuple[dict[str, str], list[Note]]:
    """Returns folder name → label by a table, and what to tell about that.

    Without a table of the user's, those beside the folders are asked. One headed "folder,label"
    counts for the folders it names, and the others keep their names. Any other counts where all
    folders are named by numbers: the one that knows most of them. Without any, nothing is mapped.

    Args:
        names: of the folders.
        given: a table that the user named.
        beside: path → content of the tables found beside the folders.

    Raises:
        Problem: `source.label_file` when the user's table is none, or knows none of the folders.
    """
    if given is not None:
        labels = _mapped(given.name, read_label_file(given), names)
        if not labels:
            detail = "it names the label of none of the folders"
            raise Problem("source.label_file", path=str(given), detail=detail)
        return labels, [("source.labels_from", {"path": str(given)})]
    headed = {path: content for path, content in beside.items() if _HEADED.match(content)}
    if not headed and not all(name.isdecimal() for name in names):
        return {}, []
    best: dict[str, str] = {}
    source, told = "", list[Note]()
    for path, content in sorted((headed or beside).items()):
        try:
            labels = _mapped(path, content, names)
        except Problem as problem:
            told.append((problem.code, problem.params))
            continue
        if len(labels) > len(best):
            best, source = labels, path
    if headed and best:
        best = {name: name for name in names} | best
    return best, [*told, ("source.labels_from", {"path": source})] if best else told


def _mapped(path: str, content: bytes, names: Sequence[str]) -> dict[str, str]:
    """Returns the labels that one table gives to some of `names`."""
    best: dict[str, str] = {}
    for table in _tables(path, content):
        entries = list(table.items()) if isinstance(table, dict) else list(table)
        if entries and isinstance(entries[0], (list, tuple)):
            rows = [[str(cell) for cell in row] for row in entries if _is_row(row)]
            found = _by_column(names, rows)
        else:
            found = _by_line(names, [str(label) for label in entries])
        best = max(best, found, key=len)
    return best


def _is_row(entry: object) -> bool:
    return isinstance(entry, (list, tuple)) and all(isinstance(c, (str, int)) for c in entry)


def _tables(path: str, content: bytes) -> Iterator[Any]:
    """Yields what a file holds: dicts, lists of labels, or lists of rows.

    Raises:
        Problem: `source.label_file` when it is not what its suffix says.
    """
    suffix = os.path.splitext(path)[1].casefold()
    try:
        text = text_of(content)
        if suffix == ".py":
            yield from _literals(text)
        elif suffix == ".json":
            value = json.loads(text)
            if isinstance(value, (dict, list)):
                yield value
        else:
            rows = list(rows_of(io.StringIO(text, newline="")))
            yield rows if any(len(row) > 1 for row in rows) else [row[0] for row in rows]
    except (ValueError, SyntaxError, RecursionError, MemoryError, csv.Error) as error:
        detail = f"{type(error).__name__}: {error}"
        raise Problem("source.label_file", path=path, detail=detail) from error


def _literals(text: str) -> Iterator[Any]:
    """Yields the lists, tuples and dicts that Python source assigns; it is parsed, never run."""
    for statement in ast.parse(text).body:
        value = getattr(statement, "value", None)
        if isinstance(value, (ast.List, ast.Tuple, ast.Dict)):
            try:
                literal = ast.literal_eval(value)
            except ValueError:  # computed, not written out
                continue
            yield literal if isinstance(literal, dict) else list(literal)


def text_of(content: bytes) -> str:
    """Returns the text of a table in UTF-8, UTF-16 with a mark, GBK or Big5.

    Raises:
        UnicodeDecodeError: it is none of these.
    """
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16")
    return content.decode(encoding_of(content.splitlines())).removeprefix("\ufeff")


def rows_of(table: TextIO, spaces: int = -1) -> Iterator[list[str]]:
    """Yields the cells of each line that has any; what parts them is what the first line has.

    Args:
        table: opened with `newline=""`, at its beginning.
        spaces: at most so many parts at spaces, from the right, where nothing else parts them.
    """
    first = next((line for line in table if line.strip()), "")
    table.seek(0)
    mark = next((mark for mark in "\t,;" if mark in first), None)
    lines = (
        csv.reader(table, delimiter=mark) if mark else (line.rsplit(None, spaces) for line in table)
    )
    for line in lines:
        cells = [cell.strip() for cell in line]
        if any(cells):
            yield cells


def _by_line(names: Sequence[str], labels: Sequence[str]) -> dict[str, str]:
    """Labels in the order of the numbers, which begin at 0, or at 1 where the last one fits."""
    numbers = {name: int(name) for name in names if name.isdecimal()}
    known = set(numbers.values())
    first = 1 if 0 not in known and len(labels) in known else 0
    return {name: labels[number - first] for name, number in numbers.items()
            if 0 <= number - first < len(labels)}  # fmt: skip


def _by_column(names: Sequence[str], rows: Rows) -> dict[str, str]:
    """Labels in one column of a table whose other column holds the folders' names."""
    width = max(map(len, rows), default=0)
    if width < 2:
        return {}
    wanted = {_key(name) for name in names}
    hits = [sum(_key(row[at]) in wanted for row in rows if at < len(row)) for at in range(width)]
    key = hits.index(max(hits))
    label = _label_column(rows, key, width)
    if label is None or not hits[key]:
        return {}
    found = {_key(row[key]): row[label] for row in rows if len(row) > max(key, label)}
    return {name: found[_key(name)] for name in names if found.get(_key(name))}


def _label_column(rows: Rows, key: int, width: int) -> int | None:
    """Returns the column that holds labels: by its head, or since it holds single characters.

    Else it is the first one that holds something other than numbers, but no names of images.
    """
    cells = {at: [row[at] for row in rows if at < len(row)] for at in range(width) if at != key}
    others = [at for at, column in cells.items() if not any(map(is_image_name, column))]
    heads = [cell.casefold() for cell in rows[0]]
    for head in LABEL_HEADS:
        if head in heads and heads.index(head) in others:
            return heads.index(head)
    for at in others:
        if all(len(cell) == 1 and not cell.isdecimal() for cell in cells[at][1:]):
            return at
    for at in others:
        if not all(cell.isdecimal() for cell in cells[at][1:]):
            return at
    return others[0] if others else None


def _key(name: str) -> str:
    """Returns a name as it is compared: numbers by their value, so that 00012 is 12."""
    return str(int(name)) if name.isdecimal() else name.strip()
