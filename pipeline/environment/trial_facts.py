"""What a trial of a GPU found: the same work done there and on the processor, as plain values."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.environment.import_messages import Message

TOLERANCES = {"float32": 1e-2, "tf32": 1e-2, "mixed": 5e-2}
"""The error that is allowed, by precision."""


@dataclass(frozen=True)
class Comparison:
    """A piece of work done on a GPU, beside the processor's result in float32.

    Args:
        operation: "matmul", "convolution" or "training" (loss and gradients of a small network).
        precision: "float32" (TF32 off), "tf32" (float32 as TensorFlow does it on GPUs since
            Ampere, with 10 bits of mantissa) or "mixed" (float16, sums and weights in float32).
        seconds: one repetition on the GPU.
        cpu_seconds: the same work on the processor, in float32.
        error: the largest difference between the two results as a share of the largest value;
            None where the GPU's result holds what is no finite number.
    """

    operation: str
    precision: str
    seconds: float
    cpu_seconds: float
    error: float | None

    @property
    def right(self) -> bool:
        """Whether the two results agree."""
        return self.error is not None and self.error <= TOLERANCES[self.precision]


@dataclass(frozen=True)
class GpuTrial:
    """How the trial of one GPU went.

    Args:
        index, name: of the GPU, as in `Gpu`.
        state: "done" (whatever came out), "taken" (others use it, so it was left alone), "unseen"
            (TensorFlow lists no GPU), "failed" (an exception), "crashed" (a signal) or "hung"
            (killed at the time limit).
        seconds: from the start of the process to its end.
        comparisons: all that were made, also before it ended badly.
        doing: what it was doing last, such as "import" or "convolution mixed".
        messages: known ones of what it wrote.
        signal: the name of the signal that ended it.
        error: the last line of an exception.
        output: the end of what it wrote to standard error.
    """

    index: int
    name: str
    state: str
    seconds: float = 0.0
    comparisons: tuple[Comparison, ...] = ()
    doing: str = ""
    messages: tuple[Message, ...] = ()
    signal: str | None = None
    error: str | None = None
    output: str = ""

    def wrong(self, precision: str) -> tuple[Comparison, ...]:
        """The comparisons of a precision whose results do not agree."""
        return tuple(
            one for one in self.comparisons if one.precision == precision and not one.right
        )

    def tried(self, precision: str) -> bool:
        """Whether anything was done in a precision; TF32 is only there since Ampere."""
        return any(one.precision == precision for one in self.comparisons)
