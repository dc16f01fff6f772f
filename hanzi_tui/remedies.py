"""What mends a training that failed: the one change with which it does not fail again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hanzi_tui.i18n import _
from hanzi_tui.run_state import RunState
from pipeline.jobs import TrainJob
from pipeline.resume import CHANGEABLE


@dataclass(frozen=True)
class Remedy:
    """A change of training settings.

    Args:
        changes: the settings.
        words: what happens with them.
    """

    changes: Mapping[str, Any]
    words: str

    @property
    def anew(self) -> bool:
        """Whether only a new run can have it."""
        return not set(self.changes) <= set(CHANGEABLE)


def remedy(state: RunState) -> Remedy | None:
    """Returns what mends a failed training; None where nothing is known to."""
    failure = state.failure
    if failure is None or not isinstance(state.job, TrainJob):
        return None
    params = failure.params
    if failure.code in ("training.diverged", "training.diverged_early"):
        text = _("goes on with a learning rate of {rate}").format(rate=params["rate"])
        return Remedy({"learning_rate": float(params["rate"])}, text)
    if failure.code == "training.memory":
        text = _("starts a new run with batch size {size}").format(size=params["fits"])
        return Remedy({"batch_size": int(params["fits"])}, text)
    if failure.code == "precision.cpu":
        return Remedy({"precision": "auto"}, _("starts a new run with precision auto"))
    if failure.code == "xla.devices":
        return Remedy({"xla": "auto"}, _("goes on with xla auto"))
    return None
