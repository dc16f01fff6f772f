"""One of TensorBoard's own files: events in protocol buffers, a record each."""

from __future__ import annotations

import io
import itertools
import os
import socket
import time
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from tensorboard.compat.proto.event_pb2 import Event, SessionLog  # type: ignore[import-untyped]
from tensorboard.compat.proto.summary_pb2 import Summary  # type: ignore[import-untyped]
from tensorboard.plugins.text.summary_v2 import text_pb  # type: ignore[import-untyped]
from tensorboard.summary.writer.record_writer import RecordWriter  # type: ignore[import-untyped]

VERSION = "brain.Event:2"
_NUMBERS = itertools.count()


class RecordFile:
    """Appends to a new file in a folder; TensorBoard reads all files of a folder as one story.

    Steps count batches. Times are seconds since 1970.

    Raises:
        OSError: the file cannot be written; so do all methods.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        place = f"{socket.gethostname()}.{os.getpid()}.{next(_NUMBERS)}"
        name = f"events.out.tfevents.{int(time.time()):010d}.{place}"
        self._records = RecordWriter(open(folder / name, "wb"))  # noqa: SIM115 - closed by `close`
        self._add(time.time(), 0, file_version=VERSION)

    def __enter__(self) -> RecordFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self.close()

    def scalar(self, tag: str, step: int, value: float, time_s: float) -> None:
        summary = Summary(value=[Summary.Value(tag=tag, simple_value=value)])
        self._add(time_s, step, summary=summary)

    def image(self, tag: str, step: int, pixels: NDArray[np.uint8], time_s: float) -> None:
        """Adds RGB pixels, uint8 `[H, W, 3]`."""
        file = io.BytesIO()
        Image.fromarray(pixels).save(file, "PNG")
        height, width, channels = pixels.shape
        image = Summary.Image(height=height, width=width, colorspace=channels,
                              encoded_image_string=file.getvalue())  # fmt: skip
        self._add(time_s, step, summary=Summary(value=[Summary.Value(tag=tag, image=image)]))

    def text(self, tag: str, step: int, markdown: str, time_s: float) -> None:
        # What is not Unicode, as in the name of a file, cannot stand in a protocol buffer.
        safe = markdown.encode("utf-8", "backslashreplace").decode("utf-8")
        self._add(time_s, step, summary=text_pb(tag, safe))

    def graph(self, definition: bytes) -> None:
        """Adds the graph of the network: a serialized GraphDef."""
        self._add(time.time(), 0, graph_def=definition)

    def forget_from(self, step: int, time_s: float) -> None:
        """Has TensorBoard drop what earlier records say of this step and later ones."""
        self._add(time_s, step, session_log=SessionLog(status=SessionLog.START))

    def flush(self) -> None:
        self._records.flush()

    def close(self) -> None:
        self._records.close()

    def _add(self, time_s: float, step: int, **what: Any) -> None:
        self._records.write(Event(wall_time=time_s, step=step, **what).SerializeToString())
