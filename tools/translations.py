"""Keeps the catalogues of translations in step with the texts of the program.

`python tools/translations.py` gathers every text a user may read, writes the template
hanzi_tui/locale/hanzi_tui.pot, brings each catalogue up to date (translations stay, new texts come
empty, what nobody shows any more goes) and compiles it. Texts without a translation are listed;
then the exit code is 1. With --check it writes nothing and lists what is not up to date.
"""

from __future__ import annotations

import argparse
import ast
import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from babel.messages import Catalog, Message
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po, write_po

from hanzi_tui.i18n import DOMAIN, set_language
from hanzi_tui.widgets.settings_field import Declaration
from pipeline import settings
from pipeline.problems import MESSAGES

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "hanzi_tui"
LOCALES = PACKAGE / "locale"
TEMPLATE = LOCALES / f"{DOMAIN}.pot"
LOOKUPS = {
    "i18n.py", "recipe_words.py", "screens/settings.py", "widgets/dataset_steps.py",
    "widgets/settings_field.py", "widgets/training_form.py",
}  # fmt: skip
"""Modules that look up at run time what `messages` and `declarations` gather."""

LEFT_OUT = tuple(
    f'"{name}'.encode()
    for name in ("Project-Id", "Report-", "POT-", "PO-", "Last-", "Generated-", "Language-T")
)
"""Lines of the header that say nothing here, or something else after each run."""


class Text(NamedTuple):
    """A text to translate, the file that holds it, and what a translator may want to know.

    Args:
        text: as it is shown; two of them, for one and for many, where it holds a count.
    """

    text: str | tuple[str, str]
    file: str
    comment: str = ""


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--check", action="store_true", help="write nothing")
    check = arguments.parse_args().check
    complaints = stale(TEMPLATE) if check else []
    if not check:
        TEMPLATE.write_bytes(_po(template()))
    for po in sorted(LOCALES.glob(f"*/LC_MESSAGES/{DOMAIN}.po")):
        catalogue = updated(po)
        complaints += [f"{po}: no translation of {m.id!r}" for m in untranslated(catalogue)]
        if check:
            complaints += uncompiled(po)
        else:
            po.write_bytes(_po(catalogue))
            if uncompiled(po):
                po.with_suffix(".mo").write_bytes(_mo(catalogue))
    print(*complaints, f"{len(template())} texts, complaints: {len(complaints)}", sep="\n")
    return 1 if complaints else 0


def template() -> Catalog:
    """Returns all texts, each once, with the files that hold it."""
    catalogue = _headed()
    for text in (*calls(), *messages(), *declarations()):
        catalogue.add(text.text, locations=[(text.file, 0)], auto_comments=[text.comment] * bool(
            text.comment))  # fmt: skip
    return catalogue


def calls() -> Iterator[Text]:
    """Yields what stands in `_("...")` and in `ngettext("...", "...", count)`.

    Read from the syntax tree, since Babel's own search is blind inside an f-string before
    Python 3.12.

    Raises:
        ValueError: something else than a text stands there, where nobody would find it.
    """
    for path in sorted(PACKAGE.rglob("*.py")):
        place = path.relative_to(PACKAGE).as_posix()
        nodes = ast.walk(ast.parse(path.read_text("utf-8")))
        found = [node for node in nodes if isinstance(node, ast.Call) and _forms(node.func)]
        for node in sorted(found, key=lambda call: (call.lineno, call.col_offset)):
            forms = node.args[: _forms(node.func)]
            texts = [form.value for form in forms if isinstance(form, ast.Constant)]
            if texts and len(texts) == len(forms):
                yield Text(texts[0] if len(texts) == 1 else tuple(texts), f"hanzi_tui/{place}")
            elif place not in LOOKUPS:
                raise ValueError(
                    f'{path}:{node.lineno}: write _("...") with one literal text, ngettext with '
                    "two; if it is one that is gathered otherwise, name the module in LOOKUPS"
                )


