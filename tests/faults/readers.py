"""Readers with faults that no picture can be trusted to cause."""

from __future__ import annotations

import hashlib
import os
import signal
from pathlib import Path

from pipeline.reading import ScanReading


def read_or_be_killed(path: Path, name: str) -> ScanReading:
    """Takes the hash only; on a file called poison its process is killed, as when memory ends."""
    if "poison" in path.name:
        os.kill(os.getpid(), signal.SIGKILL)
    return ScanReading(name, hashlib.sha256(path.read_bytes()).hexdigest(), "image/jpeg")
