"""Which model recognises, the process it runs in, and the images of a folder."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Literal

from platformdirs import user_log_path

from hanzi_tui.model_facts import ModelFacts, model_facts, models
from pipeline.problems import Problem
from pipeline.recognition.client import RecognizerClient
from pipeline.recognition.folder import folders_of_images
from pipeline.settings import RecognitionSettings
from pipeline.workspace import STARTER, Workspace

FIND_S = 0.25
OPTIONS = {"threads", "precision", "min_confidence"}
"""Settings that the process is started with."""


class Recognizing:
    """A model of a workspace, ready to be asked.

    Args:
        workspace: whose models can be used.
        settings: returns those in force now.
    """

    def __init__(self, workspace: Workspace, settings: Callable[[], RecognitionSettings]) -> None:
        self.chosen: Path | None = None
        """The model the user took; None: that of the settings, the newest by default."""
        self._workspace = workspace
        self._settings = settings
        self._client: RecognizerClient | None = None
        self._model: ModelFacts | None = None
        self._options: dict[str, str | float] = {}
        self._holders = 0
        self._loading = asyncio.Lock()

    @property
    def top(self) -> int:
        """How many candidates are wanted."""
        return self._settings().top

    @property
    def reading(self) -> Literal["auto", "columns", "rows"]:
        """How pages are read."""
        return self._settings().reading

    def model(self) -> ModelFacts:
        """Returns the model to use; looks at the file system.

        Raises:
            Problem, OSError: there is none.
        """
        named = self._settings().model if self.chosen is None else str(self.chosen)
        return model_facts(*self._workspace.model_or_starter(named))

    def models(self) -> list[ModelFacts]:
        """Returns the models there are, the newest first and the starter last."""
        found = models(self._workspace)
        with contextlib.suppress(Problem, OSError):
            starter = model_facts(*self._workspace.model_or_starter(STARTER))
            found += [starter] if starter.is_starter else []
        return found

    @property
    def model_name(self) -> str:
        """The name of the model that was asked last."""
        return "" if self._model is None else self._model.name

    async def choose(self, name: str) -> None:
        """Uses another model from now on; questions under way are cancelled.

        Raises:
            Problem: there is no model of this name.
        """
        self.chosen = await asyncio.to_thread(self._workspace.require_model, name)
        await self.close()

    async def client(self) -> RecognizerClient:
        """Returns what asks the model; another or a rewritten one gets a new process.

        Raises:
            Problem, OSError: there is no model.
        """
        async with self._loading:
            if self._client is not None and self._holders:
                return self._client
            wanted = await asyncio.to_thread(self.model)
            options = self._settings().model_dump(include=OPTIONS)
            if self._client is None or (wanted, options) != (self._model, self._options):
                await self.close()
                log = await asyncio.to_thread(_log)
                self._client = RecognizerClient(wanted.path, log, **options)
                self._model, self._options = wanted, options
            return self._client

    @contextlib.asynccontextmanager
    async def held(self) -> AsyncIterator[RecognizerClient]:
        """Gives what asks the model; meanwhile a newer model does not take its place."""
        client = await self.client()
        self._holders += 1
        try:
            yield client
        finally:
            self._holders -= 1

    async def close(self) -> None:
        """Ends the process; questions under way are cancelled."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()


async def images_below(folder: Path) -> AsyncIterator[list[Path]]:
    """Yields the images in and below a folder: those found so far, and at last all in order.

    Raises:
        Problem: the folder cannot be listed.
    """
    found: list[Path] = []
    waiting = folders_of_images(folder)
    while await asyncio.to_thread(_find, waiting, found):
        yield found
    yield await asyncio.to_thread(sorted, found)


def _find(waiting: Iterator[list[Path]], found: list[Path]) -> bool:
    """Adds images to `found` for a moment; returns whether there may be more."""
    end_s = time.monotonic() + FIND_S
    for more in waiting:
        found += more
        if time.monotonic() > end_s:
            return True
    return False


def free_path(path: Path) -> Path:
    """Returns `path`, or the first of `path-2`, `path-3`, … (before the suffix) that is free."""
    number, free = 1, path
    while free.exists():
        number += 1
        free = path.with_stem(f"{path.stem}-{number}")
    return free


def _log() -> Path:
    return user_log_path("hanzi-tui", appauthor=False, ensure_exists=True) / "recognizer.log"
