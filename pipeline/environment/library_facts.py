"""What is known of the CUDA libraries of a machine, as plain values."""

from __future__ import annotations

from dataclasses import dataclass

DRIVER_LIBRARIES = ("libcuda.so.1", "libnvidia-ml.so.1")
OPTIONAL = ("libnccl.so.2", "libdevice.10.bc", "ptxas")


@dataclass(frozen=True)
class Library:
    """A place where a CUDA library, or a file of the CUDA toolkit, lies.

    Args:
        soname: the name TensorFlow asks the loader for, such as "libcudnn.so.9"; or
            "libdevice.10.bc" or "ptxas".
        path: the file.
        origin: "ld_library_path", "wheel" (an nvidia-* package), "prefix" (the lib folder of this
            Python, as conda fills it), "system" (the loader's cache), "xla_flags" (the folder
            that XLA_FLAGS names), "path" (the variable PATH), "toolkit" (a CUDA toolkit) or
            "wsl".
        version: as the library itself says, such as "9.3.0"; None when it was not asked, or has
            no answer.
        state: "loads", "unloadable" (the loader refuses it), "crashed" (it killed the process
            that asked), "hung" (it did not answer in time) or "unasked".
        detail: the loader's words, or the signal; "" when it loads.
    """

    soname: str
    path: str
    origin: str
    version: str | None = None
    state: str = "unasked"
    detail: str = ""


@dataclass(frozen=True)
class LibraryFacts:
    """The libraries asked for, and every place that has one, in the loader's order.

    Args:
        wanted: sonames without which TensorFlow sees no GPU; empty for a build without CUDA, and
            outside Linux.
        found: of `wanted`, DRIVER_LIBRARIES and OPTIONAL, every copy that lies where it is
            looked for; the first of each name is the one that is used and hides the others.
        ld_library_path: the environment variable, None when unset.
        elsewhere: files that are there and not used: of the right name where nobody looks (a CUDA
            toolkit, conda's library folder or a wheel off the loader's path, WSL's folder), and
            of another version than the wanted one, such as "libcudnn.so.8", anywhere.
        runpath: folders of wheels that TensorFlow's own library names to the loader, as they are
            on this machine; empty when it names none (as some 2.16 to 2.18 wheels) or was not
            read.
    """

    wanted: tuple[str, ...]
    found: tuple[Library, ...]
    ld_library_path: str | None
    elsewhere: tuple[Library, ...] = ()
    runpath: tuple[str, ...] = ()

    def first(self, soname: str) -> Library | None:
        """The copy that is used, or None where there is none."""
        return next((one for one in self.found if one.soname == soname), None)
