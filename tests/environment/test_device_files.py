"""What files tell of a GPU's driver: device files, the kernel module, the libraries beside it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pipeline.environment.device_nodes import device_nodes
from pipeline.environment.driver_files import driver_files
from pipeline.environment.gpu import gpus

OPEN_MODULE = (
    "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  550.54.14  Release Build\n"
    "GCC version:  gcc version 12.3.0 (Ubuntu 12.3.0-1ubuntu1~22.04)\n"
)


def install(root: Path, version: str, module: str = "") -> None:
    """Puts a driver's libraries into a tree, and its module into /proc when it is loaded."""
    folder = root / "usr/lib/x86_64-linux-gnu"
    folder.mkdir(parents=True)
    for name in ("libcuda", "libnvidia-ml"):
        (folder / f"{name}.so.{version}").touch()
        (folder / f"{name}.so.1").symlink_to(f"{name}.so.{version}")
    if module:
        proc = root / "proc/driver/nvidia/version"
        proc.parent.mkdir(parents=True)
        proc.write_text(module)


def test_an_update_without_a_restart_shows_two_versions(nvml, tmp_path: Path) -> None:
    nvml(init="LibRmVersionMismatch")
    install(tmp_path, "550.90.07", OPEN_MODULE)
    report = gpus(root=tmp_path)
    assert report.problem == "version_mismatch"
    assert (report.kernel_version, report.library_version) == ("550.54.14", "550.90.07")
    assert report.kernel_open is True


def test_a_module_that_is_not_the_open_one_is_told(tmp_path: Path) -> None:
    install(tmp_path, "470.82.01", OPEN_MODULE.replace("UNIX Open", "UNIX x86_64"))
    found = driver_files(tmp_path)
    assert (found.kernel, found.is_open, found.library) == ("550.54.14", False, "470.82.01")


def test_a_module_that_is_loaded_without_its_page_in_proc_is_found(tmp_path: Path) -> None:
    version = tmp_path / "sys/module/nvidia/version"
    version.parent.mkdir(parents=True)
    version.write_text("535.104.05\n")
    assert driver_files(tmp_path).kernel == "535.104.05"


def test_a_machine_without_a_driver_has_neither_half(tmp_path: Path) -> None:
    found = driver_files(tmp_path)
    assert (found.kernel, found.is_open, found.library) == (None, None, None)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may open every device file")
def test_a_device_file_that_this_user_may_not_open_is_told(tmp_path: Path) -> None:
    (tmp_path / "dev").mkdir()
    (tmp_path / "dev/nvidiactl").touch(0o000)
    (node,) = device_nodes(tmp_path).nodes
    assert not node.usable


def test_the_files_that_cuda_opens_are_listed_with_their_permissions(tmp_path: Path) -> None:
    dev = tmp_path / "dev"
    (dev / "nvidia-caps").mkdir(parents=True)
    for name in ("nvidia0", "nvidia1", "nvidiactl", "nvidia-uvm", "nvidia-modeset", "tty"):
        (dev / name).touch()
        (dev / name).chmod(0o660)
    found = device_nodes(tmp_path)
    assert [os.path.basename(node.path) for node in found.nodes] == [
        "nvidia-uvm",
        "nvidia0",
        "nvidia1",
        "nvidiactl",
    ]
    assert {node.mode for node in found.nodes} == {"-rw-rw----"}
    assert all(node.usable and node.group for node in found.nodes)
    assert found.groups
    assert found.wsl_folder is None


def test_a_container_without_a_gpu_passed_through_has_no_device_files(tmp_path: Path) -> None:
    assert device_nodes(tmp_path).nodes == ()


def test_wsl_lends_a_device_file_and_a_folder_of_libraries(tmp_path: Path) -> None:
    (tmp_path / "dev").mkdir()
    (tmp_path / "dev/dxg").touch()
    library = tmp_path / "usr/lib/wsl/lib/libcuda.so.1"
    library.parent.mkdir(parents=True)
    library.touch()
    found = device_nodes(tmp_path)
    assert [os.path.basename(node.path) for node in found.nodes] == ["dxg"]
    assert found.wsl_folder == str(library.parent)
