"""What NVML, the driver's own library, says; read by the module `pynvml` of nvidia-ml-py."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from pipeline.environment.devices import Gpu, GpuProcess, GpuReport, owned

# Bits of nvmlClocksThrottleReasons: software and hardware brakes for power and for heat, and
# the hardware's slowdown as such.
_THROTTLES = {"power": 0x04 | 0x80, "heat": 0x20 | 0x40, "hardware": 0x08}


def ask() -> GpuReport:
    """All that NVML tells; a report without a source when it cannot be opened."""
    try:
        import pynvml
    except ImportError as error:
        return GpuReport(problem="no_driver", detail=str(error))
    try:
        with nvml_session() as nvml:
            return _read(nvml)
    except pynvml.NVMLError as error:
        return GpuReport(problem=_problem(error), detail=str(error))


@contextmanager
def nvml_session() -> Iterator[Any]:
    """Keeps NVML open, and gives the `pynvml` module.

    Sessions nest. Hold one around repeated calls of `gpus`: without persistence mode the driver
    wakes every GPU anew, for a second or more, each time the last session has ended.
    """
    import pynvml

    pynvml.nvmlInit()
    try:
        yield pynvml
    finally:
        pynvml.nvmlShutdown()


def _problem(error: Exception) -> str:
    kind = type(error).__name__
    return {
        "NVMLError_LibraryNotFound": "no_driver",
        "NVMLError_DriverNotLoaded": "driver_not_loaded",
        "NVMLError_LibRmVersionMismatch": "version_mismatch",
        "NVMLError_NoPermission": "no_permission",
        "NVMLError_GpuIsLost": "gpu_lost",
        "NVMLError_ResetRequired": "gpu_lost",
    }.get(kind, "unknown")


def _read(nvml: Any) -> GpuReport:
    cuda = _field(nvml, nvml.nvmlSystemGetCudaDriverVersion_v2)
    found: list[Gpu] = []
    problem = detail = None
    for index in range(nvml.nvmlDeviceGetCount()):
        try:
            handle = nvml.nvmlDeviceGetHandleByIndex(index)
            found += _devices(nvml, handle, index)
        except nvml.NVMLError as error:
            problem, detail = _problem(error), f"GPU {index}: {error}"
    if not found and problem is None:
        problem = "no_devices"
    return GpuReport(
        gpus=tuple(found),
        driver_version=_text(_field(nvml, nvml.nvmlSystemGetDriverVersion)),
        cuda_version=None if cuda is None else f"{cuda // 1000}.{cuda % 1000 // 10}",
        source="nvml",
        problem=problem,
        detail=detail,
    )


def _devices(nvml: Any, handle: Any, index: int) -> list[Gpu]:
    mode = _field(nvml, nvml.nvmlDeviceGetMigMode, handle)
    if not mode or not mode[0]:
        return [_device(nvml, handle, index, handle)]
    instances = []
    for slot in range(_field(nvml, nvml.nvmlDeviceGetMaxMigDeviceCount, handle) or 0):
        instance = _field(nvml, nvml.nvmlDeviceGetMigDeviceHandleByIndex, handle, slot)
        if instance is not None:
            instances.append(replace(_device(nvml, instance, index, handle), mig=True))
    return instances or [replace(_device(nvml, handle, index, handle), mig=True)]


def _device(nvml: Any, handle: Any, index: int, board: Any) -> Gpu:
    memory = _field(nvml, nvml.nvmlDeviceGetMemoryInfo, handle)
    busy = _field(nvml, nvml.nvmlDeviceGetUtilizationRates, handle)
    power_mw = _field(nvml, nvml.nvmlDeviceGetPowerUsage, board)
    running = _field(nvml, nvml.nvmlDeviceGetComputeRunningProcesses, handle) or ()
    limit_mw = _field(nvml, nvml.nvmlDeviceGetEnforcedPowerLimit, board)
    pci = _field(nvml, nvml.nvmlDeviceGetPciInfo, board)
    persistence = _field(nvml, nvml.nvmlDeviceGetPersistenceMode, board)
    ecc = _field(nvml, nvml.nvmlDeviceGetEccMode, board)
    reasons = _field(nvml, nvml.nvmlDeviceGetCurrentClocksThrottleReasons, board) or 0
    return Gpu(
        index=index,
        uuid=_text(nvml.nvmlDeviceGetUUID(handle)) or "",
        name=_text(_field(nvml, nvml.nvmlDeviceGetName, handle)) or "NVIDIA GPU",
        memory_total_bytes=None if memory is None else int(memory.total),
        memory_used_bytes=None if memory is None else int(memory.used),
        utilization_percent=None if busy is None else int(busy.gpu),
        temperature_c=_field(nvml, nvml.nvmlDeviceGetTemperature, board, nvml.NVML_TEMPERATURE_GPU),
        power_w=None if power_mw is None else power_mw / 1000,
        compute_capability=_field(nvml, nvml.nvmlDeviceGetCudaComputeCapability, board),
        processes=tuple(GpuProcess(p.pid, p.usedGpuMemory, owned(p.pid)) for p in running),
        pci=None if pci is None else _text(pci.busId),
        clock_mhz=_field(nvml, nvml.nvmlDeviceGetClockInfo, board, nvml.NVML_CLOCK_SM),
        clock_max_mhz=_field(nvml, nvml.nvmlDeviceGetMaxClockInfo, board, nvml.NVML_CLOCK_SM),
        memory_clock_mhz=_field(nvml, nvml.nvmlDeviceGetClockInfo, board, nvml.NVML_CLOCK_MEM),
        power_limit_w=None if limit_mw is None else limit_mw / 1000,
        throttled_by=tuple(name for name, bits in _THROTTLES.items() if reasons & bits),
        persistence=None if persistence is None else bool(persistence),
        ecc=None if ecc is None else bool(ecc[0]),
        ecc_uncorrected=_field(
            nvml,
            nvml.nvmlDeviceGetTotalEccErrors,
            board,
            nvml.NVML_MEMORY_ERROR_TYPE_UNCORRECTED,
            nvml.NVML_VOLATILE_ECC,
        ),
        retired_pages=_retired_pages(nvml, board),
    )


def _retired_pages(nvml: Any, board: Any) -> bool | None:
    """Whether memory waits for a reset: rows that are remapped since Ampere, pages before."""
    rows = _field(nvml, nvml.nvmlDeviceGetRemappedRows, board)
    if rows is not None:
        return bool(rows[2])
    pages = _field(nvml, nvml.nvmlDeviceGetRetiredPagesPendingStatus, board)
    return None if pages is None else bool(pages)


def _field(nvml: Any, ask: Any, *args: Any) -> Any:
    """One value, or None where this GPU, driver or permission does not give it."""
    try:
        return ask(*args)
    except nvml.NVMLError as error:
        if _problem(error) == "gpu_lost":
            raise
        return None


def _text(value: str | bytes | None) -> str | None:
    """Older NVML bindings answer bytes."""
    return value.decode(errors="replace") if isinstance(value, bytes) else value
