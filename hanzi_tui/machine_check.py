"""A check of the machine under way: its probes ask side by side, and answer when they can."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from pipeline.environment.devices import Gpu
    from pipeline.environment.diagnose import Diagnosis
    from pipeline.environment.probes import Answer, Facts
    from pipeline.environment.trial_facts import GpuTrial

SLOW = "tensorflow_import"
"""The probe that takes seconds; there is a verdict before it answers."""


class ProbeAnswered(Message):
    """The probes were asked, or one of them has answered.

    Args:
        number: of the check.
        answer: None at the start.
        waiting: the probes that have not answered yet.
    """

    def __init__(self, number: int, answer: Answer | None, waiting: tuple[str, ...]) -> None:
        super().__init__()
        self.number = number
        self.answer = answer
        self.waiting = waiting


class TrialTold(Message):
    """A trial of the GPUs goes on, or has ended.

    Args:
        index: of the GPU that is being tried; None when there is none left.
        found: what came out, at the end.
        problem: why there is no result at the end; "" where there is one.
    """

    def __init__(
        self,
        index: int | None = None,
        found: tuple[GpuTrial, ...] | None = None,
        problem: str = "",
    ) -> None:
        super().__init__()
        self.index = index
        self.found = found
        self.problem = problem


class MachineCheck:
    """Knows the answers so far; those of the last check stand until the next one has its own.

    It asks in a daemon thread and no worker: a GPU or a disk that hangs may keep a probe for
    long, and the dashboard waits for its workers when it closes. The thread also imports what
    the probes and rules need, so that the first screen comes up without.

    Args:
        tell: called in the thread, with each message.
    """

    def __init__(self, tell: Callable[[ProbeAnswered | TrialTold], object]) -> None:
        self._tell = tell
        self._number = 0
        self._answers: dict[str, Answer] = {}
        self.waiting: tuple[str, ...] = ()
        """Probes that were asked and have not answered."""
        self.ended = ""
        """When the last answer came, such as "14:02:31"; "" before there is one."""
        self.trying: int | None = None
        """The GPU that is being tried."""
        self._trials: tuple[GpuTrial, ...] | None = None

    @property
    def unknown(self) -> tuple[str, ...]:
        """Probes that have not answered this check nor one before."""
        return tuple(name for name in self.waiting if name not in self._answers)

    @property
    def is_known(self) -> bool:
        """Whether every probe but the slow one has answered at least once."""
        return bool(self._answers) and not set(self.unknown) - {SLOW}

    def ask(self, workspace: Path, *, whole: bool) -> None:
        """Begins another check; answers to an earlier one no longer count.

        Args:
            whole: import TensorFlow even where there is no device file of a GPU.
        """
        self._number += 1
        wanted = (self._number, workspace, whole)
        threading.Thread(target=self._ask, args=wanted, daemon=True).start()

    def try_gpus(self, gpus: Sequence[Gpu], *, force: bool) -> None:
        """Begins a trial; what an earlier one found stands until it ends.

        Args:
            force: try those that others are using, too.
        """
        self.trying = gpus[0].index
        threading.Thread(target=self._try, args=(gpus, force), daemon=True).start()

    def take(self, message: ProbeAnswered | TrialTold) -> None:
        """Takes an answer; called where messages are handled."""
        if isinstance(message, TrialTold):
            self.trying = message.index
            self._trials = self._trials if message.found is None else message.found
            return
        if message.number == self._number:
            self.waiting = message.waiting
            if message.answer is not None:
                self._answers[message.answer.name] = message.answer
                self.ended = time.strftime("%H:%M:%S")

    def facts(self) -> Facts:
        """Returns what is known; what is waited for is None."""
        from dataclasses import replace

        from pipeline.environment.probes import collect

        return replace(collect(iter(self._answers.values())), trials=self._trials)

    def diagnosis(self) -> Diagnosis:
        """Returns what follows from what is known; nothing is found out about what is not."""
        from dataclasses import replace

        from pipeline.environment.diagnose import diagnose

        facts = self.facts()
        # A rule takes a fact without a value for one that is not so, unless it is unknown.
        silent = dict.fromkeys(self.unknown, "")
        found = diagnose(replace(facts, unknown={**facts.unknown, **silent}))
        told = tuple(one for one in found.findings if one.params.get("reason") != "")
        return replace(found, findings=told if "system" in self._answers else ())

    def _ask(self, number: int, workspace: Path, whole: bool) -> None:
        from pipeline.environment import diagnose  # noqa: F401
        from pipeline.environment.device_nodes import device_nodes
        from pipeline.environment.probes import answers, probes

        # The import proves what a GPU is good for; without one it proves little, and takes seconds.
        asked = probes(workspace, import_tensorflow=whole or bool(device_nodes().nodes))
        waiting = dict.fromkeys(asked)
        self._tell(ProbeAnswered(number, None, tuple(waiting)))
        for answer in answers(asked):
            del waiting[answer.name]
            self._tell(ProbeAnswered(number, answer, tuple(waiting)))

    def _try(self, gpus: Sequence[Gpu], force: bool) -> None:
        from pipeline.environment.trial import trials

        try:
            found = trials(gpus, force=force, tell=lambda gpu: self._tell(TrialTold(gpu.index)))
        except OSError as error:
            self._tell(TrialTold(problem=str(error)))
        else:
            self._tell(TrialTold(found=found))
