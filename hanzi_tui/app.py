"""The dashboard: its places, its global keys, its colours, and the runs it watches."""

from __future__ import annotations

import asyncio
import importlib
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import ClassVar

from textual import events
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.signal import Signal
from textual.widgets import Input

from hanzi_tui.i18n import _
from hanzi_tui.machine_watch import AWAY_S, MachineWatch, Reading, ReadingTaken, gpu_chip
from hanzi_tui.notices import ending, notice
from hanzi_tui.run_state import RunState
from hanzi_tui.screens.room import Room
from hanzi_tui.signs import Signs, signs
from hanzi_tui.themes import NAMES, THEMES, VARIABLES
from hanzi_tui.widgets.scroll_bars import draw_scroll_bars_with
from hanzi_tui.widgets.tab_line import tabs
from pipeline import jobs, runs
from pipeline.configuration import Configuration
from pipeline.runs import Run
from pipeline.settings import Settings
from pipeline.workspace import Workspace

LOOK_S = 1.0
DRAW_S = 0.25
EVENTS_AT_ONCE = 500
ROOM_OF = {"prepare": "dataset", "train": "training", "evaluate": "evaluation"}


def _room(mode: str, name: str) -> Callable[[], Screen[None]]:
    """Returns what makes a room; its module loads when it is first opened."""

    def make() -> Screen[None]:
        room: Screen[None] = getattr(importlib.import_module(f"hanzi_tui.screens.{mode}"), name)()
        return room

    return make


