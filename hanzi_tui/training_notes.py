"""What is to be known of a training beside its progress: its checkpoint, and how it over-fits."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence

from hanzi_tui.i18n import _
from hanzi_tui.run_state import RunState
from hanzi_tui.signs import Signs
from hanzi_tui.widgets.sparkline import sparkline
from pipeline.events import Metric
from pipeline.jobs import TrainJob
from pipeline.training.judging import rank

BARS = 10
FITS, A_LITTLE = 0.02, 0.08
"""Training accuracy above validation accuracy, up to which it fits, and over-fits a little."""


def checkpoint_words(state: RunState, epochs: Sequence[Metric]) -> Iterator[str]:
    """Yields when the last checkpoint was written and when the next one will be, as clock times.

    Args:
        state: of the training.
        epochs: what its epochs measured.
    """
    if not isinstance(state.job, TrainJob):
        return
    saved, training = state.saved, state.job.training
    if saved is not None:
        text = _("checkpoint {clock}, step {step}")
        parts = [text.format(clock=_clock(saved.time), step=saved.step)]
        if epochs:
            parts.append(_("best epoch {epoch}").format(epoch=best_epoch(epochs, training.best)))
        yield ", ".join(parts)
    if not state.status.live or state.stage != "train":
        return
    if saved is None:
        text = _("no checkpoint yet: the first with the epoch, or after {minutes:g} min")
        yield text.format(minutes=training.checkpoint_minutes)
    else:
        last = max(saved.time, state.started_s) + training.checkpoint_minutes * 60
        yield _("the next with the epoch, or at {clock}").format(clock=_clock(last))


def gap_words(epochs: Sequence[Metric], signs: Signs) -> str:
    """Returns training less validation accuracy: as a curve, a number and a word; "" for none."""
    gaps = [train - validation for epoch in epochs
            if (train := epoch.values.get("accuracy")) is not None
            and (validation := epoch.values.get("val_accuracy")) is not None]  # fmt: skip
    if not gaps:
        return ""
    curve = f"{sparkline(gaps, BARS, signs)} " if len(gaps) > 1 else ""
    return f"{_('over-fit')} {curve}{gaps[-1]:+.3f} {signs.separator} {gap_word(gaps[-1])}"


def gap_word(gap: float) -> str:
    """Returns what it means that training accuracy is `gap` above that of the validation."""
    if gap < 0:
        return _("validation is ahead")
    if gap <= FITS:
        return _("none")
    return _("a little") if gap <= A_LITTLE else _("much")


def best_epoch(epochs: Sequence[Metric], best: str) -> int:
    """Returns which epoch would become the model, counted from 1.

    Args:
        epochs: at least one.
        best: the setting of that name.
    """

    def quality(epoch: Metric) -> list[float]:
        values = {key: math.nan if v is None else v for key, v in epoch.values.items()}
        return rank(values, best)

    return max(epochs, key=quality).epoch + 1


def _clock(seconds: float) -> str:
    return time.strftime("%H:%M", time.localtime(seconds))
