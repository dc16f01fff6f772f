"""What TensorFlow itself wrote and saw when it was imported, for the rules that ask for it."""

from __future__ import annotations

from pipeline.environment.import_messages import Message
from pipeline.environment.probes import Facts


def said(facts: Facts, *codes: str) -> Message | None:
    """The first message with one of these codes of `import_messages`; None without an import."""
    known = facts.tensorflow_import.messages if facts.tensorflow_import else ()
    return next((message for message in known if message.code in codes), None)


def sees_gpu(facts: Facts) -> bool:
    """Whether TensorFlow was imported and listed a GPU: then no guess counts against it."""
    return facts.tensorflow_import is not None and bool(facts.tensorflow_import.gpus)
