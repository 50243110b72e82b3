"""A Celery worker as a process of its own, for tests that need the way through the broker."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.stages.conftest import ROOT

START_SECONDS = 60.0
SWEEP_SECONDS = 20.0
"""The sweeper looks every five seconds."""


@contextmanager
def celery_worker(queues: str, environment: Mapping[str, str], said: Path) -> Iterator[Path]:
    """A worker of one process for some queues; what it says goes to the file `said`."""
    arguments = f"--concurrency 1 -Q {queues} --without-gossip --without-mingle".split()
    with said.open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", "pipeline.tasks", "worker", *arguments],
            env=dict(environment),
            cwd=ROOT,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            yield said
        finally:
            process.terminate()
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def wait_for(happened: Callable[[], bool], seconds: float) -> bool:
    """Whether something happened in time."""
    deadline = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True
