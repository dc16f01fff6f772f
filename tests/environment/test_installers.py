"""A fix can name the program that installs packages here."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.environment.installers import installers
from pipeline.environment.packages import Package


def environment(folder: Path, configuration: str | None = None, **packages: str) -> Path:
    """A Python's folder: with a pyvenv.cfg, or with the records of conda packages."""
    folder.mkdir(parents=True, exist_ok=True)
    if configuration is not None:
        (folder / "pyvenv.cfg").write_text(configuration)
    for name, version in packages.items():
        record = folder / f"conda-meta/{name.replace('_', '-')}-{version}-h1234_0.json"
        record.parent.mkdir(exist_ok=True)
        known = {"name": name.replace("_", "-"), "version": version, "depends": []}
        record.write_text(json.dumps(known))
    return folder


@pytest.mark.parametrize(
    ("configuration", "installer"),
    [
        ("home = /usr/bin\nimplementation = CPython\nuv = 0.5.4\n", "uv"),
        ("home = /home/uv/bin\nversion = 3.12.3\n", "pip"),
        (None, "pip"),
    ],
)
def test_a_virtual_environment_tells_who_made_it(tmp_path: Path, configuration, installer) -> None:
    prefix = environment(tmp_path / "venv", configuration)
    assert installers({"PATH": ""}, prefix).installer == installer


def test_a_conda_environment_lists_what_it_has_of_cuda(tmp_path: Path) -> None:
    prefix = environment(
        tmp_path / "envs/tf",
        python="3.9.18",
        cudatoolkit="11.3.1",
        cudnn="8.2.1",
        libcurl="8.1.2",
        tensorflow_gpu="2.7.0",
        zlib="1.2.13",
    )
    (prefix / "conda-meta/cuda-nvcc-12.5.82-h0_0.json").write_text("{half a record")
    found = installers({"PATH": ""}, prefix)
    assert (found.installer, found.conda_prefix) == ("conda", str(prefix))
    assert {Package("cudatoolkit", "11.3.1"), Package("cudnn", "8.2.1")} <= set(
        found.conda_packages
    )
    assert {one.name for one in found.conda_packages} == {
        "cudatoolkit",
        "cudnn",
        "python",
        "tensorflow-gpu",
    }


def test_the_conda_of_the_shell_is_known_in_a_virtual_environment(tmp_path: Path) -> None:
    conda = environment(tmp_path / "miniconda", cudnn="8.9.2")
    prefix = environment(tmp_path / "venv", "home = /usr/bin\n")
    found = installers({"PATH": "", "CONDA_PREFIX": str(conda)}, prefix)
    assert (found.installer, found.conda_prefix) == ("pip", str(conda))
    assert found.conda_packages == (Package("cudnn", "8.9.2"),)


def test_programs_are_found_on_the_path(tmp_path: Path) -> None:
    for name in ("uv", "micromamba"):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    found = installers({"PATH": str(tmp_path)}, tmp_path)
    assert found.programs == {
        "uv": str(tmp_path / "uv"),
        "micromamba": str(tmp_path / "micromamba"),
    }


def test_the_modules_that_are_loaded_are_known(tmp_path: Path) -> None:
    environ = {"PATH": "", "MODULEPATH": "/opt/modules", "LOADEDMODULES": "gcc/12.3:cuda/12.5"}
    found = installers(environ, tmp_path)
    assert (found.has_modules, found.loaded_modules) == (True, ("gcc/12.3", "cuda/12.5"))
    found = installers({"PATH": ""}, tmp_path)
    assert (found.has_modules, found.loaded_modules) == (False, ())
