"""GPUs are found, described and counted as visible, whatever the driver leaves out."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipeline.environment.gpu import gpus, most_free, nvml_session

GIB = 1024**3

CSV_ONE = (
    "0, GPU-1f6e1d2a-7a39-3a0e-5f8c-2f6c0a9b7d11, NVIDIA GeForce RTX 3070, 570.86.10, "
    "8192, 431, 3, 47, 18.52, 00000000:01:00.0, 210, 2100, 405, 220.00, Disabled, "
    "[N/A], [N/A], [N/A], [N/A], 8.6\n"
)
CSV_MIG = (
    "0, GPU-4404041a-04cf-1ccf-9e70-f139a9b1e23c, NVIDIA A100-SXM4-80GB, 535.161.08, "
    "[Insufficient Permissions], [Insufficient Permissions], [N/A], 47, 87.01, 00000000:3B:00.0, "
    "1410, 1410, 1593, 400.00, Enabled, Enabled, 2, No, Enabled, 8.0\n"
)
LIST_MIG = (
    "GPU 0: NVIDIA A100-SXM4-80GB (UUID: GPU-4404041a-04cf-1ccf-9e70-f139a9b1e23c)\n"
    "  MIG 3g.40gb     Device  0: (UUID: MIG-7cfb1e4b-5a1c-5f1e-9a64-6c3b6d1d2f10)\n"
    "  MIG 1g.10gb     Device  1: (UUID: MIG-d9a47cfb-d1f2-d08c-b40e-0812b597ae69)\n"
)
NO_COMMUNICATION = (
    "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver. "
    "Make sure that the latest NVIDIA driver is installed and running.\n"
)


def several(a100: dict[str, Any], used_gib: list[int]) -> list[dict[str, Any]]:
    return [
        {**a100, "uuid": f"GPU-0000000{i}-aaaa", "memory": (80 * GIB, used * GIB)}
        for i, used in enumerate(used_gib)
    ]


def test_nvml_tells_everything_of_a_gpu(nvml, a100) -> None:
    module = nvml({**a100, "processes": [(os.getpid(), 2 * GIB), (2**22 - 1, None)]})
    report = gpus()
    (gpu,) = report.gpus
    assert (report.source, report.driver_version, report.cuda_version) == (
        "nvml",
        "550.54.15",
        "12.4",
    )
    assert report.problem is None
    assert (gpu.name, gpu.utilization_percent, gpu.temperature_c) == (a100["name"], 92, 61)
    assert gpu.power_w == pytest.approx(288.431)
    assert gpu.free_memory_bytes == 77 * GIB
    assert gpu.compute_capability == (8, 0)
    assert (gpu.pci, gpu.persistence, gpu.power_limit_w) == ("00000000:3B:00.0", True, 400.0)
    assert (gpu.clock_mhz, gpu.clock_max_mhz, gpu.memory_clock_mhz) == (1410, 1410, 1593)
    assert (gpu.ecc, gpu.ecc_uncorrected, gpu.retired_pages) == (True, 0, False)
    assert [(one.own, one.memory_bytes) for one in gpu.processes] == [
        (True, 2 * GIB),
        (False, None),
    ]
    assert module.sessions == 0


def test_what_a_gpu_does_not_support_is_none_and_the_rest_stays(nvml, a100) -> None:
    told = a100.keys() - {"uuid", "name", "mig", "mig_mode", "capability"}
    silent = dict.fromkeys(told, "NotSupported")
    nvml({**a100, **silent, "mig_mode": "FunctionNotFound"}, driver=b"470.42.01", cuda=11040)
    report = gpus()
    (gpu,) = report.gpus
    assert (gpu.memory_total_bytes, gpu.free_memory_bytes, gpu.power_w) == (None, None, None)
    assert (gpu.name, gpu.processes) == (a100["name"], ())
    assert (gpu.pci, gpu.clock_mhz, gpu.ecc, gpu.ecc_uncorrected) == (None, None, None, None)
    assert (gpu.retired_pages, gpu.throttled_by) == (None, ())
    assert report.driver_version == "470.42.01"
    assert most_free(report) == gpu


def test_a_lost_gpu_does_not_hide_the_others(nvml, a100) -> None:
    nvml(a100, "GpuIsLost")
    report = gpus()
    assert [gpu.index for gpu in report.gpus] == [0]
    assert report.problem == "gpu_lost"
    assert "GPU 1" in (report.detail or "")


def test_the_gpu_with_the_most_free_memory_is_chosen_among_the_visible(
    nvml, a100, monkeypatch
) -> None:
    nvml(*several(a100, [70, 10, 10, 0, 79, 80, 5, 40]))
    assert most_free(gpus()).index == 3
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,2,1,7")
    assert most_free(gpus()).index == 1
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    assert most_free(gpus()) is None


@pytest.mark.parametrize(
    ("ids", "seen"),
    [
        (None, [0, 1, 2, 3]),
        ("2", [2]),
        ("3, 0", [0, 3]),
        ("1,9,2", [1]),
        ("-1", []),
        ("", []),
        ("GPU-00000002", [2]),
        ("GPU-0000000", []),
        ("nonsense", []),
    ],
)
def test_cuda_visible_devices_is_read_as_cuda_reads_it(nvml, a100, monkeypatch, ids, seen) -> None:
    nvml(*several(a100, [0, 0, 0, 0]))
    if ids is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", ids)
    report = gpus()
    assert [gpu.index for gpu in report.gpus if gpu.visible] == seen
    assert report.cuda_visible_devices == ids


def test_the_order_of_cuda_is_known_for_equal_gpus_and_where_it_is_chosen(
    nvml, a100, monkeypatch
) -> None:
    other = {**a100, "uuid": "GPU-v", "name": "Tesla V100-SXM2-32GB"}
    nvml({**a100, "uuid": "GPU-a"}, {**a100, "uuid": "GPU-b"})
    assert gpus().order_known
    nvml(other, a100)
    assert not gpus().order_known
    monkeypatch.setenv("CUDA_DEVICE_ORDER", "FASTEST_FIRST")
    assert not gpus().order_known
    monkeypatch.setenv("CUDA_DEVICE_ORDER", "PCI_BUS_ID")
    assert gpus().order_known


@pytest.mark.parametrize(
    ("bits", "reasons"),
    [
        (0x1, ()),
        (0x4, ("power",)),
        (0x8 | 0x40, ("heat", "hardware")),
        (0x80, ("power",)),
    ],
)
def test_why_a_clock_is_held_down_is_told(nvml, a100, bits, reasons) -> None:
    nvml({**a100, "throttle": bits})
    assert gpus().gpus[0].throttled_by == reasons


def test_memory_that_waits_for_a_reset_and_its_errors_are_told(nvml, a100) -> None:
    worn = {**a100, "ecc_errors": 7}
    nvml(
        {**worn, "remapped_rows": (1, 2, 1, 0)},
        {**worn, "remapped_rows": "NotSupported", "pages_pending": 1},
    )
    assert [gpu.retired_pages for gpu in gpus().gpus] == [True, True]
    assert [gpu.ecc_uncorrected for gpu in gpus().gpus] == [7, 7]


def test_mig_instances_stand_for_their_gpu_and_one_is_visible(nvml, a100, monkeypatch) -> None:
    parts = [
        {**a100, "uuid": f"MIG-{n}", "name": f"NVIDIA A100 MIG {n}g", "memory": (n * 10 * GIB, GIB)}
        | {"busy": "NotSupported"}
        for n in (1, 3)
    ]
    nvml({**a100, "memory": "NoPermission", "mig_mode": [1, 1], "mig": parts}, a100)
    report = gpus()
    assert [(gpu.uuid, gpu.index, gpu.mig) for gpu in report.gpus[:2]] == [
        ("MIG-1", 0, True),
        ("MIG-3", 0, True),
    ]
    assert [gpu.visible for gpu in report.gpus] == [True, False, False]
    assert report.gpus[0].temperature_c == 61
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "MIG-3")
    assert most_free(gpus()).uuid == "MIG-3"


def test_a_gpu_in_mig_mode_without_instances_cannot_be_used(nvml, a100) -> None:
    nvml({**a100, "mig_mode": [1, 1]})
    (gpu,) = gpus().gpus
    assert (gpu.mig, gpu.visible) == (True, False)


def test_a_session_keeps_nvml_open_between_readings(nvml, a100) -> None:
    module = nvml(a100)
    with nvml_session():
        gpus()
        assert module.sessions == 1
        gpus()
    assert module.sessions == 0


def test_nvidia_smi_answers_where_nvml_is_missing(smi) -> None:
    own, other = os.getpid(), 2**22 - 1
    uuid = "GPU-1f6e1d2a-7a39-3a0e-5f8c-2f6c0a9b7d11"
    smi(CSV_ONE, apps=f"{uuid}, {own}, 412\n{uuid}, {other}, [N/A]\n")
    report = gpus()
    (gpu,) = report.gpus
    assert (report.source, report.driver_version, report.cuda_version) == (
        "nvidia-smi",
        "570.86.10",
        "12.8",
    )
    assert (gpu.memory_total_bytes, gpu.memory_used_bytes) == (8 * GIB, 431 * 1024**2)
    assert (gpu.power_w, gpu.compute_capability, gpu.mig) == (18.52, (8, 6), False)
    assert (gpu.pci, gpu.power_limit_w, gpu.ecc) == ("00000000:01:00.0", 220.0, None)
    assert (gpu.clock_mhz, gpu.clock_max_mhz, gpu.memory_clock_mhz) == (210, 2100, 405)
    assert (gpu.persistence, gpu.ecc_uncorrected) == (False, None)
    assert [(one.own, one.memory_bytes) for one in gpu.processes] == [
        (True, 412 * 1024**2),
        (False, None),
    ]


def test_nvidia_smi_lists_eight_gpus(smi) -> None:
    rows = [
        f"{i}, GPU-0000000{i}, NVIDIA H100 80GB HBM3, 535.104.05, "
        f"81559, {i}, {i}, 30, 71.9, 00000000:{i}B:00.0, 345, 1980, 2619, 700.00, Enabled, "
        "Enabled, 0, No, Disabled, 9.0"
        for i in range(8)
    ]
    smi("\n".join(rows) + "\n")
    report = gpus()
    assert [gpu.index for gpu in report.gpus] == list(range(8))
    assert report.cuda_version == "12.2"
    assert most_free(report).index == 0


def test_nvidia_smi_lists_mig_instances(smi) -> None:
    smi(CSV_MIG, listing=LIST_MIG)
    report = gpus()
    assert [gpu.name.split()[-1] for gpu in report.gpus] == ["3g.40gb", "1g.10gb"]
    assert [gpu.memory_total_bytes for gpu in report.gpus] == [40 * GIB, 10 * GIB]
    assert [gpu.visible for gpu in report.gpus] == [True, False]


def test_fields_that_say_not_available_are_none(smi) -> None:
    smi(
        "0, GPU-0a, NVIDIA GB10, 580.95.05, [N/A], [N/A], [Not Supported], "
        "[Unknown Error], [N/A], " + "[N/A], " * 10 + "12.1\n"
    )
    (gpu,) = gpus().gpus
    assert gpu.compute_capability == (12, 1)
    left = (gpu.memory_total_bytes, gpu.utilization_percent, gpu.temperature_c, gpu.power_w)
    assert left == (None, None, None, None)
    assert (gpu.clock_mhz, gpu.power_limit_w, gpu.persistence, gpu.ecc) == (None, None, None, None)


def test_an_old_nvidia_smi_is_asked_again_without_the_field_it_does_not_know(smi) -> None:
    smi(CSV_ONE.replace(", 8.6", ""), unknown_field="compute_cap")
    (gpu,) = gpus().gpus
    assert (gpu.name, gpu.compute_capability) == ("NVIDIA GeForce RTX 3070", None)


@pytest.mark.parametrize(
    ("words", "code", "problem"),
    [
        (
            "Failed to initialize NVML: Driver/library version mismatch\n"
            "NVML library version: 550.90\n",
            18,
            "version_mismatch",
        ),
        (NO_COMMUNICATION, 9, "driver_not_loaded"),
        ("No devices were found\n", 6, "no_devices"),
        ("Failed to initialize NVML: Unknown Error\n", 255, "unknown"),
    ],
)
def test_a_failing_nvidia_smi_names_the_problem(smi, words, code, problem) -> None:
    smi(words, code=code)
    report = gpus()
    assert (report.gpus, report.problem) == ((), problem)
    assert words.split("\n")[0] in (report.detail or "")


def test_an_nvidia_smi_that_hangs_is_left_alone(smi) -> None:
    folder = smi("")
    (folder / "nvidia-smi").write_text("#!/bin/sh\nexec tail -f /dev/null\n")
    report = gpus(timeout_s=0.2)
    assert report.problem == "unknown"
    assert "did not answer" in (report.detail or "")


def test_a_mismatch_shows_the_version_the_kernel_runs(nvml, tmp_path: Path) -> None:
    nvml(init="LibRmVersionMismatch")
    version = tmp_path / "proc/driver/nvidia/version"
    version.parent.mkdir(parents=True)
    version.write_text(
        "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  550.54.14  Release Build\n"
        "GCC version:  gcc version 12.3.0 (Ubuntu 12.3.0-1ubuntu1~22.04)\n"
    )
    report = gpus(root=tmp_path)
    assert (report.problem, report.driver_version, report.source) == (
        "version_mismatch",
        "550.54.14",
        "proc",
    )


def test_cards_are_counted_without_a_driver(nvml, tmp_path: Path, monkeypatch) -> None:
    nvml(init="LibraryNotFound")
    monkeypatch.setenv("PATH", str(tmp_path))
    for name, vendor, kind in (
        ("0000:01:00.0", "0x10de", "0x030000"),
        ("0000:01:00.1", "0x10de", "0x040300"),
        ("0000:02:00.0", "0x8086", "0x030000"),
    ):
        device = tmp_path / "sys/bus/pci/devices" / name
        device.mkdir(parents=True)
        (device / "vendor").write_text(vendor + "\n")
        (device / "class").write_text(kind + "\n")
    report = gpus(root=tmp_path)
    assert (report.problem, report.cards) == ("no_driver", 1)


def test_free_memory_is_never_negative(nvml, a100) -> None:
    nvml(a100)
    gpu = replace(gpus().gpus[0], memory_total_bytes=1, memory_used_bytes=2)
    assert gpu.free_memory_bytes == 0
