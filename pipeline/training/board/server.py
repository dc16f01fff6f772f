"""TensorBoard itself, for this machine only, and runs laid out as it wants them."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

from pipeline.problems import Problem
from pipeline.runs import Run
from pipeline.training import sample_sheet
from pipeline.training.board.logs import FOLDER, Logs

RELOAD_S = 5


class Shelf:
    """A folder of runs. One with logs of its own is linked, another's events are converted.

    Args:
        folder: exists and is empty.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._converted: dict[str, Logs | None] = {}

    def add(self, run: Run) -> None:
        """Puts a run there, once."""
        if run.id in self._converted:
            return
        place, own = self._folder / run.id, run.path / FOLDER
        if own.is_dir():
            self._converted[run.id] = None
            place.symlink_to(own.resolve(), target_is_directory=True)
            return
        logs = self._converted[run.id] = Logs(run, place)
        logs.update()
        last = run.last_epoch()
        if last is not None:
            logs.show_samples(run.path / sample_sheet.FILE, last.step)
            logs.flush()

    def update(self) -> None:
        """Writes what has happened in the runs since."""
        for logs in self._converted.values():
            if logs is not None:
                logs.update()

    def close(self) -> None:
        for logs in self._converted.values():
            if logs is not None:
                logs.close()


def serve(folder: Path, port: int | None) -> int:
    """Starts TensorBoard in a thread, reachable from this machine alone.

    Args:
        folder: of logs, in which more may appear.
        port: None for the first free one from 6006 on.

    Returns:
        The port.

    Raises:
        Problem: `tensorboard.no_port`.
    """
    # TensorBoard asks for this module to learn that it is to do without TensorFlow, whose import
    # takes seconds and prints.
    sys.modules.setdefault("tensorboard.compat.notf", ModuleType("tensorboard.compat.notf"))
    from tensorboard import default, program  # type: ignore[import-untyped]

    server = program.TensorBoard(plugins=default.get_plugins())
    fast = importlib.util.find_spec("tensorboard_data_server") is not None
    chosen = [] if port is None else ["--port", str(port)]
    server.configure([
        "tensorboard", "--logdir", str(folder), "--host", "localhost", *chosen,
        "--reload_interval", str(RELOAD_S), "--load_fast", "true" if fast else "false",
    ])  # fmt: skip
    try:
        url: str = server.launch()
    except program.TensorBoardServerException as error:
        raise Problem("tensorboard.no_port", port=port or 0, detail=str(error)) from error
    return int(url.rstrip("/").rpartition(":")[2])
