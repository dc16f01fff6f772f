"""The half of the training room where a training is set up: form, card, trial and start."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.worker import Worker

from hanzi_tui import counts, prepared
from hanzi_tui.i18n import _, worded_problem
from hanzi_tui.new_training import new_training, trial_request, used_by_others
from hanzi_tui.prepared import DatasetFacts
from hanzi_tui.run_state import RunState
from hanzi_tui.screens.room import Room
from hanzi_tui.widgets.ask import Ask
from hanzi_tui.widgets.pick import Choice, Pick
from hanzi_tui.widgets.training_card import TrainingCard
from hanzi_tui.widgets.training_form import TrainingForm
from hanzi_tui.wording import doing, size
from pipeline.configuration import DEFAULT
from pipeline.environment.gpu import gpus
from pipeline.jobs import PrepareJob, TrainJob
from pipeline.problems import Problem
from pipeline.settings import AugmentSettings
from pipeline.training.estimate import Trial, TrialRequest, trial

Origins = Mapping[str, Mapping[str, str]]


class SetupRoom(Room):
    """Holds what is known before a training begins; the watching half is in the subclass."""

    def __init__(self) -> None:
        super().__init__()
        self._datasets: list[DatasetFacts] = []
        self._trial: tuple[TrialRequest, Trial] | None = None
        self._trial_problem = ""
        self._trial_worker: Worker[None] | None = None
        self._trial_beside = False
        self._starting = False
        self._filled_from = self.settings
        self.form = TrainingForm(self.settings.training, self.settings.augment, self._origins(),
                                 signs=self.signs, id="form")  # fmt: skip
        self.card = TrainingCard(signs=self.signs, id="card")

    def setup(self) -> ComposeResult:
        """Yields the place of form and card."""
        yield Horizontal(id="setup")

    def refresh_setup(self) -> None:
        """Looks for datasets and changed settings, and draws form and card."""
        if not self.form.is_attached:
            # Only now: two hundred widgets that nobody sees who watches a training.
            self.query_one("#setup").mount(self.form, self.card)
        if self.settings is not self._filled_from and not self.form.touched:
            self._filled_from = self.settings
            self.form.fill(self.settings.training, self.settings.augment, self._origins())
        self._list_datasets()
        self._draw_card()

    def fill_from(self, job: TrainJob, origin: str) -> None:
        """Fills the form with the settings of another training.

        Args:
            origin: what is said of values that differ from the settings in force.
        """
        origins = {
            section: {key: origin for key, value in values.model_dump().items()
                      if value != getattr(getattr(self.settings, section), key)}
            for section, values in (("training", job.training), ("augment", job.augment))
        }  # fmt: skip
        self.form.fill(job.training, job.augment, origins)
        self._take_dataset(job.dataset)

    def take_dataset(self, name: str, augment: AugmentSettings) -> None:
        """Takes a dataset, and how its images are to be distorted, into the form."""
        self.form.fill(self.form.training, augment, {"training": {}, "augment": {}})
        self._take_dataset(name)

    def _take_dataset(self, name: str) -> None:
        self.form.touched = True
        # What there is to say of it comes with the list.
        self.form.choose(DatasetFacts(name, self.workspace.datasets / name, {}))
        self._list_datasets()

    def _origins(self) -> Origins:
        resolved, settings = self.dashboard.configuration, self.settings
        return {
            section: {key: origin for key in type(values).model_fields
                      if (origin := resolved.origin(section, key)) != DEFAULT}
            for section, values in (("training", settings.training), ("augment", settings.augment))
        }  # fmt: skip

    @work(exclusive=True, group="datasets", exit_on_error=False)
    async def _list_datasets(self) -> None:
        found = await asyncio.to_thread(prepared.listed, self.workspace)
        self._datasets = [dataset for dataset in found if dataset.problem is None]
        known = {dataset.name: dataset for dataset in self._datasets}
        chosen = self.form.dataset
        if chosen is not None and chosen.name in known:
            self.form.choose(known[chosen.name])
        elif chosen is None and known:
            self.form.choose(max(self._datasets, key=lambda each: each.path.stat().st_mtime))
        self._draw_card()

    @on(TrainingForm.Changed)
    def _draw_card(self) -> None:
        form, request = self.form, self._request()
        measured = self._trial[1] if self._trial and self._trial[0] == request else None
        self.card.show(form.dataset, form.training, measured, self._trial_note(measured))

    def _trial_note(self, measured: Trial | None) -> str:
        if self._trial_worker is not None:
            return _("running, about 20 s; t ends it")
        if self._trial_problem:
            return self._trial_problem
        if measured is None:
            what = _("t trains for a few seconds on random images and tells memory and time")
            return what if self._trial is None else _("of other settings; t measures these")
        if self._trial_beside:
            return _("measured while a job ran beside it; alone it will be faster")
        return _("measured by the real loop on random images")

    def _request(self) -> TrialRequest | None:
        """Returns what a trial would try: the settings in the form on the dataset picked."""
        form = self.form
        if form.dataset is None or not form.dataset.described:
            return None
        return trial_request(form.dataset.described, form.training, form.augment)

    def action_trial(self) -> None:
        if self._trial_worker is not None:
            self._trial_worker.cancel()
            return
        try:
            self.form.entered()
        except Problem as problem:
            self.tell(worded_problem(problem), "error")
            return
        request = self._request()
        if request is None:
            self.tell(_("A trial needs a prepared dataset: d picks one."), "warning")
            return
        self._trial_problem = ""
        self._trial_beside = bool(self.dashboard.live_states())
        self._trial_worker = self._try(request)
        self._draw_card()

    @work(exclusive=True, group="trial", exit_on_error=False)
    async def _try(self, request: TrialRequest) -> None:
        try:
            self._trial = request, await trial(request)
        except Problem as problem:
            self._trial_problem = worded_problem(problem)
        finally:
            self._trial_worker = None
            if self.is_running:
                self._draw_card()

    @on(TrainingForm.DatasetAsked)
    def action_dataset(self) -> None:
        choices = [Choice(each.name, _facts(each)) for each in self._datasets]
        for name, state in self._in_the_making().items():
            choices.append(Choice(name, _("being prepared by run {run}").format(run=state.run.id)))
        empty = _("No dataset is prepared yet: F2 packs a folder, archive or list into one.")
        self.app.push_screen(Pick(_("Dataset to train on"), choices, empty), self._choose_dataset)

    def _choose_dataset(self, name: str | None) -> None:
        if name is None:
            return
        known = {dataset.name: dataset for dataset in self._datasets}
        making = self._in_the_making()
        if name in known:
            self.form.choose(known[name])
        elif name in making:
            self.form.choose(DatasetFacts(name, self.workspace.datasets / name, {}))
            self.form.wait_for(making[name].run.id)
        self._draw_card()

    def _in_the_making(self) -> dict[str, RunState]:
        """Returns the datasets that are being prepared, by name."""
        live = self.dashboard.live_states()
        return {state.about: state for state in live if isinstance(state.job, PrepareJob)}

    @on(TrainingForm.AfterAsked)
    def _ask_after(self) -> None:
        choices = [Choice("", _("at once")), *map(_queue, self.dashboard.live_states())]
        self.app.push_screen(Pick(_("Begin after"), choices), self._choose_after)

    def _choose_after(self, run: str | None) -> None:
        if run is not None:
            self.form.wait_for(run)

    @work(group="start-training", exit_on_error=False)
    async def action_start(self) -> None:
        if self._starting:
            return
        self._starting = True
        try:
            job = self._job()
            if await self._gpus_agreed(job):
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

    def focus_form(self) -> None:
        """Focuses the form's first field as soon as it is there, if the form is shown then."""
        self.form.call_after_refresh(self._focus_form)

    def _focus_form(self) -> None:
        if not self.has_class("-watching"):
            self.form.focus_first()


def _facts(dataset: DatasetFacts) -> str:
    return f"{counts.classes(dataset.classes)}, {counts.images(dataset.images, ',')}"


def _queue(state: RunState) -> Choice:
    share: Any = f"  {state.share:.0%}" if state.share is not None else ""
    return Choice(state.run.id, f"{doing(state.kind)} {state.about}{share}")
