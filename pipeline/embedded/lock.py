"""One running instance to a data folder.

The lock is the kernel's (`flock`), so it is gone the moment its holder is, however it died.
"""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path
from typing import IO

from pipeline.embedded.errors import AlreadyRunning

PATIENCE_SECONDS = 1.0
"""How long a starter waits for those who only look whether someone runs."""


def acquire(data_dir: Path) -> IO[str]:
    """Take the data folder for this process until the returned file is closed.

    Raises:
        AlreadyRunning: another process, or another place in this one, holds it.
    """
    path = _lock_path(data_dir)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600), "r+")
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            if time.monotonic() > deadline:
                pid = _holder(handle)
                handle.close()
                raise AlreadyRunning(data_dir, pid) from None
            time.sleep(0.05)
    handle.seek(0)
    handle.truncate()
    handle.write(str(os.getpid()))
    handle.flush()
    return handle


def is_running(data_dir: Path) -> bool:
    """Tell whether some process holds the data folder."""
    path = _lock_path(data_dir)
    try:
        handle = path.open("r")
    except FileNotFoundError:
        return False
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False


def _lock_path(data_dir: Path) -> Path:
    return data_dir / "run" / "lock"


def _holder(handle: IO[str]) -> int | None:
    handle.seek(0)
    text = handle.read().strip()
    return int(text) if text.isdigit() else None
