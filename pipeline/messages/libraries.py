"""English texts of findings on the libraries of CUDA, and on what TensorFlow itself said of them.

As in `machine`: what was found and, with `.why` behind the code, why it matters.
"""

from __future__ import annotations

MESSAGES = {
    # libraries
    "environment.cuda_ok": "CUDA and cuDNN were found in: {folders}.",
    "environment.cuda_missing": "TensorFlow will not find CUDA {cuda} and cuDNN {cudnn}.",
    "environment.cuda_missing.why": (
        "It says 'Cannot dlopen some GPU libraries', does not say which, and works on the CPU. "
        "Not installed, or not where the loader looks: {libraries}."
    ),
    "environment.cuda_incomplete": "TensorFlow will not find {libraries}.",
    "environment.cuda_incomplete.why": (
        "It says 'Cannot dlopen some GPU libraries', does not say which, and works on the CPU. "
        "The rest of CUDA {cuda} and cuDNN {cudnn} is there."
    ),
    "environment.cuda_elsewhere": (
        "TensorFlow will not find {libraries}: they are in {folders}, where the loader does not "
        "look."
    ),
    "environment.cuda_elsewhere.why": (
        "It says 'Cannot dlopen some GPU libraries', does not say which, and works on the CPU."
    ),
    "environment.cuda_pins_unmet": (
        "NVIDIA packages are missing or in a version that this TensorFlow does not allow "
        "(installed in brackets): {packages}."
    ),
    "environment.cuda_pins_unmet.why": "It needs those it was built for, or newer minor versions.",
    "environment.cudnn_major": (
        "TensorFlow {version} needs cuDNN {wanted}; cuDNN {installed} is installed."
    ),
    "environment.cudnn_major.why": (
        "Another major version has another file name, so it is not found and the GPU is left out."
    ),
    "environment.cudnn_older": (
        "cuDNN {found} is older than the {built} that TensorFlow {version} was built with."
    ),
    "environment.cudnn_older.why": (
        "cuDNN must have the same major version and the same or a newer minor one, or training "
        "ends with 'DNN library initialization failed'."
    ),
    "environment.conda_cuda_ok": (
        "conda's cudatoolkit {cuda} and cudnn {cudnn} go with this TensorFlow: no other CUDA is "
        "needed."
    ),
    "environment.conda_cuda_wrong": (
        "conda's {packages} do not go with TensorFlow {version}, built for CUDA {cuda} and cuDNN "
        "{cudnn}."
    ),
    "environment.conda_cuda_wrong.why": (
        "Versions must correspond: CUDA in the same major version (before 11 the very same), cuDNN "
        "in the same major and no older. NVIDIA's full installer is not needed."
    ),
    "environment.library_shadowed": (
        "LD_LIBRARY_PATH puts {libraries} from {folders} before the ones installed for TensorFlow."
    ),
    "environment.library_shadowed.why": (
        "The loader looks there first. Take that folder out unless you mean it."
    ),
    "environment.library_hidden": (
        "{library} {found} from LD_LIBRARY_PATH hides the wheel's {hidden}."
    ),
    "environment.library_hidden.why": (
        "The loader takes {folder} before the package installed for TensorFlow, which then leaves "
        "the GPU out, or ends with 'DNN library initialization failed'. Take that folder out."
    ),
    "environment.library_broken": "{library} from {folder} does not load: {detail}",
    "environment.library_broken.why": (
        "The file is damaged, or needs another one that is missing. Install its package again."
    ),
    "environment.libcuda_missing": (
        "The driver works, but its library libcuda.so.1 is not where the loader looks."
    ),
    "environment.libcuda_missing.why": (
        "nvidia-smi does without it, TensorFlow does not. In a container, it is passed in only if "
        "NVIDIA_DRIVER_CAPABILITIES holds 'compute'."
    ),
    "environment.libcuda_stub": (
        "LD_LIBRARY_PATH holds {folder}, whose libcuda is a stub for compiling."
    ),
    "environment.libcuda_stub.why": (
        "It hides the driver's own and ends with CUDA_ERROR_STUB_LIBRARY. Take that folder out."
    ),
    "environment.wsl_library_path": (
        "The loader does not look in {folder}, where WSL keeps the driver's libraries."
    ),
    "environment.wsl_library_path.why": (
        "nvidia-smi works without it, TensorFlow sees no GPU."
    ),
    "environment.libdevice_missing": "libdevice.10.bc, which XLA compiles with, was not found.",
    "environment.libdevice_missing.why": (
        "Keras compiles with XLA on a GPU and ends with 'libdevice not found'. Install it, point "
        "XLA_FLAGS=--xla_gpu_cuda_data_dir= to a CUDA that has it, or do without XLA: "
        "jit_compile=False, in hanzi-tui the setting xla = off."
    ),
    "environment.ptxas_missing": "ptxas, the assembler of CUDA, was not found.",
    "environment.ptxas_missing.why": (
        "XLA ends with 'No PTX compilation provider is available'. Install it, use "
        "XLA_FLAGS=--xla_gpu_unsafe_fallback_to_driver_on_ptxas_not_found, or do without XLA: "
        "in hanzi-tui the setting xla = off."
    ),
    # what TensorFlow saw
    "environment.cuinit_failed": "CUDA does not start: {error}",
    "environment.cuinit_failed.why": (
        "The driver is there but opens no GPU. In a container, start it with --gpus all and the "
        "NVIDIA Container Toolkit; else the module nvidia-uvm may not be loaded."
    ),
    "environment.cudnn_failed": "cuDNN does not start.",
    "environment.cudnn_failed.why": (
        "Its version does not fit, or the GPU's memory was taken when it started."
    ),
    "environment.cudnn_not_found": "TensorFlow did not find cuDNN when it needed it.",
    "environment.cudnn_not_found.why": (
        "It says 'DNN library is not found': the library did not load, or the memory of the GPU "
        "was taken when it started."
    ),
    "environment.no_static_tls": "{library} finds no room in the memory of its thread.",
    "environment.no_static_tls.why": (
        "It says 'cannot allocate memory in static TLS block', because other libraries came "
        "first. Loaded before them, it fits."
    ),
    "environment.kernels_too_new": (
        "GPU {gpus} is newer than all that TensorFlow {version} holds code for, as it says itself."
    ),
    "environment.kernels_too_new.why": (
        "It ends with CUDA_ERROR_INVALID_PTX, or compiles for half an hour first. Use NVIDIA's "
        "container image of TensorFlow, a build of your own with CUDA 12.8, or the CPU."
    ),
    "environment.kernels_too_old": (
        "GPU {gpus} is older than all that TensorFlow {version} holds code for, as it says itself."
    ),
    "environment.kernels_too_old.why": (
        "It ends with 'device kernel image is invalid'. Use an older TensorFlow, or the CPU."
    ),
    "environment.out_of_memory": "GPU {gpus} had no memory left for TensorFlow.",
    "environment.out_of_memory.why": (
        "It ends with CUDA_ERROR_OUT_OF_MEMORY. Another program holds the memory, most often a "
        "TensorFlow that takes all of it: give that one the variable, too, and start it anew. "
        "hanzi-tui takes memory as it needs it."
    ),
    "environment.nccl_failed": "NCCL, which joins several GPUs, failed with a system error.",
    "environment.nccl_failed.why": (
        "A small /dev/shm is behind it, or an IOMMU that blocks the direct way between GPUs, or "
        "InfiniBand (NCCL_IB_DISABLE=1); NCCL_DEBUG=WARN tells which."
    ),
    "environment.library_refused": "TensorFlow could not load {library}: {reason}",
    "environment.library_refused.why": (
        "Without it no GPU is used. Install the package that holds it, or take the folder of "
        "another CUDA out of LD_LIBRARY_PATH."
    ),
    "environment.libraries_refused": (
        "TensorFlow could not load some of CUDA's libraries, and does not say which."
    ),
    "environment.libraries_refused.why": (
        "A library is missing, of another major version, or LD_LIBRARY_PATH leads to another CUDA."
    ),
    "environment.driver_unseen": "TensorFlow finds no CUDA driver, though the driver answers.",
    "environment.driver_unseen.why": (
        "It could not load libcuda.so.1, which the loader looks for in its list of folders. Up to "
        "2.13 it says the same of a CUDA that it was not built for."
    ),
    "environment.gpus_unseen": "TensorFlow lists no GPU, though driver and libraries look right.",
    "environment.gpus_unseen.why": (
        "This command makes it name the library that it could not load."
    ),
}  # fmt: skip
