"""Runs ``sohoa`` on the servers of the tests: as officers do in a process of its own, or in this one."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from typing import TYPE_CHECKING, Any

import pytest

from pipeline.cli import main
from pipeline.embedded import Embedded
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
    return done.returncode, _told(done.stdout, done.stderr)


def run_here(servers: Servers, *arguments: object, **settings: str) -> tuple[int, dict[str, Any]]:
    """The same in this process, where nothing is started or migrated first: that takes seconds.

    Not for commands that take their tools from Django's settings, which stay those of this process.
    """
    with (
        pytest.MonkeyPatch.context() as here,
        redirect_stdout(StringIO()) as out,
        redirect_stderr(StringIO()) as said,
    ):
        here.setattr(Embedded, "_bring_database_up_to_date", lambda self: None)
        for name, value in (servers.environment() | settings).items():
            here.setenv(name, value)
        with pytest.raises(SystemExit) as end:
            main([str(a) for a in arguments])
    return end.value.code, _told(out.getvalue(), said.getvalue())


def _told(out: str, said: str) -> dict[str, Any]:
    try:
        return json.loads(out)
    except json.JSONDecodeError:
        return {"said": out + said}
