"""The half of the training room where a training is set up: recipe, form, card and trial."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.worker import Worker

from hanzi_tui import counts, prepared
from hanzi_tui.first_weights import weights_words
from hanzi_tui.i18n import _, worded_problem
from hanzi_tui.larger_pictures import Offer, larger_pictures
from hanzi_tui.new_training import trial_request
from hanzi_tui.prepared import DatasetFacts
from hanzi_tui.recipe_words import difference_text, form_differences, recipe_note
from hanzi_tui.run_state import RunState
from hanzi_tui.screens.room import Room
from hanzi_tui.widgets.pick import Choice, Pick
from hanzi_tui.widgets.training_card import TrainingCard
from hanzi_tui.widgets.training_form import TrainingForm
from hanzi_tui.wording import doing
from pipeline.configuration import DEFAULT, Configuration
from pipeline.jobs import PrepareJob, TrainJob
from pipeline.problems import Problem
from pipeline.recipes import RECIPES, wants_pictures
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
        self._weights_failed = ("", "")
        self.offer: Offer | None = None
        """How to make the pictures that the recipe wants, where the dataset's are too small."""
        self._filled_from = self.dashboard.configuration
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
        if self.dashboard.configuration is not self._filled_from and not self.form.touched:
            self._fill(self.dashboard.configuration)
        self._list_datasets()
        self._draw_card()

    def fill_from(self, job: TrainJob, origin: str) -> None:
        """Fills the form with the settings of another training.

        Args:
            origin: what is said of values that differ from the settings in force.
        """
        self._filled_from = self.dashboard.configuration.with_recipe(job.training.recipe)
        origins = {
            section: {key: origin for key, value in values.model_dump().items()
                      if value != getattr(getattr(self.settings, section), key)}
            for section, values in (("training", job.training), ("augment", job.augment))
        }  # fmt: skip
        self.form.fill(job.training, job.augment, origins)
        self._take_dataset(job.dataset)

    def take_dataset(self, name: str, augment: AugmentSettings) -> None:
        """Takes a dataset, and how its images are to be distorted, into the form.

        The distortions of a recipe stay.
        """
        if "augment" in RECIPES[self.form.training.recipe]:
            augment = self.form.augment
        self.form.fill(self.form.training, augment, {"training": {}, "augment": {}})
        self._take_dataset(name)

    def _take_dataset(self, name: str) -> None:
        self.form.touched = True
        # What there is to say of it comes with the list.
        self.form.choose(DatasetFacts(name, self.workspace.datasets / name, {}))
        self._list_datasets()

    def _origins(self) -> Origins:
        resolved, settings = self._filled_from, self._filled_from.settings
        return {
            section: {key: origin for key in type(values).model_fields
                      if (origin := resolved.origin(section, key)) != DEFAULT}
            for section, values in (("training", settings.training), ("augment", settings.augment))
        }  # fmt: skip

    def _fill(self, configuration: Configuration) -> None:
        self._filled_from = configuration
        settings = configuration.settings
        self.form.fill(settings.training, settings.augment, self._origins())

    @on(TrainingForm.RecipeAsked)
    def action_recipe(self) -> None:
        choices = [Choice(name, recipe_note(name)) for name in RECIPES]
        title = _("Recipe: fills the form; your settings files stay above it")
        self.app.push_screen(Pick(title, choices), self._choose_recipe)

    def _choose_recipe(self, name: str | None) -> None:
        if name is not None:
            self._fill(self.dashboard.configuration.with_recipe(name))
            self.form.touched = True
            self._draw_card()

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
        found = form_differences(self._filled_from, form.training, form.augment)
        form.show_recipe([difference.key for difference in found])
        self.offer = self._larger()
        self.card.show(
            form.dataset, form.training, measured, self._trial_note(measured),
            pictures=self.pictures_words(), weights=self._weights_words(),
            differing=[difference_text(difference) for difference in found],
        )  # fmt: skip
        self.refresh_bindings()

    def _larger(self) -> Offer | None:
        """Returns how to make the pictures that the recipe wants, None where there is no need."""
        form = self.form
        known = form.dataset is not None and form.dataset.described
        if form.dataset is None or not known or not wants_pictures(form.training.recipe):
            return None
        try:
            return larger_pictures(self.workspace, form.dataset.name,
                                   self._filled_from.settings.dataset)  # fmt: skip
        except Problem:  # it has been removed since
            return None

    def pictures_words(self) -> str:
        """Returns which pictures the recipe wants in place of those there are; "" for the same."""
        offer, dataset = self.offer, self.form.dataset
        if offer is None or dataset is None:
            return ""
        has, wanted = dataset.described["normalizer"], offer.settings
        return _("The recipe {recipe} wants pictures of {wanted}, {dataset} holds {has}.").format(
            recipe=self.form.training.recipe, dataset=dataset.name,
            wanted=f"{wanted.size}x{wanted.size}x{wanted.channels}",
            has=f"{has['size_px']}x{has['size_px']}x{has['channels']}",
        )  # fmt: skip

    def _weights_words(self) -> tuple[str, bool]:
        network, why = self._weights_failed
        training = self.form.training
        if why and (training.model, training.weights) == (network, "imagenet"):
            return why, False
        return weights_words(training, self.workspace.models)

    def weights_failed(self, network: str, why: str) -> None:
        """Shows on the card why the first weights of a network could not be had."""
        self._weights_failed = network, why
        self._draw_card()

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
