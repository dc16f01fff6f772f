"""`hanzi-tui graph`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from hanzi_tui.commands import console
from hanzi_tui.commands.options import Common, CommonOptions, context
from hanzi_tui.i18n import _
from pipeline.problems import Problem


def graph(
    model: str = "",
    /,
    *,
    output: Annotated[Path | None, Parameter(name=("--output", "-o"))] = None,
    common: CommonOptions = Common(),
) -> int:
    """Draw the graph of a finished model.

    Args:
        model: name or folder of the model, or a .keras, .h5 or .tflite file; default: the newest
        output: an .svg picture, or a .dot file for Graphviz; default: the model's name with .svg
    """
    from pipeline.anatomy.drawing import dot, svg
    from pipeline.anatomy.reading import anatomy, model_path
    from pipeline.files import write_text

    given = context(common)
    source = model_path(given.workspace, model)
    file = output or Path(f"{source.stem if source.is_file() else source.name}.svg")
    if file.suffix not in (".svg", ".dot", ".gv"):
        raise Problem("usage.graph_suffix", path=str(file))
    found = anatomy(source)
    try:
        write_text(file, svg(found) if file.suffix == ".svg" else dot(found))
    except OSError as error:
        raise Problem("graph.unwritable", path=str(file), detail=str(error.strerror)) from error
    if given.json:
        console.print_json({"model": found.name, "graph": str(file.absolute())})
    else:
        console.say(_("graph of {name}: {file}").format(name=found.name, file=file))
    return 0
