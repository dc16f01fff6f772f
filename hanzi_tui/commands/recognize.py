"""`hanzi-tui recognize`."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from hanzi_tui import counts
from hanzi_tui.commands import console
from hanzi_tui.commands.options import Common, CommonOptions, context
from hanzi_tui.commands.recognize_page import read_pages
from hanzi_tui.i18n import _, printable, worded_problem
from hanzi_tui.wording import doubt, probability
from pipeline.problems import Problem
from pipeline.settings import RecognitionSettings

if TYPE_CHECKING:
    from pipeline.recognition.answers import Answer

STDIN = Path("-")
RecognitionFlags = Annotated[RecognitionSettings, Parameter(name="*", group="Recognition")]


def recognize(
    *images: Annotated[Path, Parameter(allow_leading_hyphen=True)],
    page: bool = False,
    csv: Path | None = None,
    recognition: RecognitionFlags = RecognitionSettings(),
    common: CommonOptions = Common(),
) -> int:
    """Recognise images: each line has the image, then its candidates with their probabilities.

    What has no character in it has no candidates; that, and what is not sure, is told on stderr.

    Args:
        images: image files, folders of them, or - for an image on standard input
        page: each image is a whole page, or a line: print its text
        csv: file to write a table of all answers to
    """
    from pipeline.bundle import open_bundle
    from pipeline.recognition.answers import Answer
    from pipeline.recognition.recognizer import Recognizer

    given = context(common, recognition=recognition)
    settings = given.settings.recognition
    paths = list(_images(images))
    if not paths:
        raise Problem("usage.no_images")
    folder, is_starter = given.workspace.model_or_starter(settings.model)
    bundle = open_bundle(folder)
    if is_starter:
        known = counts.classes(len(bundle.description.labels), ",")
        console.say(
            _("model starter: comes with the program, knows {classes}").format(classes=known)
        )
    elif not settings.model:
        console.say(_("model {name}").format(name=bundle.name))
    recognizer = Recognizer(bundle, settings.threads, settings.precision, settings.min_confidence)
    pictures = (sys.stdin.buffer.read() if path == STDIN else path for path in paths)
    if page:
        return read_pages(recognizer, zip(paths, pictures, strict=True), settings, given.json, csv)
    code, told = 0, []
    found = recognizer.recognize(pictures, settings.top, settings.batch_size)
    for path, seen in zip(paths, found, strict=True):
        answer = Answer(seen.candidates, _named(seen.problem, path), seen.verdict)
        _tell(path, answer, given.json)
        if csv is not None:
            told.append((path, answer))
        code = max(code, int(answer.problem is not None))
    if csv is not None:
        _write(csv, told, settings.top)
    return code


def _tell(path: Path, answer: Answer, as_json: bool) -> None:
    """Prints an answer on stdout, and on stderr what is wrong with the picture or the answer."""
    shown = printable(str(path))
    if answer.problem is not None:
        console.say(worded_problem(answer.problem))
    elif answer.verdict != "sure":
        console.say(f"{shown}: {doubt(answer.verdict)}")
    if as_json:
        console.print_json(_in_json(shown, answer))
    elif answer.problem is None:
        candidates = (f"{c.label} {probability(c.probability)}" for c in answer.candidates)
        print("\t".join([shown, *candidates]))


def _in_json(shown: str, answer: Answer) -> dict[str, Any]:
    told: dict[str, Any] = {
        "image": shown,
        "candidates": [{"label": c.label, "probability": round(c.probability, 6)}
                       for c in answer.candidates],
    }  # fmt: skip
    if answer.problem is None:
        return {**told, "verdict": answer.verdict}
    return {**told, "problem": {"code": answer.problem.code, "text": str(answer.problem)}}


def _named(problem: Problem | None, path: Path) -> Problem | None:
    """Returns a problem of an image, called as the command line calls it."""
    if problem is None or path != STDIN:
        return problem
    return Problem(problem.code, **{**problem.params, "path": str(path)})


def _write(path: Path, answers: Iterable[tuple[Path, Answer]], top: int) -> None:
    from pipeline.recognition.folder import write_answers

    try:
        write_answers(path, answers, top)
    except OSError as error:
        detail = error.strerror or str(error)
        raise Problem("answers.unwritable", path=str(path), detail=detail) from error


def _images(given: tuple[Path, ...]) -> Iterator[Path]:
    """Yields the files, and of folders the images below them in order.

    Raises:
        Problem: `usage.unexpected` for an option that is none, `image.none_below` where a folder
            has none, or `image.unreadable`.
    """
    from pipeline.recognition.folder import folders_of_images

    for path in given:
        # For the sake of "-" cyclopts lets options with a typo pass as images.
        if str(path).startswith("-") and path != STDIN:
            raise Problem("usage.unexpected", word=str(path), command="hanzi-tui recognize")
        if not path.is_dir():
            yield path
            continue
        below = sorted(chain.from_iterable(folders_of_images(path)))
        if not below:
            raise Problem("image.none_below", path=str(path))
        yield from below
