"""Tries the GPUs: each computes what the processor computes, and the results are compared.

Versions that do not correspond, a faulty card or TF32 can make a GPU give wrong numbers without a
word: the loss is NaN or stays where it is, while the same program learns on the processor.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from pipeline.environment import child
from pipeline.environment.devices import Gpu
from pipeline.environment.import_messages import known
from pipeline.environment.tensorflow_import import OUTPUT_LIMIT, TALKATIVE
from pipeline.environment.trial_facts import Comparison, GpuTrial

# The import takes up to a minute from a cold network disk, and so does the first use of cuDNN.
TIMEOUT_S = 180.0
WIDTH = 2048
IMAGES = 32
REPEATS = 10
# What a driver and a desktop take for themselves; above that somebody works there, even where
# the driver does not name the process, as from within a container.
IDLE_MEMORY_BYTES = 1 << 30
IDLE_PERCENT = 10
_PROGRAM = Path(__file__).with_name("trial_child.py")


def in_use_by_others(gpu: Gpu) -> bool:
    """Whether somebody else seems to work on a GPU."""
    if any(not process.own for process in gpu.processes):
        return True
    if gpu.processes:
        return False
    return (gpu.memory_used_bytes or 0) > IDLE_MEMORY_BYTES or (
        gpu.utilization_percent or 0
    ) >= IDLE_PERCENT


def trials(
    gpus: Iterable[Gpu],
    environ: Mapping[str, str] = os.environ,
    *,
    force: bool = False,
    timeout_s: float = TIMEOUT_S,
    tell: Callable[[Gpu], object] = lambda gpu: None,
) -> tuple[GpuTrial, ...]:
    """Tries every visible GPU, one after the other; takes ten seconds or more for each.

    Args:
        gpus: as `pipeline.environment.gpu.gpus` reports them.
        force: try those that others are using, too.
        timeout_s: for each GPU.
        tell: called with each GPU before it is tried.
    """
    found = []
    for gpu in gpus:
        if not gpu.visible:
            continue
        if in_use_by_others(gpu) and not force:
            found.append(GpuTrial(gpu.index, gpu.name, "taken"))
            continue
        tell(gpu)
        found.append(trial(gpu, environ, timeout_s))
    return tuple(found)


def trial(
    gpu: Gpu,
    environ: Mapping[str, str] = os.environ,
    timeout_s: float = TIMEOUT_S,
    *,
    device: str = "GPU:0",
    width: int = WIDTH,
    images: int = IMAGES,
    repeats: int = REPEATS,
) -> GpuTrial:
    """Tries one GPU in a process of its own, which sees no other one and takes memory as it needs.

    Args:
        timeout_s: after which the process is killed.
        device: what TensorFlow calls it there; "CPU:0" tries the processor in its place.
        width: rows of the matrices that are multiplied.
        images: in the batch of the convolutions.
        repeats: of what is timed.
    """
    # By -c and not as a file: the folder of a file would come first on sys.path.
    isolated = ["-P"] if sys.version_info >= (3, 11) else []
    asked = {"device": device, "width": width, "images": images, "repeats": repeats}
    program = _PROGRAM.read_text(encoding="utf-8")
    own = {"CUDA_VISIBLE_DEVICES": gpu.uuid, "TF_FORCE_GPU_ALLOW_GROWTH": "true"}
    command = [sys.executable, *isolated, "-c", program, json.dumps(asked)]
    ended = child.run(command, {**environ, **TALKATIVE, **own}, timeout_s)
    doing, comparisons = _told(ended.out)
    return GpuTrial(
        index=gpu.index,
        name=gpu.name,
        state=_state(ended, comparisons),
        seconds=round(ended.seconds, 2),
        comparisons=comparisons,
        doing=doing,
        messages=known(ended.err),
        signal=ended.signal,
        error=ended.err.strip().rpartition("\n")[2] if ended.code and not ended.signal else None,
        output=ended.err[-OUTPUT_LIMIT:],
    )


def _told(output: str) -> tuple[str, tuple[Comparison, ...]]:
    """What the process did last, and what it found; its last line may be torn."""
    doing = ""
    found: list[Comparison] = []
    for line in output.splitlines():
        try:
            told: dict[str, Any] = json.loads(line)
        except ValueError:
            break
        if "doing" in told:
            doing = told["doing"]
        else:
            found.append(Comparison(**told))
    return doing, tuple(found)


def _state(ended: child.Ended, comparisons: tuple[Comparison, ...]) -> str:
    if ended.code is None:
        return "hung"
    if ended.signal:
        return "crashed"
    if ended.code:
        return "failed"
    return "done" if comparisons else "unseen"
