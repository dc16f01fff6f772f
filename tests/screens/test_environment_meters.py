"""The meters: each GPU over the last minute, cheap for a slow line, whatever happens to a GPU."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from on_screen import SIZES, dashboard, seen, text_of
from recorded_driver import GIB, FakeNvml
from terminals import Terminal

from hanzi_tui import app as app_module
from hanzi_tui import machine_watch
from hanzi_tui.machine_watch import Reading, gpu_chip
from pipeline.environment.devices import Gpu
from pipeline.workspace import Workspace

METERED = Path(__file__).parents[1] / "metered.py"
FILLED_S = 9.0
MEASURED_S = 6.0
LIMIT_B = 2000
Nvml = Callable[..., FakeNvml]
Record = dict[str, Any]


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Readings come ten times a second."""
    for module in (machine_watch, app_module):
        monkeypatch.setattr(module, "AWAY_S", 0.1)
    monkeypatch.setattr(machine_watch, "CLOSE_S", 0.1)


@pytest.mark.parametrize("size", [*SIZES, (60, 20), (200, 60)])
async def test_the_meters_show_each_gpu_and_line_one_the_busiest(
    workspace: Workspace, nvml: Nvml, a100: Record, size: tuple[int, int], often: None
) -> None:
    idle = {**a100, "uuid": "GPU-1", "busy": 3, "processes": [(2**22 - 1, 2 * GIB)],
            "name": "A [red]x[/] \x1b[31mone", "throttle": 0x40}  # fmt: skip
    module = nvml(idle, a100)
    app = dashboard(workspace)
    async with app.run_test(size=size) as pilot:
        await seen(pilot, "GPU1 92% 3/80G +1")
        if size == (60, 20):
            await pilot.press("tab", "tab")
        text = await seen(pilot, lambda: " 92 %" in text_of(app)) and text_of(app)
        [of_machine] = [line for line in text.splitlines() if line.startswith(" CPU")]
        assert "GiB" in of_machine
        told = " ".join(text[text.index("\n GPU 0 ") : text.index("\n GPU 1 ")].split())
        assert " 3 % memory" in told and "3.0/80.0 GiB" in told
        assert "61 C 288/400 W 1410/1410 MHz held back by heat" in told
        assert f"process {2**22 - 1} of others 2.1 GB" in told
        assert "A [red]x[/] \\x1b[31mone" in told
        await seen(pilot, lambda: module.sessions > 0)
        await pilot.press("f6")
        await seen(pilot, lambda: app.current_mode == "runs")
        module.devices[1]["busy"] = 55
        await seen(pilot, "GPU1 55% 3/80G +1")
        module.devices[1]["busy"] = "NotSupported"
        await seen(pilot, "GPU0 3% 3/80G +1")
    deadline = time.monotonic() + 5
    while module.sessions and time.monotonic() < deadline:
        time.sleep(0.01)
    assert module.sessions == 0


@pytest.mark.parametrize("size", SIZES)
async def test_of_many_gpus_each_keeps_one_line_with_its_numbers(
    workspace: Workspace, nvml: Nvml, a100: Record, size: tuple[int, int], often: None
) -> None:
    nvml(*({**a100, "uuid": f"GPU-{number}", "busy": number} for number in range(8)))
    app = dashboard(workspace)
    async with app.run_test(size=size) as pilot:
        text = await seen(pilot, lambda: " 0 %" in text_of(app)) and text_of(app)
        lines = [line for line in text.splitlines() if line.startswith(" GPU ")]
        assert len(lines) >= 4
        for number, line in enumerate(lines):
            assert line.startswith(f" GPU {number} ") and f" {number} %" in line
            assert "3.0/80.0 GiB  61 C  288/400 W  1410/1410 MHz" in line


async def test_a_gpu_that_falls_off_the_bus_shows_as_lost_in_every_room(
    workspace: Workspace, nvml: Nvml, a100: Record, monkeypatch: pytest.MonkeyPatch, often: None
) -> None:
    monkeypatch.setenv("PATH", "")
    driver = nvml({**a100, "uuid": "GPU-1", "busy": 7}, a100)
    app = dashboard(workspace)
    async with app.run_test(size=(120, 36)) as pilot:
        await seen(pilot, "GPU1 92% 3/80G")
        driver.devices[1] = "GpuIsLost"
        text = await seen(pilot, "GPU 1: GpuIsLost")
        assert any(line.startswith(" GPU lost") for line in text.splitlines())
        assert any(line.startswith(" GPU 0 ") and " 7 %" in line for line in text.splitlines())
        await pilot.press("f6")
        await seen(pilot, lambda: text_of(app).splitlines()[0].endswith("GPU0 7% 3/80G GPU lost"))
        driver.init = "DriverNotLoaded"
        await seen(pilot, lambda: "GPU" not in text_of(app))


@pytest.mark.parametrize("gpus", [1, 8])
def test_the_meters_draw_little(gpus: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLORTERM", "truecolor")  # where each colour takes the most bytes
    terminal = Terminal([sys.executable, str(METERED), str(gpus)])
    terminal.read_until(f"GPU {gpus - 1}".encode())
    terminal.read_for(FILLED_S)
    drawn = terminal.read_for(MEASURED_S)
    terminal.hang_up()
    assert 0 < drawn / MEASURED_S <= LIMIT_B


def test_the_chip_leaves_out_what_the_driver_does_not_tell() -> None:
    gpu = Gpu(3, "GPU-3", "x", 80 * GIB, 31 * GIB, 92)
    hidden = Gpu(0, "GPU-0", "x", 80 * GIB, 80 * GIB, 100, visible=False)
    silent = Gpu(1, "GPU-1", "x", None, None)
    assert gpu_chip(Reading()) == ""
    assert gpu_chip(Reading((hidden,))) == ""
    assert gpu_chip(Reading((hidden, gpu))) == "GPU3 92% 31/80G"
    assert gpu_chip(Reading((silent,))) == "GPU1"


def test_a_terminal_that_goes_in_the_midst_of_drawing_takes_the_dashboard_along(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HANZI_GENERAL__WORKSPACE", str(workspace.root))
    program = Terminal([sys.executable, str(METERED), "8"])
    program.read_until(b"GPU 0")
    program.fill()
    program.hang_up(timeout_s=15.0)
