"""`hanzi-tui export`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from hanzi_tui.commands import console
from hanzi_tui.commands.options import Common, CommonOptions, context
from hanzi_tui.i18n import _
from pipeline.workspace import STARTER


def export(
    model: str,
    /,
    *,
    format_: Annotated[
        Literal["litert", "onnx", "saved_model", "keras"], Parameter(name="--format")
    ],
    output: Annotated[Path | None, Parameter(name=("--output", "-o"))] = None,
    common: CommonOptions = Common(),
) -> int:
    """Write a model as a folder that recognises elsewhere, without this program.

    It holds the network, its labels, the normaliser, a program that recognises images, and a README
    of input and output. The network is asked the same as the model before the folder appears.

    Args:
        model: name or folder of a model; starter: the one that comes with the program
        format_: of the network; onnx needs: pip install "hanzi-tui[onnx]"
        output: folder to make; default: NAME-FORMAT here
    """
    from pipeline.export.request import ExportRequest
    from pipeline.questions import ask

    given = context(common)
    folder, is_starter = given.workspace.model_or_starter(model)
    name = STARTER if is_starter else folder.name
    target = (output or Path(f"{name}-{format_}")).expanduser().absolute()
    request = ExportRequest(model=folder, name=name, format=format_, target=target)
    told = ask("pipeline.export.write", request.model_dump(mode="json"))
    if given.json:
        console.print_json(told)
    else:
        console.print_facts([
            (_("written"), told["path"]),
            (_("network"), told["file"]),
            (_("logits differ by"), f"{told['difference']:.1e}"),
        ])  # fmt: skip
    return 0
