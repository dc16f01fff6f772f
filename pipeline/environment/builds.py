"""Which CUDA each TensorFlow was built for, which driver each CUDA needs, and what is installed.

`tf_builds.csv` holds TensorFlow's tested build configurations, `cuda_driver.csv` NVIDIA's table
of drivers; every row names the page it comes from.
"""

from __future__ import annotations

import ast
import csv
import importlib.util
import re
from dataclasses import dataclass
from functools import cache
from importlib import metadata, resources
from pathlib import Path
from typing import Any

TENSORFLOW_PACKAGES = (
    "tensorflow",
    "tensorflow-cpu",
    "tensorflow-gpu",
    "tensorflow-intel",
    "tensorflow-macos",
    "tf-nightly",
    "tf-nightly-cpu",
)


@dataclass(frozen=True)
class TestedBuild:
    """A row of TensorFlow's tested build configurations.

    Args:
        os: "linux" or "windows-native".
        python_min, python_max: first and last minor version tested, such as "3.10".
        cuda, cudnn: versions such as "12.5"; None for a CPU build.
        kind: "gpu" or "cpu-only".
    """

    os: str
    tensorflow: str
    python_min: str
    python_max: str
    cuda: str | None
    cudnn: str | None
    kind: str
    source: str


@dataclass(frozen=True)
class CudaDriver:
    """A release of CUDA with the drivers it needs.

    Args:
        cuda: "12.5".
        toolkit_linux, toolkit_windows: the driver that came with this release.
        minimum_linux, minimum_windows: the oldest driver that runs it, by minor-version
            compatibility since CUDA 11. None where the table has no number.
    """

    cuda: str
    release: str
    toolkit_linux: str | None
    toolkit_windows: str | None
    minimum_linux: str | None
    minimum_windows: str | None
    source: str


@dataclass(frozen=True)
class TensorFlowBuild:
    """The TensorFlow that is installed.

    Args:
        package: the distribution it came from, such as "tensorflow" or "tensorflow-cpu".
        cuda_version, cudnn_version: what it was compiled for, such as "12.5.1" and "9".
        compute_capabilities: as the wheel lists them, "sm_80" for machine code and "compute_90"
            for machine code and PTX; empty when unknown.
        is_cuda_build: whether it holds GPU code; says nothing about this machine.
        source: "wheel" (read from its build_info.py) or "table" (from the tested builds).
        folder: where its package folder lies, most often a site-packages.
    """

    version: str
    package: str
    cuda_version: str | None
    cudnn_version: str | None
    compute_capabilities: tuple[str, ...]
    is_cuda_build: bool
    source: str
    folder: str


def numbers(version: str) -> tuple[int, ...]:
    """The leading numbers of a version, for comparison: "535.104.05" is (535, 104, 5)."""
    match = re.match(r"\d+(?:\.\d+)*", version)
    return tuple(int(part) for part in match.group().split(".")) if match else ()


@cache
def tested_builds() -> tuple[TestedBuild, ...]:
    """All tested builds, in the order of the table."""
    return tuple(
        TestedBuild(
            os=row["os"],
            tensorflow=row["tf"],
            python_min=row["python_min"],
            python_max=row["python_max"],
            cuda=row["cuda"] or None,
            cudnn=row["cudnn"] or None,
            kind=row["kind"],
            source=row["source"],
        )
        for row in _table("tf_builds.csv")
    )


@cache
def cuda_drivers() -> tuple[CudaDriver, ...]:
    """All CUDA releases with their drivers, newest first."""
    return tuple(
        CudaDriver(
            cuda=row["cuda"],
            release=row["release"],
            toolkit_linux=row["toolkit_driver_linux"] or None,
            toolkit_windows=row["toolkit_driver_windows"] or None,
            minimum_linux=row["min_driver_linux_minor_compat"] or None,
            minimum_windows=row["min_driver_windows_minor_compat"] or None,
            source=row["source"],
        )
        for row in _table("cuda_driver.csv")
    )


def tested_build(tf_version: str, os: str = "linux") -> TestedBuild | None:
    """The row of this TensorFlow, or of its minor version; None when it was never tested.

    Args:
        os: "linux", "wsl" (a Linux), "windows" or "macos".
    """
    wanted = {"linux": "linux", "wsl": "linux", "windows": "windows-native"}.get(os)
    same_os = [row for row in tested_builds() if row.os == wanted]
    exact = [row for row in same_os if row.tensorflow == tf_version]
    minor = [row for row in same_os if numbers(row.tensorflow)[:2] == numbers(tf_version)[:2]]
    return next(iter(exact + minor), None)


def newest_build(os: str = "linux") -> TestedBuild | None:
    """The newest TensorFlow tested on this system."""
    found = [tested_build(row.tensorflow, os) for row in tested_builds()]
    rows = [row for row in found if row is not None]
    return max(rows, key=lambda row: numbers(row.tensorflow), default=None)


