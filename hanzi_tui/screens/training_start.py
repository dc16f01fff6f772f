"""The part of the training room that starts a training: what must be agreed on before it."""

from __future__ import annotations

import asyncio

from textual import work

from hanzi_tui.i18n import _, worded_problem
from hanzi_tui.new_training import new_training, used_by_others
from hanzi_tui.screens.room import Room
from hanzi_tui.screens.training_setup import SetupRoom
from hanzi_tui.widgets.ask import Ask
from hanzi_tui.wording import size
from pipeline.environment.gpu import gpus
from pipeline.jobs import TrainJob
from pipeline.problems import Problem
from pipeline.training.imagenet import imagenet_file


class StartRoom(SetupRoom):
    """Starts what stands in the form, once pictures, first weights and GPUs are in order."""

    def __init__(self) -> None:
        super().__init__()
        self._starting = False

    @work(group="start-training", exit_on_error=False)
    async def action_start(self) -> None:
        if self._starting:
            return
        self._starting = True
        try:
            job = self._job()
            if await self._pictures_agreed() and await self._gpus_agreed(job):
                await self._fetch_weights(job)
                await self._start(job)
        except Problem as problem:
            self.tell(worded_problem(problem), "error")
        finally:
            self._starting = False

    def _job(self) -> TrainJob:
        """Returns the job that stands in the form.

        Raises:
            Problem: something in the form keeps it from starting.
        """
        form = self.form
        training, augment = form.entered()
        return new_training(
            self.workspace, form.dataset.name if form.dataset else "", training, augment,
            name=form.model_name, after=form.after or None,
        )  # fmt: skip

    async def _pictures_agreed(self) -> bool:
        """Asks what to do where the recipe wants larger pictures than the dataset holds."""
        if self.offer is None:
            return True
        answers = {"p": _("prepare them from the same images, in the same split: fills the form"),
                   "s": _("start with these pictures"), "b": _("back to the form")}  # fmt: skip
        answer = await self.app.push_screen_wait(Ask(self.pictures_words(), answers))
        if answer == "p":
            await self.action_larger()
        return answer == "s"

    async def action_larger(self) -> None:
        """Fills the form of the dataset room with what makes larger pictures."""
        if (offer := self.offer) is not None:
            await self.dashboard.action_open("dataset")
            if isinstance(self.dashboard.screen, Room):
                self.dashboard.screen.use_source(offer.source, offer.name, offer.settings)

    async def _fetch_weights(self, job: TrainJob) -> None:
        """Makes sure of a download before anything starts.

        Raises:
            Problem: it cannot happen; the card says so, too.
        """
        if job.training.weights != "imagenet":
            return
        self.tell(_("Looking for the first weights; a download takes a while."))
        try:
            await asyncio.to_thread(imagenet_file, job.training.model)
        except Problem as problem:
            self.weights_failed(job.training.model, worded_problem(problem))
            raise

    async def _gpus_agreed(self, job: TrainJob) -> bool:
        """Asks before a GPU is taken that works for somebody else."""
        report = await asyncio.to_thread(gpus)
        taken = used_by_others(job.training.devices, report)
        if not taken:
            return True
        names = ", ".join(f"GPU {gpu.index} ({size(gpu.memory_used_bytes or 0)})" for gpu in taken)
        question = _("Somebody else's processes work on {gpus}. Training there may end them, for "
                     "want of memory.").format(gpus=names)  # fmt: skip
        answers = {"s": _("start all the same"), "b": _("back to the form: another device")}
        return await self.app.push_screen_wait(Ask(question, answers)) == "s"
