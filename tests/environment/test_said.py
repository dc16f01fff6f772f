"""Whatever TensorFlow is known to say of a GPU it cannot use ends as a finding with its command."""

from __future__ import annotations

from dataclasses import replace

import pytest
from recorded_machines import machine

from pipeline.environment.diagnose import diagnose
from pipeline.environment.findings import Finding
from pipeline.environment.import_messages import PATTERNS, known
from pipeline.environment.probes import Facts
from pipeline.environment.trial_facts import GpuTrial

GOOD = machine("a100").facts
GPU = GOOD.gpu.gpus[0]
SECOND = replace(GPU, index=1, uuid="GPU-22222222-2222-3333-4444-555555555555")
CUDA = "pip install 'tensorflow[and-cuda]==2.21.0'"
CUDNN = "pip install 'nvidia-cudnn-cu12<10.0,>=9.3.0.75'"
NVIDIA = "docker run --gpus all -it --rm nvcr.io/nvidia/tensorflow:25.02-tf2-py3"
CONFLICT = (
    "A module that was compiled using NumPy 1.x cannot be run in\nNumPy 2.1.3 as it may crash"
)

SAID = [
    ("Could not find cuda drivers on your machine, GPU will not be used.", "driver_unseen",
     "sudo ldconfig"),
    ("Cannot dlopen some GPU libraries.", "libraries_refused",
     CUDA),
    ("Could not load dynamic library 'libcufft.so.11'; dlerror: libcufft.so.11: cannot open",
     "library_refused", CUDA),
    ("failed call to cuInit: CUDA_ERROR_NO_DEVICE: no CUDA-capable device is detected",
     "cuinit_failed", "sudo nvidia-modprobe -u -c=0"),
    ("Failed to initialize NVML: Driver/library version mismatch", "driver_mismatch",
     "sudo reboot"),
    ("kernel version 550.54.15 does not match DSO version 550.90.7 -- cannot find working devices",
     "driver_mismatch", "sudo reboot"),
    ("Loaded runtime CuDNN library: 9.1.0 but source was compiled with: 9.3.0.  CuDNN library needs"
     " to have matching major version", "cudnn_older", CUDNN),
    ("Could not create cudnn handle: CUDNN_STATUS_NOT_INITIALIZED", "cudnn_failed", CUDNN),
    ("UNIMPLEMENTED: DNN library is not found.", "cudnn_not_found", CUDNN),
    ("libdevice not found at ./libdevice.10.bc", "libdevice_missing",
     "export XLA_FLAGS=--xla_gpu_cuda_data_dir="
     "/site/nvidia/cuda_nvcc"),
    ("Failed to launch ptxas", "ptxas_missing",
     'export PATH="/site/nvidia/cuda_nvcc/bin:$PATH"'),
    ("TensorFlow was not built with CUDA kernel binaries compatible with compute capability 12.0.",
     "kernels_too_new", NVIDIA),
    ("LLVM ERROR: PTX version 8.5 does not support target 'sm_120'", "kernels_too_new", NVIDIA),
    ("Status: device kernel image is invalid", "kernels_too_old", "hanzi-tui check --plan"),
    ("CUDA driver version is insufficient for CUDA runtime version", "driver_old",
     "sudo ubuntu-drivers install"),
    ("NCCL: unhandled system error, NCCL version 2.27.7", "nccl_failed",
     "export NCCL_P2P_DISABLE=1 NCCL_DEBUG=WARN"),
    ("CUDA_ERROR_OUT_OF_MEMORY: out of memory", "out_of_memory",
     "export TF_FORCE_GPU_ALLOW_GROWTH=true"),
    ("/lib/libgomp.so.1: cannot allocate memory in static TLS block", "no_static_tls",
     "export LD_PRELOAD=/lib/libgomp.so.1"),
    (CONFLICT, "numpy_too_new", "pip install 'numpy<2'"),
    ("TypeError: Descriptors cannot be created directly.", "protobuf_too_new",
     "pip install 'protobuf<6.30'"),
    ("Detected incompatible Protobuf Gencode/Runtime versions", "protobuf_too_new",
     "pip install 'protobuf<6.30'"),
    ("TypeError: __array__() takes 1 positional argument but 2 were given", "pillow_830",
     "pip install 'pillow>=8.3.1'"),
    ("ImportError: Image transformations require SciPy. Install SciPy.", "scipy_missing",
     "pip install scipy"),
    ("TensorBoard is not installed, missing implementation for tf.summary.scalar",
     "tensorboard_missing", "pip install tensorboard"),
    ("The TensorFlow library was compiled to use AVX instructions, but these aren't available",
     "no_avx", None),
]  # fmt: skip

