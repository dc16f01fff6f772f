"""The Environment room: what `hanzi-tui check` knows, as it arrives, and the meters."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from on_screen import SIZES, configuration, dashboard, seen, text_of
from recorded_driver import FakeNvml
from textual.pilot import Pilot
from textual.widgets import DataTable

from hanzi_tui.app import Dashboard
from hanzi_tui.commands.check import check
from hanzi_tui.commands.options import Common
from hanzi_tui.widgets.findings import Findings
from pipeline.environment.probes import gather
from pipeline.workspace import Workspace

GIB = 1024**3
Nvml = Callable[..., FakeNvml]
Record = dict[str, Any]


@pytest.fixture
def no_gpu(nvml: Nvml, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine whose driver is not installed, whatever this one has."""
    nvml(init="LibraryNotFound")
    monkeypatch.setenv("PATH", str(tmp_path))


def squeezed(text: str) -> str:
    """Returns the text without blanks and line ends, which depend on the width there is."""
    return "".join(text.split())


def left_column(text: str, size: tuple[int, int]) -> str:
    """Returns what is left of the facts, where those are beside the findings."""
    width = size[0] // 2 if size[0] >= 100 else size[0]
    return "\n".join(line[:width] for line in text.splitlines())


async def notice(pilot: Pilot[None], text: str) -> str:
    """Waits for a toast, and returns its whole text."""
    await seen(pilot, text)
    [message] = [toast.message for toast in pilot.app._notifications if text in toast.message]
    return message


