"""A loaded bundle that answers pictures with characters: LiteRT, no TensorFlow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.bundle import Bundle, Precision
from pipeline.images import Picture
from pipeline.litert import softmax
from pipeline.problems import Problem
from pipeline.processes import usable_cores
from pipeline.recognition.answers import Candidate, Verdict
from pipeline.recognition.reading import Read, read_ahead
from pipeline.recognition.verdict import verdict_on


@dataclass(frozen=True)
class Recognition:
    """The answer to one picture: candidates, the likeliest first, or why there is none.

    `verdict` says how far they can be trusted; without a character there are none. `seen` is what
    the network was given, uint8 `[S, S, C]`.
    """

    candidates: tuple[Candidate, ...]
    problem: Problem | None = None
    verdict: Verdict = "sure"
    seen: NDArray[np.uint8] | None = field(default=None, repr=False, compare=False)


class Recognizer:
    """Recognises pictures by the LiteRT network of a bundle.

    Args:
        bundle: an opened bundle.
        threads: of LiteRT, and those that read large pictures; 0 for one per core.
        precision: of the network, as `Bundle.network` takes it.
        min_confidence: answers with less, 0 to 1, are "unsure".

    Raises:
        Problem: the bundle is damaged or does not fit together.
    """

    def __init__(
        self,
        bundle: Bundle,
        threads: int = 0,
        precision: Precision = "auto",
        min_confidence: float = 0.5,
    ) -> None:
        # Characters are too small for OpenCV to share out among threads.
        cv2.setNumThreads(1)
        self.bundle = bundle
        self._threads = threads or usable_cores()
        self._network = bundle.network(self._threads, precision)
        self._min_confidence = min_confidence

    def recognize(
        self, pictures: Iterable[Picture], top: int = 5, batch_size: int = 64
    ) -> Iterator[Recognition]:
        """Yields the answer to each picture, in order; an unreadable one carries its problem.

        Args:
            pictures: paths, encoded images, or arrays uint8 `[H, W]` or `[H, W, 3]`.
            top: candidates for each.
            batch_size: pictures in one pass of the network.
        """
        spec = self.bundle.description.spec
        for batch in read_ahead(pictures, spec, batch_size, self._threads):
            yield from self._answers(batch, top)

    def _answers(self, batch: Sequence[Read], top: int) -> Iterator[Recognition]:
        images = [item for item in batch if not isinstance(item, Problem)]
        rows = iter(self._probabilities(np.stack(images)) if images else ())
        for item in batch:
            if isinstance(item, Problem):
                yield Recognition((), item)
            else:
                yield self._judged(item, self._candidates(next(rows), top))

    def _judged(self, seen: NDArray[np.uint8], candidates: tuple[Candidate, ...]) -> Recognition:
        glyph = self.bundle.description.spec.kind == "glyph"
        verdict: Verdict = verdict_on(seen) if glyph else "sure"
        if verdict != "sure":
            return Recognition((), verdict=verdict, seen=seen)
        if candidates[0].probability < self._min_confidence:
            verdict = "unsure"
        return Recognition(candidates, verdict=verdict, seen=seen)

    def _probabilities(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Returns float32 `[N, classes]`, as sure as the model is right; see `calibration`."""
        return softmax(self._network.logits(images) / np.float32(self.bundle.temperature))

    def _candidates(self, probabilities: NDArray[np.float32], top: int) -> tuple[Candidate, ...]:
        labels = self.bundle.description.labels
        best = _largest(probabilities, top)
        return tuple(Candidate(labels[i], float(probabilities[i])) for i in best)


def _largest(values: NDArray[np.float32], count: int) -> NDArray[np.intp]:
    """Returns the places of the `count` largest, the largest first, equals in their order."""
    if count < len(values):
        # Thousands of classes take longer to sort than a small network to run.
        least = np.partition(values, -count)[-count]
        places = np.flatnonzero(values >= least)
    else:
        places = np.arange(len(values))
    return places[np.argsort(-values[places], kind="stable")][:count]