NOISE = {"factory_registered", "numa", "onednn", "rebuild_for_cpu"}
"""Lines that frighten and mean nothing; `glibc_old` needs an import that failed, below."""


def spoken(text: str, **changed: object) -> Facts:
    """A healthy A100 whose TensorFlow lists no GPU and wrote this."""
    tried = replace(GOOD.tensorflow_import, gpus=(), messages=known(text), **changed)
    return replace(GOOD, tensorflow_import=tried)


def findings(facts: Facts) -> dict[str, Finding]:
    found = [one for one in diagnose(facts).findings if one.severity != "ok"]
    return {one.code.removeprefix("environment."): one for one in found}


@pytest.mark.parametrize(("text", "code", "fix"), SAID, ids=[code for _, code, _ in SAID])
def test_a_message_ends_as_a_finding_with_the_command_that_mends_it(
    text: str, code: str, fix: str | None
) -> None:
    found = findings(spoken(text))
    assert found[code].fix == fix
    assert "{" not in found[code].text + found[code].why
    assert found[code].why and found[code].link


def test_no_known_message_is_left_without_a_finding() -> None:
    met = {message.code for text, _, _ in SAID for message in known(text)}
    assert {code for code, _ in PATTERNS} - met - NOISE == {"glibc_old"}


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ("ImportError: /lib/libm.so.6: version `GLIBC_2.34' not found", "glibc_old"),
        ("OSError: /lib/libgomp.so.1: cannot allocate memory in static TLS block", "no_static_tls"),
    ],
)
def test_an_import_that_fails_for_a_known_reason_names_it(error: str, code: str) -> None:
    found = findings(spoken(error, state="failed", error=error))
    assert code in found and "import_failed" not in found


def tried(gpu=GPU, text: str = "", **changed: object) -> GpuTrial:
    ended = {"state": "failed", "doing": "matmul cpu", "error": "InternalError: x"} | changed
    return GpuTrial(gpu.index, gpu.name, messages=known(text), **ended)


def test_a_gpu_without_memory_is_named_and_another_one_is_chosen() -> None:
    pair = replace(GOOD, gpu=replace(GOOD.gpu, gpus=(GPU, SECOND)))
    full = tried(text="CUDA_ERROR_OUT_OF_MEMORY: out of memory")
    found = findings(replace(pair, trials=(full,)))
    assert found["out_of_memory"].fix == f"export CUDA_VISIBLE_DEVICES={SECOND.uuid}"
    assert found["out_of_memory"].text.startswith(f"GPU 0 {GPU.name} had no memory left")
    assert "trial_failed" not in found
    alone = findings(replace(GOOD, trials=(full,)))
    assert alone["out_of_memory"].fix == "export TF_FORCE_GPU_ALLOW_GROWTH=true"


def test_what_is_wrong_with_one_gpu_hides_nothing_about_another() -> None:
    pair = replace(GOOD, gpu=replace(GOOD.gpu, gpus=(GPU, SECOND)))
    full = tried(text="CUDA_ERROR_OUT_OF_MEMORY: out of memory")
    crashed = tried(SECOND, state="crashed", signal="SIGSEGV")
    told = diagnose(replace(pair, trials=(full, crashed))).findings
    shown = [(one.code, one.params["index"]) for one in told if one.severity == "error"]
    assert shown == [("environment.out_of_memory", 0), ("environment.trial_crashed", 1)]
    both = (replace(full, index=1, name=SECOND.name), replace(crashed, index=0, name=GPU.name))
    assert {one.code for one in diagnose(replace(pair, trials=both)).findings[:2]} == {
        "environment.out_of_memory", "environment.trial_crashed",
    }  # fmt: skip


def test_without_a_tested_build_the_compilers_come_with_the_folder_xla_has_to_know() -> None:
    packages = replace(GOOD.packages, pins=())
    facts = replace(machine("libdevice-missing").facts, packages=packages)
    fix = findings(facts)["libdevice_missing"].fix
    assert fix is not None and fix.startswith("pip install nvidia-cuda-nvcc-cu12 && export XLA_")
