"""The environment variables that steer the loader, CUDA, XLA, TensorFlow and NCCL."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

_NAMES = (
    "CONDA_PREFIX",
    "KERAS_BACKEND",
    "KERAS_HOME",
    "LD_LIBRARY_PATH",
    "LD_PRELOAD",
    "NVIDIA_DRIVER_CAPABILITIES",
    "NVIDIA_TF32_OVERRIDE",
    "NVIDIA_VISIBLE_DEVICES",
    "OMP_NUM_THREADS",
    "PYTHONHOME",
    "PYTHONPATH",
    "TF_CONFIG",
    "TF_DETERMINISTIC_OPS",
    "TF_USE_LEGACY_KERAS",
    "VIRTUAL_ENV",
    "WSL_DISTRO_NAME",
    "XLA_FLAGS",
)
# Not all of TF_: Terraform keeps tokens in variables of that prefix.
_PREFIXES = ("CUDA_", "CUDNN_", "MKL_", "NCCL_", "TF_CPP_", "TF_CUDNN_", "TF_ENABLE_",
             "TF_FORCE_", "TF_GPU_", "TF_NUM_", "TF_XLA_", "XLA_")  # fmt: skip


@dataclass(frozen=True)
class VariableFacts:
    """Those variables that are set.

    Args:
        values: by name; those that are not set are not in it. CUDA_VISIBLE_DEVICES and
            LD_LIBRARY_PATH are here too.
    """

    values: dict[str, str]


def variables(environ: Mapping[str, str] = os.environ) -> VariableFacts:
    """Picks the variables that change what a GPU program does."""
    names = sorted(name for name in environ if name in _NAMES or name.startswith(_PREFIXES))
    return VariableFacts({name: environ[name] for name in names})
