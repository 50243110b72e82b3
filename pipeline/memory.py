"""Memory of a process tree."""

from __future__ import annotations

import threading
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Self

import psutil


def tree_rss(process: psutil.Process) -> int:
    """Resident bytes of a process and all its descendants; what ends meanwhile counts as nothing."""
    total = 0
    for member in (process, *process.children(recursive=True)):
        try:
            total += member.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return total


class PeakMemory(AbstractContextManager["PeakMemory"]):
    """Watches this process and its children while the block runs.

    Attributes:
        megabytes: highest sum of resident memory seen, sampled ten times a second. Pages shared
            between processes count once per process, so the figure errs upwards.
    """

    def __init__(self, interval: float = 0.1) -> None:
        self.megabytes = 0.0
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
        process = psutil.Process()
        while not self._done.wait(self._interval):
            self.megabytes = max(self.megabytes, tree_rss(process) / 2**20)
