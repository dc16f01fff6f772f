"""What TensorFlow itself wrote and saw when it was imported or tried, for the rules that ask."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from pipeline.environment.import_messages import Message
from pipeline.environment.probes import Facts
from pipeline.environment.trial_facts import GpuTrial


def said(facts: Facts, *codes: str) -> Message | None:
    """The first message with one of these codes of `import_messages`; None without an import.

    A trial of the GPUs counts, too: cuDNN says what it misses only when it is used.
    """
    tried = facts.tensorflow_import
    spoken = chain(tried.messages if tried else (), *(one.messages for one in facts.trials or ()))
    return next((message for message in spoken if message.code in codes), None)


def told_by(facts: Facts, code: str) -> Iterator[GpuTrial | None]:
    """Yields each trial that wrote a message, and None for the import, first."""
    tried = facts.tensorflow_import
    if tried is not None and any(message.code == code for message in tried.messages):
        yield None
    for one in facts.trials or ():
        if any(message.code == code for message in one.messages):
            yield one


def sees_gpu(facts: Facts) -> bool:
    """Whether TensorFlow was imported and listed a GPU: then no guess counts against it."""
    return facts.tensorflow_import is not None and bool(facts.tensorflow_import.gpus)
