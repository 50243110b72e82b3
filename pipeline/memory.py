"""Memory of a process tree."""

from __future__ import annotations

import threading
from contextlib import AbstractContextManager, suppress
from types import TracebackType
from typing import Self

import psutil


def tree_rss(process: psutil.Process) -> list[int]:
    """Resident bytes of a process and of each of its descendants; what ends meanwhile is left out."""
    sizes = []
    with suppress(psutil.NoSuchProcess):
        for member in (process, *process.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                sizes.append(member.memory_info().rss)
    return sizes


class PeakMemory(AbstractContextManager["PeakMemory"]):
    """Watches a process, by default this one, and its children while the block runs.

    Attributes:
        megabytes: highest sum of resident memory seen, sampled ten times a second. Pages shared
            between processes count once per process, so the figure errs upwards.
        megabytes_of_one: highest resident memory of any single process among them.
    """

    def __init__(self, interval: float = 0.1, *, of: int | None = None) -> None:
        self.megabytes = 0.0
        self.megabytes_of_one = 0.0
        self._process = psutil.Process(of)
        self._interval = interval
        self._done = threading.Event()
        self._watcher = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._watcher.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._watcher.join()

    def _watch(self) -> None:
        while not self._done.wait(self._interval):
            sizes = tree_rss(self._process)
            self.megabytes = max(self.megabytes, sum(sizes) / 2**20)
            self.megabytes_of_one = max(self.megabytes_of_one, max(sizes, default=0) / 2**20)
