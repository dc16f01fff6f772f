"""What processor, memory and GPUs are doing, read again and again in a thread."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

from hanzi_tui.i18n import _

if TYPE_CHECKING:
    from pipeline.environment.devices import Gpu, GpuReport
    from pipeline.environment.host import MemoryFacts

CLOSE_S = 1.0
AWAY_S = 5.0
# Each call of nvidia-smi is a process of its own, and may take half a second.
SMI_TURNS = 5
GIBIBYTE = 2**30


@dataclass(frozen=True)
class Reading:
    """What the meters say.

    Args:
        cpu_percent: share of all cores at work, 0 to 100; None when not measured.
        memory: None when nobody looks closely.
        lost: the driver's words about a GPU that fell off its bus, which `gpus` lacks; "" for none.
    """

    gpus: tuple[Gpu, ...] = ()
    cpu_percent: float | None = None
    memory: MemoryFacts | None = None
    lost: str = ""


class ReadingTaken(Message):
    """The meters were read."""

    def __init__(self, reading: Reading) -> None:
        super().__init__()
        self.reading = reading


class MachineWatch:
    """Reads the meters, often while somebody looks closely, and else just the GPUs.

    It is a daemon thread and no worker: a GPU that fell off its bus may keep a reading for ever,
    and the dashboard waits for its workers when it closes.

    Args:
        tell: called in the thread, with each reading.
    """

    def __init__(self, tell: Callable[[Reading], object]) -> None:
        self._tell = tell
        self._thread = threading.Thread(target=self._run, name="machine-watch", daemon=True)
        self._woken = threading.Event()
        self._ended = self._anew = self._closely = self._told = False

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._ended = True
        self._woken.set()

    def look_closely(self, closely: bool) -> None:
        """Says whether anybody looks at the meters now."""
        self._closely = closely
        self._woken.set()

    def ask_anew(self) -> None:
        """Looks for GPUs again: a driver may have come or gone."""
        self._anew = True
        self._woken.set()

    def _run(self) -> None:
        while not self._ended:
            self._anew = False
            report = _asked()
            if report.source != "nvml":
                self._read_on(report)
                continue
            from pynvml import NVMLError

            from pipeline.environment.gpu import nvml_session

            try:
                # Without persistence mode a GPU falls asleep whenever the last session ends.
                with nvml_session():
                    self._read_on(report)
            except NVMLError:
                # The driver went away under us, as in an update of it: begin again.
                self._woken.clear()
                self._woken.wait(AWAY_S)

    def _read_on(self, report: GpuReport) -> None:
        """Reads until the end, or until the GPUs are to be looked for again."""
        import psutil

        from pipeline.environment import host

        turn = 0
        was_close = False
        while not (self._ended or self._anew):
            closely = self._closely
            lost = (report.detail or "?") if report.problem == "gpu_lost" else ""
            # psutil measures from call to call; the first one ends a span nobody looked at.
            percent = psutil.cpu_percent() if closely else None
            if closely:
                known = percent if was_close else None
                self._tell(Reading(report.gpus, known, host.memory(), lost))
            elif report.gpus or self._told or lost:
                self._tell(Reading(report.gpus, lost=lost))
            was_close, self._told = closely, bool(report.gpus or lost)
            idle = not (closely or report.gpus or lost)
            self._woken.wait(None if idle else CLOSE_S if closely else AWAY_S)
            self._woken.clear()
            turn += 1
            if report.source == "nvml" or (report.gpus and turn % SMI_TURNS == 0):
                report = _asked(report)


def _asked(before: GpuReport | None = None) -> GpuReport:
    """Returns the GPUs; none where they cannot be asked, for which the check gives the reason."""
    from pipeline.environment.gpu import GpuReport, gpus, read_again

    try:
        return read_again(before) if before and before.source == "nvml" else gpus()
    except Exception as error:
        return GpuReport(problem="unknown", detail=str(error))


def gpu_chip(reading: Reading) -> str:
    """Returns what line 1 says of the GPUs, such as "GPU0 92% 31/80G"; "" without any.

    Of several it is the busiest that a process may use, and how many others there are.
    """
    lost = [_("GPU lost")] if reading.lost else []
    usable = [gpu for gpu in reading.gpus if gpu.visible]
    if not usable:
        return " ".join(lost)
    gpu = max(usable, key=lambda one: (one.utilization_percent or 0, one.memory_used_bytes or 0))
    parts = [f"GPU{gpu.index}"]
    if gpu.utilization_percent is not None:
        parts.append(f"{gpu.utilization_percent}%")
    if gpu.memory_total_bytes is not None:
        used = (gpu.memory_used_bytes or 0) / GIBIBYTE
        parts.append(f"{used:.0f}/{gpu.memory_total_bytes / GIBIBYTE:.0f}G")
    if len(usable) > 1:
        parts.append(f"+{len(usable) - 1}")
    return " ".join(parts + lost)
