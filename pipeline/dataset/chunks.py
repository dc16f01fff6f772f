"""A source's images, worked on chunk by chunk in several processes that only read."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Container, Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import islice
from multiprocessing import connection
from typing import TYPE_CHECKING, TypeVar, cast

from pipeline.dataset.sources import Listing, SourceImage
from pipeline.problems import Problem
from pipeline.processes import usable_cores

if TYPE_CHECKING:
    from multiprocessing.synchronize import Event

T = TypeVar("T")
Work = Callable[[Sequence[int], Iterator[SourceImage]], T]
"""Takes the indices and the images of a chunk."""

CHUNK = 256
_WAITING = 3
"""Chunks handed out for each process: enough that none is idle, few enough to hold."""


def chunks_done(
    listing: Listing,
    make_work: Callable[[], Work[T]],
    processes: int = 0,
    done: Container[int] = (),
) -> Generator[tuple[Sequence[int], T], None, None]:
    """Yields the indices of each chunk, with what the work returned for it, as it is done.

    Whoever stops asking for more ends the work within an image or two.

    Args:
        listing: whose images are read, in its reading order.
        make_work: called once in each process, returns what is called with each chunk.
        processes: how many; 0: as many as there are cores.
        done: first indices of the chunks that need no work any more.

    Raises:
        Problem: `dataset.decoder_died` when a process was killed, as for want of memory.
    """
    count = len(listing.images)
    order = listing.order or range(count)
    starts = [start for start in range(0, count, CHUNK) if order[start] not in done]
    waiting = iter(starts)
    workers = max(1, min(processes or usable_cores(), len(starts)))
    # Never fork: OpenCV's threads do not survive it.
    context = multiprocessing.get_context("spawn")
    left = context.Event()
    pool = ProcessPoolExecutor(workers, context, _start, (make_work, left))
    tasks: dict[Future[T], Sequence[int]] = {}

    def hand_out(most: int) -> None:
        for start in islice(waiting, most):
            indices = order[start : start + CHUNK]
            images = [listing.images[index] for index in indices]
            tasks[cast("Future[T]", pool.submit(_worked, indices, images))] = indices

    try:
        with _without_interrupts():
            hand_out(_WAITING * workers)
        while tasks:
            for task in wait(tasks, return_when=FIRST_COMPLETED).done:
                result = task.result()
                yield tasks.pop(task), result
                hand_out(1)
    except BrokenProcessPool as error:
        first = listing.images[next(iter(tasks.values()), order)[0]].path
        raise Problem("dataset.decoder_died", first=first) from error
    finally:
        left.set()
        pool.shutdown(cancel_futures=True)


@contextmanager
def _without_interrupts() -> Iterator[None]:
    """Holds Ctrl-C back; processes that are started meanwhile never get it.

    It reaches all processes of a terminal, and the one that the user sees decides.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    asked: list[int] = []
    in_main = threading.current_thread() is threading.main_thread()
    # New processes inherit the mask; here any other thread may take the signal.
    handler = signal.signal(signal.SIGINT, lambda *_: asked.append(1)) if in_main else None
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        if in_main:
            signal.signal(signal.SIGINT, handler)
    if asked:
        signal.raise_signal(signal.SIGINT)


class _Left(Exception):
    """Nobody waits for the chunk any more."""


_work: Work[object] | None = None
_left: Event | None = None


def _start(make_work: Callable[[], Work[object]], left: Event) -> None:
    """Makes this process ready; it ends when the process that started it does."""
    global _work, _left
    parent = multiprocessing.parent_process()
    assert parent is not None
    sentinel = parent.sentinel

    def end_with_parent() -> None:
        connection.wait([sentinel])
        os._exit(1)

    threading.Thread(target=end_with_parent, name="parent", daemon=True).start()
    _work, _left = make_work(), left


def _worked(indices: Sequence[int], images: Sequence[SourceImage]) -> object:
    assert _work is not None
    return _work(indices, _until_left(images))


def _until_left(images: Sequence[SourceImage]) -> Iterator[SourceImage]:
    assert _left is not None
    for image in images:
        if _left.is_set():
            raise _Left
        yield image