@pytest.mark.parametrize("size", SIZES)
async def test_the_screen_says_what_check_says(
    workspace: Workspace,
    size: tuple[int, int],
    no_gpu: None,
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = check(quick=True, common=Common(workspace=workspace.root))
    said_verdict, said_findings, said_facts = capsys.readouterr().out.split("\n\n")
    app = dashboard(workspace)
    async with app.run_test(size=size) as pilot:
        text = await seen(pilot, said_verdict.strip().splitlines()[0])
        assert code == 0
        findings = squeezed(left_column(text, size))
        for finding in said_findings.splitlines():
            if "GiB free" not in finding:
                assert squeezed(finding) in findings
        if size[0] < 100:
            await pilot.press("tab")
        for line in said_facts.splitlines()[:-1]:
            name, value = line[:14].strip(), line[14:].strip()
            if "GiB" not in value:
                await seen(pilot, f"{name} ")
                assert value[:20] in text_of(app)


@pytest.mark.parametrize(
    ("size", "line"),
    [
        ((200, 60), "TensorFlow cannot use the GPU of this machine (its CPU is ready): TensorFlow "
                    "will not find CUDA 12.5.1 and cuDNN 9."),
        ((80, 24), "CPU only: TensorFlow will not find CUDA 12.5.1 and cuDNN 9."),
        ((60, 20), "CPU only: TensorFlow will not find CUDA 12.5.1 and cuDN…"),
    ],
)  # fmt: skip
async def test_the_verdict_is_one_line_that_names_the_culprit(
    workspace: Workspace, nvml: Nvml, a100: Record, size: tuple[int, int], line: str
) -> None:
    nvml(a100)
    app = dashboard(workspace)
    async with app.run_test(size=size) as pilot:
        text = await seen(pilot, f"✗ {line}\n")
        assert text.splitlines()[2] == f" ✗ {line}"
        assert "findings" in text.splitlines()[3]
        # Its fix is one key away: the cursor is on the finding behind it.
        await pilot.press("y")
        await seen(pilot, lambda: app.clipboard.startswith("pip install 'tensorflow[and-cuda]=="))


async def test_a_fix_is_copied_and_kept_in_a_file(
    workspace: Workspace, nvml: Nvml, a100: Record
) -> None:
    nvml(a100)
    app = dashboard(workspace)
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        text = await seen(pilot, "cannot use the GPU of this machine")
        findings = app.screen.query_one(Findings)
        assert findings.selected is not None
        assert findings.selected.code == "environment.cuda_missing"
        fix = findings.selected.fix or ""
        assert fix.startswith("pip install 'tensorflow[and-cuda]==")
        assert fix in text
        assert "y copy" in text
        assert "checks passed" in text
        await pilot.press("y")
        told = await notice(pilot, "sent to the terminal clipboard")
        assert str(workspace.root / "environment-fix.sh") in told
        assert app.clipboard == fix
        lines = (workspace.root / "environment-fix.sh").read_text().splitlines()
        assert lines[0].startswith("# ")
        assert lines[1:] == [fix]
        await pilot.press("end", "enter")
        await seen(pilot, "One OpenCV is installed")


async def test_a_click_on_its_key_copies_a_fix(
    workspace: Workspace, nvml: Nvml, a100: Record
) -> None:
    nvml(a100)
    app = dashboard(workspace)
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        text = await seen(pilot, "tensorflow[and-cuda]")
        [y] = [row for row, line in enumerate(text.splitlines()) if "[and-cuda]" in line]
        await pilot.click(offset=(text.splitlines()[y].index("y copy") + 2, y))
        await notice(pilot, "sent to the terminal clipboard")
        assert app.clipboard.startswith("pip install")


async def test_a_fix_that_cannot_be_written_is_copied_all_the_same(
    workspace: Workspace, nvml: Nvml, a100: Record
) -> None:
    nvml(a100)
    workspace.root.write_text("in the way")
    app = dashboard(workspace)
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        await seen(pilot, "tensorflow[and-cuda]")
        await pilot.press("y")
        told = await notice(pilot, "sent to the terminal clipboard")
        assert "could not be written" in told
        assert app.clipboard.startswith("pip install")


async def test_a_passed_check_has_nothing_to_copy(workspace: Workspace, no_gpu: None) -> None:
    app = dashboard(workspace)
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        await seen(pilot, "Ready on the CPU")
        await pilot.press("y")
        await seen(pilot, "No command belongs to this line")
        assert app.clipboard == ""


async def test_a_gpu_that_hangs_keeps_nothing_else_waiting(
    workspace: Workspace, nvml: Nvml, a100: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = nvml(a100)
    answered = threading.Event()
    init = module.nvmlInit
    monkeypatch.setattr(module, "nvmlInit", lambda: answered.wait() and init())
    app = dashboard(workspace)
    async with app.run_test(size=(120, 36)) as pilot:
        text = await seen(pilot, "not answered yet: gpu")
        await seen(pilot, "required packages are installed")
        assert "waiting" in text_of(app)
        assert "cannot use the GPU" not in text
        answered.set()
        await seen(pilot, "cannot use the GPU of this machine")
        await seen(pilot, "550.54.15  runs CUDA up to 12.4")


async def test_closing_does_not_wait_for_a_gpu_that_hangs(
    workspace: Workspace, nvml: Nvml, a100: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = nvml(a100)
    released = threading.Event()
    monkeypatch.setattr(module, "nvmlInit", released.wait)
    app = dashboard(workspace)
    async with app.run_test(size=(80, 24)) as pilot:
        await seen(pilot, "not answered yet: gpu")
        asked_s = time.monotonic()
    assert time.monotonic() - asked_s < 3
    released.set()


async def test_a_driver_that_fails_in_an_unknown_way_is_told_and_the_meters_go_on(
    workspace: Workspace, nvml: Nvml, a100: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise RuntimeError("[/] no such thing")

    monkeypatch.setattr(nvml(a100), "nvmlInit", fail)
    app = dashboard(workspace)
    async with app.run_test(size=(200, 60)) as pilot:
        await seen(pilot, "Could not find out about gpu: RuntimeError: [/] no such thing")
        text = await seen(pilot, " CPU ")
        assert "unknown: RuntimeError: [/] no such thing" in text


async def test_a_name_from_outside_is_shown_as_it_is(
    workspace: Workspace, nvml: Nvml, a100: Record
) -> None:
    nvml({**a100, "name": "A [red]x[/] \x1b[31mone"})
    app = dashboard(workspace)
    async with app.run_test(size=(200, 60)) as pilot:
        text = await seen(pilot, "GPU 0  A [red]x[/] \\x1b[31mone, 3.0 of 80.0 GiB used")
        assert "\x1b" not in text


async def test_findings_stay_set_in_behind_their_signs_at_any_width(
    workspace: Workspace, nvml: Nvml, a100: Record
) -> None:
    nvml(a100)
    app = dashboard(workspace)
    async with app.run_test(size=(200, 60)) as pilot:
        await seen(pilot, "tensorflow[and-cuda]")
        await pilot.press("end", "enter", "home")
        for size in ((60, 20), (80, 24), (40, 12)):
            await pilot.resize_terminal(*size)
            await seen(pilot, lambda n=size[0]: app.screen.query_one(Findings).region.width < n)
            text = text_of(app)
            listed = text[text.index("[findings]") :].splitlines()[1:4]
            assert listed[0].startswith(" ✗ TensorFlow will not find")
            assert all(line.startswith((" ✓ ", "   ")) for line in listed[1:])


async def test_another_check_sees_what_has_changed(
    workspace: Workspace, nvml: Nvml, a100: Record
) -> None:
    module = nvml(a100)
    app = dashboard(workspace)
    async with app.run_test(size=(120, 36)) as pilot:
        await seen(pilot, "cannot use the GPU of this machine")
        await seen(pilot, "GPU0 92% 3/80G")
        module.devices.clear()
        await pilot.press("r")
        text = await seen(pilot, "Ready on the CPU")
        assert "550.54.15" in text


async def test_the_tables_mark_the_rows_of_this_machine(
    workspace: Workspace, nvml: Nvml, a100: Record
) -> None:
    nvml(a100)
    app = dashboard(workspace)
    async with app.run_test(size=(120, 36)) as pilot:
        await seen(pilot, "550.54.15")
        await pilot.press("t")
        text = await seen(pilot, "tested builds")
        version = gather(workspace.root).tensorflow.version  # type: ignore[union-attr]
        assert f"● {version}: this machine, Python" in text
        drivers = right_of(text, "CUDA: drivers")
        assert "● 12.4: driver 550.54.15 runs up to it" in drivers
        assert f"TensorFlow {version} was built with it" in drivers
        assert app.screen.query(DataTable).first().row_count == 47
        assert "g try GPUs" not in text
        await pilot.press("escape")
        await seen(pilot, "g try GPUs")


def right_of(text: str, title: str) -> str:
    """Returns what stands below a title and right of it, as one line."""
    left = next(line.index(title) for line in text.splitlines() if title in line)
    return " ".join(" ".join(line[left - 3 :].split()) for line in text.splitlines())


@pytest.mark.parametrize("size", [(60, 20), (80, 24)])
async def test_a_narrow_terminal_shows_a_table_with_all_its_columns(
    workspace: Workspace, nvml: Nvml, a100: Record, size: tuple[int, int]
) -> None:
    nvml(a100)
    app = dashboard(workspace)
    async with app.run_test(size=size) as pilot:
        await seen(pilot, "will not find CUDA")
        await pilot.press("t")
        text = await seen(pilot, lambda: " 525.60.13" in text_of(app)) and text_of(app)
        [header] = [line for line in text.splitlines() if "cuDNN " in line and "Python" in line]
        assert header.endswith("driver from")
        await pilot.press("tab")
        text = await seen(pilot, "runs from")
        assert "555.42.06" in text
        assert all(table.max_scroll_x == 0 for table in app.screen.query(DataTable))


@pytest.mark.parametrize("size", [(60, 20), (40, 12)])
async def test_on_a_small_terminal_tab_goes_round(
    workspace: Workspace, size: tuple[int, int], no_gpu: None
) -> None:
    app = dashboard(workspace)
    async with app.run_test(size=size) as pilot:
        await seen(pilot, "Ready on the CPU")
        await seen(pilot, "[findings]")
        await seen(pilot, "is installed")
        await pilot.press("tab")
        text = await seen(pilot, "[facts]")
        assert "driver" in text
        assert "is installed" not in text
        await pilot.press("tab")
        await seen(pilot, "[meters]")
        await seen(pilot, "CPU")
        await pilot.press("tab")
        await seen(pilot, "[findings]")
        await pilot.press("t")
        await seen(pilot, "[TensorFlow: tested builds]")
        await pilot.press("tab")
        await seen(pilot, "came with")
        await pilot.press("escape")
        await seen(pilot, "[findings]")


async def test_the_ascii_set_draws_no_other_sign(
    workspace: Workspace, nvml: Nvml, a100: Record
) -> None:
    nvml(a100)
    app = Dashboard(configuration(workspace, signs="ascii"))
    async with app.run_test(size=(120, 36)) as pilot:
        await seen(pilot, "tensorflow[and-cuda]")
        text = await seen(pilot, "61 C")
        assert [line for line in text.splitlines()[1:] if not line.isascii()] == []
        await pilot.press("t")
        text = await seen(pilot, "tested builds")
        assert [line for line in text.splitlines()[1:] if not line.isascii()] == []