def minimum_driver(cuda_version: str, os: str = "linux") -> str | None:
    """The oldest driver that runs programs built with this CUDA, or None if not in the table.

    Args:
        cuda_version: "12.5" or "12.5.1". From CUDA 11 on any minor version of a known major one.
        os: "linux", "wsl" or "windows"; under WSL the driver is the one of Windows.
    """
    wanted = numbers(cuda_version)
    depth = 1 if wanted[:1] >= (11,) else 2
    linux = os == "linux"
    minima = [
        row.minimum_linux if linux else row.minimum_windows
        for row in cuda_drivers()
        if numbers(row.cuda)[:depth] == wanted[:depth]
    ]
    return min((one for one in minima if one), key=numbers, default=None)


def cuda_of_driver(driver_version: str, os: str = "linux") -> str | None:
    """The newest CUDA of the table that came with this driver or an older one."""
    newest: CudaDriver | None = None
    for row in cuda_drivers():
        toolkit = row.toolkit_linux if os == "linux" else row.toolkit_windows
        runs = toolkit is not None and numbers(toolkit) <= numbers(driver_version)
        if runs and (newest is None or numbers(row.cuda) > numbers(newest.cuda)):
            newest = row
    return newest.cuda if newest else None


def tensorflow_build(os: str = "linux") -> TensorFlowBuild | None:
    """What the installed TensorFlow was built for, read from its files; None if not installed.

    TensorFlow is not imported: `build_info.py` of its wheel is parsed, not run.
    """
    for package in TENSORFLOW_PACKAGES:
        try:
            distribution = metadata.distribution(package)
        except metadata.PackageNotFoundError:
            continue
        folder = _folder(distribution)
        info = _build_info(folder)
        if info is None:
            return _from_table(package, distribution.version, os, folder)
        return TensorFlowBuild(
            version=distribution.version,
            package=package,
            cuda_version=_plain(info.get("cuda_version") or info.get("cuda_version_number")),
            cudnn_version=_plain(info.get("cudnn_version") or info.get("cudnn_version_number")),
            compute_capabilities=tuple(map(str, info.get("cuda_compute_capabilities") or ())),
            is_cuda_build=bool(info.get("is_cuda_build")),
            source="wheel",
            folder=str(folder),
        )
    return None


def _from_table(package: str, version: str, os: str, folder: Path) -> TensorFlowBuild:
    row = tested_build(version, os)
    with_cuda = row is not None and row.kind == "gpu" and not package.endswith("-cpu")
    return TensorFlowBuild(
        version=version,
        package=package,
        cuda_version=row.cuda if row and with_cuda else None,
        cudnn_version=row.cudnn if row and with_cuda else None,
        compute_capabilities=(),
        is_cuda_build=with_cuda,
        source="table",
        folder=str(folder),
    )


def _folder(distribution: metadata.Distribution) -> Path:
    """Where the package folder lies; finding the spec of a top-level package runs none of it."""
    beside = Path(str(distribution.locate_file("")))
    if (beside / "tensorflow").is_dir():
        return beside
    spec = importlib.util.find_spec("tensorflow")
    places = (spec.submodule_search_locations if spec else None) or ()
    return next((Path(place).parent for place in places), beside)


def _plain(version: Any) -> str | None:
    """Windows wheels up to 2.10 write "64_112" for CUDA 11.2 and "64_8" for cuDNN 8."""
    if not version:
        return None
    windows = re.fullmatch(r"64_(\d+)", str(version))
    if windows is None:
        return str(version)
    digits = windows[1]
    return f"{digits[:-1]}.{digits[-1]}" if len(digits) > 1 else digits


def _build_info(folder: Path) -> dict[str, Any] | None:
    """The constants of the wheel's build_info.py, or None if it cannot be read."""
    try:
        source = (folder / "tensorflow/python/platform/build_info.py").read_bytes()
        constants = _constants(ast.parse(source))
    except (OSError, SyntaxError, ValueError):
        return None
    return constants if "is_cuda_build" in constants else None


def _constants(tree: ast.Module) -> dict[str, Any]:
    """Top-level assignments; `build_info`, a dict or OrderedDict of pairs, is spread out."""
    found: dict[str, Any] = {}
    for node in tree.body:
        if not isinstance(node, ast.Assign) or not isinstance(node.targets[0], ast.Name):
            continue
        value = node.value
        if isinstance(value, ast.Call) and value.args:
            value = value.args[0]
        try:
            found[node.targets[0].id] = ast.literal_eval(value)
        except ValueError:
            continue
    return {**found, **dict(found.pop("build_info", ()))}


def _table(name: str) -> list[dict[str, str]]:
    text = resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
