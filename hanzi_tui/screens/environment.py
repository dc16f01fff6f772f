"""What this machine can do, what keeps it from more, and what it is doing now."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from hanzi_tui.facts import sections, severity_sign, verdict
from hanzi_tui.i18n import _, worded
from hanzi_tui.machine_check import MachineCheck, ProbeAnswered
from hanzi_tui.machine_watch import CLOSE_S, Reading
from hanzi_tui.screens.room import Room
from hanzi_tui.signs import Signs
from hanzi_tui.widgets.facts_tree import FactsTree
from hanzi_tui.widgets.findings import COLOURS, Findings
from hanzi_tui.widgets.gpu_meter import Meters
from hanzi_tui.widgets.regions import Regions
from hanzi_tui.widgets.rule import Rule
from pipeline.files import write_text

if TYPE_CHECKING:
    from pipeline.environment.diagnose import Diagnosis
    from pipeline.environment.findings import Finding

FIX_FILE = "environment-fix.sh"
"""In the workspace: what `y` copied last, for terminals that take no clipboard."""
DRAW_S = 0.25
TALL = 30
BUILD_TABLES = "BuildTables"


class EnvironmentRoom(Room):
    """The verdict above, findings left, facts right, meters below; or the tables of builds."""

    MODE = "environment"
    CSS_PATH = "../styles/environment.tcss"
    BINDING_GROUP_TITLE = _("Environment")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "copy", _("copy fix"), id="environment.copy",
                tooltip=_("Send the command of the selected finding to the terminal's clipboard, "
                          "and write it to a file in the workspace")),
        Binding("r", "check", _("check again"), id="environment.check",
                tooltip=_("Ask all probes anew; what is known stays until they answer")),
        Binding("t", "tables", _("table"), id="environment.tables",
                tooltip=_("Which TensorFlow goes with which Python, CUDA and driver")),
        Binding("escape", "findings", _("back"), id="environment.back", show=False,
                tooltip=_("From the tables to the findings")),
    ]  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self._check = MachineCheck(self.post_message)
        self._will_draw = False
        self._read_s = 0.0

    def body(self) -> ComposeResult:
        yield Static(id="verdict", markup=False)
        titles = {"findings": _("findings"), "facts": _("facts"), "meters": _("meters")}
        with Regions(titles, id="check"):
            with Vertical(id="findings"):
                yield Rule(titles["findings"], signs=self.signs)
                yield Findings(self.signs, copy="screen.copy")
            with Vertical(id="facts"):
                yield Rule(titles["facts"], signs=self.signs, id="facts-rule")
                yield FactsTree(self.signs)
            with VerticalScroll(id="meters"):
                yield Rule(_("the last minute"), signs=self.signs)
                yield Meters(self.signs)

    def on_mount(self) -> None:
        self.dashboard.reading_taken.subscribe(self, self._take_reading)
        self.query_one(Findings).focus()
        # Not before something is on the screen.
        self.call_after_refresh(self.action_check)

    def on_screen_resume(self) -> None:
        self.dashboard.machine.look_closely(True)

    def on_screen_suspend(self) -> None:
        self.dashboard.machine.look_closely(False)

    def refresh_room(self) -> None:
        self._draw()

    def action_check(self) -> None:
        if self._check.is_known:
            self.dashboard.machine.ask_anew()
        self._check.ask(self.workspace.root)

    def on_probe_answered(self, message: ProbeAnswered) -> None:
        self._check.take(message)
        self._draw_soon()

    def _draw_soon(self) -> None:
        """Draws once for all answers that come together."""
        if not self._will_draw:
            self._will_draw = True
            self.set_timer(DRAW_S, self._draw)

    def on_resize(self) -> None:
        self._draw()

    def _draw(self) -> None:
        self._will_draw = False
        if not self.is_current:
            return
        check = self._check
        self._show_verdict()
        if check.ended:
            self.query_one(FactsTree).show(sections(check.facts(), check.unknown))
            self.query_one(Findings).show(check.diagnosis().findings)
        asking = _("asking {probes}").format(probes=", ".join(check.waiting))
        checked = _("checked {time}").format(time=check.ended) if check.ended else ""
        self.query_one("#facts-rule", Rule).right = asking if check.waiting else checked

    def _show_verdict(self) -> None:
        check = self._check
        shown = self.query_one("#verdict", Static)
        if check.is_known:
            tall = self.size.height >= TALL
            shown.update(_verdict(check.diagnosis(), self.signs, with_cause=tall))
            return
        text = _("checking this machine")
        if check.unknown:
            waiting = _("not answered yet: {probes}").format(probes=", ".join(check.unknown))
            text = f"{text}; {waiting}"
        shown.update(Content.styled(f"{self.signs.running} {text}", "$muted"))

    def _take_reading(self, reading: Reading) -> None:
        if self.is_current and reading.memory is not None:
            now = time.monotonic()
            missed = round((now - self._read_s) / CLOSE_S) - 1 if self._read_s else 0
            self._read_s = now
            self.query_one(Meters).add(reading, max(0, missed))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        tables = bool(self.query(BUILD_TABLES))
        return {"copy": not tables, "check": not tables, "findings": tables}.get(action, True)

    def action_copy(self) -> None:
        finding = self.query_one(Findings).selected
        if finding is None or not finding.fix:
            self.tell(_("No command belongs to this line."))
            return
        self.app.copy_to_clipboard(finding.fix)
        self.attempt(self._keep(finding, finding.fix))

    async def _keep(self, finding: Finding, fix: str) -> None:
        """Writes a fix to a file, and says where it is: not every terminal has a clipboard."""
        path = self.workspace.root / FIX_FILE
        about = worded(finding.code, finding.params)
        try:
            await asyncio.to_thread(_write, path, f"# {about}\n{fix}\n")
        except OSError as error:
            text = _("sent to the terminal clipboard; {path} could not be written: {reason}")
            self.tell(text.format(path=path, reason=error.strerror or error), "warning")
        else:
            text = _("sent to the terminal clipboard, and written to {path}")
            self.tell(text.format(path=path))

    async def action_tables(self) -> None:
        if self.query(BUILD_TABLES):
            await self.action_findings()
            return
        from hanzi_tui.compatibility import builds_table, drivers_table
        from hanzi_tui.widgets.build_tables import BuildTables

        facts = self._check.facts()
        tables = {"builds": builds_table(facts), "drivers": drivers_table(facts)}
        check = self.query_one("#check", Regions)
        check.display = False
        shown = BuildTables(tables, self.signs)
        await self.query_one("#body").mount(shown)
        shown.go_to("builds")
        self.refresh_bindings()

    async def action_findings(self) -> None:
        await self.query(BUILD_TABLES).remove()
        check = self.query_one("#check", Regions)
        check.display = True
        check.go_to("findings")
        self.refresh_bindings()


def _verdict(diagnosis: Diagnosis, signs: Signs, *, with_cause: bool) -> Content:
    told = verdict(diagnosis)
    sign = f"{severity_sign(told.severity, signs)} "
    cause = f"\n  {told.value}" if told.value and with_cause else ""
    return Content.assemble((sign, COLOURS[told.severity]), (told.name, "bold"), cause)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, text)
