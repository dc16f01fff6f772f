"""Options of the training scripts that people have, so that their command lines go on working."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from hanzi_tui.commands import console
from hanzi_tui.i18n import _
from pipeline.problems import Problem
from pipeline.settings import DatasetSettings, TrainingSettings

if TYPE_CHECKING:
    from hanzi_tui.commands.options import Context
    from pipeline.jobs import PrepareJob

LISTS = "lists"
"""Folder of the workspace with the lists of images that were made of two folders."""

KERAS_SUFFIXES = (".keras", ".h5", ".hdf5")

Hidden = Parameter(show_default=False)


@dataclass(frozen=True)
class Script:
    """What old command lines say.

    Args:
        train_data_dir: folder of label folders to train on; a dataset is made of it and the next
        test_data_dir: folder of label folders to test on
        img_height: side of the pictures: the same as --dataset.size
        img_width: must be the same
        test: 1: judge the model in place of training one
        resume_model_path: model to begin with: the same as --weights; with --test 1 the one to
            judge
    """

    train_data_dir: Annotated[Path | None, Hidden] = None
    test_data_dir: Annotated[Path | None, Hidden] = None
    img_height: Annotated[int | None, Hidden] = None
    img_width: Annotated[int | None, Hidden] = None
    test: Annotated[Literal[0, 1], Hidden] = 0
    resume_model_path: Annotated[Path | None, Hidden] = None

    def pictures(self, typed: DatasetSettings) -> DatasetSettings:
        """Returns the settings of the dataset as they were typed, in one way or the other.

        Raises:
            Problem: `usage.not_square`.
        """
        sides = {side for side in (self.img_height, self.img_width) if side is not None}
        if len(sides) > 1:
            raise Problem("usage.not_square", height=self.img_height, width=self.img_width)
        return typed.model_copy(update={"size": sides.pop()}) if sides else typed

    def training(self, typed: TrainingSettings) -> TrainingSettings:
        """Returns the settings of the training as they were typed, in one way or the other."""
        if self.resume_model_path is None or self.test:
            return typed
        return typed.model_copy(update={"weights": _path(self.resume_model_path)})

    def folders(self) -> tuple[Path, Path] | None:
        """Returns the folders to train and to test on, None where neither was named.

        Raises:
            Problem: `usage.one_folder`.
        """
        if self.train_data_dir is None and self.test_data_dir is None:
            return None
        if self.train_data_dir is None or self.test_data_dir is None:
            raise Problem("usage.one_folder")
        return _absolute(self.train_data_dir), _absolute(self.test_data_dir)

    @property
    def is_keras_file(self) -> bool:
        """Whether the model is a file that Keras wrote, and none of ours."""
        path = self.resume_model_path
        return path is not None and path.suffix in KERAS_SUFFIXES and path.is_file()

    def judged_model(self, given: Context, dataset: str | None) -> str:
        """Returns the model to judge, "" for the newest.

        Args:
            dataset: name of a prepared dataset, whose labels a Keras file has; None: those of the
                folders.

        Raises:
            Problem: no model can be made of a Keras file.
        """
        from hanzi_tui.commands.script_model import model_of_file

        path = self.resume_model_path
        if path is None or not self.is_keras_file:
            return str(path or "")
        return model_of_file(given, path, self._labels(given, dataset))

    def _labels(self, given: Context, dataset: str | None) -> Sequence[str]:
        from pipeline.dataset.records import open_dataset
        from pipeline.dataset.two_folders import labels_of

        if dataset is not None:
            return open_dataset(given.workspace.require_dataset(dataset)).labels
        folder = self.train_data_dir or self.test_data_dir
        assert folder is not None
        return labels_of(_absolute(folder))


NO_SCRIPT = Script()
ScriptOptions = Annotated[Script, Parameter(name="*", group="As in older scripts")]


def prepare_job(given: Context, folders: tuple[Path, Path], name: str | None) -> PrepareJob:
    """Returns the job that makes a dataset of two folders; it keeps who trains and who tests.

    Args:
        folders: to train and to test on.
        name: of the dataset; by default that of the folders, and then one that was made of them
            before is brought up to date.

    Raises:
        Problem: there is no such folder, or it holds no images.
    """
    from pipeline.dataset.two_folders import name_for, write_list
    from pipeline.jobs import PrepareJob

    pictures = given.settings.dataset
    made = name or name_for(*folders, pictures.size, pictures.channels)
    given.workspace.dataset(made)
    source = given.workspace.root / LISTS / f"{made}.csv"
    write_list(source, *folders)
    return PrepareJob(workspace=given.workspace.root, source=source, name=made, dataset=pictures,
                      replace=name is None)  # fmt: skip


def only_dataset(given: Context) -> str:
    """Returns the one dataset there is, for a command line that names none.

    Raises:
        Problem: `usage.no_dataset` or `usage.several_datasets`.
    """
    from pipeline.workspace import names_in

    names = names_in(given.workspace.datasets, "dataset.json")
    if not names:
        raise Problem("usage.no_dataset")
    if len(names) > 1:
        raise Problem("usage.several_datasets", there=", ".join(names))
    console.say(_("dataset {name}").format(name=names[0]))
    return names[0]


def _absolute(path: Path) -> Path:
    return path.expanduser().absolute()


def _path(path: Path) -> str:
    """Returns a path as the setting `training.weights` takes it: the name of a model stays one."""
    return str(_absolute(path)) if path.exists() or "/" in str(path) else str(path)
