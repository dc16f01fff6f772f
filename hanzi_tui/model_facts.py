"""What there is to say of a model in a line, from its description alone."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hanzi_tui import counts
from hanzi_tui.i18n import _
from pipeline.workspace import STARTER, Workspace, names_in


@dataclass(frozen=True)
class ModelFacts:
    """A model: its folder, when it was written (nanoseconds), and what it says of itself.

    `is_starter` marks the one that comes with the program.
    """

    path: Path
    written_ns: int
    network: str = "?"
    dataset: str = "?"
    classes: int = 0
    accuracy: float | None = None
    is_starter: bool = False

    @property
    def name(self) -> str:
        return STARTER if self.is_starter else self.path.name

    @property
    def details(self) -> dict[str, str]:
        """Network, dataset, classes and accuracy in words, by these names."""
        words = {"network": self.network, "dataset": self.dataset,
                 "classes": counts.classes(self.classes)}  # fmt: skip
        if self.accuracy is not None:
            accuracy = _("val accuracy {value:.4f}").format(value=self.accuracy)
            words["accuracy"] = accuracy
        return words

    @property
    def note(self) -> str:
        """The details in one line."""
        return ", ".join(self.details.values())


def model_facts(folder: Path, is_starter: bool = False) -> ModelFacts:
    """Returns what is known of the model in `folder`; little where its description is damaged.

    Raises:
        OSError: there is no description.
    """
    description = folder / "bundle.json"
    written_ns = description.stat().st_mtime_ns
    try:
        said: dict[str, Any] = json.loads(description.read_text("utf-8"))
        accuracy = said["metrics"].get("val_accuracy")
        return ModelFacts(
            folder,
            written_ns,
            str(said["model"]),
            str(said["dataset"]),
            int(said["classes"]),
            None if accuracy is None else float(accuracy),
            is_starter,
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return ModelFacts(folder, written_ns, is_starter=is_starter)


def models(workspace: Workspace) -> list[ModelFacts]:
    """Returns the models of a workspace, the newest first."""
    found = [model_facts(workspace.models / name)
             for name in names_in(workspace.models, "bundle.json")]  # fmt: skip
    return sorted(found, key=lambda model: model.written_ns, reverse=True)
