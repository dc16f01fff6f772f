"""What TensorFlow itself wrote and saw when it was imported or tried, for the rules that ask."""

from __future__ import annotations

from itertools import chain

from pipeline.environment.import_messages import Message
from pipeline.environment.probes import Facts


def said(facts: Facts, *codes: str) -> Message | None:
    """The first message with one of these codes of `import_messages`; None without an import.

    A trial of the GPUs counts, too: cuDNN says what it misses only when it is used.
    """
    tried = facts.tensorflow_import
    spoken = chain(tried.messages if tried else (), *(one.messages for one in facts.trials or ()))
    return next((message for message in spoken if message.code in codes), None)


def sees_gpu(facts: Facts) -> bool:
    """Whether TensorFlow was imported and listed a GPU: then no guess counts against it."""
    return facts.tensorflow_import is not None and bool(facts.tensorflow_import.gpus)
