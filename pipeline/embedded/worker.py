"""The Celery worker; it starts its own sweeper, which re-sends what a crash let go."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from celery import Celery
from kombu import pools
from kombu.exceptions import OperationalError

from pipeline.addresses import resolve
from pipeline.configuration import Settings
from pipeline.embedded.application import application_environment
from pipeline.embedded.service import Command
from pipeline.endpoints import Endpoints

APPLICATION = "pipeline.tasks"
NODE = "sohoa@embedded"


class Worker:
    """One Celery worker with as many processes as the settings say."""

    name = "worker"
    port_names: tuple[str, ...] = ()
    # warm: finish the record in hand; cold: give it back; the lease covers the rest
    stop_order = ((signal.SIGTERM, 20.0), (signal.SIGQUIT, 5.0))
    start_seconds = 90.0

    def __init__(self, settings: Settings, run: Path) -> None:
        self._settings = settings
        self._run = run

    def prepare(self) -> None:
        """Nothing stands ready but the servers."""

    def command(self) -> Command:
        """Start the worker."""
        return Command(
            argv=(
                *(sys.executable, "-m", "celery", "-A", APPLICATION, "worker"),
                *("-n", NODE, "--concurrency", str(self._settings.worker_processes)),
                *("--loglevel", "INFO", "--without-gossip", "--without-mingle"),
            ),
            folder=Path.cwd(),
            environment=application_environment(self._settings, os.environ),
            # a cold shutdown may wait for a broker that died in the same moment; leases cover what is cut off
            death_signal=signal.SIGKILL,
        )

    def ready(self) -> bool:
        """Ping the worker through the broker."""
        broker = resolve(self._settings).broker_url
        with Celery(broker=broker, set_as_current=False) as application:
            application.conf.broker_connection_timeout = 2
            try:
                return bool(application.control.ping(destination=[NODE], timeout=1.0))
            except (OperationalError, *application.connection().connection_errors):
                # a connection that a restarted broker has closed must not come out of the pool again
                pools.reset()
                return False

    def furnish(self) -> None:
        """Nothing to make: what the worker needs is in the database."""

    def endpoints(self) -> Endpoints:
        """Give none; nobody calls a worker."""
        return Endpoints()
