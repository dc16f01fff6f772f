"""Finds the NVIDIA GPUs: by NVML, else by `nvidia-smi`, else the driver's kernel module alone."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from pipeline.environment import nvidia_smi, nvml
from pipeline.environment.devices import (
    Gpu,
    GpuProcess,
    GpuReport,
    mark_visible,
    most_free,
    order_known,
)
from pipeline.environment.driver_files import DriverFiles, driver_files
from pipeline.environment.nvml import nvml_session

__all__ = ["Gpu", "GpuProcess", "GpuReport", "gpus", "most_free", "nvml_session", "read_again"]


def gpus(
    environ: Mapping[str, str] = os.environ, root: Path = Path("/"), timeout_s: float = 10.0
) -> GpuReport:
    """Asks NVML, then `nvidia-smi`, then the kernel module; never raises for a missing driver.

    Args:
        environ: where CUDA_VISIBLE_DEVICES, CUDA_DEVICE_ORDER and PATH are read.
        root: the root of the file system that holds /proc, /sys and /usr.
        timeout_s: for each call of `nvidia-smi`.
    """
    report = nvml.ask()
    if report.source is None and report.problem != "version_mismatch":
        asked = nvidia_smi.ask(environ, timeout_s)
        report = asked if asked is not None else report
    files = driver_files(root)
    if report.source is None and files.kernel is not None:
        report = _by_kernel_module(report, files)
    ids = environ.get("CUDA_VISIBLE_DEVICES")
    return replace(
        report,
        gpus=mark_visible(report.gpus, ids),
        cards=_pci_cards(root),
        cuda_visible_devices=ids,
        order_known=order_known(report.gpus, environ.get("CUDA_DEVICE_ORDER")),
        kernel_version=files.kernel,
        kernel_open=files.is_open,
        library_version=files.library,
    )


def read_again(before: GpuReport) -> GpuReport:
    """What NVML says now; what does not change while a program runs is taken from `before`."""
    now = nvml.ask()
    seen = mark_visible(now.gpus, before.cuda_visible_devices)
    return replace(before, gpus=seen, source=now.source, problem=now.problem, detail=now.detail)


def _by_kernel_module(report: GpuReport, files: DriverFiles) -> GpuReport:
    problem = "library_missing" if report.problem == "no_driver" else report.problem
    return replace(report, driver_version=files.kernel, source="proc", problem=problem)


def _pci_cards(root: Path) -> int | None:
    """Counts devices of vendor 0x10de (NVIDIA) and class 0x03 (display controller)."""
    devices = root / "sys/bus/pci/devices"
    if not devices.is_dir():
        return None
    cards = 0
    for device in devices.iterdir():
        try:
            vendor = (device / "vendor").read_text().strip()
            kind = (device / "class").read_text().strip()
        except OSError:
            continue
        cards += vendor == "0x10de" and kind.startswith("0x03")
    return cards
