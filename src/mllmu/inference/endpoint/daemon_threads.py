"""Several calls at the same time, in threads that do not keep a process alive that somebody has stopped."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def begin_calls(work: Callable[[T], R], items: Iterable[T], threads: int) -> list[Future[R]]:
    """Call a function on every item, so many at a time; those that are cancelled first are left out.

    A pool of Python's own waits at the end of the process for every call under way, for as long as a server
    that hangs lets it.
    """
    jobs: list[tuple[Future[R], T]] = [(Future(), item) for item in items]
    waiting: SimpleQueue[tuple[Future[R], T]] = SimpleQueue()
    for job in jobs:
        waiting.put(job)
    for _ in range(min(threads, len(jobs))):
        Thread(target=_carry_out, args=(work, waiting), daemon=True).start()
    return [future for future, _ in jobs]


def _carry_out(work: Callable[[T], R], waiting: SimpleQueue[tuple[Future[R], T]]) -> None:
    while True:
        try:
            future, item = waiting.get_nowait()
        except Empty:
            return
        if future.set_running_or_notify_cancel():
            try:
                future.set_result(work(item))
            except BaseException as error:  # told to whoever asks for the result
                future.set_exception(error)
