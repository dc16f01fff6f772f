"""`hanzi-tui`: the command line. Commands load when they are called."""

from __future__ import annotations

import difflib
import gc
import importlib.metadata
import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hanzi_tui.i18n import _, printable, set_language, worded, worded_problem
from pipeline.problems import Problem

if TYPE_CHECKING:
    from cyclopts import App, CycloptsError

DONE, FAILED, USAGE, INTERRUPTED = 0, 1, 2, 130
HELP = frozenset({"--help", "-h"})


def main() -> None:
    """Runs the command line and exits: 0 done, 1 failed, 2 bad usage or settings, 130 Ctrl-C."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    sys.exit(_run(sys.argv[1:]))


def command_line() -> App:
    """Returns the application: names, one-line helps and where each command lives."""
    from cyclopts import App, Group

    data, jobs, program = (
        Group(name, sort_key=i) for i, name in enumerate([_("Work"), _("Runs"), _("Program")])
    )
    app = App(
        name="hanzi-tui",
        help=_(
            "From a folder of handwritten characters to a recogniser, on a server, in the terminal."
        ),
        version=lambda: importlib.metadata.version("hanzi-tui"),
        help_format="plaintext",
        result_action="return_value",
    )
    app.default(_dashboard)
    for group, name, text in (
        (data, "demo", _("Try everything on the starter dataset, in about a minute.")),
        (data, "scan", _("Look at every image of a source before it is prepared.")),
        (data, "prepare", _("Pack labelled images into a dataset.")),
        (data, "train", _("Train a network on a prepared dataset.")),
        (data, "evaluate", _("Judge a model by a split of a dataset.")),
        (data, "compare", _("Compare two evaluations of the same images.")),
        (data, "report", _("Write an evaluation for others to read.")),
        (data, "recognize", _("Recognise images.")),
        (data, "summary", _("Print the layers of a model.")),
        (data, "graph", _("Draw the graph of a model.")),
        (data, "export", _("Write a model for other programs: LiteRT, ONNX, SavedModel, Keras.")),
        (data, "import-model", _("Make a model of a Keras file or a SavedModel of others.")),
        (jobs, "status", _("What is running, and what there is.")),
        (jobs, "runs", _("List, show, delete and prune runs.")),
        (jobs, "attach", _("Follow a run: its whole history, then live.")),
        (jobs, "stop", _("Stop a run.")),
        (jobs, "plot", _("Draw the curves of trainings: PNG, SVG or CSV.")),
        (jobs, "tensorboard", _("Show trainings in TensorBoard, on this machine only.")),
        (program, "check", _("Check GPU, driver, CUDA, TensorFlow and packages.")),
        (program, "config", _("Show, check and change settings.")),
    ):
        word = name.replace("-", "_")
        app.command(f"hanzi_tui.commands.{word}:{word}", name=name, help=text, group=group)
    return app


def _dashboard(*, workspace: Path | None = None, settings: Path | None = None) -> int:
    """Opens the dashboard, which is what the program does without a command.

    Args:
        workspace: folder of datasets, runs and models
        settings: settings file to read in place of ./settings.toml
    """
    from hanzi_tui.launch import has_terminal, open_dashboard

    if has_terminal():
        gc.disable()  # nothing of what is loaded now is garbage; the dashboard switches it on
        from pipeline.configuration import resolve
        from pipeline.settings import GeneralSettings

        typed = {"general": GeneralSettings(workspace=workspace)} if workspace else {}
        given = resolve(typed, settings)
        set_language(given.settings.general.language)
        open_dashboard(given, settings)
        return DONE
    from hanzi_tui.commands.options import Common
    from hanzi_tui.commands.status import status

    status(common=Common(workspace, settings))
    print(_("The dashboard needs a terminal: ssh -t. Commands: hanzi-tui --help"), file=sys.stderr)
    return USAGE


def _run(arguments: list[str]) -> int:
    # Settings files are read later, by the command: help is to come at once.
    set_language(os.environ.get("HANZI_GENERAL__LANGUAGE", "auto"))
    try:
        # The dashboard opens at once: it does not wait for what only commands need.
        code = _command(arguments) if arguments else _dashboard()
        sys.stdout.flush()
    except Problem as problem:
        print(worded_problem(problem), file=sys.stderr)
        return USAGE if _is_usage(problem.code) else FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of our output left; that is no failure of ours.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    return code


def _command(arguments: list[str]) -> int:
    from cyclopts import CycloptsError

    if HELP.intersection(arguments):
        _hasten_help()
    try:
        code = command_line()(arguments, exit_on_error=False, print_error=False)
    except CycloptsError as error:
        print(_usage_error(error), file=sys.stderr)
        return USAGE
    return code if isinstance(code, int) else DONE


def _hasten_help() -> None:
    """Spares a help the garbage collector, and a look for texts that are not there.

    cyclopts reads the source of each class of settings for texts below its attributes; ours stand
    in docstrings and fields.
    """
    from docstring_parser import parser

    gc.disable()
    parser.add_attribute_docstrings = lambda *_: None  # type: ignore[attr-defined]


def _usage_error(error: CycloptsError) -> str:
    from cyclopts import UnusedCliTokensError
    from pydantic import ValidationError

    from pipeline.settings import allowed, sections

    cause = error.__cause__
    if isinstance(error, UnusedCliTokensError):
        return _unexpected((error.unused_tokens or [""])[0], error.command_chain or ())
    if not isinstance(cause, ValidationError):
        return printable(str(error))
    first = cause.errors(include_url=False)[0]
    section = next(name for name, model in sections().items() if model.__name__ == cause.title)
    key = str(first["loc"][0])
    params = {"flag": "--" + key.replace("_", "-"), "value": str(first["input"]),
              "allowed": allowed(section, key)}  # fmt: skip
    return worded("usage.bad_value", params)


def _unexpected(word: str, command: Sequence[str]) -> str:
    """Words a token that no command takes; at the top it is a command with a typo."""
    params = {"word": word, "command": " ".join(("hanzi-tui", *command))}
    if command:
        return worded("usage.unexpected", params)
    known = [name for name in command_line() if not name.startswith("-")]
    nearest = difflib.get_close_matches(word, known, n=1, cutoff=0.0)[0]
    return worded("usage.no_command", {**params, "nearest": nearest})


def _is_usage(code: str) -> bool:
    return code.startswith(("settings.", "name.", "usage.")) or code.endswith((".missing", ".none"))
