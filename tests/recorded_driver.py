"""Recorded answers of NVIDIA's driver, given back at the lowest doors: `pynvml` and PATH."""

# ruff: noqa: N802  (the names of the fake are those of pynvml)

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

GIB = 1024**3


class FakeNvml(ModuleType):
    """The functions of `pynvml` this program calls, answering from recorded devices.

    A recorded value that is an error's short name, such as "NotSupported", is raised.
    """

    NVML_TEMPERATURE_GPU = 0
    NVML_CLOCK_SM = 1
    NVML_CLOCK_MEM = 2
    NVML_MEMORY_ERROR_TYPE_UNCORRECTED = 1
    NVML_VOLATILE_ECC = 0

    def __init__(self, devices: list[Any], driver: str, cuda: int, init: str | None) -> None:
        super().__init__("pynvml")
        self.devices, self.driver, self.cuda, self.init = devices, driver, cuda, init
        self.sessions = 0
        self.NVMLError = type("NVMLError", (Exception,), {})

    def give(self, value: Any) -> Any:
        known = ("NotSupported", "NoPermission", "GpuIsLost", "NotFound", "FunctionNotFound")
        if isinstance(value, str) and value in known:
            self.fail(value)
        return value

    def fail(self, name: str) -> None:
        raise type(f"NVMLError_{name}", (self.NVMLError,), {})(name)

    def nvmlInit(self) -> None:
        if self.init:
            self.fail(self.init)
        self.sessions += 1

    def nvmlShutdown(self) -> None:
        self.sessions -= 1

    def nvmlSystemGetDriverVersion(self) -> Any:
        return self.driver

    def nvmlSystemGetCudaDriverVersion_v2(self) -> int:
        return self.cuda

    def nvmlDeviceGetCount(self) -> int:
        return len(self.devices)

    def nvmlDeviceGetHandleByIndex(self, index: int) -> Any:
        return self.give(self.devices[index])

    def nvmlDeviceGetUUID(self, device: Any) -> str:
        return self.give(device["uuid"])

    def nvmlDeviceGetName(self, device: Any) -> Any:
        return self.give(device["name"])

    def nvmlDeviceGetMemoryInfo(self, device: Any) -> Any:
        total, used = self.give(device["memory"])
        return SimpleNamespace(total=total, used=used, free=total - used)

    def nvmlDeviceGetUtilizationRates(self, device: Any) -> Any:
        return SimpleNamespace(gpu=self.give(device["busy"]), memory=0)

    def nvmlDeviceGetTemperature(self, device: Any, sensor: int) -> int:
        return self.give(device["temperature"])

    def nvmlDeviceGetPowerUsage(self, device: Any) -> int:
        return self.give(device["power_mw"])

    def nvmlDeviceGetEnforcedPowerLimit(self, device: Any) -> int:
        return self.give(device["power_limit_mw"])

    def nvmlDeviceGetPciInfo(self, device: Any) -> Any:
        return SimpleNamespace(busId=self.give(device["pci"]))

    def nvmlDeviceGetPersistenceMode(self, device: Any) -> int:
        return self.give(device["persistence"])

    def nvmlDeviceGetEccMode(self, device: Any) -> list[int]:
        return self.give(device["ecc"])

    def nvmlDeviceGetTotalEccErrors(self, device: Any, kind: int, since: int) -> int:
        assert (kind, since) == (1, 0)
        return self.give(device["ecc_errors"])

    def nvmlDeviceGetRemappedRows(self, device: Any) -> Any:
        return self.give(device["remapped_rows"])

    def nvmlDeviceGetRetiredPagesPendingStatus(self, device: Any) -> int:
        return self.give(device["pages_pending"])

    def nvmlDeviceGetCurrentClocksThrottleReasons(self, device: Any) -> int:
        return self.give(device["throttle"])

    def nvmlDeviceGetClockInfo(self, device: Any, clock: int) -> int:
        return self.give(device["clocks"])[clock]

    def nvmlDeviceGetMaxClockInfo(self, device: Any, clock: int) -> int:
        return self.give(device["clocks_max"])[clock]

    def nvmlDeviceGetCudaComputeCapability(self, device: Any) -> Any:
        return self.give(device["capability"])

    def nvmlDeviceGetComputeRunningProcesses(self, device: Any) -> Any:
        running = self.give(device["processes"])
        return [SimpleNamespace(pid=pid, usedGpuMemory=memory) for pid, memory in running]

    def nvmlDeviceGetMigMode(self, device: Any) -> Any:
        return self.give(device["mig_mode"])

    def nvmlDeviceGetMaxMigDeviceCount(self, device: Any) -> int:
        return 7

    def nvmlDeviceGetMigDeviceHandleByIndex(self, device: Any, slot: int) -> Any:
        if slot >= len(device["mig"]):
            self.fail("NotFound")
        return device["mig"][slot]


@pytest.fixture
def a100() -> dict[str, Any]:
    return recorded_a100()


def recorded_a100() -> dict[str, Any]:
    """What NVML tells of a busy A100."""
    return {
        "uuid": "GPU-4404041a-04cf-1ccf-9e70-f139a9b1e23c",
        "name": "NVIDIA A100-SXM4-80GB",
        "memory": (80 * GIB, 3 * GIB),
        "busy": 92,
        "temperature": 61,
        "power_mw": 288_431,
        "power_limit_mw": 400_000,
        "pci": "00000000:3B:00.0",
        "persistence": 1,
        "ecc": [1, 1],
        "ecc_errors": 0,
        "remapped_rows": (0, 0, 0, 0),
        "pages_pending": "NotSupported",
        "throttle": 0,
        "clocks": {1: 1410, 2: 1593},
        "clocks_max": {1: 1410, 2: 1593},
        "capability": (8, 0),
        "processes": [],
        "mig_mode": [0, 0],
        "mig": [],
    }


@pytest.fixture
def nvml(monkeypatch: pytest.MonkeyPatch) -> Callable[..., FakeNvml]:
    """Puts a recorded driver in the place of the real one."""
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)

    def install(
        *devices: Any, driver: str = "550.54.15", cuda: int = 12040, init: str | None = None
    ) -> FakeNvml:
        module = FakeNvml(list(devices), driver, cuda, init)
        monkeypatch.setitem(sys.modules, "pynvml", module)
        return module

    return install


@pytest.fixture
def smi(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nvml: Callable[..., FakeNvml]
) -> Callable[..., Path]:
    """Puts an `nvidia-smi` on PATH that answers from recordings; NVML's library is missing."""
    nvml(init="LibraryNotFound")
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")

    def install(
        gpus: str, apps: str = "", listing: str = "", code: int = 0, unknown_field: str = ""
    ) -> Path:
        for name, text in {"gpus": gpus, "apps": apps, "listing": listing}.items():
            (folder / name).write_text(text)
        script = folder / "nvidia-smi"
        refuse = (
            f'case "$1" in *{unknown_field}*) '
            f"echo 'Field \"{unknown_field}\" is not a valid field to query.'; exit 2;; esac\n"
        )
        script.write_text(
            "#!/bin/sh\n"
            + (refuse if unknown_field else "")
            + f'echo "$@" >> {folder}/calls\n'
            + 'case "$1" in\n'
            + f"  --query-gpu=*) cat {folder}/gpus;;\n"
            + f"  --query-compute-apps=*) cat {folder}/apps;;\n"
            + f"  -L) cat {folder}/listing;;\n"
            + f"esac\nexit {code}\n"
        )
        script.chmod(script.stat().st_mode | stat.S_IXUSR)
        return folder

    return install
