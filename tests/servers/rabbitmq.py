"""A private RabbitMQ on loopback, with a port mapper of its own, under its own user."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path
from types import TracebackType

import psutil
from kombu import Connection

from pipeline.embedded.places import LOOPBACK, free_ports, service_account

SCRIPT = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
START_SECONDS = 120.0


def rabbitmq_server() -> Path | None:
    """The start script itself; the wrapper on the path insists on the system's one instance."""
    return SCRIPT if SCRIPT.is_file() else None


class RabbitMQ:
    """One broker for as long as the ``with`` block lasts."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "rabbitmq"
        self._account = service_account("rabbitmq")
        self._port, self._mapper_port, self._node_port = free_ports(3, besides=set())
        self._started: list[subprocess.Popen[bytes]] = []

    @property
    def url(self) -> str:
        return f"amqp://guest:guest@{LOOPBACK}:{self._port}//"

    @property
    def pid(self) -> int:
        return self._started[-1].pid

    def __enter__(self) -> RabbitMQ:
        self._folder.mkdir(mode=0o700)
        if self._account:
            os.chown(self._folder, self._account.uid, self._account.gid)
        self._spawn("epmd", "-port", str(self._mapper_port), "-address", LOOPBACK)
        self._spawn(str(SCRIPT))
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self._started[-1].poll() is not None or time.monotonic() > deadline:
                log = (self._folder / "output").read_text(errors="replace")[-2000:]
                self.__exit__(None, None, None)
                raise RuntimeError(f"RabbitMQ does not start:\n{log}")
            time.sleep(0.3)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in reversed(self._started):
            with contextlib.suppress(psutil.NoSuchProcess):
                family = [*psutil.Process(process.pid).children(recursive=True), psutil.Process(process.pid)]
                for member in family:
                    with contextlib.suppress(psutil.NoSuchProcess):
                        member.send_signal(signal.SIGTERM)
                for member in psutil.wait_procs(family, timeout=20)[1]:
                    member.kill()
            process.wait()

    def _spawn(self, *argv: str) -> None:
        home = self._folder
        environment = {
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": str(home),
            "LANG": "C.UTF-8",
            "ERL_EPMD_PORT": str(self._mapper_port),
            "ERL_EPMD_ADDRESS": LOOPBACK,
            "RABBITMQ_NODENAME": f"sohoa{self._port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": LOOPBACK,
            "RABBITMQ_NODE_PORT": str(self._port),
            "RABBITMQ_DIST_PORT": str(self._node_port),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1} +S 1:1",
            "RABBITMQ_MNESIA_BASE": str(home / "mnesia"),
            "RABBITMQ_LOG_BASE": str(home / "log"),
            "RABBITMQ_PID_FILE": str(home / "pid"),
            "RABBITMQ_CONFIG_FILE": str(home / "none"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(home / "plugins"),
            "RABBITMQ_FEATURE_FLAGS_FILE": str(home / "flags"),
            "RABBITMQ_CONF_ENV_FILE": str(home / "none.env"),
        }
        with (self._folder / "output").open("ab") as output:
            self._started.append(
                subprocess.Popen(
                    argv,
                    cwd=home,
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    user=self._account.uid if self._account else None,
                    group=self._account.gid if self._account else None,
                    extra_groups=[] if self._account else None,
                    process_group=0,
                )
            )

    def _answers(self) -> bool:
        try:
            with Connection(self.url, connect_timeout=2) as connection:
                connection.ensure_connection(max_retries=1, timeout=2)
        except Exception:
            # kombu lets through whatever a half-started broker provokes
            return False
        return True
