"""`hanzi-tui recognize --page`: the text of whole pages."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from hanzi_tui.commands import console
from hanzi_tui.i18n import _, printable, worded_problem
from hanzi_tui.recognition_words import page_shape
from hanzi_tui.wording import doubt
from pipeline.problems import Problem
from pipeline.settings import RecognitionSettings

if TYPE_CHECKING:
    from pipeline.recognition.page_text import Page
    from pipeline.recognition.recognizer import Recognizer


def read_pages(
    recognizer: Recognizer,
    pages: Iterable[tuple[Path, Path | bytes]],
    settings: RecognitionSettings,
    as_json: bool,
    csv: Path | None,
) -> int:
    """Prints the text of pages on stdout, and on stderr how much of it is sure.

    Args:
        recognizer: of their characters.
        pages: their names, and the images themselves.
        settings: `reading` and `top`.
        as_json: a line of JSON for each page instead of its text.
        csv: file for a table of all characters.

    Returns:
        The exit status: 1 when one of them cannot be read.
    """
    from pipeline.recognition.page import read_page
    from pipeline.recognition.page_text import page_to_json

    reading = None if settings.reading == "auto" else settings.reading
    read: list[tuple[str, Page]] = []
    code = 0
    for path, picture in pages:
        shown = printable(str(path))
        try:
            page = read_page(recognizer, picture, reading, settings.top)
        except Problem as problem:
            named = Problem(problem.code, **{**problem.params, "path": str(path)})
            console.say(worded_problem(named))
            if as_json:
                told = {"code": named.code, "text": str(named)}
                console.print_json({"image": shown, "problem": told})
            code = 1
            continue
        read.append((str(path), page))
        console.say(f"{shown}: {_summary(page)}")
        if as_json:
            console.print_json({"image": shown, **page_to_json(page)})
        elif page.lines:
            print(page.text, flush=True)
    if csv is not None:
        _write(csv, read, settings.top)
    return code


def _summary(page: Page) -> str:
    """Returns how many lines and characters there are, and how many of these are not sure."""
    if not page.lines:
        return doubt("blank")
    doubtful = sum(one.verdict != "sure" for line in page.lines for one in line)
    unsure = [_("{count} not sure").format(count=doubtful)] if doubtful else []
    return ", ".join([page_shape(page), *unsure])


def _write(path: Path, pages: list[tuple[str, Page]], top: int) -> None:
    from pipeline.recognition.page_table import write_characters

    try:
        write_characters(path, pages, top)
    except OSError as error:
        detail = error.strerror or str(error)
        raise Problem("answers.unwritable", path=str(path), detail=detail) from error
