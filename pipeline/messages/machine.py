"""English texts of the verdicts, and of findings on Python, packages and the machine.

A finding has a sentence on what was found and, under its code with `.why` behind, one on why that
matters and what helps where no single command does.
"""

from __future__ import annotations

MESSAGES = {
    "environment.ready_gpu": "Ready: TensorFlow {tensorflow} can train on GPU {gpus}.",
    "environment.ready_cpu": "Ready on the CPU with TensorFlow {tensorflow}: {cause}",
    "environment.gpu_unusable": (
        "TensorFlow cannot use the GPU of this machine (its CPU is ready): {cause}"
    ),
    "environment.not_ready": "Not ready: {cause}",
    "environment.unknown": "Could not find out about {probe}: {reason}",
    # processor
    "environment.avx": "The processor ({model}) has AVX.",
    "environment.no_avx": "The processor ({model}) has no AVX.",
    "environment.no_avx.why": (
        "TensorFlow's packages need it: importing them ends with 'Illegal instruction'. Use "
        "another machine, or let the virtual machine pass AVX through."
    ),
    # TensorFlow and Python
    "environment.tensorflow_missing": "TensorFlow is not installed in this Python.",
    "environment.tensorflow_cuda": (
        "TensorFlow {version} is installed, built for CUDA {cuda} and cuDNN {cudnn}."
    ),
    "environment.tensorflow_cpu": "TensorFlow {version} is installed, built for the CPU only.",
    "environment.python_tested": (
        "Python {python} is within the tested range of TensorFlow {tensorflow}: {first} to {last}."
    ),
    "environment.python_untested": (
        "Python {python} is outside the tested range of TensorFlow {tensorflow}: {first} to {last}."
    ),
    "environment.python_untested.why": (
        "For other versions there is most often no package at all. Make a virtual environment "
        "with one of those."
    ),
    "environment.build_fits": (
        "TensorFlow {tensorflow} (CUDA {cuda}, cuDNN {cudnn}) fits this driver, GPU and Python."
    ),
    "environment.build_fits.why": (
        "It is the newest tested build that does; hanzi-tui check --plan shows all the steps."
    ),
    "environment.build_fits_not_here": (
        "TensorFlow {tensorflow} (CUDA {cuda}, cuDNN {cudnn}) fits this driver, GPU and Python, "
        "but hanzi-tui needs {requirement}."
    ),
    "environment.build_fits_not_here.why": (
        "It serves other programs in an environment of its own; hanzi-tui check --plan shows "
        "the steps."
    ),
    # packages
    "environment.pins_hold": "All {count} required packages are installed in allowed versions.",
    "environment.pin_unmet": "{owner} needs {requirement}; installed: {installed}.",
    "environment.numpy_too_new": (
        "NumPy {installed} is too new for TensorFlow {tensorflow}, which was built with NumPy 1."
    ),
    "environment.numpy_too_new.why": (
        "Importing it ends with '_ARRAY_API not found'. Take NumPy 1, or TensorFlow 2.18 or newer."
    ),
    "environment.protobuf_too_new": (
        "protobuf {installed} is too new for TensorFlow {tensorflow}, which takes {requirement}."
    ),
    "environment.protobuf_too_new.why": (
        "Importing it ends with 'Descriptors cannot be created directly', or a message on "
        "GetPrototype."
    ),
    "environment.pillow_830": "Pillow 8.3.0 is installed, the one version that breaks images.",
    "environment.pillow_830.why": (
        "Turning one of its images into an array ends with '__array__() takes 1 positional "
        "argument but 2 were given'. 8.3.1 mended it."
    ),
    "environment.scipy_missing": "SciPy is not installed.",
    "environment.scipy_missing.why": (
        "Keras' ImageDataGenerator turns and shears images with it, and ends with 'Image "
        "transformations require SciPy'. hanzi-tui itself does not need it."
    ),
    "environment.tensorboard_missing": "TensorBoard is not installed.",
    "environment.tensorboard_missing.why": (
        "From 2.21 on TensorFlow no longer brings it along, and keras.callbacks.TensorBoard ends "
        "with an error."
    ),
    "environment.opencv_one": "One OpenCV is installed: {flavour}.",
    "environment.opencv_several": "Several OpenCV packages are installed: {flavours}.",
    "environment.opencv_several.why": (
        "They overwrite each other's files in the folder cv2, and the one that is removed first "
        "leaves the other broken. Keep one."
    ),
    # the import
    "environment.import_sees": (
        "TensorFlow starts in {seconds} s; GPUs that it lists: {gpus}."
    ),
    "environment.import_failed": "Importing TensorFlow fails: {error}",
    "environment.import_crashed": "Importing TensorFlow ends its process with {signal}.",
    "environment.import_crashed.why": (
        "A damaged package or a library of another version does that. Install it anew into a "
        "fresh environment."
    ),
    "environment.import_hung": "Importing TensorFlow did not end within {seconds} s.",
    "environment.import_hung.why": (
        "A driver that does not answer does that, and so does a slow network disk under the "
        "packages. See whether nvidia-smi answers."
    ),
    "environment.glibc_old": "The C library of this system is too old: {version} is missing.",
    "environment.glibc_old.why": (
        "TensorFlow's packages are built for newer systems. Use a container with a newer system, "
        "or an older TensorFlow."
    ),
    "environment.factory_noise": "'Unable to register cuDNN factory' is noise, and harmless.",
    "environment.multiworker": (
        "TF_CONFIG names several workers; with Keras 3 model.fit fails there, hanzi-tui train "
        "works."
    ),
    # disk, memory, session
    "environment.disk_ok": "The disk of {path} has {free_gib} GiB free.",
    "environment.disk_low": "The disk of {path} has only {free_gib} GiB free.",
    "environment.disk_low.why": (
        "A large dataset and its checkpoints need more. Make room, or choose another workspace."
    ),
    "environment.disk_full": "The disk of {path} is full: {free_gib} GiB free.",
    "environment.disk_full.why": "Make room, or choose another workspace with --workspace.",
    "environment.disk_no_files": "The disk of {path} can hold only {free_files} more files.",
    "environment.disk_no_files.why": (
        "It has run out of inodes although bytes are free. Delete small files, or choose another "
        "workspace."
    ),
    "environment.workspace_read_only": "You may not write to the workspace {path}.",
    "environment.workspace_read_only.why": "Choose another one with --workspace.",
    "environment.windows_disk": "The workspace {path} lies on a Windows disk.",
    "environment.windows_disk.why": (
        "From WSL that is many times slower than a folder below your home in Linux."
    ),
    "environment.proxy_no_scheme": "{source}={url} does not say how to talk to the proxy.",
    "environment.proxy_no_scheme.why": "pip then fails, or goes around it. Write http:// before.",
    "environment.proxy_malformed": "{source}={url} is not the address of a proxy.",
    "environment.proxy_malformed.why": "pip cannot install anything with it.",
    "environment.proxy_https_scheme": "{source}={url} asks for TLS to the proxy itself.",
    "environment.proxy_https_scheme.why": (
        "pip 20.3 to 21.2 ends with 'check_hostname requires server_hostname'. Nearly every proxy "
        "is meant with http://, also for https pages; a proxy program on a laptop is best turned "
        "off while pip runs."
    ),
    "environment.proxy_socks_missing": "{source}={url} is a SOCKS proxy, and PySocks is missing.",
    "environment.proxy_socks_missing.why": (
        "pip ends with 'Missing dependencies for SOCKS support'. Install PySocks without the proxy."
    ),
    "environment.proxy_scheme": "{source}={url} names a kind of proxy that pip does not know.",
    "environment.proxy_scheme.why": "pip cannot install anything with it.",
    "environment.locale_not_utf8": "The locale {name} does not use UTF-8.",
    "environment.locale_not_utf8.why": (
        "Chinese labels and file names cannot be shown, and some programs fail on them."
    ),
    "environment.locale_missing": "The locale {name} is not installed on this system.",
    "environment.locale_missing.why": "Programs fall back to C, without Chinese characters.",
    "environment.terminal_unnamed": "The variable TERM ('{term}') names no terminal.",
    "environment.terminal_unnamed.why": (
        "Programs then show neither colours nor a dashboard. Set what your terminal is; nearly "
        "every one of today does as xterm-256color."
    ),
    "environment.terminal_console": "This is the console of Linux, without a terminal program.",
    "environment.terminal_console.why": (
        "It draws no Chinese characters and 16 colours. Log in by SSH from a terminal program."
    ),
    "environment.terminal_colors": "TERM={term} stands for a terminal of 16 colours or fewer.",
    "environment.terminal_colors.why": (
        "Pictures and curves are coarse then. If yours shows 256, say so; if it shows 16 million, "
        "add COLORTERM=truecolor, which SSH does not pass on. In tmux, put it into ~/.tmux.conf "
        "and open a new window."
    ),
    "environment.tmux_old": "This tmux is {version}, older than 3.4.",
    "environment.tmux_old.why": (
        "It may count the cells of combined characters wrongly, and shows no sixel pictures; "
        "before 3.3 no picture passes through it at all. Frames are drawn as a whole from 3.7 on."
    ),
    "environment.logout_kills": "Logging out will kill background jobs.",
    "environment.logout_kills.why": (
        "systemd ends what a login leaves behind (KillUserProcesses), trainings too. Started like "
        "this, the dashboard and its jobs outlive the login."
    ),
    "environment.logout_spares": "Jobs go on after logging out.",
    "environment.shared_memory_low": "This container has {size_mib} MiB of /dev/shm.",
    "environment.shared_memory_low.why": (
        "Several GPUs need 1024 MiB to work together: NCCL ends with 'unhandled system error', or "
        "training hangs. Start the container with more."
    ),
}  # fmt: skip
