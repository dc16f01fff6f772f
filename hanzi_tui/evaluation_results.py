"""An evaluation as a screen shows it: its answers, the pairs behind the errors, the images."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hanzi_tui.i18n import worded_problem
from pipeline.dataset.review import review_file
from pipeline.evaluation.confusion import Confusion, Pair
from pipeline.evaluation.results import Results, images
from pipeline.evaluation.results import read_results as read_answers
from pipeline.problems import Problem
from pipeline.runs import Run
from pipeline.workspace import Workspace

Indices = NDArray[np.int64]


@dataclass(frozen=True)
class ConfusedPair:
    """Two classes, told in one direction.

    Args:
        truth, guess: class indices.
        truth_label, guess_label: shown literally.
        count: images of `truth` that were taken for `guess`.
        share: what the pair is ranked by where shares are; 0 to 1.
        back: images of `guess` that were taken for `truth`.
    """

    truth: int
    guess: int
    truth_label: str
    guess_label: str
    count: int
    share: float
    back: int


@dataclass(frozen=True, eq=False)
class EvaluationResults:
    """An evaluation with the images it judged.

    Args:
        answers: what the evaluation left.
        images: what the model saw, uint8 `[N, H, W, C]`; None where that is gone.
        no_images: why it is gone, in words; "" where it is not.
        review: the list of images marked as mislabelled; it need not exist.
    """

    run: Run
    answers: Results
    images: NDArray[np.uint8] | None
    no_images: str
    review: Path

    @property
    def summary(self) -> dict[str, Any]:
        """The content of evaluation.json."""
        return self.answers.summary

    @property
    def labels(self) -> tuple[str, ...]:
        return self.answers.labels

    @property
    def confusion(self) -> Confusion:
        return self.answers.confusion

    @property
    def sources(self) -> list[str]:
        """Where each image came from, paths."""
        return self.answers.paths

    @cached_property
    def truth(self) -> Indices:
        return self.answers.truth

    @cached_property
    def guess(self) -> Indices:
        return self.answers.guess

    @cached_property
    def confused(self) -> list[ConfusedPair]:
        """The most-confused pairs, as many as the evaluation was asked for."""
        return [self._told(pair) for pair in self.confusion.pairs(self._most)]

    @cached_property
    def confused_by_rate(self) -> list[ConfusedPair]:
        """Those of which the largest share was confused; once in one image does not count."""
        return [self._told(pair) for pair in self.confusion.pairs_by_rate(self._most)]

    @property
    def _most(self) -> int:
        return max(len(self.summary["pairs"]), 1)

    def _told(self, pair: Pair) -> ConfusedPair:
        """Tells a pair in the direction in which it is confused more often."""
        truth, guess = pair.first, pair.second
        if pair.second_as_first > pair.first_as_second:
            truth, guess = guess, truth
        back, count = sorted((pair.first_as_second, pair.second_as_first))
        return ConfusedPair(truth, guess, self.labels[truth], self.labels[guess], count,
                            pair.rate, back)  # fmt: skip

    def taken_for(self, truth: int) -> list[ConfusedPair]:
        """Returns what a class is taken for, most often first; shares are of its images."""
        images = int(self.confusion.images()[truth])
        back = dict(self._taken_as(truth))
        return [ConfusedPair(truth, guess, self.label(truth), self.label(guess), count,
                             count / images, back.get(guess, 0))
                for guess, count in self.answers.taken_for(truth)]  # fmt: skip

    def _taken_as(self, guess: int) -> list[tuple[int, int]]:
        """Returns which other classes were taken for one, and how often."""
        of = self.confusion
        cells = (of.guess == guess) & (of.truth != guess)
        return list(zip(of.truth[cells].tolist(), of.count[cells].tolist(), strict=True))

    def worst(self, truth: int) -> int:
        """Returns what a class is most often taken for; itself where it is always recognised."""
        return next((guess for guess, _count in self.answers.taken_for(truth)), truth)

    def rows_behind(self, truth: int, guess: int) -> Indices:
        """Returns the images behind a pair: misread ones, either way, then those read rightly."""
        pairs = [(truth, guess), (guess, truth), (truth, truth), (guess, guess)]
        return np.concatenate([self.answers.rows(*pair) for pair in dict.fromkeys(pairs)])

    def label(self, index: int) -> str:
        """Returns the label of a class, "?" for an answer outside them."""
        return self.answers.label(index)

    def image(self, row: int) -> NDArray[np.uint8]:
        """Returns an image as the model saw it, uint8 `[H, W]` or `[H, W, 3]`."""
        if self.images is None:
            return np.zeros((1, 1), np.uint8)
        image = np.asarray(self.images[row])
        return image[..., 0] if image.shape[-1] == 1 else image


def read_results(run: Run, workspace: Workspace) -> EvaluationResults:
    """Reads the results of a finished evaluation; it is shown without images where those are gone.

    Raises:
        OSError: a file of the run is gone.
        ValueError: a file of the run is damaged.
    """
    answers = read_answers(run.path)
    seen, gone = None, ""
    try:
        seen = images(answers, workspace)
    except Problem as problem:
        gone = worded_problem(problem)
    results = EvaluationResults(run, answers, seen, gone, review_file(workspace, answers.summary))
    if len(results.sources) != len(answers.answers):
        raise ValueError(f"{len(results.sources)} predictions for {len(answers.answers)} images")
    _ = results.confused, answers.orders  # counted here, not while a screen is drawn
    return results


def subject(summary: dict[str, Any]) -> str:
    """Returns what was judged by what, such as "kai-cnn  kai/test"."""
    source = summary.get("source")
    by = Path(source).name if source else f"{summary['dataset']}/{summary['split']}"
    return f"{summary['model']}  {by}"


def seen_before(summary: dict[str, Any]) -> int:
    """Returns how many of the images the model had learned from or was chosen by; 0 if unknown."""
    seen = summary.get("seen", {})
    return int(seen.get("train", 0) + seen.get("validation", 0)) if seen.get("known") else 0