def _forms(function: ast.expr) -> int:
    """Returns how many texts stand in a call: none where it asks for no translation."""
    return {"_": 1, "ngettext": 2}.get(function.id, 0) if isinstance(function, ast.Name) else 0


def messages() -> Iterator[Text]:
    """Yields the messages that are worded by their code."""
    for code, text in MESSAGES.items():
        yield Text(text, "pipeline/problems.py", code)


def declarations() -> Iterator[Text]:
    """Yields what forms show of each setting, as they ask for it."""
    set_language("en")
    for name, section in settings.sections().items():
        about = (section.__doc__ or "").split("\n")
        yield Text(name, "pipeline/settings", f"section [{name}]")
        yield Text(" ".join(about[0].split()), "pipeline/settings", f"section [{name}]")
        yield Text(" ".join(" ".join(about).split()), "pipeline/settings", f"section [{name}]")
        for key, info in section.model_fields.items():
            shown = Declaration(key, info, "", str)
            for what, text in (
                ("name", shown.label),
                ("unit", shown.unit),
                ("description", shown.description),
            ):
                if text:
                    yield Text(text, "pipeline/settings", f"{what} of {name}.{key}")


def updated(po: Path) -> Catalog:
    """Returns a catalogue with all texts of today, and the translations it has."""
    catalogue = _headed(locale=po.parts[-3])
    known = _read(po)
    for message in template():
        if message.id:
            old = known.get(message.id)
            catalogue.add(
                message.id, old.string if old else "", message.locations,
                old.flags if old else (), message.auto_comments, old.user_comments if old else (),
            )  # fmt: skip
    return catalogue


def untranslated(catalogue: Catalog) -> list[Message]:
    """Returns the messages with no translation, or with one that somebody has yet to look at."""
    return [m for m in catalogue if m.id and (not _whole(m, catalogue) or m.fuzzy)]


def _whole(message: Message, catalogue: Catalog) -> bool:
    """Whether every form of a message is translated."""
    if isinstance(message.string, str):
        return bool(message.string)
    return len(message.string) >= catalogue.num_plurals and all(message.string)


def stale(pot: Path) -> list[str]:
    """Returns what a template lacks, and what it holds that nobody shows any more."""
    held = {m.id for m in _read(pot)}
    today = {m.id for m in template()}
    return [
        *(f"{pot}: lacks {text!r}" for text in today - held),
        *(f"{pot}: nobody shows {text!r}" for text in held - today),
    ]


def uncompiled(po: Path) -> list[str]:
    """Returns a complaint unless the .mo holds what its .po says."""
    mo = po.with_suffix(".mo")
    if mo.is_file() and _strings(read_mo(io.BytesIO(mo.read_bytes()))) == _strings(_read(po)):
        return []
    return [f"{mo}: not what {po.name} compiles to"]


def _read(po: Path) -> Catalog:
    return read_po(io.BytesIO(po.read_bytes()))


def _strings(catalogue: Catalog) -> dict[object, object]:
    whole = [m for m in catalogue if m.id and _whole(m, catalogue) and not m.fuzzy]
    # What was compiled comes back with lists in place of tuples.
    return {m.id if isinstance(m.id, str) else tuple(m.id): _forms_of(m) for m in whole}


def _forms_of(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string)


def _headed(locale: str | None = None) -> Catalog:
    about = f"# Texts of hanzi-tui{f' in {locale}' if locale else ''}; see tools/translations.py."
    return Catalog(locale, DOMAIN, about, project="hanzi-tui", fuzzy=False)


def _po(catalogue: Catalog) -> bytes:
    file = io.BytesIO()
    write_po(file, catalogue, width=100, include_lineno=False)
    lines = file.getvalue().splitlines(keepends=True)
    return b"".join(line for line in lines if not line.startswith(LEFT_OUT))


def _mo(catalogue: Catalog) -> bytes:
    file = io.BytesIO()
    write_mo(file, catalogue)
    return file.getvalue()


if __name__ == "__main__":
    sys.exit(main())
