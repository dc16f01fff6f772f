"""The job panel: what it says of a run that goes on, and of one that could."""

from __future__ import annotations

from pathlib import Path

import pytest
import tomlkit
from acted import Acted
from textual.app import App, ComposeResult
from workers import train_job

from hanzi_tui.run_state import RunState
from hanzi_tui.themes import VARIABLES
from hanzi_tui.widgets.job_panel import JobPanel
from pipeline import runs
from pipeline.events import Failed, Progress
from pipeline.jobs import AnyJob, EvaluateJob, PrepareJob
from pipeline.runs import Status
from pipeline.settings import DatasetSettings, EvaluationSettings
from pipeline.workspace import Workspace


class Panel(App[None]):
    def compose(self) -> ComposeResult:
        yield JobPanel()

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return VARIABLES

    def text(self) -> str:
        strips = self.screen._compositor.render_strips()
        return " ".join(" ".join(strip.text for strip in strips).split())


def state_of(job: AnyJob) -> RunState:
    """Returns what is known of a run of a job when none of its events has been told."""
    text = tomlkit.dumps(job.model_dump(mode="json", exclude_none=True))
    return RunState(runs.create(Workspace(job.workspace).runs, text))


def prepare_job(root: Path) -> PrepareJob:
    return PrepareJob(workspace=root, source=root, name="few", dataset=DatasetSettings())


def evaluate_job(root: Path) -> EvaluateJob:
    return EvaluateJob(workspace=root, model="few-cnn", evaluation=EvaluationSettings())


@pytest.mark.parametrize(
    ("job", "status", "promise"),
    [(train_job, Status.STOPPED, "resumes it exactly there"),
     (train_job, Status.INTERRUPTED, "from its last checkpoint"),
     (prepare_job, Status.STOPPED, "goes on with the images that are not packed yet"),
     (prepare_job, Status.INTERRUPTED, "goes on with the images that are not packed yet"),
     (evaluate_job, Status.FAILED, "judges all images again")],
)  # fmt: skip
async def test_a_run_that_ended_early_says_what_resuming_it_does(
    workspace: Workspace, job: object, status: Status, promise: str
) -> None:
    state = state_of(job(workspace.root))  # type: ignore[operator]
    state.status = status
    if status is Status.FAILED:
        state.failure = Failed("of.a.later.version", {}, "it broke")
    app = Panel()
    async with app.run_test(size=(60, 12)) as pilot:
        app.query_one(JobPanel).show(state)
        await pilot.pause()
        assert promise in app.text()
        assert ("checkpoint" in app.text()) == ("checkpoint" in promise)


async def test_progress_names_what_is_counted(workspace: Workspace) -> None:
    acted = Acted(train_job(workspace.root))
    state = RunState(acted.run)
    app = Panel()
    async with app.run_test(size=(60, 12)) as pilot:
        for stage, unit in (("pack", "images"), ("train", "steps")):
            state.stage, state.progress = stage, Progress(3, 12, unit, 1.5, 6.0)
            app.query_one(JobPanel).show(state)
            await pilot.pause()
            assert f"3/12 {unit}" in app.text()
            assert "25% 1.5/s ETA 6 s" in app.text()
