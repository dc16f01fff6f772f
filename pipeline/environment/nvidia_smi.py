"""What the program `nvidia-smi` says, for machines where NVML cannot be called directly."""

from __future__ import annotations

import csv
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import replace

from pipeline.environment.builds import cuda_of_driver
from pipeline.environment.devices import Gpu, GpuProcess, GpuReport, owned

WSL_FOLDER = "/usr/lib/wsl/lib"
MIB = 1024 * 1024

_FORMAT = "--format=csv,noheader,nounits"
_FIELDS = (
    "index",
    "uuid",
    "name",
    "driver_version",
    "memory.total",
    "memory.used",
    "utilization.gpu",
    "temperature.gpu",
    "power.draw",
    "pci.bus_id",
    "clocks.sm",
    "clocks.max.sm",
    "clocks.mem",
    "enforced.power.limit",
    "persistence_mode",
    "ecc.mode.current",
    "ecc.errors.uncorrected.volatile.total",
    "retired_pages.pending",
)
# Drivers before 470 and 510 refuse the whole query for one field they do not know.
_NEWER_FIELDS = ("mig.mode.current", "compute_cap")

_PROBLEMS = (
    ("Driver/library version mismatch", "version_mismatch"),
    ("couldn't communicate with the NVIDIA driver", "driver_not_loaded"),
    ("Driver Not Loaded", "driver_not_loaded"),
    ("Insufficient Permissions", "no_permission"),
    ("No devices were found", "no_devices"),
    ("GPU is lost", "gpu_lost"),
)


def ask(environ: Mapping[str, str], timeout_s: float) -> GpuReport | None:
    """Runs `nvidia-smi`, and returns its report, or None where there is no such program."""
    folders = os.pathsep.join([environ.get("PATH", os.defpath), WSL_FOLDER])
    program = shutil.which("nvidia-smi", path=folders)
    if program is None:
        return None
    for newer in (_NEWER_FIELDS, _NEWER_FIELDS[:1], ()):
        fields = _FIELDS + newer
        code, out = _run(program, ["--query-gpu=" + ",".join(fields), _FORMAT], environ, timeout_s)
        if "not a valid field" not in out:
            break
    if code != 0:
        detail = " ".join(out.split())
        problem = next((name for words, name in _PROBLEMS if words in detail), "unknown")
        return GpuReport(problem=problem, detail=detail or f"nvidia-smi: exit {code}")
    rows = [dict(zip(fields, row, strict=False)) for row in _rows(out, len(fields))]
    if not rows:
        return GpuReport(source="nvidia-smi", problem="no_devices", detail=" ".join(out.split()))
    running = _processes(program, environ, timeout_s)
    found = [_gpu(row, running.get(row["uuid"], ())) for row in rows]
    if any(gpu.mig for gpu in found):
        found = _with_instances(found, program, environ, timeout_s)
    driver = rows[0]["driver_version"]
    return GpuReport(
        gpus=tuple(found),
        driver_version=driver,
        cuda_version=cuda_of_driver(driver),
        source="nvidia-smi",
    )


def _run(
    program: str, args: list[str], environ: Mapping[str, str], timeout_s: float
) -> tuple[int, str]:
    """Exit code and all output; a program that hangs or cannot start answers code -1."""
    try:
        done = subprocess.run(
            [program, *args],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=timeout_s,
            env={**environ, "LC_ALL": "C"},
            check=False,
        )
    except subprocess.TimeoutExpired:
        return -1, f"nvidia-smi did not answer in {timeout_s:g} s"
    except OSError as error:
        return -1, str(error)
    return done.returncode, done.stdout.decode(errors="replace")


def _rows(out: str, width: int) -> list[list[str]]:
    lines = csv.reader(out.splitlines(), skipinitialspace=True)
    return [[cell.strip() for cell in line] for line in lines if len(line) == width]


def _number(cell: str | None) -> float | None:
    """None for "[N/A]", "[Not Supported]", "[Insufficient Permissions]" and their like."""
    try:
        return float(cell) if cell is not None else None
    except ValueError:
        return None


def _integer(cell: str | None) -> int | None:
    number = _number(cell)
    return None if number is None else round(number)


def _bytes(cell: str | None) -> int | None:
    mib = _number(cell)
    return None if mib is None else round(mib * MIB)


def _switch(cell: str) -> bool | None:
    return {"Enabled": True, "Disabled": False, "Yes": True, "No": False}.get(cell)


def _gpu(row: dict[str, str], processes: tuple[GpuProcess, ...]) -> Gpu:
    capability = re.fullmatch(r"(\d+)\.(\d+)", row.get("compute_cap", ""))
    return Gpu(
        index=_integer(row["index"]) or 0,
        uuid=row["uuid"],
        name=row["name"],
        memory_total_bytes=_bytes(row["memory.total"]),
        memory_used_bytes=_bytes(row["memory.used"]),
        utilization_percent=_integer(row["utilization.gpu"]),
        temperature_c=_integer(row["temperature.gpu"]),
        power_w=_number(row["power.draw"]),
        compute_capability=(int(capability[1]), int(capability[2])) if capability else None,
        processes=processes,
        mig=row.get("mig.mode.current") == "Enabled",
        pci=row["pci.bus_id"] or None,
        clock_mhz=_integer(row["clocks.sm"]),
        clock_max_mhz=_integer(row["clocks.max.sm"]),
        memory_clock_mhz=_integer(row["clocks.mem"]),
        power_limit_w=_number(row["enforced.power.limit"]),
        persistence=_switch(row["persistence_mode"]),
        ecc=_switch(row["ecc.mode.current"]),
        ecc_uncorrected=_integer(row["ecc.errors.uncorrected.volatile.total"]),
        retired_pages=_switch(row["retired_pages.pending"]),
    )


def _processes(
    program: str, environ: Mapping[str, str], timeout_s: float
) -> dict[str, tuple[GpuProcess, ...]]:
    """The compute processes of each GPU, by its uuid."""
    query = "--query-compute-apps=gpu_uuid,pid,used_memory"
    code, out = _run(program, [query, _FORMAT], environ, timeout_s)
    found: dict[str, tuple[GpuProcess, ...]] = {}
    for uuid, pid_cell, memory in _rows(out, 3) if code == 0 else ():
        pid = _integer(pid_cell)
        if pid is not None:
            process = GpuProcess(pid, _bytes(memory), owned(pid))
            found[uuid] = (*found.get(uuid, ()), process)
    return found


def _with_instances(
    found: list[Gpu], program: str, environ: Mapping[str, str], timeout_s: float
) -> list[Gpu]:
    """Puts the MIG instances in the place of their GPU. Their use of memory is not listed."""
    code, out = _run(program, ["-L"], environ, timeout_s)
    boards = {gpu.index: gpu for gpu in found}
    instances: dict[int, list[Gpu]] = {}
    index = -1
    for line in out.splitlines() if code == 0 else ():
        if board := re.match(r"GPU (\d+):", line):
            index = int(board[1])
        elif (mig := re.match(r"\s+MIG (\S+)\s.*UUID: (MIG-[^)\s]+)", line)) and index in boards:
            gib = re.search(r"(\d+)gb", mig[1])
            total = int(gib[1]) * 1024 * MIB if gib else None
            name = f"{boards[index].name} MIG {mig[1]}"
            instance = replace(
                boards[index],
                uuid=mig[2],
                name=name,
                memory_total_bytes=total,
                memory_used_bytes=None,
                utilization_percent=None,
                processes=(),
            )
            instances.setdefault(index, []).append(instance)
    return [one for gpu in found for one in instances.get(gpu.index, [gpu])]
