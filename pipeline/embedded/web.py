"""The desk: Django under uvicorn."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import httpx

from pipeline.configuration import Settings
from pipeline.embedded.application import application_environment
from pipeline.embedded.places import LOOPBACK, Ports
from pipeline.embedded.service import Command
from pipeline.endpoints import Endpoints


class Web:
    """The desk on its host and port."""

    name = "web"
    stop_order = ((signal.SIGTERM, 8.0),)
    start_seconds = 60.0

    def __init__(self, settings: Settings, ports: Ports) -> None:
        self._settings = settings
        self._ports = ports
        self.port_names: tuple[str, ...] = () if settings.web_port else ("web",)

    def prepare(self) -> None:
        """Nothing to make: pages and styles come with the package."""

    def command(self) -> Command:
        """Start one process; its threads suffice for an office."""
        return Command(
            argv=(
                *(sys.executable, "-m", "uvicorn", "web.asgi:application"),
                *("--host", self._settings.web_host, "--port", str(self._port)),
                *("--timeout-graceful-shutdown", "3", "--no-server-header", "--log-level", "info"),
            ),
            folder=Path.cwd(),
            environment=application_environment(self._settings, os.environ),
            death_signal=signal.SIGTERM,
        )

    def ready(self) -> bool:
        """Ask the desk whether it reaches its database."""
        try:
            return (
                httpx.get(f"http://{self._reached_at}:{self._port}/healthz", timeout=3.0).status_code == 200
            )
        except httpx.HTTPError:
            return False

    def furnish(self) -> None:
        """Nothing to make."""

    def endpoints(self) -> Endpoints:
        """Give the address to open in the browser."""
        return Endpoints(web_url=f"http://{self._reached_at}:{self._port}/")

    @property
    def _port(self) -> int:
        return self._settings.web_port or self._ports["web"]

    @property
    def _reached_at(self) -> str:
        return LOOPBACK if self._settings.web_host in {"0.0.0.0", "::"} else self._settings.web_host  # noqa: S104
