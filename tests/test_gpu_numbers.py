"""GPU numbers mean the same here, in `nvidia-smi` and in the worker."""

from __future__ import annotations

from pathlib import Path

import pytest
from workers import done, train_job

from pipeline.environment.devices import Gpu, GpuReport, cuda_places
from pipeline.runs import Status
from pipeline.workspace import Workspace


def report(count: int, ids: str | None = None) -> GpuReport:
    found = [Gpu(number, f"GPU-{number}", "x", None, None) for number in range(count)]
    return GpuReport(gpus=tuple(found), cuda_visible_devices=ids)


@pytest.mark.parametrize(
    ("ids", "places"),
    [
        (None, {0: 0, 1: 1, 2: 2, 3: 3}),
        ("3,1", {3: 0, 1: 1}),
        ("GPU-2", {2: 0}),
        ("0,7,1", {0: 0}),
    ],
)
def test_a_gpu_is_found_by_its_number_wherever_cuda_lists_it(
    ids: str | None, places: dict[int, int]
) -> None:
    assert cuda_places(report(4, ids), len(places)) == places


def test_gpus_that_the_driver_does_not_tell_of_are_counted_as_they_come() -> None:
    assert cuda_places(GpuReport(), 2) == {0: 0, 1: 1}


@pytest.mark.parametrize("chosen", [None, "FASTEST_FIRST"])
def test_a_worker_counts_gpus_as_nvidia_smi_does_unless_the_user_chose_otherwise(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chosen: str | None
) -> None:
    told = tmp_path / "told"
    (tmp_path / "keras").mkdir()
    (tmp_path / "keras/__init__.py").write_text(
        "import os, pathlib\n"
        f"pathlib.Path({str(told)!r}).write_text(os.environ['CUDA_DEVICE_ORDER'])\n"
        "raise ImportError('asked')\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.delenv("CUDA_DEVICE_ORDER", raising=False)
    if chosen:
        monkeypatch.setenv("CUDA_DEVICE_ORDER", chosen)
    workspace.dataset("few").mkdir(parents=True)
    (workspace.dataset("few") / "dataset.json").write_text("{}")
    assert done(train_job(workspace.root)).status() is Status.FAILED
    assert told.read_text() == (chosen or "PCI_BUS_ID")
