"""The folder that holds datasets, runs and models, and the names things may have in it."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from pathlib import Path

from pipeline.files import PARTIAL
from pipeline.problems import Problem

MAX_NAME_BYTES = 200
STARTER = "starter"
"""Names the recogniser that comes with the program."""


@dataclass(frozen=True)
class Workspace:
    """Paths below one workspace folder; nothing is created until something is written."""

    root: Path

    @property
    def datasets(self) -> Path:
        return self.root / "datasets"

    @property
    def runs(self) -> Path:
        return self.root / "runs"

    @property
    def models(self) -> Path:
        return self.root / "models"

    def dataset(self, name: str) -> Path:
        """Returns the folder of the prepared dataset `name`; it need not exist."""
        return self.datasets / checked_name(name)

    def review(self, name: str) -> Path:
        """Returns the review list of a dataset; it need not exist."""
        return self.datasets / f"{checked_name(name)}.review.csv"

    def model(self, name: str) -> Path:
        """Returns the folder of the bundle `name`; it need not exist."""
        return self.models / checked_name(name)

    def require_dataset(self, name: str) -> Path:
        """Returns the folder of an existing prepared dataset.

        Raises:
            Problem: `dataset.missing`, naming what there is.
        """
        folder = self.dataset(name)
        if not (folder / "dataset.json").is_file():
            there = ", ".join(names_in(self.datasets, "dataset.json")) or "none"
            raise Problem("dataset.missing", name=name, folder=str(self.datasets), there=there)
        return folder

    def require_model(self, name: str) -> Path:
        """Returns the folder of an existing bundle, named or given as a path; "" is the newest.

        "starter" is the one that comes with the program, unless one here bears that name.

        Raises:
            Problem: `model.missing`, naming what there is.
        """
        names = names_in(self.models, "bundle.json")
        if not name:
            if not names:
                raise Problem("model.none", folder=str(self.models))
            return max(
                (self.models / n for n in names), key=lambda p: (p / "bundle.json").stat().st_mtime
            )
        as_path = Path(name)
        if (as_path / "bundle.json").is_file():
            return as_path.absolute()
        if name in names:
            return self.models / name
        if name == STARTER and (starter := _starter()) is not None:
            return starter
        raise Problem(
            "model.missing", name=name, folder=str(self.models), there=", ".join(names) or "none"
        )

    def model_or_starter(self, name: str) -> tuple[Path, bool]:
        """Returns the folder of a bundle to recognise by, and whether it is the starter.

        It is as in `require_model`, or the starter where nothing was named and nothing is here.

        Raises:
            Problem: as `require_model`.
        """
        starter = _starter()
        if not name and starter is not None and not names_in(self.models, "bundle.json"):
            return starter, True
        folder = self.require_model(name)
        return folder, folder == starter


def _starter() -> Path | None:
    from pipeline.starter import model_folder  # its zipfile is for those who need it

    return model_folder() if (model_folder() / "bundle.json").is_file() else None


def names_in(folder: Path, marker: str) -> list[str]:
    """Returns the names of the finished folders below `folder`: those that hold `marker`."""
    if not folder.is_dir():
        return []
    return sorted(
        entry.name
        for entry in folder.iterdir()
        if not entry.name.startswith(".")
        and not entry.name.endswith(PARTIAL)
        and (entry / marker).is_file()
    )


def checked_name(name: str) -> str:
    """Returns `name` when it can be a folder's name here.

    Raises:
        Problem: `name.bad` when it is empty, starts with a dot, ends in a suffix the workspace
            uses itself, or holds a slash or a control character.
    """
    bad = (
        not name
        or name[0] == "."
        or name.endswith((PARTIAL, ".lock"))
        or any(c in "/\\" or unicodedata.category(c) in ("Cc", "Cs") for c in name)
        or len(name.encode("utf-8", "replace")) > MAX_NAME_BYTES
    )
    if bad:
        raise Problem("name.bad", name=name)
    return name
