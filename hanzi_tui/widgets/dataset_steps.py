"""The way from a source to a dataset in three steps, from left to right."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static

from hanzi_tui.i18n import _, printable, worded_problem
from hanzi_tui.signs import UNICODE, Signs
from hanzi_tui.split_plan import SplitPlan
from hanzi_tui.widgets.dataset_lists import DatasetList
from hanzi_tui.widgets.dataset_report import DatasetReport
from hanzi_tui.widgets.form_scroll import FormScroll
from hanzi_tui.widgets.job_panel import JobPanel
from hanzi_tui.widgets.regions import Regions
from hanzi_tui.widgets.rule import Rule
from hanzi_tui.widgets.settings_field import SettingsField
from hanzi_tui.widgets.settings_form import LABEL_COLUMNS, NARROW, SettingsForm
from hanzi_tui.widgets.source_counts import SourceCounts
from hanzi_tui.widgets.source_input import SourceInput
from hanzi_tui.widgets.variants import Variants
from pipeline.dataset.groups import GNT_WRITER
from pipeline.settings import AugmentSettings, DatasetSettings

NAMED = 6
"""Groups that are named; the others are counted."""


class DatasetSteps(Regions):
    """Source and its counts; settings, with variants of an image below; job and report.

    Args:
        dataset, augment: what the forms hold at first.
        origins: "section.key" → where a value comes from; without those that are defaults.
        signs: Unicode or ASCII.
    """

    def __init__(
        self,
        dataset: DatasetSettings,
        augment: AugmentSettings,
        origins: Mapping[str, str],
        *,
        signs: Signs = UNICODE,
        id: str | None = None,  # noqa: A002
    ) -> None:
        titles = {"source": _("source"), "settings": _("settings"), "preview": _("variants"),
                  "report": _("report")}  # fmt: skip
        super().__init__(titles, room_for_all=100, id=id)
        self.dataset, self.augment = dataset, augment
        self._origins = origins
        self._signs = signs
        self._given_name = ""

    def compose(self) -> ComposeResult:
        yield from super().compose()
        signs = self._signs
        with Vertical(id="source"):
            yield Rule(_("source"), signs=signs)
            yield SourceInput(placeholder=_("folder, archive, .gnt or list"), id="path")
            with VerticalScroll(id="counts-scroll"):
                yield SourceCounts(signs=signs, id="counts")
            yield Rule(_("prepared datasets"), signs=signs)
            yield DatasetList(id="datasets")
        with Vertical(id="middle", classes="column"):
            with Vertical(id="settings"):
                yield Rule(_("split and distortions"), signs=signs)
                with FormScroll(id="forms"):
                    with Horizontal(id="name-row"):
                        yield Static(_("name"), id="name-label")
                        name = Input(compact=True, id="name")
                        name.cursor_blink = False
                        yield name
                    yield self._form("dataset", self.dataset)
                    yield Static(_("distortions, drawn anew at each step of a training"),
                                 classes="muted")  # fmt: skip
                    yield self._form("augment", self.augment)
            with Vertical(id="preview"):
                yield Rule(_("variants"), signs=signs, id="preview-rule")
                yield Variants(signs=signs, id="variants")
        with Vertical(id="report"):
            yield Rule(_("report"), signs=signs)
            yield JobPanel(signs=signs, id="job")
            yield DatasetReport(signs=signs, id="report-text")

    def _form(self, section: str, values: DatasetSettings | AugmentSettings) -> SettingsForm:
        dot = f"{section}."
        origins = {k.removeprefix(dot): o for k, o in self._origins.items() if k.startswith(dot)}
        return SettingsForm(section, values, origins, signs=self._signs, id=f"{section}-form")

    def on_mount(self) -> None:
        form = self.query_one("#dataset-form")
        fields = {field.declaration.key: field for field in form.query(SettingsField)}
        form.mount(Static(id="group-hint"), after=fields["group"])

    def on_resize(self) -> None:
        super().on_resize()
        self.call_after_refresh(self._align_name)

    def _align_name(self) -> None:
        """Puts the name in line with the values of the form below it."""
        narrow = self.query_one("#dataset-form").size.width < NARROW
        labels = (cell_len(_(key.replace("_", " "))) for key in DatasetSettings.model_fields)
        label = self.query_one("#name-label")
        label.styles.width = 1 + (max(labels) if narrow else LABEL_COLUMNS)

    def entered(self, section: str, key: str, value: object) -> None:
        """Takes a value that was entered into a form."""
        now = getattr(self, section)
        setattr(self, section, now.model_copy(update={key: value}))

    def check(self) -> None:
        """Takes what stands in the forms.

        Raises:
            Problem: something there is wrong; it is marked.
        """
        for section in ("dataset", "augment"):
            setattr(self, section, self.query_one(f"#{section}-form", SettingsForm).value())

    def show_settings(self, dataset: DatasetSettings) -> None:
        """Puts other values into the form of the dataset."""
        self.dataset = dataset
        self.query_one("#dataset-form", SettingsForm).show(dataset)

    def show_plan(self, plan: SplitPlan, source_kind: str) -> None:
        """Says below the settings what the group pattern does on the source."""
        if plan.problem is not None:
            self.show_group_hint(f"{self._signs.failed} {worded_problem(plan.problem)}", bad=True)
        elif plan.groups:
            sizes = plan.groups.values()
            text = _("group finds {count} groups, of {smallest} to {largest} images: {names}")
            text = text.format(
                count=len(sizes), smallest=min(sizes), largest=max(sizes),
                names=self._named(plan.groups),
            )  # fmt: skip
            self.show_group_hint(text)
        elif source_kind == "gnt":
            text = _("group {pattern} keeps the images of a writer, that is of a file, together")
            self.show_group_hint(text.format(pattern=GNT_WRITER))
        else:
            self.show_group_hint("")

    def _named(self, groups: Mapping[str, int]) -> str:
        names = ", ".join(islice(groups, NAMED))
        return names if len(groups) <= NAMED else f"{names}, {self._signs.ellipsis}"

    def show_group_hint(self, text: str, bad: bool = False) -> None:
        hint = self.query_one("#group-hint", Static)
        hint.display = bool(text)
        hint.update(Content.styled(printable(text), "$error" if bad else "$muted"))

    @property
    def dataset_name(self) -> str:
        return self.query_one("#name", Input).value.strip()

    def offer_name(self, name: str) -> None:
        """Proposes a name, unless the user has typed one."""
        if self.dataset_name in ("", self._given_name):
            self.give_name(name)

    def give_name(self, name: str) -> None:
        self._given_name = printable(name)
        self.query_one("#name", Input).value = self._given_name

    def show_title(self, image: str, remark: str) -> None:
        """Says of which image the variants are."""
        rule = self.query_one("#preview-rule", Rule)
        rule.title, rule.right = f"{_('variants')}  {image}".rstrip(), remark
