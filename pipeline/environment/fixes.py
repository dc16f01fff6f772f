"""The commands that mend things, as this machine takes them: with pip, uv, conda or modules."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.environment.builds import TestedBuild, numbers, tested_build
from pipeline.environment.installers import InstallerFacts
from pipeline.environment.packages import CUDA_EXTRA
from pipeline.environment.probes import Facts

CONDA_PROGRAMS = ("conda", "mamba", "micromamba")
# From 2.14.1 on the extra no longer asks for TensorRT, which pip could not find; before 2.14
# there was none (RELEASE.md of TensorFlow).
FIRST_WITH_EXTRA = (2, 15)
LAST_BEFORE_NUMPY_2 = (2, 17)
LAST_BEFORE_PROTOBUF_4 = (2, 11)
SEE_DEVICES = "import tensorflow as tf; print(tf.config.list_physical_devices())"


@dataclass(frozen=True)
class Tools:
    """What installs software on a machine.

    Args:
        installer: "pip", "uv" or "conda": what the Python environment was made by.
        conda: the conda program to call, None without one.
        modules: whether there is a module system.
        windows: whether commands go to a shell of Windows, which knows double quotes only.
    """

    installer: str = "pip"
    conda: str | None = None
    modules: bool = False
    windows: bool = False


def tools(facts: Facts) -> Tools:
    """The tools of a recorded machine; pip where nothing is known."""
    windows = facts.system is not None and facts.system.os == "windows"
    known = facts.installers
    if known is None:
        return Tools(windows=windows)
    return Tools(known.installer, _conda(known), known.has_modules, windows)


def install(facts: Facts, *requirements: str) -> str:
    """Installs Python packages; also in a conda environment by pip, as TensorFlow's guide does."""
    known = facts.installers
    if known is not None and known.externally_managed:
        # PEP 668: the system's Python takes no packages, a virtual environment does.
        listed = quoted(tools(facts), *requirements)
        return f"python3 -m venv .venv && .venv/bin/pip install {listed}"
    return pip_install(tools(facts), *requirements)


def pip_install(with_tools: Tools, *requirements: str) -> str:
    """Installs Python packages into the environment that is active."""
    program = "uv pip" if with_tools.installer == "uv" else "pip"
    return f"{program} install {quoted(with_tools, *requirements)}"


def uninstall(facts: Facts, *packages: str) -> str:
    """Removes Python packages without asking."""
    uv = tools(facts).installer == "uv"
    return f"{'uv pip uninstall' if uv else 'pip uninstall -y'} {' '.join(packages)}"


def cuda_by_conda(build: TestedBuild, conda: str = "conda") -> str:
    """Installs the CUDA runtime and cuDNN of a build into a conda environment: nothing more.

    TensorFlow needs neither NVIDIA's installer nor its compiler, only these libraries.
    """
    return f"{conda} install -c conda-forge {' '.join(conda_cuda(build))}"


def conda_cuda(build: TestedBuild) -> tuple[str, str]:
    """The conda packages of a build, quoted for any shell; cuDNN in the same major, or newer."""
    cudnn = build.cudnn or "0"
    return f'"cudatoolkit={build.cuda}"', f'"cudnn>={cudnn},<{numbers(cudnn)[0] + 1}"'


def tested(facts: Facts) -> TestedBuild | None:
    """The tested build that is installed here."""
    os = facts.system.os if facts.system else "linux"
    return tested_build(facts.tensorflow.version, os) if facts.tensorflow else None


def cuda_libraries(facts: Facts) -> str | None:
    """Puts the CUDA libraries of TensorFlow where it finds them; None where nothing is known."""
    found, build = facts.tensorflow, tested(facts)
    if found is None or build is None or build.cuda is None:
        return None
    if numbers(found.version) >= FIRST_WITH_EXTRA and build.os == "linux":
        return install(facts, f"{found.package}[{CUDA_EXTRA}]=={found.version}")
    known = tools(facts)
    if known.conda:
        return cuda_by_conda(build, known.conda)
    return f"module load cuda/{build.cuda} cudnn/{build.cudnn}" if known.modules else None


def environment(build: TestedBuild, python: str, with_tools: Tools) -> tuple[str, ...]:
    """The commands from nothing to the devices that TensorFlow sees, one a line.

    Args:
        python: a minor version within the build's range, such as "3.11".
        with_tools: a build that does not bring its CUDA along is installed with conda, unless
            there is a module system and no conda.
    """
    minor = ".".join(map(str, numbers(build.tensorflow)[:2]))
    with_extra = build.kind == "gpu" and numbers(minor) >= FIRST_WITH_EXTRA
    by_conda = build.kind == "gpu" and not with_extra
    package = "tensorflow-gpu" if by_conda and numbers(minor) < (2, 1) else "tensorflow"
    extra = f"[{CUDA_EXTRA}]" if with_extra else ""
    wanted = [f"{package}{extra}=={minor}.*", *companions(minor)]
    steps = list(_fresh(python, with_tools, build if by_conda else None))
    steps.append(pip_install(with_tools, *wanted))
    if by_conda and build.os == "linux" and not _by_module(with_tools):
        conda = with_tools.conda or "conda"
        steps.append(f'{conda} env config vars set LD_LIBRARY_PATH="$CONDA_PREFIX/lib"')
        steps.append(f"{conda} activate tf")
    return (*steps, f'python -c "{SEE_DEVICES}"')


def companions(tensorflow: str) -> list[str]:
    """Bounds that the metadata of older TensorFlow packages lack."""
    minor = numbers(tensorflow)[:2]
    bounds = ["numpy<2"] if minor <= LAST_BEFORE_NUMPY_2 else []
    return bounds + (["protobuf<3.20"] if minor <= LAST_BEFORE_PROTOBUF_4 else [])


def quoted(with_tools: Tools, *words: str) -> str:
    """Words as the shell of that system takes them."""
    if not with_tools.windows:
        return " ".join(_safe(word) for word in words)
    return " ".join(f'"{word}"' if set(word) & set("<>&|^[]* ") else word for word in words)


def _safe(word: str) -> str:
    # A version is quoted although no shell asks for it: `>=` beside it must be.
    return f"'{word}'" if set(word) & set("<>=!~") and "'" not in word else shlex.quote(word)


def _fresh(python: str, with_tools: Tools, cuda: TestedBuild | None) -> Sequence[str]:
    if cuda is not None and _by_module(with_tools):
        modules = f"module load cuda/{cuda.cuda} cudnn/{cuda.cudnn}"
        return modules, f"python{python} -m venv .venv", ". .venv/bin/activate"
    if cuda is not None or with_tools.installer == "conda":
        conda = with_tools.conda or "conda"
        libraries = f" {' '.join(conda_cuda(cuda))}" if cuda else ""
        create = f"{conda} create -n tf -c conda-forge python={python}{libraries}"
        return create, f"{conda} activate tf"
    if with_tools.installer == "uv":
        made = f"uv venv --python {python}"
    elif with_tools.windows:
        made = f"py -{python} -m venv .venv"
    else:
        made = f"python{python} -m venv .venv"
    return made, r".venv\Scripts\activate" if with_tools.windows else ". .venv/bin/activate"


def _by_module(with_tools: Tools) -> bool:
    return with_tools.modules and with_tools.conda is None and with_tools.installer != "conda"


def _conda(known: InstallerFacts) -> str | None:
    there = [program for program in CONDA_PROGRAMS if program in known.programs]
    return there[0] if there else "conda" if known.installer == "conda" else None
