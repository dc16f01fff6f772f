"""How software is installed here: pip, uv, conda or a module system, so that a fix fits."""

from __future__ import annotations

import json
import os
import shutil
import sys
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from pipeline.environment.packages import Package

_PROGRAMS = ("pip", "uv", "conda", "mamba", "micromamba", "pixi")
# What decides in a conda environment whether TensorFlow sees a GPU.
_CONDA_NAMES = ("tensorflow", "keras", "numpy", "python", "nccl", "libdevice")
_CONDA_PREFIXES = ("cuda", "cudnn", "libcublas", "libcudnn", "libcufft", "libcurand",
                   "libcusolver", "libcusparse", "tensorflow-")  # fmt: skip


@dataclass(frozen=True)
class InstallerFacts:
    """What installs packages into the running Python.

    Args:
        installer: the one this Python's folder was made by: "uv", "conda" or "pip".
        programs: where each of pip, uv, conda, mamba, micromamba and pixi lies on PATH, by name.
        pip_version: of the pip in this Python; None without one, as uv leaves it.
        writable: whether this user may write where packages go.
        externally_managed: whether the system forbids pip here (PEP 668).
        conda_prefix: the conda environment of this Python, or else of the shell, or None.
        conda_packages: of that environment, those that have to do with CUDA or TensorFlow.
        has_modules: whether there is a module system (Lmod or Environment Modules).
        loaded_modules: such as "cuda/12.5", in the order of loading.
    """

    installer: str
    programs: dict[str, str]
    pip_version: str | None
    writable: bool
    externally_managed: bool
    conda_prefix: str | None = None
    conda_packages: tuple[Package, ...] = ()
    has_modules: bool = False
    loaded_modules: tuple[str, ...] = ()


def installers(
    environ: Mapping[str, str] = os.environ, prefix: Path = Path(sys.prefix)
) -> InstallerFacts:
    """Looks at the folder of a Python and at the variables of conda and of module systems.

    Args:
        prefix: the folder of the Python, such as a virtual environment.
    """
    conda = _conda_prefix(environ, prefix)
    found = {name: shutil.which(name, path=environ.get("PATH")) for name in _PROGRAMS}
    return InstallerFacts(
        installer=_installer(prefix),
        programs={name: path for name, path in found.items() if path},
        pip_version=_pip_version(),
        writable=os.access(sysconfig.get_path("purelib"), os.W_OK),
        externally_managed=_externally_managed(prefix),
        conda_prefix=str(conda) if conda else None,
        conda_packages=_conda_packages(conda) if conda else (),
        has_modules="MODULEPATH" in environ or "LMOD_CMD" in environ,
        loaded_modules=tuple(filter(None, environ.get("LOADEDMODULES", "").split(":"))),
    )


def _installer(prefix: Path) -> str:
    if (prefix / "conda-meta").is_dir():
        return "conda"
    try:
        lines = (prefix / "pyvenv.cfg").read_text(encoding="utf-8").splitlines()
    except OSError:
        return "pip"
    return "uv" if any(line.split("=")[0].strip() == "uv" for line in lines) else "pip"


def _pip_version() -> str | None:
    try:
        return metadata.version("pip")
    except metadata.PackageNotFoundError:
        return None


def _externally_managed(prefix: Path) -> bool:
    """A virtual environment is its owner's, whatever the Python below it forbids (PEP 668)."""
    marker = Path(sysconfig.get_path("stdlib")) / "EXTERNALLY-MANAGED"
    return not (prefix / "pyvenv.cfg").exists() and marker.exists()


def _conda_prefix(environ: Mapping[str, str], prefix: Path) -> Path | None:
    named = Path(environ["CONDA_PREFIX"]) if environ.get("CONDA_PREFIX") else None
    return next((one for one in (prefix, named) if one and (one / "conda-meta").is_dir()), None)


def _conda_packages(prefix: Path) -> tuple[Package, ...]:
    """Reads the names alone of most records: an environment has hundreds of them."""
    found = []
    for record in sorted((prefix / "conda-meta").glob("*.json")):
        name = record.stem.rsplit("-", 2)[0]
        if name not in _CONDA_NAMES and not name.startswith(_CONDA_PREFIXES):
            continue
        try:
            known = json.loads(record.read_text(encoding="utf-8"))
            found.append(Package(str(known["name"]), str(known["version"])))
        except (OSError, ValueError, KeyError):
            continue
    return tuple(found)
