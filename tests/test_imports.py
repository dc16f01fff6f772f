"""The two wings stay apart, and what must start quickly imports little."""

from __future__ import annotations

import pkgutil
import subprocess
import sys

import hanzi_tui

HEAVY = {"tensorflow", "keras", "cv2"}


def loaded(program: str) -> set[str]:
    """Returns the top-level modules that a fresh interpreter holds after `program`."""
    program += "\nimport sys; print(*{name.split('.')[0] for name in sys.modules})"
    return set(subprocess.check_output([sys.executable, "-c", program], text=True).split())


def test_no_module_of_the_dashboard_loads_machine_learning() -> None:
    names = [m.name for m in pkgutil.walk_packages(hanzi_tui.__path__, "hanzi_tui.")
             if not m.name.endswith("__main__")]  # fmt: skip
    assert len(names) > 10
    assert not loaded("\n".join(f"import {name}" for name in names)) & HEAVY


def test_the_pipeline_loads_no_screen_and_no_tensorflow() -> None:
    found = loaded("import pipeline, pipeline.jobs, pipeline.runs, pipeline.events")
    assert not found & (HEAVY | {"textual", "rich", "cyclopts"})


def test_light_modules_of_the_heavy_rooms_load_lightly() -> None:
    found = loaded(
        "import pipeline.evaluation.confusion, pipeline.dataset.records, pipeline.bundle"
    )
    assert not found & {"tensorflow", "keras", "textual"}
    found = loaded("import pipeline.evaluation.compare, pipeline.dataset.review")
    assert not found & (HEAVY | {"textual", "ai_edge_litert", "multiprocessing"})


def test_recognition_needs_no_tensorflow() -> None:
    assert not loaded("import pipeline.recognition.recognizer") & {"tensorflow", "keras", "textual"}


def test_the_worker_reports_itself_before_it_imports_anything_heavy() -> None:
    assert not loaded("import pipeline.worker") & (HEAVY | {"textual", "rich", "cyclopts"})
