"""`hanzi-tui recognize`."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from hanzi_tui import counts
from hanzi_tui.commands import console
from hanzi_tui.commands.options import Common, CommonOptions, context
from hanzi_tui.i18n import _, printable, worded_problem
from hanzi_tui.wording import doubt, probability
from pipeline.problems import Problem
from pipeline.settings import RecognitionSettings

RecognitionFlags = Annotated[RecognitionSettings, Parameter(name="*", group="Recognition")]


def recognize(
    *images: Path,
    recognition: RecognitionFlags = RecognitionSettings(),
    common: CommonOptions = Common(),
) -> int:
    """Recognise images: each line has the image, then its candidates with their probabilities.

    What has no character in it has no candidates; that, and what is not sure, is told on stderr.

    Args:
        images: image files, or folders of them
    """
    from pipeline.bundle import open_bundle
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
    code = 0
    answers = recognizer.recognize(paths, settings.top, settings.batch_size)
    for path, answer in zip(paths, answers, strict=True):
        shown = printable(str(path))
        if answer.problem is not None:
            code = 1
            console.say(worded_problem(answer.problem))
        elif answer.verdict != "sure":
            console.say(f"{shown}: {doubt(answer.verdict)}")
        if given.json:
            problem = answer.problem and {"code": answer.problem.code, "text": str(answer.problem)}
            console.print_json({
                "image": shown,
                "candidates": [{"label": c.label, "probability": round(c.probability, 6)}
                               for c in answer.candidates],
                **({} if answer.problem else {"verdict": answer.verdict}),
                **({"problem": problem} if problem else {}),
            })  # fmt: skip
        elif answer.problem is None:
            told = (f"{c.label} {probability(c.probability)}" for c in answer.candidates)
            print("\t".join([shown, *told]))
    return code


def _images(given: tuple[Path, ...]) -> Iterator[Path]:
    """Yields the files, and of folders the images below them in order."""
    from pipeline.recognition.folder import folders_of_images

    for path in given:
        if path.is_dir():
            yield from sorted(chain.from_iterable(folders_of_images(path)))
        else:
            yield path
