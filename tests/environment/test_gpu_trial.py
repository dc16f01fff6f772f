"""Each GPU computes what the processor computes; where it does not, the finding says on what."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest
from recorded_machines import machine

from pipeline.environment.devices import Gpu, GpuProcess
from pipeline.environment.diagnose import diagnose
from pipeline.environment.findings import Finding
from pipeline.environment.probes import Facts
from pipeline.environment.trial import in_use_by_others, trial, trials
from pipeline.environment.trial_child import largest_error
from pipeline.environment.trial_facts import Comparison, GpuTrial

GIB = 1024**3
CARD = Gpu(0, "GPU-4404041a", "NVIDIA A100-SXM4-80GB", 80 * GIB, GIB // 2, 0)
HEALTHY: Facts = machine("a100").facts
OPERATIONS = ("matmul", "convolution", "training")


def pretend(folder: Path, source: str) -> dict[str, str]:
    """Puts a package in the place of TensorFlow; gives the variables that make it be found."""
    (folder / "tensorflow").mkdir(parents=True)
    (folder / "tensorflow/__init__.py").write_text(source)
    return {**os.environ, "PYTHONPATH": str(folder)}


def tried(errors: dict[str, float | None], **changed: object) -> GpuTrial:
    """A trial that came to its end, with the given error for each precision."""
    compared = tuple(
        Comparison(operation, precision, 0.002, 0.1, error)
        for operation in OPERATIONS
        for precision, error in errors.items()
    )
    done = GpuTrial(0, CARD.name, "done", 9.0, compared, "training mixed")
    return replace(done, **changed)  # type: ignore[arg-type]


def findings(found: GpuTrial) -> tuple[str, tuple[Finding, ...]]:
    """What `diagnose` says of a healthy A100 with this trial: its verdict and its findings."""
    diagnosis = diagnose(replace(HEALTHY, trials=(found,)))
    about_it = [one for one in diagnosis.findings if one.code.startswith("environment.trial_")]
    return diagnosis.verdict, tuple(about_it)


def test_the_processor_tried_as_if_it_were_a_gpu_agrees_with_itself() -> None:
    found = trial(CARD, device="CPU:0", width=64, images=2, repeats=1)
    assert (found.state, found.error, found.signal) == ("done", None, None)
    made = {(one.operation, one.precision): one for one in found.comparisons}
    assert set(made) == {(name, kind) for name in OPERATIONS for kind in ("float32", "mixed")}
    for (_, precision), one in made.items():
        assert one.right
        assert one.seconds > 0 and one.cpu_seconds > 0
        # Results in float16 that equal those in float32 would be no results in float16.
        assert (one.error == 0) == (precision == "float32")


def test_a_gpu_that_tensorflow_does_not_list_is_told() -> None:
    found = trial(CARD, device="GPU:99")
    assert (found.state, found.comparisons, found.doing) == ("unseen", (), "import")


def test_a_trial_that_crashes_is_told_by_its_signal_and_its_last_words(tmp_path: Path) -> None:
    environ = pretend(
        tmp_path,
        "import os, signal, sys\n"
        "print('Could not create cudnn handle: CUDNN_STATUS_X', file=sys.stderr, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGSEGV)\n",
    )
    found = trial(CARD, environ)
    assert (found.state, found.signal, found.doing) == ("crashed", "SIGSEGV", "import")
    assert [message.code for message in found.messages] == ["cudnn_failed"]
    errors = [one.text for one in diagnose(replace(HEALTHY, trials=(found,))).findings[:2]]
    ended = f"The trial of GPU 0 ({CARD.name}) ended at import with SIGSEGV."
    assert errors == ["cuDNN does not start.", ended]


def test_a_trial_that_hangs_is_ended_and_told(tmp_path: Path) -> None:
    environ = pretend(tmp_path, "import threading\nthreading.Event().wait()\n")
    found = trial(CARD, environ, timeout_s=2)
    assert (found.state, found.doing) == ("hung", "import")
    verdict, [told] = findings(found)
    assert verdict == "environment.gpu_unusable"
    assert told.text == f"The trial of GPU 0 ({CARD.name}) did not get beyond import in 2 s."


def test_a_trial_sees_its_gpu_alone_and_takes_memory_as_it_needs_it(tmp_path: Path) -> None:
    named = ("CUDA_VISIBLE_DEVICES", "TF_FORCE_GPU_ALLOW_GROWTH")
    environ = pretend(tmp_path, f"import os\nraise SystemExit([os.environ[n] for n in {named}])\n")
    environ["CUDA_VISIBLE_DEVICES"] = "0,1"
    found = trial(CARD, environ)
    assert (found.state, found.error) == ("failed", f"['{CARD.uuid}', 'true']")


@pytest.mark.parametrize(
    ("gpu", "used"),
    [
        (CARD, False),
        (replace(CARD, processes=(GpuProcess(1, None, False),)), True),
        (replace(CARD, processes=(GpuProcess(1, None, True),), memory_used_bytes=60 * GIB), False),
        (replace(CARD, memory_used_bytes=3 * GIB), True),  # in another container
        (replace(CARD, utilization_percent=92), True),
        (replace(CARD, memory_used_bytes=None, utilization_percent=None), False),
    ],
)  # fmt: skip
def test_a_gpu_counts_as_taken_when_its_work_is_not_mine(gpu: Gpu, used: bool) -> None:
    assert in_use_by_others(gpu) is used


def test_a_gpu_that_others_use_is_left_alone_unless_forced(tmp_path: Path) -> None:
    environ = pretend(tmp_path, "raise SystemExit('touched')\n")
    taken = replace(CARD, processes=(GpuProcess(1, None, False),))
    hidden = replace(CARD, index=1, visible=False)
    begun: list[int] = []
    [left] = trials([taken, hidden], environ, tell=lambda gpu: begun.append(gpu.index))
    assert (left.state, begun) == ("taken", [])
    _, [told] = findings(left)
    assert (told.severity, told.fix) == ("warning", "hanzi-tui check --trial --force")
    [forced] = trials([taken], environ, force=True, tell=lambda gpu: begun.append(gpu.index))
    assert (forced.error, begun) == ("touched", [0])


def test_a_gpu_that_is_right_is_a_check_that_passed() -> None:
    verdict, [told] = findings(tried({"tf32": 2e-3, "float32": 1e-6, "mixed": 4e-2}))
    assert verdict == "environment.ready_gpu"
    assert told.severity == "ok"
    assert "2.0 ms" in told.text


@pytest.mark.parametrize(
    ("errors", "code", "words"),
    [
        ({"tf32": 0.3, "float32": 0.3, "mixed": None}, "trial_wrong", "whether TF32 is on or off"),
        ({"float32": None, "mixed": None}, "trial_wrong_without_tf32", "training NaN"),
        ({"tf32": 0.011, "float32": 1e-6, "mixed": 1e-3}, "trial_wrong_by_tf32", "matmul 1.1 %"),
        ({"tf32": 1e-3, "float32": 1e-6, "mixed": 0.051}, "trial_wrong_in_mixed", "5 % is allowed"),
    ],
)
def test_wrong_numbers_are_red_and_name_gpu_cudnn_and_tf32(
    errors: dict[str, float | None], code: str, words: str
) -> None:
    verdict, [told] = findings(tried(errors))
    assert verdict == "environment.gpu_unusable"
    assert (told.code, told.severity) == (f"environment.{code}", "error")
    assert words in told.text
    assert f"GPU 0 ({CARD.name})" in told.text and "cuDNN 9.5.1" in told.text
    assert "TF32" in told.text
    assert "CPU" in told.why and told.link
    fixes = {"trial_wrong_by_tf32": "export NVIDIA_TF32_OVERRIDE=0", "trial_wrong_in_mixed": None}
    assert told.fix == fixes.get(code, "pip install 'tensorflow[and-cuda]==2.21.0'")


def test_without_a_gpu_a_trial_says_that_there_is_none() -> None:
    facts = replace(machine("cpu-laptop").facts, trials=())
    assert "environment.trial_no_gpu" in [one.code for one in diagnose(facts).findings]


def test_the_error_is_the_largest_difference_beside_the_largest_value() -> None:
    result = np.array([[1.0, -4.0], [2.0, 0.0]], np.float32)
    off = result + np.array([[0.0, 0.0], [0.0, 0.2]], np.float32)
    assert largest_error([result, result], [result, result]) == 0
    assert largest_error([result, off], [result, result]) == pytest.approx(0.05)
    for senseless in (np.nan, np.inf):
        assert largest_error([np.array([1, senseless])], [np.array([1.0, 1.0])]) is None


def test_a_trial_ends_with_whoever_asked_for_it(tmp_path: Path) -> None:
    told = tmp_path / "pid"
    waiting = f"import os, threading\nopen({str(told)!r}, 'w').write(str(os.getpid()))\n"
    environ = pretend(tmp_path, f"{waiting}threading.Event().wait()\n")
    asking = "from pipeline.environment.devices import Gpu\n"
    asking += "from pipeline.environment.trial import trial\ntrial(Gpu(0, '', '', None, None))\n"
    asker = subprocess.Popen([sys.executable, "-c", asking], env=environ)
    wait_for(lambda: told.exists() and told.read_text() != "")
    asker.kill()
    asker.wait()
    wait_for(lambda: not is_running(int(told.read_text())))


def wait_for(condition: Callable[[], bool], timeout_s: float = 30.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def is_running(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
