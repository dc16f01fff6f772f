"""What a training will be: its data, network, parameters, memory and time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.cells import set_cell_size
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content

from hanzi_tui import counts, training_costs
from hanzi_tui.i18n import _, ngettext, printable
from hanzi_tui.prepared import DatasetFacts
from hanzi_tui.signs import UNICODE, Signs
from hanzi_tui.widgets.lines import Lines
from hanzi_tui.widgets.rule import Rule
from hanzi_tui.wording import duration, size
from pipeline.settings import TrainingSettings
from pipeline.training.costs import Costs, costs
from pipeline.training.estimate import Trial
from pipeline.training.plan import plan_for

LABEL_COLUMNS = 11
SHOWN_DIFFERENCES = 6


class TrainingCard(VerticalScroll, can_focus=False):
    """Shows what is known before a training begins; memory and time only after a trial.

    Args:
        signs: Unicode or ASCII.
    """

    def __init__(self, *, signs: Signs = UNICODE, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._signs = signs
        self._parts: list[tuple[str, Content]] = []

    def compose(self) -> ComposeResult:
        yield Rule(_("what it will be"), signs=self._signs)
        yield Lines()

    def show(
        self,
        dataset: DatasetFacts | None,
        training: TrainingSettings,
        trial: Trial | None = None,
        note: str = "",
        *,
        pictures: str = "",
        weights: tuple[str, bool] = ("", True),
        differing: Sequence[str] = (),
    ) -> None:
        """Shows a training to be.

        Args:
            dataset: None while none is picked.
            training: the settings as they stand in the form.
            trial: what a trial of just these settings measured.
            note: of the trial: how to start it, that it runs, what it is worth.
            pictures: which pictures the recipe wants in place of the dataset's, "" for these.
            weights: where the first weights come from, and whether that is well.
            differing: what is not as the recipe has it, a line each.
        """
        self._parts = []
        if pictures:
            text = pictures + " " + _("P prepares them from the same images.")
            self._parts.append((_("pictures"), self._warning(text)))
        text, well = weights
        if text and not well:
            self._parts.append((_("weights"), self._warning(text)))
        self._parts += self._told(dataset, training, trial, note)
        if text and well and dataset is not None:
            self._parts.append((_("weights"), Content(printable(text))))
        for number, line in enumerate(_few(differing)):
            self._parts.append(("" if number else _("differs"), Content(printable(line))))
        self._draw()

    def on_resize(self) -> None:
        self._draw()

    def _draw(self) -> None:
        width = self.scrollable_content_region.width - LABEL_COLUMNS - 1
        if width <= 0:
            return
        rows = []
        for label, text in self._parts:
            for number, row in enumerate(text.wrap(width)):
                shown = set_cell_size("" if number else f" {label}", LABEL_COLUMNS + 1)
                rows.append(Content.styled(shown, "$muted") + row)
        self.query_one(Lines).show(rows)

    def _warning(self, text: str) -> Content:
        return Content.styled(f"{self._signs.warning} {printable(text)}", "$warning")

    def _told(
        self, dataset: DatasetFacts | None, training: TrainingSettings, trial: Trial | None,
        note: str,
    ) -> Iterator[tuple[str, Content]]:  # fmt: skip
        known = dataset if dataset is not None and dataset.described else None
        if dataset is None:
            yield "", Content(_("No dataset is prepared yet. F2 packs a folder, archive or list "
                                "into one, in seconds to minutes."))  # fmt: skip
            return
        dot = f" {self._signs.separator} "
        if known is None:
            yield _("data"), Content(printable(dataset.name) + dot + _("not prepared yet"))
        else:
            yield from self._data(known, dot)
        yield _("network"), self._network(known, training, trial, dot)
        if known is not None:
            yield _("length"), self._length(known, training, trial, dot)
        if trial is not None:
            yield from self._measured(trial, dot)
        elif known is not None:
            yield _("memory"), Content(training_costs.memory(_costs(known, training), training))
        yield _("trial"), Content.styled(note, "" if trial is None else "$muted")

    def _data(self, known: DatasetFacts, dot: str) -> Iterator[tuple[str, Content]]:
        spec, images_in = known.described["normalizer"], known.counts
        side = spec["size_px"]
        colour = _("gray") if spec["channels"] == 1 else _("colour")
        facts = (printable(known.name), counts.classes(known.classes), f"{side}x{side} {colour}")
        yield _("data"), Content(dot.join(facts))
        words = (_("train"), _("validation"), _("test"))
        images = dot.join(f"{word} {images_in[split]:,}" for word, split in
                          zip(words, ("train", "validation", "test"), strict=True))  # fmt: skip
        yield _("images"), Content(images)

    def _network(
        self, known: DatasetFacts | None, training: TrainingSettings, trial: Trial | None, dot: str
    ) -> Content:
        told = None if known is None else _costs(known, training)
        count = trial.parameters if trial else (told.parameters if told else None)
        if count is None:
            return Content(training.model)
        parts = [
            training.model,
            f"{_('{count:,} parameters').format(count=count)} ({size(4 * count)})",
        ]
        return Content(dot.join([*parts, training_costs.macs(told)] if told else parts))

    def _length(
        self, known: DatasetFacts, training: TrainingSettings, trial: Trial | None, dot: str
    ) -> Content:
        if trial is not None:
            each, epochs = trial.steps_per_epoch, trial.epochs
        else:
            plan = plan_for(training, known.counts["train"])
            each, epochs = plan.steps_per_epoch, plan.epochs
        one = ngettext("{steps:,} step an epoch", "{steps:,} steps an epoch", each)
        all_ = f"{counts.epochs(epochs)}, {counts.steps(each * epochs)}"
        return Content(f"{one.format(steps=each)}{dot}{all_}")

    def _measured(self, trial: Trial, dot: str) -> Iterator[tuple[str, Content]]:
        memory = size(trial.memory_bytes)
        if trial.gpu_memory_bytes is not None:
            memory += dot + _("on the GPU {size}").format(size=size(trial.gpu_memory_bytes))
        yield _("memory"), Content(memory)
        rate = _("{rate:.0f} img/s on {devices}").format(
            rate=trial.samples_per_s, devices=", ".join(trial.devices))  # fmt: skip
        yield _("epoch"), Content(f"{duration(trial.epoch_s)}{dot}{printable(rate)}")
        yield _("all"), Content.styled(duration(trial.training_s), "bold")


def _costs(known: DatasetFacts, training: TrainingSettings) -> Costs:
    spec = known.described["normalizer"]
    return costs(training, spec["size_px"], spec["channels"], known.classes)


def _few(lines: Sequence[str]) -> list[str]:
    """Returns the first lines, and how many more there are."""
    more = len(lines) - SHOWN_DIFFERENCES
    if more <= 0:
        return list(lines)
    return [*lines[:SHOWN_DIFFERENCES], _("and {count} more").format(count=more)]
