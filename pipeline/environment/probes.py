"""Gathers the facts: small independent probes, side by side, each of which may fail alone."""

from __future__ import annotations

import os
import queue
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline.environment import (
    builds,
    device_nodes,
    gpu,
    host,
    installers,
    libraries,
    locales,
    logout,
    network,
    packages,
    tensorflow_import,
    terminal,
    trial_facts,
    variables,
)

_LIMITS_S = {"tensorflow_import": tensorflow_import.TIMEOUT_S + 5.0}


@dataclass(frozen=True)
class Facts:
    """All that is known of this machine; `dataclasses.asdict` of it is JSON.

    A field is None when its probe failed, and `unknown` then has its name and the reason. Only
    `tensorflow` (not installed), `shared_memory` (no such folder), `tensorflow_import` and
    `trials` (not asked for, as they take seconds) may be None otherwise.
    """

    system: host.SystemFacts | None = None
    cpu: host.CpuFacts | None = None
    memory: host.MemoryFacts | None = None
    workspace: host.DiskFacts | None = None
    shared_memory: host.DiskFacts | None = None
    python: host.PythonFacts | None = None
    packages: packages.PackageFacts | None = None
    tensorflow: builds.TensorFlowBuild | None = None
    libraries: libraries.LibraryFacts | None = None
    gpu: gpu.GpuReport | None = None
    devices: device_nodes.DeviceFacts | None = None
    installers: installers.InstallerFacts | None = None
    variables: variables.VariableFacts | None = None
    network: network.NetworkFacts | None = None
    locale: locales.LocaleFacts | None = None
    terminal: terminal.TerminalFacts | None = None
    logout: logout.LogoutFacts | None = None
    tensorflow_import: tensorflow_import.ImportFacts | None = None
    trials: tuple[trial_facts.GpuTrial, ...] | None = None
    unknown: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """What one probe found: `name` is a field of `Facts`; `reason` tells why it found nothing."""

    name: str
    value: Any
    reason: str | None = None


def probes(
    workspace: str | Path = ".",
    environ: Mapping[str, str] = os.environ,
    root: Path = Path("/"),
    import_tensorflow: bool = False,
) -> dict[str, Callable[[], Any]]:
    """The probes by the field of `Facts` each one fills, the slow ones first.

    Args:
        import_tensorflow: whether TensorFlow is to be imported, in a process of its own; it takes
            seconds.
    """
    asked: dict[str, Callable[[], Any]] = {}
    if import_tensorflow:
        asked["tensorflow_import"] = lambda: tensorflow_import.tensorflow_import(environ)
    return asked | {
        "libraries": lambda: libraries.libraries(_tensorflow(environ, root), environ, root),
        "gpu": lambda: gpu.gpus(environ, root),
        "packages": packages.packages,
        "tensorflow": lambda: _tensorflow(environ, root),
        "system": lambda: host.system(environ, root),
        "cpu": lambda: host.cpu(root),
        "memory": lambda: host.memory(root),
        "workspace": lambda: host.disk(workspace, root),
        "shared_memory": lambda: host.shared_memory(root),
        "python": host.python,
        "devices": lambda: device_nodes.device_nodes(root),
        "installers": lambda: installers.installers(environ),
        "variables": lambda: variables.variables(environ),
        "network": lambda: network.network(environ, root),
        "locale": lambda: locales.locale(environ, root),
        "terminal": lambda: terminal.terminal(environ, root),
        "logout": lambda: logout.logout(root),
    }


def answers(asked: dict[str, Callable[[], Any]], timeout_s: float = 15.0) -> Iterator[Answer]:
    """Runs the probes side by side, and yields each answer as it comes.

    A probe that raises, or has not answered `timeout_s` seconds after the start (a disk that
    hangs, a GPU that fell off its bus), answers with the reason in place of a value. The import
    of TensorFlow has its own, longer limit.
    """
    done: queue.SimpleQueue[Answer] = queue.SimpleQueue()
    for name, probe in asked.items():
        threading.Thread(
            target=_run, args=(name, probe, done), name=f"probe-{name}", daemon=True
        ).start()
    start = time.monotonic()
    limits = {name: max(timeout_s, _LIMITS_S.get(name, 0.0)) for name in asked}
    while limits:
        soonest = min(limits.values())
        try:
            answer = done.get(timeout=max(0.0, start + soonest - time.monotonic()))
        except queue.Empty:
            for name in [name for name, limit in limits.items() if limit == soonest]:
                del limits[name]
                yield Answer(name, None, f"no answer in {soonest:g} s")
            continue
        if limits.pop(answer.name, None) is not None:
            yield answer


def collect(found: Iterator[Answer]) -> Facts:
    """Puts answers together."""
    values: dict[str, Any] = {}
    unknown: dict[str, str] = {}
    for answer in found:
        if answer.reason is None:
            values[answer.name] = answer.value
        else:
            unknown[answer.name] = answer.reason
    return Facts(**values, unknown=unknown)


def gather(
    workspace: str | Path = ".",
    environ: Mapping[str, str] = os.environ,
    root: Path = Path("/"),
    timeout_s: float = 15.0,
    import_tensorflow: bool = False,
) -> Facts:
    """All facts at once. Blocks: a user interface calls it in a thread.

    Args:
        workspace: the folder whose disk counts; it need not exist yet.
        environ: the environment variables that steer CUDA and the loader.
        root: the root of the file system that holds /proc, /sys, /dev and /etc.
        timeout_s: after which a probe counts as failed.
        import_tensorflow: as for `probes`.
    """
    return collect(answers(probes(workspace, environ, root, import_tensorflow), timeout_s))


def _tensorflow(environ: Mapping[str, str], root: Path) -> builds.TensorFlowBuild | None:
    return builds.tensorflow_build(host.system(environ, root).os)


def _run(name: str, probe: Callable[[], Any], done: queue.SimpleQueue[Answer]) -> None:
    # Whatever goes wrong in a probe is its answer, never the end of the check.
    try:
        done.put(Answer(name, probe()))
    except Exception as error:
        done.put(Answer(name, None, f"{type(error).__name__}: {error}"))
