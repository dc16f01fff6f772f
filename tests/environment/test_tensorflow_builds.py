"""The version tables answer, and an installed TensorFlow is read without running it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.environment import builds

ORDERED = """import collections

build_info = collections.OrderedDict([('cpu_compiler', 'C:/MSVC/cl.exe'), \
('cuda_compute_capabilities', ['sm_35', 'sm_50', 'sm_60', 'sm_70', 'sm_75', 'compute_80']), \
('cuda_version', '64_112'), ('cudnn_version', '64_8'), ('is_cuda_build', True)])
"""
CONSTANTS = """is_rocm_build = False
is_cuda_build = True
cuda_version_number = '10.1'
cudnn_version_number = '7'
raise SystemExit('this file was run')
"""


def install(
    folder: Path, version: str, build_info: str | None, package: str = "tensorflow"
) -> Path:
    """A wheel as pip leaves it; importing it is an error."""
    inside = folder / "tensorflow/python/platform"
    inside.mkdir(parents=True)
    (folder / "tensorflow/__init__.py").write_text("raise SystemExit('TensorFlow was imported')\n")
    if build_info is not None:
        (inside / "build_info.py").write_text(build_info)
    info = folder / f"{package.replace('-', '_')}-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n")
    return folder


def test_every_row_of_the_tables_names_its_source() -> None:
    assert len(builds.tested_builds()) == 47
    assert len(builds.cuda_drivers()) == 61
    for row in (*builds.tested_builds(), *builds.cuda_drivers()):
        assert row.source.startswith("https://")


@pytest.mark.parametrize(
    ("version", "os", "row"),
    [
        ("2.21.0", "linux", "2.21.0"),
        ("2.16.2", "wsl", "2.16.1"),
        ("2.15.0.post1", "linux", "2.15.0"),
        ("2.10.1", "windows", "2.10.0"),
        ("2.99.0", "linux", None),
        ("2.21.0", "macos", None),
    ],
)
def test_a_version_finds_its_tested_build(version: str, os: str, row: str | None) -> None:
    found = builds.tested_build(version, os)
    assert (found.tensorflow if found else None) == row


def test_the_newest_build_is_by_number_not_by_order() -> None:
    assert builds.newest_build("linux").tensorflow == "2.21.0"
    assert builds.newest_build("windows").cuda is None


@pytest.mark.parametrize(
    ("cuda", "os", "driver"),
    [
        ("12.5.1", "linux", "525.60.13"),
        ("12.7", "linux", "525.60.13"),
        ("12.5", "wsl", "528.33"),
        ("11.2", "windows", "452.39"),
        ("10.0", "linux", "410.48"),
        ("9.2", "linux", "396.26"),
        ("13.0", "linux", "580"),
        ("13.0", "windows", None),
        ("99.0", "linux", None),
    ],
)
def test_the_oldest_driver_for_a_cuda(cuda: str, os: str, driver: str | None) -> None:
    assert builds.minimum_driver(cuda, os) == driver


@pytest.mark.parametrize(
    ("driver", "cuda"),
    [("535.104.05", "12.2"), ("550.163.01", "12.4"), ("470.42.01", "11.4"), ("300.1", None)],
)
def test_the_newest_cuda_of_a_driver(driver: str, cuda: str | None) -> None:
    assert builds.cuda_of_driver(driver) == cuda


def test_the_real_tensorflow_is_read_without_importing_it() -> None:
    script = (
        "import sys\n"
        "from pipeline.environment.builds import tensorflow_build\n"
        "build = tensorflow_build()\n"
        "assert build.source == 'wheel' and build.compute_capabilities, build\n"
        "assert 'tensorflow' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)


def test_a_windows_wheel_is_read(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.syspath_prepend(install(tmp_path, "2.10.1", ORDERED))
    build = builds.tensorflow_build("windows")
    assert (build.version, build.cuda_version, build.cudnn_version) == ("2.10.1", "11.2", "8")
    assert build.compute_capabilities[-1] == "compute_80"
    assert (build.is_cuda_build, build.source, build.folder) == (True, "wheel", str(tmp_path))


def test_a_wheel_with_plain_constants_is_read_and_not_run(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.syspath_prepend(install(tmp_path, "2.3.0", CONSTANTS))
    build = builds.tensorflow_build()
    assert (build.cuda_version, build.cudnn_version, build.is_cuda_build) == ("10.1", "7", True)


@pytest.mark.parametrize("broken", [None, "build_info = (", "build_info = make()\n"])
def test_the_table_stands_in_for_an_unreadable_wheel(tmp_path: Path, monkeypatch, broken) -> None:
    monkeypatch.syspath_prepend(install(tmp_path, "2.15.1", broken))
    build = builds.tensorflow_build()
    assert (build.source, build.cuda_version, build.is_cuda_build) == ("table", "12.2", True)
    assert build.compute_capabilities == ()
