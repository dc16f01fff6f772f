"""What a network says to each image, chunk by chunk, kept so that a kill loses one chunk.

No more than one chunk of logits is ever in memory, so that thousands of classes and a hundred
thousand images need little of it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.calibration import Network
from pipeline.evaluation.judged import Judged
from pipeline.events import Report, StopCheck
from pipeline.files import write_json
from pipeline.problems import Problem, StopAsked

MOST_LOGITS = 1 << 24
"""Numbers in the largest chunk; 64 MB."""

UNKNOWN = -1
LARGEST_LOSS = 88.0
"""What an answer of probability 0 in float32 costs, in nats; and one the model cannot give."""

SAID = np.dtype([("guess", "<i4"), ("rank", "<i4"), ("probability", "<f4"), ("calibrated", "<f4"),
                 ("loss", "<f4"), ("calibrated_loss", "<f4")])  # fmt: skip
"""What is kept of an answer: the likeliest output, the rank of the right one (0: it is that; all
outputs where the model does not know the class), the probability and the cross-entropy of the
right one at the model's temperature, and both again at the fitted one."""


@dataclass(frozen=True)
class Temperatures:
    """What logits are divided by: the model's own, and one fitted on a dataset, if any was."""

    own: float = 1.0
    fitted: float | None = None
    dataset: str = ""


class Begun:
    """The answers of a run so far, in its folder: a plan, and a row of `SAID` for each image.

    Args:
        folder: of the run.
        identity: says what is judged by what; answers to anything else are thrown away.
    """

    def __init__(self, folder: Path, identity: dict[str, Any]) -> None:
        self._plan, self._rows = folder / "answers.json", folder / "answers.partial"
        self._identity = identity
        try:
            noted = json.loads(self._plan.read_text("utf-8", "surrogateescape"))
        except (OSError, ValueError):
            noted = {}
        self.temperatures: Temperatures | None = None
        if noted.get("identity") == identity:
            self.temperatures = Temperatures(**noted["temperatures"])
        else:
            self._rows.unlink(missing_ok=True)

    def begin(self, temperatures: Temperatures) -> None:
        """Notes by which temperatures the answers to come are judged."""
        self.temperatures = temperatures
        write_json(self._plan, {"identity": self._identity, "temperatures": vars(temperatures)})

    def rows(self, whole: int) -> NDArray[Any]:
        """Returns the answers there are, in whole chunks of `whole`; cuts off what a kill tore."""
        if not self._rows.exists():
            return np.empty(0, SAID)
        with open(self._rows, "r+b") as file:
            count = self._rows.stat().st_size // SAID.itemsize // whole * whole
            file.truncate(count * SAID.itemsize)
            return np.frombuffer(file.read(), SAID)

    def append(self, said: NDArray[Any]) -> None:
        with open(self._rows, "ab") as file:
            file.write(said.tobytes())

    def forget(self) -> None:
        """Deletes the files, once the answers are written elsewhere."""
        for path in (self._rows, self._plan):
            path.unlink(missing_ok=True)


def answers(
    network: Network,
    judged: Judged,
    output_of: NDArray[np.int64],
    outputs: int,
    begun: Begun,
    batch_size: int,
    report: Report,
    should_stop: StopCheck,
) -> tuple[NDArray[Any], int]:
    """Asks a network about every image.

    Args:
        network: uint8 `[B, S, S, C]` to logits float32 `[B, K]`.
        judged: the N images.
        output_of: int64, the output of each class, `UNKNOWN` where the model has none.
        outputs: K.
        begun: takes the answers; those it has already are not asked for again.
        batch_size: images at once; fewer where K is large.

    Returns:
        A row of `SAID` for each image, and how many were asked about now.

    Raises:
        Problem: `evaluation.not_finite` where the network answers with numbers that are none.
        StopAsked: somebody asked for it; what is answered is kept.
    """
    assert begun.temperatures is not None
    count = len(judged.truth)
    batch = max(1, min(batch_size, MOST_LOGITS // outputs))
    ready = begun.rows(batch)
    said = np.empty(count, SAID)
    said[: len(ready)] = ready[:count]
    report.progress(len(ready), count, "images")
    for start in range(len(ready), count, batch):
        stop = min(start + batch, count)
        logits = network(judged.images(start, stop))
        if not np.isfinite(logits).all():
            bad = start + int(np.flatnonzero(~np.isfinite(logits).all(axis=1))[0])
            raise Problem("evaluation.not_finite", path=judged.paths[bad])
        said[start:stop] = of_logits(
            logits, output_of[judged.truth[start:stop]], begun.temperatures
        )
        begun.append(said[start:stop])
        report.progress(stop, count, "images")
        if stop < count and (request := should_stop()) is not None:
            raise StopAsked(request)
    return said, count - len(ready[:count])


def of_logits(
    logits: NDArray[np.float32], output: NDArray[np.int64], temperatures: Temperatures
) -> NDArray[Any]:
    """Returns a row of `SAID` for each row of logits, float32 `[B, K]`.

    Args:
        output: int64 `[B]`, the right output, `UNKNOWN` where there is none.
    """
    known = output >= 0
    guess = np.argmax(logits, axis=1)
    of_guess = np.take_along_axis(logits, guess[:, None], 1)
    of_truth = np.take_along_axis(logits, np.maximum(output, 0)[:, None], 1)
    # Of equal outputs the first is the answer, as argmax has it.
    ahead = np.count_nonzero(logits > of_truth, axis=1)
    equal = logits == of_truth
    ahead += np.count_nonzero(equal & (np.arange(logits.shape[1]) < output[:, None]), axis=1)
    said = np.empty(len(logits), SAID)
    said["guess"], said["rank"] = guess, np.where(known, ahead, logits.shape[1])
    below = logits - of_guess
    names = ("probability", "loss"), ("calibrated", "calibrated_loss")
    for (sure, loss), temperature in zip(
        names, (temperatures.own, temperatures.fitted), strict=True
    ):
        if temperature is None:
            said[sure], said[loss] = said["probability"], said["loss"]
            continue
        total = np.exp(below / np.float32(temperature)).sum(axis=1)
        said[sure] = 1 / total
        cost = np.log(total) - (of_truth - of_guess)[:, 0] / temperature
        said[loss] = np.where(known, np.minimum(cost, LARGEST_LOSS), LARGEST_LOSS)
    return said
