"""What this machine can do, what keeps it from more, and what it is doing now."""

from __future__ import annotations

import asyncio
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll

from hanzi_tui import machine_watch
from hanzi_tui.facts.fact import severity_sign
from hanzi_tui.i18n import _, worded
from hanzi_tui.machine_check import MachineCheck, ProbeAnswered, TrialTold
from hanzi_tui.machine_watch import Reading
from hanzi_tui.screens.room import Room
from hanzi_tui.widgets.facts_tree import FactsTree
from hanzi_tui.widgets.findings import COLOURS, Findings
from hanzi_tui.widgets.gpu_meter import Meters
from hanzi_tui.widgets.regions import Regions
from hanzi_tui.widgets.rule import Rule
from hanzi_tui.widgets.verdict_line import VerdictLine
from pipeline.files import write_text

if TYPE_CHECKING:
    from pipeline.environment.devices import Gpu
    from pipeline.environment.findings import Finding

FIX_FILE = "environment-fix.sh"
"""In the workspace: what `y` copied last, for terminals that take no clipboard."""
DRAW_S = 0.25
BUILD_TABLES = "BuildTables"
OF_THE_CHECK = ("copy", "check", "trial")
MOST_NAMED = 3
"""Probes under way that are named; of more their number is told."""


class EnvironmentRoom(Room):
    """The verdict above, findings left, facts right, meters below; or the tables of builds."""

    MODE = "environment"
    CSS_PATH = "../styles/environment.tcss"
    BINDING_GROUP_TITLE = _("Environment")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "copy", _("copy"), id="environment.copy",
                tooltip=_("Send the command of the selected finding to the terminal's clipboard, "
                          "and write it to a file in the workspace; of a fact, its value")),
        Binding("r", "check", _("check again"), id="environment.check",
                tooltip=_("Ask all probes anew and import TensorFlow; what is known stays until "
                          "they answer")),
        Binding("g", "trial", _("try GPUs"), id="environment.trial",
                tooltip=_("Let each GPU compute what the CPU computes, and compare; it takes "
                          "seconds, and asks before it disturbs anybody")),
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
        yield VerdictLine(self.signs)
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
        self.call_after_refresh(self._check.ask, self.workspace.root, whole=False)

    def on_screen_resume(self) -> None:
        self.dashboard.machine.look_closely(True)

    def on_screen_suspend(self) -> None:
        self.dashboard.machine.look_closely(False)

    def refresh_room(self) -> None:
        self._draw()

    def action_check(self) -> None:
        if self._check.is_known:
            self.dashboard.machine.ask_anew()
        self._check.ask(self.workspace.root, whole=True)

    def action_trial(self) -> None:
        from hanzi_tui.widgets.ask import Ask
        from pipeline.environment.trial import in_use_by_others

        report = self._check.facts().gpu
        gpus = [gpu for gpu in report.gpus if gpu.visible] if report else []
        taken = [gpu for gpu in gpus if in_use_by_others(gpu)]
        if self._check.trying is not None or not gpus:
            self.tell(_("The GPUs are being tried.") if gpus else _("There is no GPU to try."))
        elif taken:
            names = ", ".join(f"GPU {gpu.index} ({gpu.name})" for gpu in taken)
            question = _("Others seem to use {names}. A trial takes memory and slows them down.")
            answers = {"f": _("try only those that are free"), "a": _("try all of them")}
            answer = partial(self._try, gpus)
            self.app.push_screen(Ask(question.format(names=names), answers), answer)
        else:
            self._try(gpus, "a")

    def _try(self, gpus: list[Gpu], answer: str | None) -> None:
        if answer is not None:
            self._check.try_gpus(gpus, force=answer == "a")
            self._draw_soon()

    @on(ProbeAnswered)
    @on(TrialTold)
    def _take_answer(self, message: ProbeAnswered | TrialTold) -> None:
        self._check.take(message)
        if isinstance(message, TrialTold):
            self._tell_trial(message)
        self._draw_soon()

    def _tell_trial(self, message: TrialTold) -> None:
        """Says in passing how each GPU did; what is wrong with one is a finding, too."""
        from hanzi_tui.facts.trials import trial

        if message.problem:
            text = _("The trial could not start: {reason}").format(reason=message.problem)
            self.tell(text, "error")
        for tried in message.found or ():
            fact = trial(tried)
            self.tell(
                f"GPU {tried.index}: {fact.value}", fact.severity.replace("ok", "information")
            )

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
            from hanzi_tui.facts.sections import sections

            self.query_one(FactsTree).show(sections(check.facts(), check.unknown))
            self.query_one(Findings).show(check.diagnosis().findings)
        self.query_one("#facts-rule", Rule).right = self._doing()

    def _doing(self) -> str:
        """Returns what is being found out, or when that ended."""
        check = self._check
        if check.trying is not None:
            return _("trying GPU {index}").format(index=check.trying)
        if len(check.waiting) > MOST_NAMED:
            return _("asking {count} probes").format(count=len(check.waiting))
        if check.waiting:
            return _("asking {probes}").format(probes=", ".join(check.waiting))
        return _("checked {time}").format(time=check.ended) if check.ended else ""

    def _show_verdict(self) -> None:
        check, shown = self._check, self.query_one(VerdictLine)
        if check.is_known:
            from hanzi_tui.facts.verdict import short_verdict, verdict

            diagnosis = check.diagnosis()
            told = verdict(diagnosis)
            sign = severity_sign(told.severity, self.signs)
            shown.show(sign, [told.name, short_verdict(diagnosis)], "bold", COLOURS[told.severity])
            return
        text = _("checking this machine")
        waiting = _("not answered yet: {probes}").format(probes=", ".join(check.unknown))
        wordings = [f"{text}; {waiting}"] if check.unknown else []
        shown.show(self.signs.running, [*wordings, text], "$muted")

    def _take_reading(self, reading: Reading) -> None:
        if self.is_current and reading.memory is not None:
            now = time.monotonic()
            missed = round((now - self._read_s) / machine_watch.CLOSE_S) - 1 if self._read_s else 0
            self._read_s = now
            self.query_one(Meters).add(reading, max(0, missed))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        tables = bool(self.query(BUILD_TABLES))
        return tables if action == "findings" else not tables or action not in OF_THE_CHECK

    def action_copy(self) -> None:
        facts = self.query_one(FactsTree)
        if facts.has_focus:
            if facts.selected and facts.selected.value:
                self.app.copy_to_clipboard(facts.selected.value)
                self.tell(_("copied: {text}").format(text=facts.selected.value))
            return
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


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, text)
