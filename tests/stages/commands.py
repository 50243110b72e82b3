"""Runs ``sohoa`` as officers do: a process of its own, on the servers of the tests."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from tests.stages.conftest import ROOT

if TYPE_CHECKING:
    from tests.stages.conftest import Servers


def run_command(servers: Servers, *arguments: object, **settings: str) -> tuple[int, dict[str, Any]]:
    """Exit code and the JSON that was printed, or what was said instead under ``said``.

    Args:
        servers: on which it works.
        arguments: of ``sohoa``.
        settings: further variables of its environment.
    """
    start = [sys.executable, "-c", "from pipeline.cli import main; main()"]
    done = subprocess.run(
        [*start, *map(str, arguments)],
        env=servers.environment() | settings,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    try:
        return done.returncode, json.loads(done.stdout)
    except json.JSONDecodeError:
        return done.returncode, {"said": done.stdout + done.stderr}
