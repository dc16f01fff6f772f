"""Where each finding is written about: TensorFlow's and NVIDIA's pages, and reports of others."""

from __future__ import annotations

_TF = "https://github.com/tensorflow/tensorflow/issues/"
_INSTALL = "https://www.tensorflow.org/install/pip"
_TESTED = "https://www.tensorflow.org/install/source#gpu"
_WINDOWS = "https://www.tensorflow.org/install/source_windows#gpu"
_CONTAINER = (
    "https://docs.nvidia.com/datacenter/cloud-native/container-toolkit/latest/install-guide.html"
)
_DRIVER = "https://docs.nvidia.com/datacenter/tesla/driver-installation-guide/"
_WSL = "https://docs.nvidia.com/cuda/wsl-user-guide/"
_VARIABLES = "https://docs.nvidia.com/cuda/cuda-c-programming-guide/#env-vars"
_PROXY = "https://github.com/pypa/pip/issues/9972"
_GROWTH = "https://www.tensorflow.org/api_docs/python/tf/config/experimental/set_memory_growth"
_MINOR = "https://docs.nvidia.com/deploy/cuda-compatibility/minor-version-compatibility.html"
_COLORS = "https://github.com/tmux/tmux/wiki/FAQ"
# Loss NaN or wrong on the GPU, right on the CPU.
_WRONG = "https://blog.csdn.net/Sciws/article/details/125290718"

LINKS = {
    "no_avx": _TF + "17411",
    "tensorflow_missing": _INSTALL,
    "python_untested": _TESTED,
    "build_fits": _TESTED,
    "build_fits_not_here": _TESTED,
    "numpy_too_new": _TF + "102743",
    "protobuf_too_new": _TF + "56266",
    "pillow_830": "https://github.com/python-pillow/Pillow/issues/5571",
    "scipy_missing": _TF + "51736",
    "tensorboard_missing": "https://github.com/tensorflow/tensorflow/pull/110709",
    "opencv_several": "https://pypi.org/project/opencv-python-headless/",
    "import_crashed": _INSTALL,
    "import_failed": _INSTALL,
    "import_hung": _INSTALL,
    "glibc_old": _INSTALL,
    "factory_noise": _TF + "63341",
    "multiworker": "https://github.com/keras-team/keras/issues/20585",
    "proxy_no_scheme": _PROXY,
    "proxy_malformed": _PROXY,
    "proxy_https_scheme": _PROXY,
    "proxy_socks_missing": "https://pip.pypa.io/en/stable/user_guide/#using-a-proxy-server",
    "proxy_scheme": "https://pip.pypa.io/en/stable/user_guide/#using-a-proxy-server",
    "windows_disk": "https://learn.microsoft.com/en-us/windows/wsl/filesystems",
    "terminal_unnamed": _COLORS,
    "terminal_colors": _COLORS,
    "tmux_old": "https://raw.githubusercontent.com/tmux/tmux/master/CHANGES",
    "logout_kills": "https://www.freedesktop.org/software/systemd/man/logind.conf.html",
    "shared_memory_low": _TF + "44976",
    "gpu_outside_container": _CONTAINER,
    "wsl_one": "https://learn.microsoft.com/en-us/windows/wsl/basic-commands",
    "driver_missing": _DRIVER,
    "library_missing": _DRIVER,
    "driver_not_loaded": _DRIVER,
    "driver_mismatch": "https://github.com/NVIDIA/nvidia-docker/issues/365",
    "gpu_lost": "https://docs.nvidia.com/deploy/xid-errors/",
    "gpu_no_permission": _DRIVER,
    "gpu_no_devices": _DRIVER,
    "mig_empty": "https://docs.nvidia.com/datacenter/tesla/mig-user-guide/",
    "gpus_hidden": _VARIABLES,
    "gpus_some_hidden": _VARIABLES,
    "gpus_misnamed": _VARIABLES,
    "gpu_order": _VARIABLES,
    "gpu_memory_taken": _GROWTH,
    "gpu_memory_faulty": "https://docs.nvidia.com/deploy/a100-gpu-mem-error-mgmt/",
    "windows_native": _WINDOWS,
    "cpu_build": _INSTALL,
    "driver_old": _MINOR,
    "capability_new": _TF + "97387",
    "capability_old": _INSTALL,
    "cuda_missing": _TF + "65842",
    "cuda_incomplete": _TF + "65842",
    "cuda_elsewhere": _TF + "65842",
    "cuda_pins_unmet": _INSTALL,
    "cudnn_major": _TF + "60913",
    "cudnn_older": _TF + "60913",
    "conda_cuda_wrong": _TESTED,
    "library_shadowed": _TF + "60750",
    "library_hidden": _TF + "60750",
    "library_broken": _INSTALL,
    "libcuda_missing": (
        "https://docs.nvidia.com/datacenter/cloud-native/container-toolkit/latest/"
        "docker-specialized.html"
    ),
    "libcuda_stub": _INSTALL,
    "wsl_library_path": _WSL,
    "libdevice_missing": _TF + "58681",
    "ptxas_missing": _TF + "60737",
    "cuinit_failed": _TF + "44597",
    "cudnn_failed": _TF + "60913",
    "cudnn_not_found": "https://github.com/edwardyehuang/CAR/issues/1",
    "no_static_tls": "https://github.com/keras-team/keras-tuner/issues/317",
    "kernels_too_new": _TF + "97387",
    "kernels_too_old": _INSTALL,
    "out_of_memory": _GROWTH,
    "nccl_failed": _TF + "44637",
    "library_refused": _TF + "65842",
    "libraries_refused": _TF + "66987",
    "driver_unseen": _TF + "66750",
    "gpus_unseen": _TF + "66987",
    "trial_wrong": _WRONG,
    "trial_wrong_without_tf32": _WRONG,
    "trial_wrong_by_tf32": (
        "https://www.tensorflow.org/api_docs/python/tf/config/experimental/"
        "enable_tensor_float_32_execution"
    ),
    "trial_wrong_in_mixed": "https://www.tensorflow.org/guide/mixed_precision",
    "trial_unseen": _TF + "66987",
    "trial_failed": _INSTALL,
    "trial_crashed": _INSTALL,
    "trial_hung": _INSTALL,
}
"""By the code of a finding, without its "environment."."""
