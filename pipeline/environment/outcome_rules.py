"""What TensorFlow itself said when it was imported: the proof, and what no other rule foresaw."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pipeline.environment.builds import numbers
from pipeline.environment.devices import Gpu
from pipeline.environment.findings import Finding, error, passed, warning
from pipeline.environment.fixes import cuda_libraries
from pipeline.environment.gpu_rules import MORE_SHARED_MEMORY, RUN_NVIDIA, SEE_PLAN
from pipeline.environment.library_rules import cudnn_fix
from pipeline.environment.presence_rules import (
    LEAST_FREE_BYTES,
    RUN_WITH_GPUS,
    in_container,
    usable,
)
from pipeline.environment.probes import Facts
from pipeline.environment.said import said, sees_gpu, told_by
from pipeline.environment.trial_facts import GpuTrial

NAME_THE_LIBRARY = (
    'TF_CPP_MAX_VLOG_LEVEL=3 python -c "import tensorflow as tf; '
    "tf.config.list_physical_devices('GPU')\" 2>&1 | grep -i dlerror"
)
MAKE_DEVICES = "sudo nvidia-modprobe -u -c=0"
GROW = "export TF_FORCE_GPU_ALLOW_GROWTH=true"
# NCCL's guide: without the direct way between GPUs, which the IOMMU may block, it takes /dev/shm.
NO_DIRECT_WAY = "export NCCL_P2P_DISABLE=1 NCCL_DEBUG=WARN"
UVM = "/dev/nvidia-uvm"


def gpus(facts: Facts) -> Iterator[Finding]:
    """TensorFlow lists a GPU where the driver has one."""
    tried = facts.tensorflow_import
    if tried is None or tried.state != "ok" or not usable(facts) or sees_gpu(facts):
        return
    if failed := said(facts, "cuinit_failed"):
        nodes = facts.devices.nodes if facts.devices else ()
        without_uvm = bool(nodes) and all(node.path != UVM for node in nodes)
        boxed = in_container(facts) and not without_uvm
        start = RUN_WITH_GPUS if boxed else MAKE_DEVICES
        yield error("cuinit_failed", start, error=failed.params.get("error", failed.line))
    elif full := said(facts, "no_static_tls"):
        library = full.params.get("library", "?")
        yield error("no_static_tls", f"export LD_PRELOAD={library}", library=library)
    elif missing := said(facts, "library_missing"):
        library, reason = missing.params["library"], missing.params.get("reason", "")
        yield error("library_refused", _libraries(facts), library=library, reason=reason)
    elif said(facts, "cannot_dlopen"):
        yield error("libraries_refused", _libraries(facts))
    elif said(facts, "no_cuda_driver"):
        yield error("driver_unseen", RUN_WITH_GPUS if in_container(facts) else "sudo ldconfig")
    else:
        yield error("gpus_unseen", NAME_THE_LIBRARY)


def _libraries(facts: Facts) -> str:
    """Frees the way to the libraries of the wheels, or else installs them."""
    if facts.libraries and facts.libraries.ld_library_path:
        return "unset LD_LIBRARY_PATH"
    return cuda_libraries(facts) or NAME_THE_LIBRARY


def kernels(facts: Facts) -> Iterator[Finding]:
    """TensorFlow holds code that the GPU runs, as it says itself."""
    for code, fix in (("new", RUN_NVIDIA), ("old", SEE_PLAN)):
        for trial in told_by(facts, f"capability_{code}"):
            version = facts.tensorflow.version if facts.tensorflow else "?"
            yield error(f"kernels_too_{code}", fix, version=version, **_whose(facts, trial))


def memory(facts: Facts) -> Iterator[Finding]:
    """The GPU had the memory that TensorFlow asked for."""
    for trial in told_by(facts, "out_of_memory"):
        yield error("out_of_memory", _with_memory(facts, trial), **_whose(facts, trial))


def _with_memory(facts: Facts, trial: GpuTrial | None) -> str:
    """Chooses another GPU with free memory; else keeps programs from taking all of it."""
    others = [gpu for gpu in usable(facts) if trial is not None and gpu.index != trial.index]
    roomy = [gpu for gpu in others if _free(gpu) >= LEAST_FREE_BYTES]
    return f"export CUDA_VISIBLE_DEVICES={max(roomy, key=_free).uuid}" if roomy else GROW


def cudnn(facts: Facts) -> Iterator[Finding]:
    """cuDNN was found, and started."""
    if not usable(facts):
        return
    if said(facts, "cudnn_failed"):
        yield error("cudnn_failed", cudnn_fix(facts))
    elif said(facts, "cudnn_not_found"):
        full = any(_free(gpu) < LEAST_FREE_BYTES for gpu in usable(facts))
        yield error("cudnn_not_found", GROW if full else cudnn_fix(facts))


def nccl(facts: Facts) -> Iterator[Finding]:
    """NCCL started."""
    if said(facts, "nccl_system_error"):
        yield warning("nccl_failed", MORE_SHARED_MEMORY if in_container(facts) else NO_DIRECT_WAY)


def noise(facts: Facts) -> Iterator[Finding]:
    """Frightening lines that mean nothing, and a trap that is not one here."""
    if said(facts, "factory_registered"):
        yield passed("factory_noise")
    keras_3 = facts.tensorflow is not None and numbers(facts.tensorflow.version) >= (2, 16)
    if keras_3 and facts.variables and "TF_CONFIG" in facts.variables.values:
        yield passed("multiworker")


def _whose(facts: Facts, trial: GpuTrial | None) -> dict[str, Any]:
    """Which GPUs a message is about: the one tried, or all that the import saw."""
    if trial is not None:
        return {"index": trial.index, "gpus": f"{trial.index} {trial.name}"}
    return {"gpus": ", ".join(f"{gpu.index} {gpu.name}" for gpu in usable(facts))}


def _free(gpu: Gpu) -> int:
    """Bytes of free memory; one that does not tell counts as free."""
    free_bytes = gpu.free_memory_bytes
    return LEAST_FREE_BYTES if free_bytes is None else free_bytes


OUTCOME_RULES = (gpus, kernels, memory, cudnn, nccl, noise)
