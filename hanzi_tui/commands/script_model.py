"""A model of the Keras file that an old command line names with --resume_model_path."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hanzi_tui.commands import console
from hanzi_tui.i18n import _
from pipeline.bundle import open_bundle
from pipeline.foreign.request import ImportRequest
from pipeline.questions import ask

if TYPE_CHECKING:
    from hanzi_tui.commands.options import Context


def model_of_file(given: Context, path: Path, labels: Sequence[str]) -> str:
    """Returns the name of the model that is made of a Keras file, unless that was done before.

    Args:
        path: of the file.
        labels: what its outputs mean, as `image_dataset_from_directory` has them: the label
            folders in order.

    Raises:
        Problem: no model can be made of it, as with `hanzi-tui import-model`.
    """
    target = given.workspace.model(path.stem)
    if _is_made(target, path, labels):
        return target.name
    kind = given.settings.dataset.kind
    request = ImportRequest(file=path.absolute(), labels=tuple(labels), target=target, kind=kind)
    told = ask("pipeline.foreign.convert", request.model_dump(mode="json"))
    model = Path(told["path"]).name
    console.say(_(
        "model {model} made of {path}, taken to want pixels of 0 to 255, dark ink on light paper. "
        "If it wants others: hanzi-tui import-model --help"
    ).format(model=model, path=path))  # fmt: skip
    return model


def _is_made(target: Path, path: Path, labels: Sequence[str]) -> bool:
    """Says whether a model was made of this file, and not of an older one of that name."""
    made = target / "bundle.json"
    return (
        made.is_file()
        and made.stat().st_mtime >= path.stat().st_mtime
        and open_bundle(target).description.labels == tuple(labels)
    )
