"""What the recognition room says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from textual.content import Content

from hanzi_tui import counts
from hanzi_tui.i18n import _, ngettext, printable, worded, worded_problem
from hanzi_tui.model_facts import ModelFacts
from hanzi_tui.signs import Signs
from hanzi_tui.widgets.answer_table import Row
from hanzi_tui.widgets.long_list import path_end
from hanzi_tui.wording import doubt, probability
from pipeline.problems import Problem
from pipeline.recognition.answers import Answer
from pipeline.recognition.page_text import Page, PageAnswer

NAME_COLUMNS = 36


def choose_image(model: ModelFacts | None) -> str:
    """Returns how to begin, and where the model comes from when it is nobody's own."""
    begin = _(
        "Choose an image among the files: by the arrow keys or a click; right unfolds a folder, "
        "backspace leads up. g takes a path, typed or pasted; a takes all images of a folder."
        "\n\nThe first answer takes half a second, the others a few milliseconds."
    )
    if model is None or not model.is_starter:
        return begin
    starter = _(
        "The starter answers: a model that comes with the program and knows {classes}, learnt from "
        "open fonts. F3 trains one on images of your own."
    )
    return begin + "\n\n" + starter.format(classes=counts.classes(model.classes, ","))


def answer_to_come() -> Content:
    """Returns what the line of the result says before there is one."""
    return Content.styled(_("Choose an image to see its answer."), "$muted")


def candidates_to_come() -> str:
    return _("The likeliest labels, with their probability.")


def seen_to_come() -> str:
    return _("What is left of it for the model: the ink, cropped, centred and scaled.")


def draw_here() -> str:
    return _(
        "Draw a character by the mouse. Or by keys: space sets the pen down and lifts it, the "
        "arrow keys lead it."
    )


def sketch_to_come() -> str:
    return _("What is drawn is read whenever the pen pauses.")


def text_to_come() -> str:
    return _("A digit or a click appends a candidate here.")


def choose_folder() -> str:
    return _(
        "The images of a folder go here, with their answers, as a table to sort, filter and "
        "export.\n\ng names the folder. Or select one among the files (i) and press a. "
        "A thousand images take a few seconds."
    )


def choose_page() -> str:
    return _(
        "A whole page, or a line, goes here: its characters are found and read one by one.\n\n"
        "g names an image. Or select one among the files (i) and press p."
    )


def page_shape(page: Page) -> str:
    """Returns how many columns or rows a page has, and how many characters."""
    lines, characters = len(page.lines), sum(map(len, page.lines))
    shapes = {
        "columns": ngettext("{count} column", "{count} columns", lines),
        "rows": ngettext("{count} row", "{count} rows", lines),
    }
    counted = ngettext("{count} character", "{count} characters", characters)
    return f"{shapes[page.reading].format(count=lines)}, {counted.format(count=characters)}"


def page_line(answer: PageAnswer, name: str, model: str, signs: Signs) -> Content:
    """Returns a page in a line: how much of it is not sure, the file, the time and the model."""
    took = _("{ms:.0f} ms").format(ms=answer.elapsed_s * 1000)
    about = Content.styled(
        f"   {path_end(name, NAME_COLUMNS)}   {took}   {printable(model)}", "$muted"
    )
    page = answer.page
    if page is None or not page.lines:
        return Content.styled(f"{signs.warning} {doubt('blank')}", "$warning") + about
    doubtful = sum(one.verdict != "sure" for line in page.lines for one in line)
    if not doubtful:
        return Content(f"{signs.done} {page_shape(page)}") + about
    unsure = _("{count} not sure").format(count=doubtful)
    return Content.styled(f"{signs.warning} {unsure}", "$warning") + about


def no_model() -> str:
    return _(
        "There is no model in this workspace yet.\n\nF3 trains one on a prepared dataset. Or try "
        "it on the starter dataset first: hanzi-tui demo, about a minute."
    )


def why_no_model(error: Problem | OSError) -> str:
    """Returns what to do without a model: train one, or name one that is there."""
    nothing_named = isinstance(error, Problem) and error.code == "model.none"
    return no_model() if nothing_named else why(error)


def why(error: Problem | OSError) -> str:
    """Returns what is wrong."""
    if isinstance(error, Problem):
        return worded_problem(error)
    return f"{error.strerror or error}: {error.filename or ''}"


def answer_line(answer: Answer, name: str, model: str, signs: Signs) -> Content:
    """Returns the result in a line: the answer, the file, the time and the model."""
    took = _("{ms:.1f} ms").format(ms=answer.elapsed_s * 1000)
    about = Content.styled(
        f"   {path_end(name, NAME_COLUMNS)}   {took}   {printable(model)}", "$muted"
    )
    if answer.problem is not None:
        text = worded(answer.problem.code, answer.problem.params | {"path": name})
        return Content.styled(f"{signs.failed} {text}", "$error")
    if answer.verdict == "blank":
        none = _("no ink found: the model would see an empty square")
        return Content.styled(f"{signs.warning} {none}", "$warning") + about
    if answer.verdict == "not_character":
        none = _("not a character: a blob, or too many pieces; p reads a whole page")
        return Content.styled(f"{signs.warning} {none}", "$warning") + about
    first = answer.candidates[0]
    share = probability(first.probability)
    if answer.verdict == "unsure":
        unsure = _("not sure, perhaps {label} {probability}").format(
            label=printable(first.label), probability=share
        )
        return Content.styled(f"{signs.warning} {unsure}", "$warning") + about
    return Content.styled(printable(first.label), "bold") + Content(f" {share}") + about


def in_short(answer: Answer, signs: Signs) -> tuple[str, Literal["", "doubtful", "bad"]]:
    """Returns an answer in a few cells, and how it is marked."""
    if answer.problem is not None:
        return f"{signs.failed} -", "bad"
    if not answer.candidates:
        return f"{signs.warning} -", "doubtful"
    first = answer.candidates[0]
    told = f"{first.label} {probability(first.probability)}"
    return (told, "") if answer.verdict == "sure" else (f"{signs.warning} {told}", "doubtful")


def row_line(row: Row, signs: Signs) -> Content:
    """Returns a row of the table in a line, with the reason where it has no answer."""
    if row.answer is None:
        return Content(printable(row.name))
    return answer_line(row.answer, row.name, "", signs)


def folder_line(answers: Sequence[Answer | None], model: str, elapsed_s: float) -> str:
    """Returns how far a folder is: images, those unreadable or not sure, images a second."""
    given = [answer for answer in answers if answer is not None]
    bad = sum(answer.problem is not None for answer in given)
    doubtful = sum(answer.verdict != "sure" for answer in given)
    done, total = len(given), len(answers)
    count = (counts.images(total) if done == total else
             _("{done} of {total}").format(done=done, total=total))  # fmt: skip
    parts = [count]
    if bad:
        parts.append(_("{count} unreadable").format(count=bad))
    if doubtful:
        parts.append(_("{count} not sure").format(count=doubtful))
    if done and elapsed_s:
        parts.append(_("{rate:.3g} images/s").format(rate=done / elapsed_s))
    return "  ".join([*parts, model])
