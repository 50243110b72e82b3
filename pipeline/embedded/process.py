"""One child process of the supervisor: start it, find what an earlier run left, end it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil

from pipeline.embedded.places import write_private
from pipeline.embedded.service import Command, Service

LOG_BYTES_KEPT = 16 * 1024**2
LAUNCHER = Path(__file__).with_name("launch.py")


class Child:
    """The process of one service, with its log and its pid file."""

    def __init__(self, service: Service, run: Path, log: Path) -> None:
        self.service = service
        self._pid_file = run / f"{service.name}.pid"
        self.log_path = log / f"{service.name}.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """Process number while it runs."""
        return self._process.pid if self._process and self._process.poll() is None else None

    @property
    def exit_code(self) -> int | None:
        """How it ended; None while it runs or before it was started."""
        return self._process.poll() if self._process else None

    def start(self) -> None:
        """Start the process in a group of its own, so that Ctrl-C in the terminal spares it.

        Must be called by a thread that lives as long as the child may: the kernel ends the child with it.
        """
        command = self.service.command()
        if self.log_path.is_file() and self.log_path.stat().st_size > LOG_BYTES_KEPT:
            self.log_path.replace(self.log_path.with_suffix(".log.1"))
        with os.fdopen(os.open(self.log_path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", str(LAUNCHER), _order(command), "--", *command.argv],
                env=dict(command.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                process_group=0,
            )
        created = psutil.Process(self._process.pid).create_time()
        write_private(self._pid_file, json.dumps({"pid": self._process.pid, "created": created}))

    def end(self) -> None:
        """Stop the process by the service's order of signals, then sweep its group."""
        process = self._process
        if process is None:
            return
        for number, seconds in self.service.stop_order:
            if process.poll() is not None:
                break
            _signal(process.pid, number)
            try:
                process.wait(seconds)
            except subprocess.TimeoutExpired:
                continue
        self.sweep()
        process.wait()
        self._pid_file.unlink(missing_ok=True)

    def sweep(self) -> None:
        """Kill what is left of the child's process group, such as workers of a killed parent."""
        if self._process is not None:
            _kill_group(self._process.pid)

    def end_leftover(self) -> None:
        """End the process that an earlier supervisor started and could not take along."""
        try:
            note = json.loads(self._pid_file.read_text(encoding="utf-8"))
            leftover = psutil.Process(note["pid"])
            same = abs(leftover.create_time() - note["created"]) < 1.0
        except (FileNotFoundError, ValueError, KeyError, psutil.Error):
            self._pid_file.unlink(missing_ok=True)
            return
        if same:
            for number, seconds in self.service.stop_order:
                _signal(leftover.pid, number)
                if _gone(leftover, seconds):
                    break
            _kill_group(leftover.pid)
            _gone(leftover, 5.0)
        self._pid_file.unlink(missing_ok=True)

    def last_words(self, lines: int = 8) -> str:
        """Give the end of the log, for the message about a server that does not start."""
        if not self.log_path.is_file():
            return ""
        return "\n".join(self.log_path.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])


def _order(command: Command) -> str:
    return json.dumps(
        {
            "parent": os.getpid(),
            "signal": int(command.death_signal),
            "uid": command.account.uid if command.account else None,
            "gid": command.account.gid if command.account else None,
            "folder": str(command.folder),
        }
    )


def _signal(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def _kill_group(group: int) -> None:
    try:
        os.killpg(group, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def _gone(process: psutil.Process, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if not process.is_running() or process.status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.05)
    return False
