"""`hanzi-tui tensorboard`."""

from __future__ import annotations

import contextlib
import getpass
import os
import shlex
import signal
import socket
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from hanzi_tui.commands import console
from hanzi_tui.commands.options import Common, CommonOptions, context
from hanzi_tui.i18n import _
from pipeline.problems import Problem

if TYPE_CHECKING:
    from pipeline.training.board.server import Shelf
    from pipeline.workspace import Workspace

UPDATE_S = 2.0


def tensorboard(*names: str, port: int | None = None, common: CommonOptions = Common()) -> int:
    """Show trainings in TensorBoard, also those under way, until Ctrl-C.

    It listens on this machine alone; the line that opens it from a laptop is printed. Runs without
    logs of their own (setting training.tensorboard) are shown by their events.

    Args:
        names: runs, by id, a unique part of it, or "last"; default: all trainings
        port: to listen on; default: the first free one from 6006 on
    """
    from pipeline.training.board.server import Shelf, serve

    given = context(common)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    with tempfile.TemporaryDirectory(prefix="hanzi-tensorboard-") as place:
        shelf = Shelf(Path(place))
        with contextlib.closing(shelf), contextlib.suppress(KeyboardInterrupt):
            _fill(shelf, given.workspace, names)
            port = serve(Path(place), port)
            _tell(port, given.json)
            while True:
                time.sleep(UPDATE_S)
                if not names:
                    _fill(shelf, given.workspace, names)
                shelf.update()
    return 0


def _fill(shelf: Shelf, workspace: Workspace, names: tuple[str, ...]) -> None:
    from hanzi_tui.plotting import all_trainings, named_trainings

    runs = named_trainings(workspace, names) if names else list(all_trainings(workspace))
    if not runs:
        raise Problem("tensorboard.none", folder=str(workspace.runs))
    for run in runs:
        shelf.add(run)


def _tell(port: int, as_json: bool) -> None:
    url, line = f"http://localhost:{port}/", forwarding(port)
    if as_json:
        console.print_json({"url": url, "ssh": line})
        return
    print(url, flush=True)
    console.say(_("From a laptop, in a terminal of its own:  {line}").format(line=line))
    console.say(_("Then open the address above there. Ctrl-C ends TensorBoard."))


def forwarding(port: int) -> str:
    """Returns the command that makes a port of this machine one of a laptop's.

    The host is the one by which this session came here, where it came by SSH.
    """
    came_by = os.environ.get("SSH_CONNECTION", "").split()
    host, ssh_port = came_by[2:4] if len(came_by) == 4 else (socket.gethostname(), "22")
    other = [] if ssh_port == "22" else ["-p", ssh_port]
    address = f"{getpass.getuser()}@{host}"
    return shlex.join(["ssh", "-N", "-L", f"{port}:localhost:{port}", *other, address])
