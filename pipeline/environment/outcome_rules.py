"""What TensorFlow itself said when it was imported: the proof, and what no other rule foresaw."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.environment.builds import numbers
from pipeline.environment.findings import Finding, error, passed, warning
from pipeline.environment.presence_rules import usable
from pipeline.environment.probes import Facts
from pipeline.environment.said import said, sees_gpu

NAME_THE_LIBRARY = (
    'TF_CPP_MAX_VLOG_LEVEL=3 python -c "import tensorflow as tf; '
    "tf.config.list_physical_devices('GPU')\" 2>&1 | grep -i dlerror"
)
UVM = "/dev/nvidia-uvm"


def gpus(facts: Facts) -> Iterator[Finding]:
    """TensorFlow lists a GPU where the driver has one."""
    tried = facts.tensorflow_import
    if tried is None or tried.state != "ok" or not usable(facts) or sees_gpu(facts):
        return
    if failed := said(facts, "cuinit_failed"):
        nodes = facts.devices.nodes if facts.devices else ()
        without_uvm = bool(nodes) and all(node.path != UVM for node in nodes)
        load = "sudo nvidia-modprobe -u -c=0" if without_uvm else None
        yield error("cuinit_failed", load, error=failed.params.get("error", failed.line))
    elif missing := said(facts, "library_missing"):
        library, reason = missing.params["library"], missing.params.get("reason", "")
        yield error("library_refused", NAME_THE_LIBRARY, library=library, reason=reason)
    else:
        yield error("gpus_unseen", NAME_THE_LIBRARY)


def cudnn(facts: Facts) -> Iterator[Finding]:
    """cuDNN started."""
    if usable(facts) and said(facts, "cudnn_failed", "cudnn_not_found"):
        yield error("cudnn_failed")


def nccl(facts: Facts) -> Iterator[Finding]:
    """NCCL started."""
    if said(facts, "nccl_system_error"):
        yield warning("nccl_failed", "export NCCL_DEBUG=WARN")


def noise(facts: Facts) -> Iterator[Finding]:
    """Frightening lines that mean nothing, and a trap that is not one here."""
    if said(facts, "factory_registered"):
        yield passed("factory_noise")
    keras_3 = facts.tensorflow is not None and numbers(facts.tensorflow.version) >= (2, 16)
    if keras_3 and facts.variables and "TF_CONFIG" in facts.variables.values:
        yield passed("multiworker")


OUTCOME_RULES = (gpus, cudnn, nccl, noise)
