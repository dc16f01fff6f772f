"""`hanzi-tui config`: show, validate, path, set, template."""

from __future__ import annotations

from pathlib import Path

from cyclopts import App

from hanzi_tui.commands import console
from hanzi_tui.commands.options import Common, CommonOptions, Flag
from hanzi_tui.i18n import _
from pipeline import configuration
from pipeline.problems import Problem
from pipeline.settings import sections

config = App(name="config", help=_("Show, check and change settings."), help_format="plaintext")


@config.command
def show(*, origin: Flag = False, common: CommonOptions = Common()) -> int:
    """Print all settings in force, as TOML.

    Args:
        origin: say behind each value where it comes from
    """
    resolved = configuration.resolve(explicit_file=common.settings)
    if common.json:
        console.print_json({
            section: {key: {"value": value, "origin": resolved.origin(section, key)}
                      for key, value in values.items()}
            for section, values in resolved.settings.model_dump(mode="json").items()
        })  # fmt: skip
        return 0
    for name, model in sections().items():
        print(f"[{name}]")
        section = getattr(resolved.settings, name)
        for key in model.model_fields:
            line = f"{key} = {configuration.toml_value(getattr(section, key))}"
            print(f"{line:40} # {resolved.origin(name, key)}" if origin else line)
        print()
    return 0


@config.command
def validate(*, common: CommonOptions = Common()) -> int:
    """Check every settings file, variable and value; says nothing wrong, or what is."""
    configuration.resolve(explicit_file=common.settings)
    files = configuration.files(common.settings)
    console.say(_("All settings are valid. Files: {files}").format(
        files=", ".join(str(path) for path in files) or _("none")))  # fmt: skip
    return 0


@config.command
def path(*, common: CommonOptions = Common()) -> int:
    """Print the settings files, weakest first, and whether they are there."""
    project = common.settings or Path("settings.toml")
    for file in (configuration.user_file(), project.absolute()):
        print(f"{file}\t{_('read') if file.is_file() else _('not there')}")
    return 0


@config.command(name="set")
def set_value(key: str, value: str, /, *, common: CommonOptions = Common()) -> int:
    """Write one value into ./settings.toml, or into --settings FILE; comments stay.

    Args:
        key: section and key, such as training.epochs
        value: its new value
    """
    section, dot, name = key.partition(".")
    if not dot:
        raise Problem("usage.no_section", key=key)
    file = common.settings or Path("settings.toml")
    configuration.write_value(file, section, name, value)
    console.say(_("{key} = {value} written to {file}").format(key=key, value=value, file=file))
    return 0


@config.command
def template(*, common: CommonOptions = Common()) -> int:
    """Print a settings file with every key, commented out."""
    print(configuration.template(), end="")
    return 0
