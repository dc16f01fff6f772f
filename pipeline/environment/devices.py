"""The NVIDIA GPUs of a machine as plain values, and which of them CUDA lets a process use."""

from __future__ import annotations

import os
from collections.abc import MutableMapping
from dataclasses import dataclass, replace

DEVICE_ORDER, BY_PCI = "CUDA_DEVICE_ORDER", "PCI_BUS_ID"


@dataclass(frozen=True)
class GpuProcess:
    """A compute process on a GPU.

    Args:
        pid: process id as the driver reports it.
        memory_bytes: GPU memory it holds, or None where the driver does not tell (WSL, Windows).
        own: True when it belongs to the user who asks. A process that cannot be looked up, such
            as one outside this container, counts as someone else's.
    """

    pid: int
    memory_bytes: int | None
    own: bool


@dataclass(frozen=True)
class Gpu:
    """One GPU, or one MIG instance of a GPU. None stands for "the driver does not tell".

    Args:
        index: number in PCI order, as `nvidia-smi` counts; a MIG instance has its GPU's number.
        uuid: "GPU-..." or "MIG-..."; the one safe way to name it in CUDA_VISIBLE_DEVICES.
        utilization_percent: share of the last sample period in which a kernel ran, 0 to 100.
        compute_capability: (major, minor), such as (8, 6).
        visible: whether CUDA_VISIBLE_DEVICES and the MIG mode let a process use it.
        mig: True for a MIG instance, and for a GPU in MIG mode that has no instance.
        pci: its address, such as "00000000:3B:00.0".
        clock_mhz, clock_max_mhz: of the processors, now and at most.
        memory_clock_mhz: of the memory, now.
        power_limit_w: what it may draw.
        throttled_by: why its clock is held down: "power", "heat", "hardware"; empty when free.
        persistence: whether the driver keeps it awake without a client.
        ecc: whether its memory corrects errors.
        ecc_uncorrected: errors that ECC could not correct since the driver was loaded.
        retired_pages: whether memory pages, or rows, wait for a reset to be taken out of use.
    """

    index: int
    uuid: str
    name: str
    memory_total_bytes: int | None
    memory_used_bytes: int | None
    utilization_percent: int | None = None
    temperature_c: int | None = None
    power_w: float | None = None
    compute_capability: tuple[int, int] | None = None
    processes: tuple[GpuProcess, ...] = ()
    visible: bool = True
    mig: bool = False
    pci: str | None = None
    clock_mhz: int | None = None
    clock_max_mhz: int | None = None
    memory_clock_mhz: int | None = None
    power_limit_w: float | None = None
    throttled_by: tuple[str, ...] = ()
    persistence: bool | None = None
    ecc: bool | None = None
    ecc_uncorrected: int | None = None
    retired_pages: bool | None = None

    @property
    def free_memory_bytes(self) -> int | None:
        """Memory that nobody holds, in bytes."""
        if self.memory_total_bytes is None or self.memory_used_bytes is None:
            return None
        return max(0, self.memory_total_bytes - self.memory_used_bytes)


@dataclass(frozen=True)
class GpuReport:
    """All GPUs and their driver.

    Args:
        gpus: in PCI order.
        driver_version: such as "550.54.15"; under WSL that of the Windows driver.
        cuda_version: the newest CUDA the driver runs, such as "12.4"; not an installed toolkit.
        source: "nvml", "nvidia-smi", "proc" (the kernel module alone), or None without a driver.
        problem: None, or one of "no_driver", "driver_not_loaded", "version_mismatch",
            "library_missing", "no_permission", "no_devices", "gpu_lost", "unknown".
        detail: the driver's own words about the problem.
        cards: NVIDIA display controllers on the PCI bus; None where that cannot be read.
        cuda_visible_devices: the environment variable, None when unset.
        order_known: whether CUDA counts the GPUs as `index` does. It is False on a machine of
            several models without CUDA_DEVICE_ORDER=PCI_BUS_ID: CUDA then begins with the GPU it
            holds for the fastest, and a number in CUDA_VISIBLE_DEVICES may name another GPU than
            `visible` says. Name GPUs by `uuid` there.
        kernel_version: of the kernel module that is loaded; None where there is none.
        kernel_open: whether it is the open one.
        library_version: of the driver's libraries for programs, libcuda and libnvidia-ml, by the
            names of their files; it must equal `kernel_version`.
    """

    gpus: tuple[Gpu, ...] = ()
    driver_version: str | None = None
    cuda_version: str | None = None
    source: str | None = None
    problem: str | None = None
    detail: str | None = None
    cards: int | None = None
    cuda_visible_devices: str | None = None
    order_known: bool = True
    kernel_version: str | None = None
    kernel_open: bool | None = None
    library_version: str | None = None


