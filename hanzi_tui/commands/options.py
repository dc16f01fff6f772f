"""Options that every command takes, and the settings they lead to."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import Group, Parameter

from hanzi_tui.i18n import _, set_language
from hanzi_tui.signs import Signs, signs
from pipeline.configuration import Configuration, resolve
from pipeline.settings import GeneralSettings, Section, Settings
from pipeline.workspace import Workspace

COMMON = Group(_("Common"), sort_key=90)
Flag = Annotated[bool, Parameter(negative="", show_default=False)]


@dataclass(frozen=True)
class Common:
    """What every command takes.

    Args:
        workspace: folder of datasets, runs and models
        settings: settings file to read in place of ./settings.toml
        json: print JSON, one object a line
    """

    workspace: Annotated[Path | None, Parameter(group=COMMON)] = None
    settings: Annotated[Path | None, Parameter(group=COMMON)] = None
    json: Annotated[Flag, Parameter(group=COMMON)] = False


CommonOptions = Annotated[Common, Parameter(name="*")]


@dataclass(frozen=True)
class Context:
    """What a command works with: resolved settings and the workspace they name."""

    configuration: Configuration
    workspace: Workspace
    json: bool

    @property
    def settings(self) -> Settings:
        return self.configuration.settings

    @property
    def signs(self) -> Signs:
        return signs(self.settings.general.signs)


def awaited(given: Context, after: str | None) -> str | None:
    """Returns the id of the run that a job is to wait for, None when it need not wait.

    Raises:
        Problem: there is no such run.
    """
    from pipeline import runs

    return None if after is None else runs.find(given.workspace.runs, after).id


def context(common: Common, **typed: Section) -> Context:
    """Resolves the settings and switches the language.

    Args:
        common: the common options.
        **typed: section name → model holding the flags that were typed.

    Raises:
        Problem: a settings file, variable or flag is wrong.
    """
    if common.workspace is not None:
        typed["general"] = GeneralSettings(workspace=common.workspace)
    configuration = resolve(typed, common.settings)
    settings = configuration.settings
    set_language(settings.general.language)
    root = settings.general.workspace.expanduser().absolute()
    return Context(configuration, Workspace(root), common.json)
