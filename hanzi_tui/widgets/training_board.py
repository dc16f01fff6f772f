"""A training as it goes: its curves, validation samples, and what the job says."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any, Literal

from rich.cells import cell_len
from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content

from hanzi_tui.course import Course, epochs_planned, steps_per_epoch
from hanzi_tui.i18n import _, printable, worded
from hanzi_tui.remedies import remedy
from hanzi_tui.run_state import RunState
from hanzi_tui.signs import UNICODE, Signs
from hanzi_tui.training_notes import checkpoint_words, gap_words
from hanzi_tui.widgets.curves import Curves
from hanzi_tui.widgets.job_panel import JobPanel, Offer, what_resuming_does
from hanzi_tui.widgets.lines import Lines, between
from hanzi_tui.widgets.places import Places
from hanzi_tui.widgets.rule import Rule
from hanzi_tui.widgets.sample_grid import SampleGrid
from hanzi_tui.wording import duration, numbers
from pipeline.jobs import StopRequest, TrainJob
from pipeline.runs import Status
from pipeline.training.sample_sheet import SampleSheet

Page = Literal["accuracy", "loss", "samples", "job"]
CURVES_S = 2.0  # one drawing costs up to 5 kB of what may be a slow line
LEFT_FROM = 100  # columns from which the title names the run


class TrainingBoard(Vertical):
    """Shows one training; where room is short, one page of it at a time.

    Args:
        signs: Unicode or ASCII.
    """

    def __init__(self, *, signs: Signs = UNICODE, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes="-page-accuracy")
        self._signs = signs
        self._course: Course | None = None
        self._others = 0
        self.page: Page = "accuracy"

    def compose(self) -> ComposeResult:
        yield Lines(id="title")
        yield from self._places()
        with Horizontal(id="charts"):
            for name in ("accuracy", "loss"):
                yield Curves(signs=self._signs, interval_s=CURVES_S, id=name)
        with Horizontal(id="lower"):
            with Vertical(id="samples-side"):
                yield Rule(_("validation samples"), signs=self._signs, id="samples-rule")
                yield SampleGrid(signs=self._signs, id="samples")
            with Vertical(id="job-side"):
                yield Rule(_("job"), signs=self._signs)
                yield JobPanel(signs=self._signs)

    def _places(self) -> ComposeResult:
        titles = {
            "pages-short": {"accuracy": _("curves"), "samples": _("samples and job")},
            "pages-tiny": {"accuracy": _("accuracy"), "loss": _("loss"),
                           "samples": _("samples"), "job": _("job")},
        }  # fmt: skip
        for name, pages in titles.items():
            places = Places(pages)
            places.id = name
            yield places

    def show(
        self,
        course: Course,
        *,
        compared: Sequence[Course] = (),
        curves_changed: bool = True,
        asked: StopRequest | None = None,
        others: int = 0,
    ) -> None:
        """Shows a training as it is now.

        Args:
            course: of the training.
            compared: whose validation curves are drawn over it.
            curves_changed: whether the charts are others than those shown.
            asked: how the user has asked it to stop, if so.
            others: how many other trainings are under way.
        """
        if self._course is None or course.state is not self._course.state:
            for curves in self.query(Curves):
                curves.reset()
        self._course, self._others = course, others
        if curves_changed:
            for curves, chart in zip(self.query(Curves), course.charts(compared), strict=True):
                curves.chart = chart
        state = course.state
        self.query_one(JobPanel).show(
            state, asked=asked, result=result_words(state),
            notes=list(self._notes(course)), offers=list(offers(state)),
        )  # fmt: skip
        self._draw_title()

    def _notes(self, course: Course) -> Iterator[Content]:
        state = course.state
        for text in checkpoint_words(state, course.epochs):
            yield Content.styled(text, "$muted")
        if gap := gap_words(course.epochs, self._signs):
            yield Content(gap)
        if warned := state.warned:
            text = worded(warned.code, warned.params, warned.text)
            yield Content.styled(f"{self._signs.warning} {text}", "$warning")

    def show_samples(self, sheet: SampleSheet | None) -> None:
        """Shows validation samples, None for none yet."""
        self.query_one(SampleGrid).show(sheet)
        title = _("validation samples")
        if sheet is not None:
            text = _("{title} {dot} epoch {epoch}: {right}/{count}")
            title = text.format(title=title, dot=self._signs.separator, epoch=sheet.epoch,
                                right=sheet.right, count=len(sheet.truths))  # fmt: skip
        self.query_one("#samples-rule", Rule).title = title

    def turn_to(self, page: Page) -> None:
        """Shows a page, where not all of them have room."""
        self.remove_class(f"-page-{self.page}")
        self.page = page
        self.add_class(f"-page-{page}")
        for places in self.query(Places):
            places.current = page

    def zoom(self, factor: float) -> None:
        # The other chart follows; see `_follow_view`.
        self.query_one("#accuracy", Curves).zoom(factor)

    def read(self, steps: int) -> None:
        shown = next((curves for curves in self.query(Curves) if curves.size.width), None)
        if shown is not None:
            shown.action_read(steps)

    @property
    def is_moved(self) -> bool:
        """Whether a part of the epochs is shown, or a point is read off."""
        return any(c.view is not None or c.cursor is not None for c in self.query(Curves))

    def reset(self) -> None:
        """Shows all epochs."""
        for curves in self.query(Curves):
            curves.reset()

    def switch_log_scale(self) -> None:
        self.query_one("#loss", Curves).action_log()

    def smooth(self) -> None:
        first, second = self.query(Curves)
        first.action_smooth()
        second.smoothing = first.smoothing

    def on_resize(self) -> None:
        self._draw_title()

    @on(Curves.ViewChanged)
    def _follow_view(self, event: Curves.ViewChanged) -> None:
        event.stop()
        for curves in self.query(Curves):
            curves.view = event.view

    @on(Curves.PointRead)
    def _follow_reading(self, event: Curves.PointRead) -> None:
        event.stop()
        for curves in self.query(Curves):
            curves.cursor = event.x

    def _draw_title(self) -> None:
        width = self.size.width
        if self._course is None or not width:
            return
        state = self._course.state
        dot = f" {self._signs.separator} "
        names = [state.about]
        if isinstance(state.job, TrainJob):
            names.append(state.job.training.model)
        if width >= LEFT_FROM:
            names.append(_("run {run}").format(run=state.run.id))
        colour = "$primary" if state.status.live else "$muted"
        left = Content.assemble(
            (f" {self._signs.of(state.status)} ", colour), (printable(dot.join(names)), "bold"),
            (f"  +{self._others}" if self._others else "", "$muted"),
        )  # fmt: skip
        room = width - min(left.cell_length, width // 2) - 2
        right = Content(_pace(self._course, room))
        self.query_one("#title", Lines).show([between(left, right, width)])


def result_words(state: RunState) -> str:
    """Returns what a training led to, "" when it has not finished."""
    if state.finished is None:
        return ""
    summary = state.finished.summary
    text = _("finished in {time}: model {model}, best epoch {best} of {epochs}  {metrics}")
    return text.format(
        time=duration(summary.get("seconds")), model=summary.get("model"),
        best=summary.get("best_epoch"), epochs=summary.get("epochs"),
        metrics=numbers(summary.get("metrics", {})),
    )  # fmt: skip


def offers(state: RunState) -> Iterator[Offer]:
    """Yields what can be done with a training that has ended."""
    if state.status.live:
        return
    if state.status is Status.FINISHED:
        yield Offer("more", "g", _("goes on with more epochs"))
        return
    mending = remedy(state)
    if mending is None:
        yield Offer("resume", "r", what_resuming_does(state))
    else:
        yield Offer("mend", "f", mending.words)
    if state.status is Status.FAILED:
        yield Offer("clone", "N", _("opens the form with its settings, to change them"))


def _pace(course: Course, room: int) -> str:
    """Returns epoch, time left, samples a second and learning rate, as many as fit."""
    state, parts = course.state, list[str]()
    planned = epochs_planned(state)
    if planned and state.metrics:
        at = min(state.metrics[-1].step / steps_per_epoch(state), planned)
        epoch = max(1, math.ceil(at))
        parts.append(_("epoch {epoch}/{epochs}").format(epoch=epoch, epochs=planned))
    if state.status.live and state.progress and state.progress.eta_s:
        parts.append(f"ETA {duration(state.progress.eta_s)}")
    newest: Any = course.newest
    if state.status.live and newest.get("samples_per_s"):
        parts.append(_("{rate:.0f} img/s").format(rate=newest["samples_per_s"]))
        parts.append(_("lr {rate:.2g}").format(rate=newest.get("learning_rate") or 0.0))
    shown = ""
    for part in parts:
        longer = f"{shown}  {part}" if shown else part
        if cell_len(longer) + 1 > room:
            break
        shown = longer
    return f"{shown} "