def most_free(report: GpuReport) -> Gpu | None:
    """The visible GPU with the most free memory; the first of equals; None if none is visible."""
    visible = [gpu for gpu in report.gpus if gpu.visible]
    return max(visible, key=lambda gpu: gpu.free_memory_bytes or 0, default=None)


def count_in_pci_order(environ: MutableMapping[str, str] = os.environ) -> None:
    """Makes CUDA number GPUs as `nvidia-smi` and `Gpu.index` do, unless the user chose otherwise.

    CUDA reads the variable when it starts: call this before TensorFlow is loaded.
    """
    environ.setdefault(DEVICE_ORDER, BY_PCI)


def mark_visible(found: tuple[Gpu, ...], ids: str | None) -> tuple[Gpu, ...]:
    """Notes which GPUs CUDA_VISIBLE_DEVICES leaves to a process."""
    seen = {gpu.uuid for gpu in cuda_devices(found, ids)}
    return tuple(replace(gpu, visible=gpu.uuid in seen) for gpu in found)


def cuda_devices(found: tuple[Gpu, ...], ids: str | None) -> tuple[Gpu, ...]:
    """The GPUs that CUDA gives a process, in its order: its device 0 is the first.

    It stops at the first entry of CUDA_VISIBLE_DEVICES that names nothing. Numbers are read in
    PCI order; `order_known` tells whether that is CUDA's. A process sees one MIG instance only,
    and no whole GPU beside it (NVIDIA MIG user guide, "CUDA Device Enumeration").
    """
    instances = [gpu for gpu in found if gpu.uuid.startswith("MIG-")]
    usable = instances[:1] or [gpu for gpu in found if not gpu.mig]
    if ids is None:
        return tuple(usable)
    chosen = []
    for entry in (part.strip() for part in ids.split(",")):
        named = _named(entry, found, usable)
        if named is None:
            break
        chosen.append(named)
    return tuple([gpu for gpu in chosen if gpu.mig][:1] or chosen)


def cuda_places(report: GpuReport, count: int) -> dict[int, int]:
    """The place of each visible GPU among those that CUDA lists, by its number in `nvidia-smi`.

    Args:
        count: how many TensorFlow lists; where the driver tells of another number of them, they
            are counted as they come.
    """
    seen = cuda_devices(report.gpus, report.cuda_visible_devices)
    if len(seen) != count:
        return {number: number for number in range(count)}
    return {gpu.index: place for place, gpu in enumerate(seen)}


def order_known(found: tuple[Gpu, ...], device_order: str | None) -> bool:
    """Whether CUDA numbers the GPUs in PCI order, as `Gpu.index` does.

    By default it puts the fastest first and leaves the order of the others open; equal GPUs then
    stay in PCI order (CUDA C++ Programming Guide, "CUDA Environment Variables").

    Args:
        device_order: CUDA_DEVICE_ORDER, None when unset.
    """
    return device_order == BY_PCI or len({gpu.name for gpu in found if not gpu.mig}) < 2


def _named(entry: str, found: tuple[Gpu, ...], usable: list[Gpu]) -> Gpu | None:
    if entry.isdecimal():
        return usable[int(entry)] if int(entry) < len(usable) else None
    if not entry.startswith(("GPU-", "MIG-")):
        return None
    matches = [gpu for gpu in found if gpu.uuid.startswith(entry)]
    return matches[0] if len(matches) == 1 else None


def owned(pid: int) -> bool:
    """Whether the process runs under the user who asks."""
    import psutil

    try:
        process = psutil.Process(pid)
        if hasattr(process, "uids"):
            return bool(process.uids().real == os.getuid())
        return bool(process.username() == psutil.Process().username())
    except psutil.Error:
        return False
