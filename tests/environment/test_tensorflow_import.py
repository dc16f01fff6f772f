"""TensorFlow is imported once, in a process of its own, and what it says becomes codes."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from pipeline.environment.import_messages import known
from pipeline.environment.probes import gather
from pipeline.environment.tensorflow_import import tensorflow_import


def pretend(folder: Path, source: str) -> dict[str, str]:
    """Puts a package in the place of TensorFlow; gives the variables that make it be found."""
    (folder / "tensorflow").mkdir(parents=True)
    (folder / "tensorflow/__init__.py").write_text(source)
    return {**os.environ, "PYTHONPATH": str(folder)}


def codes(text: str) -> list[str]:
    return [message.code for message in known(text)]


def test_the_real_tensorflow_tells_its_version_and_this_machines_gpus() -> None:
    environ = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    found = tensorflow_import(environ)
    assert (found.state, found.signal, found.error) == ("ok", None, None)
    assert found.version and found.build_info["is_cuda_build"] in ("True", "False")
    if found.build_info["is_cuda_build"] == "True" and not found.gpus:
        missing = [one.params["library"] for one in found.messages if one.code == "library_missing"]
        assert missing


def test_a_check_imports_tensorflow_only_when_asked(tmp_path: Path) -> None:
    environ = pretend(tmp_path, "raise ImportError('asked')\n")
    assert gather(tmp_path, environ).tensorflow_import is None
    found = gather(tmp_path, environ, import_tensorflow=True).tensorflow_import
    assert (found.state, found.error) == ("failed", "ImportError: asked")


def test_an_import_that_crashes_is_told_by_its_signal_and_its_last_words(tmp_path: Path) -> None:
    environ = pretend(
        tmp_path,
        "import os, signal, sys\n"
        "print('Failed to launch ptxas', file=sys.stderr, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGILL)\n",
    )
    found = tensorflow_import(environ)
    assert (found.state, found.signal, found.version) == ("crashed", "SIGILL", None)
    assert [message.code for message in found.messages] == ["ptxas_missing"]


def test_an_import_that_hangs_is_killed_with_all_its_children(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    environ = pretend(
        tmp_path,
        "import pathlib, subprocess\n"
        "child = subprocess.Popen(['tail', '-f', '/dev/null'])\n"
        f"pathlib.Path({str(pid_file)!r}).write_text(str(child.pid))\n"
        "child.wait()\n",
    )
    found = tensorflow_import(environ, timeout_s=2)
    assert (found.state, found.signal) == ("hung", None)
    # A process that was killed is gone a moment later.
    deadline = time.monotonic() + 5
    while _runs(pid_file.read_text()):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def _runs(pid: str) -> bool:
    """Says whether a process is there, and not only its exit status."""
    try:
        stat = Path("/proc", pid, "stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def test_the_folder_it_runs_in_is_not_imported_from(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('taken from the folder')\n")
    monkeypatch.chdir(tmp_path)
    environ = pretend(tmp_path / "path", "raise ImportError('reached')\n")
    assert tensorflow_import(environ).error == "ImportError: reached"


@pytest.mark.parametrize(
    ("text", "code", "params"),
    [
        (
            "2023-01-08 W tensorflow/stream_executor/platform/default/dso_loader.cc:64] Could not "
            "load dynamic library 'libcudnn.so.8'; dlerror: libcudnn.so.8: file too short; "
            "LD_LIBRARY_PATH: /usr/local/cuda/lib64",
            "library_missing",
            {"library": "libcudnn.so.8", "reason": "libcudnn.so.8: file too short"},
        ),
        (
            "ImportError: libcublas.so.10.0: cannot open shared object file: No such file or "
            "directory",
            "library_missing",
            {
                "library": "libcublas.so.10.0",
                "reason": "cannot open shared object file: No such file or directory",
            },
        ),
        (
            "E tensorflow/compiler/xla/stream_executor/cuda/cuda_dnn.cc:429] Loaded runtime CuDNN "
            "library: 8.4.0 but source was compiled with: 8.6.0.  CuDNN library needs to have "
            "matching major version",
            "cudnn_older",
            {"loaded": "8.4.0", "built": "8.6.0"},
        ),
        (
            "W gpu_device.cc:2432] TensorFlow was not built with CUDA kernel binaries compatible "
            "with compute capability 12.0. CUDA kernels will be jit-compiled from PTX",
            "capability_new",
            {"capability": "12.0"},
        ),
        (
            "LLVM ERROR: PTX version 8.5 does not support target 'sm_120'. Minimum required",
            "capability_new",
            {"target": "sm_120"},
        ),
        (
            "kernel version 535.54.3 does not match DSO version 535.86.5 -- cannot find working "
            "devices in this configuration",
            "kernel_mismatch",
            {"kernel": "535.54.3", "library": "535.86.5"},
        ),
        (
            "failed call to cuInit: CUDA_ERROR_NO_DEVICE: no CUDA-capable device is detected",
            "cuinit_failed",
            {"error": "CUDA_ERROR_NO_DEVICE: no CUDA-capable device is detected"},
        ),
        (
            "A module that was compiled using NumPy 1.x cannot be run in\nNumPy 2.1.3 as it may "
            "crash.",
            "numpy_too_new",
            {"numpy": "2.1.3"},
        ),
        (
            "The TensorFlow library was compiled to use AVX2 instructions, but these aren't "
            "available on your machine.",
            "no_avx",
            {"features": "AVX2"},
        ),
        (
            "ImportError: /lib64/libm.so.6: version `GLIBC_2.27' not found (required by x.so)",
            "glibc_old",
            {"version": "GLIBC_2.27"},
        ),
        (
            "Unable to register cuDNN factory: Attempting to register factory for plugin cuDNN "
            "when one has already been registered",
            "factory_registered",
            {"factory": "cuDNN"},
        ),
        ("Can't find libdevice directory ${CUDA_DIR}/nvvm/libdevice. This", "libdevice_missing",
         {"path": "${CUDA_DIR}/nvvm/libdevice."}),
        ("Couldn't get ptxas/nvlink version string: INTERNAL: Couldn't invoke ptxas --version",
         "ptxas_missing", {"program": "ptxas"}),
        ("TypeError: Descriptors cannot not be created directly.", "protobuf_too_new", {}),
        ("Failed to initialize NVML: Driver/library version mismatch", "version_mismatch", {}),
        ("Status: device kernel image is invalid", "capability_old", {}),
        ("UNIMPLEMENTED: DNN library is not found.", "cudnn_not_found", {}),
        ("CUDA driver version is insufficient for CUDA runtime version", "driver_old", {}),
        ("TypeError: __array__() takes 1 positional argument but 2 were given", "pillow_array", {}),
    ],
)  # fmt: skip
def test_a_message_becomes_a_code_with_its_values(text: str, code: str, params) -> None:
    (message,) = known(f"I0000 00:00:1795 port.cc:153] something else\n{text}\nand on\n")
    assert (message.code, message.params) == (code, params)
    assert message.line in text or text.startswith(message.line.split("\n")[0])


def test_each_missing_library_is_named_once_in_the_order_of_the_log() -> None:
    line = "Could not load dynamic library '{}'; dlerror: {}: cannot open shared object file"
    names = ["libcufft.so.11", "libcudnn.so.9", "libcufft.so.11"]
    text = "\n".join(line.format(name, name) for name in names)
    text += "\nCannot dlopen some GPU libraries. Please make sure\nSkipping registering GPU\n"
    assert codes(text) == ["library_missing", "library_missing", "cannot_dlopen"]
    assert [one.params.get("library") for one in known(text)][:2] == names[:2]


def test_words_that_say_nothing_are_no_message() -> None:
    assert codes("Epoch 1/10\n 99% of compute capability\nlibdevice\n") == []
