"""English texts of findings on driver and GPUs, and on what TensorFlow's build takes.

As in `machine`: what was found and, with `.why` behind the code, why it matters.
"""

from __future__ import annotations

MESSAGES = {
    # a GPU, or none
    "environment.no_gpu": "No NVIDIA card, no driver.",
    "environment.no_driver": "No NVIDIA driver was found.",
    "environment.no_card": "The NVIDIA driver finds no card.",
    "environment.gpu_outside_container": (
        "The machine has an NVIDIA GPU, but this container was started without it."
    ),
    "environment.gpu_outside_container.why": (
        "A container sees the GPUs it is given when it starts. The host needs the NVIDIA "
        "Container Toolkit for that."
    ),
    "environment.wsl_one": "This is WSL 1, which has no way to a GPU.",
    "environment.wsl_one.why": "WSL 2 has. In PowerShell, wsl -l -v lists the distributions.",
    "environment.driver_missing": (
        "NVIDIA GPUs in this machine: {cards}, but their driver is not installed."
    ),
    "environment.driver_missing.why": (
        "Without libcuda.so.1 TensorFlow says 'Could not find cuda drivers on your machine'."
    ),
    "environment.library_missing": (
        "The kernel module of NVIDIA driver {driver} is loaded, but its libraries are not found."
    ),
    "environment.library_missing.why": (
        "Programs reach a GPU through libcuda.so.1 and libnvidia-ml.so.1 of the same version. "
        "Install them."
    ),
    "environment.driver_not_loaded": (
        "The NVIDIA driver is installed, but its kernel module is not loaded ({detail})."
    ),
    "environment.driver_not_loaded.why": (
        "If loading fails, install the driver again for this kernel, or sign it for Secure Boot."
    ),
    "environment.driver_mismatch": (
        "The NVIDIA driver was updated to {library}, but the kernel still runs {kernel}."
    ),
    "environment.driver_mismatch.why": (
        "No program can use the GPU until the machine restarts, or nobody uses it and its kernel "
        "modules are loaded anew; a container has to be made anew after that."
    ),
    "environment.gpu_lost": "A GPU no longer answers: {detail}",
    "environment.gpu_lost.why": (
        "It fell off the bus; only a restart brings it back. If it happens again, the card, its "
        "power or its cooling is at fault."
    ),
    "environment.gpu_no_permission": "You may not use the GPU: {detail}",
    "environment.gpu_no_permission.why": (
        "Its device files belong to others. Ask the administrator for access to /dev/nvidia*; "
        "membership of a group counts from the next login."
    ),
    "environment.gpu_no_devices": (
        "The NVIDIA driver works but offers none of the {cards} GPUs."
    ),
    "environment.gpu_no_devices.why": (
        "They may belong to another driver, a virtual machine or another user's job, or be too "
        "old for this driver."
    ),
    "environment.gpu_unknown": "The NVIDIA driver answers with an error: {detail}",
    "environment.gpu_unknown.why": (
        "Run nvidia-smi; if it fails too, restart the container or the machine."
    ),
    # which GPUs
    "environment.mig_empty": "GPU {index} is in MIG mode but has no instance.",
    "environment.mig_empty.why": "No program can use it until somebody makes one.",
    "environment.mig_one": "MIG: a process sees one instance, here {name}.",
    "environment.gpus_hidden": "CUDA_VISIBLE_DEVICES='{value}' hides every GPU.",
    "environment.gpus_hidden.why": "TensorFlow works on the CPU until it is unset.",
    "environment.gpus_some_hidden": (
        "CUDA_VISIBLE_DEVICES='{value}' hides {hidden}; seen: {visible}."
    ),
    "environment.gpus_some_hidden.why": (
        "If a scheduler gave you this GPU, leave it; else unset it to use all."
    ),
    "environment.gpus_misnamed": (
        "CUDA_VISIBLE_DEVICES='{value}' names no GPU of this machine, so none can be used."
    ),
    "environment.gpus_misnamed.why": (
        "CUDA stops at the first entry that it does not know. Correct it, or unset it."
    ),
    "environment.gpu_order": (
        "CUDA_VISIBLE_DEVICES='{value}' may mean other GPUs than nvidia-smi's numbers."
    ),
    "environment.gpu_order.why": (
        "With several models CUDA begins with the one it holds for the fastest, nvidia-smi with "
        "the first on the bus. Make both count alike, or name GPUs by their uuid."
    ),
    "environment.gpu_memory_taken": (
        "GPU {index} ({name}) has only {free_gib} GiB free; others hold the rest."
    ),
    "environment.gpu_memory_taken.why": (
        "TensorFlow ends with CUDA_ERROR_OUT_OF_MEMORY, or 'DNN library is not found'. hanzi-tui "
        "takes memory as it needs it; TensorFlow elsewhere takes all, unless told to grow."
    ),
    "environment.gpu_memory_faulty": "The memory of GPU {index} ({name}) has faults.",
    "environment.gpu_memory_faulty.why": (
        "Errors that ECC could not correct: {errors}. Results may be wrong and jobs may die until "
        "the GPU is reset, which takes bad pages out of use."
    ),
    "environment.gpu_slowed_by_heat": "GPU {index} ({name}) is slowed down by heat.",
    "environment.gpu_slowed_by_heat.why": "Look at its fans and at the air around it.",
    "environment.gpu_slowed_by_hardware": "GPU {index} ({name}) is slowed down by its hardware.",
    "environment.gpu_slowed_by_hardware.why": (
        "A power brake does that, or a temperature that is too high. Look at supply and cooling."
    ),
    # driver and build
    "environment.windows_native": (
        "TensorFlow {version} cannot use a GPU on Windows itself; 2.10 was the last that could."
    ),
    "environment.windows_native.why": (
        "Use it inside WSL2, or take TensorFlow 2.10 with CUDA 11.2, cuDNN 8.1 and Python 3.7 to "
        "3.10."
    ),
    "environment.cpu_build": "{package} {version} for {machine} is built without GPU code.",
    "environment.cpu_build.why": (
        "Install a build with it; for processors other than x86_64, NVIDIA's container images "
        "hold one."
    ),
    "environment.driver_ok": "Driver {driver} runs CUDA {cuda}, which needs {minimum} or newer.",
    "environment.driver_old": (
        "NVIDIA driver {driver} is too old for CUDA {cuda} of this TensorFlow: it takes {minimum} "
        "or newer."
    ),
    "environment.driver_old.why": (
        "TensorFlow ends with 'CUDA driver version is insufficient'. Update the driver: under "
        "WSL in Windows, in a container on its host."
    ),
    "environment.capability_ok": (
        "GPU {index} ({name}, compute capability {capability}) is covered by this TensorFlow."
    ),
    "environment.capability_new": (
        "GPU {index} ({name}) has compute capability {capability}, newer than all that TensorFlow "
        "{version} is built for ({built_for})."
    ),
    "environment.capability_new.why": (
        "With CUDA {cuda} it may take half an hour to start, or fail with CUDA_ERROR_INVALID_PTX. "
        "Use NVIDIA's container image of TensorFlow, a build of your own with CUDA 12.8, or the "
        "CPU."
    ),
    "environment.capability_old": (
        "GPU {index} ({name}) has compute capability {capability}, older than all that "
        "TensorFlow {version} is built for ({built_for})."
    ),
    "environment.capability_old.why": (
        "It ends with 'device kernel image is invalid'. Use an older TensorFlow, or the CPU."
    ),
}  # fmt: skip