class Dashboard(App[None]):
    """The dashboard of one workspace.

    Args:
        configuration: the settings in force and where they come from.
        settings_file: where the settings screen writes.
        run: a run to open first; default: the one under way.
    """

    TITLE = "hanzi-tui"
    CSS_PATH: ClassVar = ["styles/shell.tcss"]
    ENABLE_COMMAND_PALETTE = True
    MODES: ClassVar[dict[str, str | Callable[[], Screen[None]]]] = {
        "environment": _room("environment", "EnvironmentRoom"),
        "dataset": _room("dataset", "DatasetRoom"),
        "training": _room("training", "TrainingRoom"),
        "evaluation": _room("evaluation", "EvaluationRoom"),
        "recognition": _room("recognition", "RecognitionRoom"),
        "runs": _room("runs", "RunsRoom"),
        "settings": _room("settings", "SettingsRoom"),
    }
    BINDING_GROUP_TITLE = _("Everywhere")
    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(f"f{number},alt+{number}", f"open('{mode}')", title, id=f"app.{mode}",
                  show=False, priority=True, tooltip=_("Go there from anywhere"))
          for number, (mode, (title, _short)) in enumerate(tabs().items(), 1)),
        *(Binding(str(number), f"open('{mode}')", title, id=f"app.{mode}_digit", show=False,
                  tooltip=_("Go there, where digits mean nothing else"))
          for number, (mode, (title, _short)) in enumerate(tabs().items(), 1)),
        Binding("comma", "open('settings')", _("Settings"), id="app.settings", show=False,
                key_display=",", tooltip=_("All settings, with their origin")),
        Binding("question_mark,f10", "help", _("Keys"), id="app.help", show=False, key_display="?",
                tooltip=_("What every key does here")),
        Binding("ctrl+p", "command_palette", _("palette"), id="app.palette", key_display="^p",
                tooltip=_("Every action, run, dataset and model by name")),
        Binding("q,ctrl+q", "quit", _("quit"), id="app.quit", key_display="q",
                tooltip=_("Close the dashboard; jobs go on")),
    ]  # fmt: skip

    def __init__(
        self,
        configuration: Configuration,
        settings_file: Path | None = None,
        run: Run | None = None,
    ) -> None:
        super().__init__()
        self.configuration = configuration
        self.settings_file = settings_file or Path("settings.toml")
        self.workspace = Workspace(self.settings.general.workspace.expanduser().absolute())
        self.run_changed: Signal[RunState] = Signal(self, "run changed")
        self.chip_changed: Signal[str] = Signal(self, "chip changed")
        self.chip = ""
        self.reading_taken: Signal[Reading] = Signal(self, "reading taken")
        self.machine = MachineWatch(lambda reading: self.post_message(ReadingTaken(reading)))
        self._chip_s = 0.0
        self.states: dict[str, RunState] = {}
        self._dirty: set[str] = set()
        self._first_run = run
        draw_scroll_bars_with(self.signs)
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = NAMES[self.settings.interface.theme]

    @property
    def settings(self) -> Settings:
        return self.configuration.settings

    @property
    def signs(self) -> Signs:
        return signs(self.settings.general.signs)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return VARIABLES

    def get_system_commands(self, screen: Screen[None]) -> Iterable[SystemCommand]:
        from hanzi_tui.palette import commands

        return commands(self, screen)

    async def on_mount(self) -> None:
        self.set_keymap(self.settings.interface.keys)
        first = self._first_run or next(iter(await asyncio.to_thread(self._live_runs)), None)
        if first is not None:
            await self.open_run(first)
        else:
            await self._enter("environment")
        self.set_interval(DRAW_S, self._tell_changes)
        self.call_after_refresh(self.machine.start)
        self.run_worker(self._look_for_runs(), group="look", exit_on_error=False)

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key) and not event.is_forwarded and await self._opens(event):
            return
        await super().on_event(event)

    async def _opens(self, event: events.Key) -> bool:
        """Opens what asks for typing before the next key is read: a slow link brings many at once.

        Any other key goes through the queues of the widgets, and the one behind it follows at once.
        """
        room = self.screen
        if not isinstance(room, Room) or isinstance(room.focused, Input):
            return False
        bound = room.active_bindings.get(event.key)
        if bound is None or not bound.enabled or bound.binding.action not in room.OPENING:
            return False
        return await self.run_action(bound.binding.action, bound.node)

    def on_unmount(self) -> None:
        self.machine.stop()

    def on_reading_taken(self, message: ReadingTaken) -> None:
        self.reading_taken.publish(message.reading)
        if time.monotonic() - self._chip_s >= AWAY_S:
            self._chip_s = time.monotonic()
            self.set_chip(gpu_chip(message.reading))

    def follow(self, run: Run) -> RunState:
        """Follows a run, unless it is followed already, and returns what is known of it."""
        state = self.states.get(run.id)
        if state is None:
            state = self.states[run.id] = RunState(run)
        if not state.following:
            state.following = True  # now, not when the worker runs: somebody may ask again before
            self.run_worker(self._follow(state), group="follow", exit_on_error=False)
        return state

    def forget(self, run: Run) -> None:
        """Drops what is known of a run that was deleted."""
        self.states.pop(run.id, None)

    def live_states(self) -> list[RunState]:
        """Returns the runs under way, the newest last."""
        return [s for s in self.states.values() if s.status.live]

    def last_state(self) -> RunState | None:
        """Returns the run whose worker came up last."""
        return max(self.states.values(), key=lambda s: (s.started_s, s.run.id), default=None)

    async def open_run(self, run: Run) -> None:
        """Shows a run in the room of its kind."""
        state = self.follow(run)
        await self.action_open(ROOM_OF.get(state.kind, "runs"))
        if isinstance(self.screen, Room):
            self.screen.show_run(state)

    async def clone_run(self, run: Run) -> None:
        """Opens the form of a run's kind, filled with its settings."""
        state = self.follow(run)
        await self.action_open(ROOM_OF.get(state.kind, "runs"))
        if isinstance(self.screen, Room):
            self.screen.clone_run(state)

    def set_chip(self, chip: str) -> None:
        """Shows a short text about the GPU in line 1 of every room."""
        if chip != self.chip:
            self.chip = chip
            self.chip_changed.publish(chip)

    def use(self, configuration: Configuration) -> None:
        """Takes new settings into use."""
        self.configuration = configuration
        self.theme = NAMES[self.settings.interface.theme]
        self.set_keymap(self.settings.interface.keys)

    async def train_on(self, dataset: str) -> None:
        """Opens the training form on a dataset."""
        await self.action_open("training")
        if isinstance(self.screen, Room):
            self.screen.use_dataset(dataset, self.settings.augment)

    async def use_model(self, mode: str, name: str) -> None:
        """Opens the evaluation or recognition room on a model."""
        await self.action_open(mode)
        if isinstance(self.screen, Room):
            self.screen.use_model(name)

    async def action_open(self, mode: str) -> None:
        if self.current_mode != mode and len(self.screen_stack) == 1:
            await self._enter(mode)

    async def _enter(self, mode: str) -> None:
        # In a thread: what a room draws with can take a tenth of a second to load.
        await asyncio.to_thread(importlib.import_module, f"hanzi_tui.screens.{mode}")
        await self.switch_mode(mode)

    async def action_press(self, key: str) -> None:
        self.simulate_key(key)

    def action_help(self) -> None:
        from hanzi_tui.screens.keys import Keys

        if not isinstance(self.screen, Keys):
            keys = Keys(self.screen, self.signs)
            self.push_screen(keys, lambda key: self.simulate_key(key) if key else None)

    async def _look_for_runs(self) -> None:
        """Finds runs that others have started."""
        while True:
            for run in await asyncio.to_thread(self._live_runs):
                self.follow(run)
            await asyncio.sleep(LOOK_S)

    def _live_runs(self) -> list[Run]:
        return [run for run in runs.listed(self.workspace.runs) if run.status().live]

    async def _follow(self, state: RunState) -> None:
        state.begin()
        try:
            live = await asyncio.to_thread(lambda: state.run.status().live)
            async for events in jobs.follow_in_batches(state.run):
                for start in range(0, len(events), EVENTS_AT_ONCE):
                    for stamped in events[start : start + EVENTS_AT_ONCE]:
                        state.add(stamped)
                    await asyncio.sleep(0)
                state.caught_up = state.caught_up or not events
                self._dirty.add(state.run.id)
            state.status = await asyncio.to_thread(state.run.status)
            if live and not state.status.live and self.settings.notify.bell:
                self._ring(ending(state.run.id, state.status))
        except FileNotFoundError:
            self.forget(state.run)
        finally:
            state.following = False
            self._dirty.add(state.run.id)

    def _ring(self, text: str) -> None:
        """Has the terminal ring and tell `text`, as `bell` does without a text."""
        if self._driver is not None and not self.is_headless:
            self._driver.write(notice(text))

    def _tell_changes(self) -> None:
        dirty, self._dirty = self._dirty, set()
        for name in dirty & self.states.keys():
            self.run_changed.publish(self.states[name])
