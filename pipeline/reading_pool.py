"""Reads many files at once, one process per core, so that one bad file cannot take the others along."""

from __future__ import annotations

import ctypes
import hashlib
import logging
import multiprocessing
import os
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import cv2

from pipeline.one_thread import ONE_THREAD
from pipeline.reading import ScanReading, read_scan

_log = logging.getLogger(__name__)
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
"""As in <malloc.h>."""

CRASHED = ("READER_CRASHED", "Chương trình đọc bị dừng đột ngột ở tệp này; hãy quét lại trang rồi nạp lại.")


def settle_threads() -> None:
    """One thread per process: Tesseract is four times slower when it spreads over shared cores."""
    os.environ.update(ONE_THREAD)
    cv2.setNumThreads(1)
    _keep_memory()


def _keep_memory() -> None:
    """Have the C library keep what pictures leave behind, rather than ask the kernel for every one of them.

    Other C libraries than GNU's know no such options and do as they do.
    """
    if hasattr(tune := ctypes.CDLL(None), "mallopt"):
        tune.mallopt(_M_MMAP_THRESHOLD, 128 * 2**20)
        tune.mallopt(_M_TRIM_THRESHOLD, 256 * 2**20)


def _read(path: Path, name: str) -> ScanReading:
    return read_scan(path, name=name)


def _settle(fresh: bool) -> None:
    settle_threads()
    if fresh:
        os.environ["SOHOA_ENGINE_CACHE_MB"] = "0"


def read_files(
    paths: Sequence[Path],
    *,
    jobs: int,
    on_done: Callable[[ScanReading], None] = lambda _: None,
    fresh: bool = False,
) -> list[ScanReading]:
    """Read files in parallel; the result keeps the order of `paths`.

    Args:
        jobs: processes.
        on_done: told of each file.
        fresh: engines are asked even for pixels that they have read before, and nothing is kept.

    A file whose reader dies (killed by the system, crashed in a decoder) gets the error
    ``READER_CRASHED``; the others are read all the same.
    """
    results: dict[int, ScanReading] = {}
    waiting = list(range(len(paths)))
    while waiting:
        waiting = _read_until_crash(paths, waiting, results, jobs, on_done, fresh)
        if waiting:
            suspect = waiting.pop(0)
            if _read_until_crash(paths, [suspect], results, 1, on_done, fresh):
                results[suspect] = _crashed(paths[suspect])
                on_done(results[suspect])
    return [results[i] for i in range(len(paths))]


def _crashed(path: Path) -> ScanReading:
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return ScanReading(name=str(path), sha256=digest, media_type="", error=CRASHED)


def _read_until_crash(
    paths: Sequence[Path],
    waiting: Sequence[int],
    results: dict[int, ScanReading],
    jobs: int,
    on_done: Callable[[ScanReading], None],
    fresh: bool,
) -> list[int]:
    """Read until all is done or a process dies; returns what is left, the likeliest culprits first."""
    context = multiprocessing.get_context("spawn")
    processes = max(1, min(jobs, len(waiting)))
    with ProcessPoolExecutor(processes, context, initializer=_settle, initargs=(fresh,)) as pool:
        futures: dict[Future[ScanReading], int] = {
            pool.submit(_read, paths[i], str(paths[i])): i for i in waiting
        }
        pending = set(futures)
        while pending:
            done, pending = wait(pending, return_when=FIRST_COMPLETED)
            for future in done:
                index = futures[future]
                try:
                    results[index] = future.result()
                except BrokenProcessPool:
                    continue
                except Exception:  # a fault of ours in one file must not cost the others
                    _log.exception("reading %s failed", paths[index])
                    results[index] = ScanReading(
                        name=str(paths[index]), sha256="", media_type="", error=CRASHED
                    )
                on_done(results[index])
    return [i for i in waiting if i not in results]
