"""What a training will cost, in words."""

from __future__ import annotations

from hanzi_tui.i18n import _
from hanzi_tui.wording import size
from pipeline.settings import TrainingSettings
from pipeline.training.costs import Costs


def macs(costs: Costs) -> str:
    """Returns the multiplications of one image, such as "79 M MACs an image"."""
    return _("{count:,.0f} M MACs an image").format(count=costs.macs / 1e6)


def memory(costs: Costs, training: TrainingSettings) -> str:
    """Returns the memory by arithmetic: of the device, and of the process where it is a CPU."""
    text = _("about {size} at batch {batch}; on a CPU {process} in all")
    return text.format(size=size(costs.memory_bytes), batch=training.batch_size,
                       process=size(costs.process_bytes))  # fmt: skip
