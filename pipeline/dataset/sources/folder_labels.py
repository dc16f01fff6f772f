"""What the label folders of a tree are called: by their names, or by a table of labels."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.dataset.sources.draft import Named, Unfit
from pipeline.dataset.sources.label_file import labels_by_name
from pipeline.dataset.sources.levels import Level
from pipeline.dataset.sources.listing import Note
from pipeline.dataset.sources.names import is_label

NAMES_SHOWN = 12


@dataclass
class FolderLabels:
    """The labels of a tree.

    Attributes:
        named: path of each label folder → its label and split, or why it has none.
        notes: what to tell about the tree.
    """

    named: dict[str, Named | Unfit] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)

    def empty(self, filled: set[str]) -> list[Note]:
        """Returns what to tell about the label folders that hold no image."""
        bare = sorted(folder for folder in self.named if folder not in filled)
        if not bare:
            return []
        names = ", ".join(bare[:NAMES_SHOWN]) + (", …" if len(bare) > NAMES_SHOWN else "")
        return [("source.empty_folders", {"count": len(bare), "names": names})]

    def folders(self, filled: set[str]) -> dict[str, tuple[str, ...]]:
        """Returns the label folders of each label, of those that hold images."""
        found: dict[str, tuple[str, ...]] = {}
        for folder, fate in self.named.items():
            if isinstance(fate, Named) and folder in filled:
                found[fate.label] = (*found.get(fate.label, ()), folder)
        return found


def folder_labels(
    level: Level, names: Mapping[str, str], given: Path | None, beside: Mapping[str, bytes]
) -> FolderLabels:
    """Finds the label of each label folder.

    Args:
        level: the label folders.
        names: path of each → its name as text.
        given, beside: tables of labels, as `labels_by_name` has them.

    Raises:
        Problem: `source.label_file`.
    """
    table, notes = labels_by_name(sorted(set(names.values())), given, beside)
    found = FolderLabels(notes=notes)
    if level.own_split:
        found.notes.append(("source.own_split", {}))
    for folder, split in level.labels.items():
        name = names[folder]
        label = unicodedata.normalize("NFC", table.get(name, "") if table else name)
        if table and not label:
            found.named[folder] = Unfit("source.unmapped", {"name": name})
        elif not is_label(label):
            found.named[folder] = Unfit("source.control_character", {})
        else:
            found.named[folder] = Named(label, split)
    return found
