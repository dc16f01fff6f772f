"""The key that tries the GPUs: never those of others unasked, and what came out is a finding."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from on_screen import dashboard, seen, text_of
from recorded_driver import GIB, FakeNvml
from textual.pilot import Pilot

from hanzi_tui.widgets.ask import Ask
from pipeline.workspace import Workspace

Nvml = Callable[..., FakeNvml]
Record = dict[str, Any]
STRANGER = (2**22 - 1, 2 * GIB)


@pytest.fixture
def tried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A TensorFlow that fails when it is imported, and notes in a file which GPU it was given."""
    told = tmp_path / "told"
    (tmp_path / "tensorflow").mkdir()
    (tmp_path / "tensorflow/__init__.py").write_text(
        "import os\n"
        f"open({str(told)!r}, 'a').write(os.environ.get('CUDA_VISIBLE_DEVICES', '-') + '\\n')\n"
        "raise SystemExit('it was touched')\n"
    )
    path = os.pathsep.join(filter(None, [str(tmp_path), os.environ.get("PYTHONPATH")]))
    monkeypatch.setenv("PYTHONPATH", path)
    return told


async def checked(pilot: Pilot[None]) -> None:
    await seen(pilot, lambda: "checked " in text_of(pilot.app))  # type: ignore[arg-type]


async def test_a_free_gpu_is_tried_and_what_came_out_is_told(
    workspace: Workspace, nvml: Nvml, a100: Record, tried: Path
) -> None:
    nvml({**a100, "busy": 0, "memory": (80 * GIB, 0)})
    app = dashboard(workspace)
    async with app.run_test(size=(200, 60), notifications=True) as pilot:
        await checked(pilot)
        assert not tried.exists()
        await pilot.press("g")
        await seen(pilot, "GPU 0: failed")
        await seen(pilot, "✗ failed")
        assert tried.read_text().split() == [a100["uuid"]]
        await checked(pilot)


async def test_a_gpu_of_others_is_asked_about_first(
    workspace: Workspace, nvml: Nvml, a100: Record, tried: Path
) -> None:
    free = {**a100, "uuid": "GPU-free", "busy": 0, "memory": (80 * GIB, 0)}
    nvml({**a100, "processes": [STRANGER]}, free)
    app = dashboard(workspace)
    async with app.run_test(size=(120, 36)) as pilot:
        await checked(pilot)
        await pilot.press("g")
        text = await seen(pilot, "Others seem to use GPU 0")
        assert "GPU 1" not in text[text.index("Others seem") :].split("\n\n")[0].split("facts")[0]
        await pilot.press("escape")
        await seen(pilot, lambda: not isinstance(app.screen, Ask))
        assert not tried.exists()
        await pilot.press("g")
        await seen(pilot, "try only those that are free")
        await pilot.press("f")
        await seen(pilot, "GPU 0 (NVIDIA A100-SXM4-80GB) was not tried")
        assert tried.read_text().split() == ["GPU-free"]
        await checked(pilot)
        await pilot.press("g")
        await seen(pilot, "try all of them")
        await pilot.press("a")
        await seen(pilot, lambda: tried.read_text().split()[1:] == [a100["uuid"], "GPU-free"])
        await checked(pilot)


async def test_without_a_gpu_the_key_says_so(
    workspace: Workspace, nvml: Nvml, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    nvml(init="LibraryNotFound")
    monkeypatch.setenv("PATH", str(tmp_path))
    app = dashboard(workspace)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await seen(pilot, "Ready on the CPU")
        await pilot.press("g")
        await seen(pilot, "There is no GPU to try.")


async def test_another_check_imports_tensorflow_and_shows_how_that_went(
    workspace: Workspace, nvml: Nvml, tried: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nvml(init="LibraryNotFound")
    app = dashboard(workspace)
    async with app.run_test(size=(200, 60)) as pilot:
        await seen(pilot, "Ready on the CPU")
        assert not tried.exists()
        await pilot.press("r")
        await seen(pilot, "Importing TensorFlow fails: it was touched")
        text = await seen(pilot, "import ")
        [line] = [line for line in text.splitlines() if " import " in line]
        assert "✗ failed" in line
