"""Asks a recogniser that runs in a process of its own, and starts it again when it died."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeline.problems import Problem
from pipeline.programs import program
from pipeline.recognition.answers import Answer, from_json
from pipeline.recognition.page_text import PageAnswer, Reading, answer_from_json

LINE_BYTES = 2**26
"""The longest reply: 1024 x 1024 colour pixels for the network and a preview, in base64."""


class RecognizerClient:
    """A recogniser in a process of its own, which is started by the first question.

    Neither OpenCV nor LiteRT is imported here, and a picture that crashes a decoder crashes that
    process only.

    Args:
        model: folder of the bundle.
        log: where the process writes what it has to say; nowhere by default.
        options: `threads`, `precision` and `min_confidence` of `Recognizer`.
    """

    def __init__(self, model: Path, log: Path | None = None, **options: str | float) -> None:
        self.model = model
        self._log = log
        self._options = options
        self._process: asyncio.subprocess.Process | None = None
        self._lock = asyncio.Lock()
        self._asked = 0
        self._closed = False

    async def recognize(
        self, pictures: Sequence[Path | bytes], top: int = 5, preview_px: int = 0
    ) -> list[Answer]:
        """Returns the answer to each picture; asking for none loads the model.

        Args:
            pictures: image files, or what stands in one; what cannot be read gets an answer with
                a problem.
            top: candidates for each.
            preview_px: above 0, answers bring what the network saw and the picture with at most
                so many pixels a side.

        Raises:
            Problem: the model cannot be loaded.
            asyncio.CancelledError: the client was closed meanwhile.
        """
        async with self._lock:
            try:
                return await self._answers(pictures, top, preview_px)
            except _ProcessEnded:
                # It may have died at any time since, or of one of these: each alone will tell.
                return [await self._alone(picture, top, preview_px) for picture in pictures]

    async def read_page(
        self, picture: Path | bytes, reading: Reading | None, top: int, preview_px: int
    ) -> PageAnswer:
        """Returns what stands on a page; the arguments are those of `recognize` and `read_page`.

        Raises:
            Problem, asyncio.CancelledError: as `recognize`.
        """
        request = {"page": _sendable(picture), "reading": reading, "top": top,
                   "preview_px": preview_px}  # fmt: skip
        async with self._lock:
            for _attempt in range(2):
                with contextlib.suppress(_ProcessEnded):
                    return answer_from_json((await self._ask(request))["answer"])
        return PageAnswer(problem=self._died(picture))

    async def close(self) -> None:
        """Ends the process; a call under way is cancelled."""
        self._closed = True
        await self._end()

    async def _alone(self, picture: Path | bytes, top: int, preview_px: int) -> Answer:
        try:
            return (await self._answers([picture], top, preview_px))[0]
        except _ProcessEnded:
            return Answer(problem=self._died(picture))

    def _died(self, picture: Path | bytes) -> Problem:
        path = "<bytes>" if isinstance(picture, bytes) else str(picture)
        return Problem("recognition.died", path=path, log=str(self._log or os.devnull))

    async def _answers(
        self, pictures: Sequence[Path | bytes], top: int, preview_px: int
    ) -> list[Answer]:
        sendable = [_sendable(picture) for picture in pictures]
        reply = await self._ask({"pictures": sendable, "top": top, "preview_px": preview_px})
        return [from_json(values) for values in reply["answers"]]

    async def _ask(self, request: Mapping[str, Any]) -> dict[str, Any]:
        process = await self._running()
        self._asked += 1
        assert process.stdin and process.stdout
        process.stdin.write(json.dumps({"id": self._asked, **request}).encode() + b"\n")
        # It may have said why before it ended, so that comes first.
        with contextlib.suppress(ConnectionError):
            await process.stdin.drain()
        while line := await process.stdout.readline():
            reply: dict[str, Any] = json.loads(line)
            if "problem" in reply:
                raise Problem(reply["problem"]["code"], **reply["problem"]["params"])
            # Answers to questions whose asker was cancelled come first.
            if reply["id"] == self._asked:
                return reply
        await self._end()
        if self._closed:
            raise asyncio.CancelledError
        raise _ProcessEnded

    async def _running(self) -> asyncio.subprocess.Process:
        if self._closed:
            raise asyncio.CancelledError
        if self._process is None or self._process.returncode is not None:
            with open(self._log or os.devnull, "ab") as log:
                self._process = await asyncio.create_subprocess_exec(
                    *_command(self.model, self._options), stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE, stderr=log, limit=LINE_BYTES, start_new_session=True,
                )  # fmt: skip
        return self._process

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()  # it keeps nothing
        await process.wait()


class _ProcessEnded(Exception):
    """The process ended without an answer."""


def _sendable(picture: Path | bytes) -> dict[str, str]:
    if isinstance(picture, bytes):
        return {"content": base64.b64encode(picture).decode()}
    return {"path": str(picture)}


def _command(model: Path, options: Mapping[str, str | float]) -> list[str]:
    serve = program("pipeline.recognition.serve")
    return [*serve, str(model.absolute()), json.dumps(options)]
