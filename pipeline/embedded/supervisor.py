"""One process tree over one data folder: start in order, watch, restart, stop in reverse."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from pipeline.addresses import configured_endpoints, merged, resolve, run_dir
from pipeline.configuration import Settings
from pipeline.embedded import lock
from pipeline.embedded.application import application_environment
from pipeline.embedded.errors import AlreadyRunning, ServiceError
from pipeline.embedded.places import Ports, Secrets, data_folder, private_folder, write_private
from pipeline.embedded.process import Child
from pipeline.embedded.service import Service
from pipeline.endpoints import Endpoints

ALL_PARTS = ("store", "redis", "authority", "postgres", "worker", "web")
"""Every part, in the order of starting; others start while the slow database makes itself."""
APPLICATIONS = ("worker", "web")
POLL_SECONDS = 0.1
BACK_OFF_SECONDS = (0.2, 1.0, 2.0, 5.0, 10.0, 30.0)
CALM_SECONDS = 60.0
"""A child that lived this long is restarted at once the next time it dies."""

log = logging.getLogger(__name__)


@dataclass
class Watched:
    """One child and what the supervisor remembers of it."""

    child: Child
    port_names: tuple[str, ...]
    started_at: float = 0.0
    deaths: int = 0
    restart_at: float | None = None
    starts: int = 0


class Embedded:
    """The embedded servers of one data folder, for as long as the ``with`` block lasts.

    Parts whose address stands in the settings are left out: they run elsewhere. Everything is started,
    watched and stopped by one thread, because the kernel ends a child with the thread that started it.

    Args:
        settings: the installation.
        parts: which of `ALL_PARTS` to run.
        lasting: True for ``sohoa up``; other commands may then join this instance, see `connected`.
        migrate: whether to bring the database's tables up to date, also those of a configured database.
        report: called with (part, state) as parts change state; states are ``starting``, ``ready``,
            ``restarting``, ``stopped``. Called from the supervisor's thread.
    """

    def __init__(
        self,
        settings: Settings,
        parts: Collection[str] = ALL_PARTS,
        *,
        lasting: bool = False,
        migrate: bool = True,
        report: Callable[[str, str], None] = lambda part, state: None,
    ) -> None:
        unknown = set(parts) - set(ALL_PARTS)
        if unknown:
            raise ValueError(f"unknown parts: {', '.join(sorted(unknown))}")
        self._settings = settings
        self._wanted = tuple(
            part for part in ALL_PARTS if part in parts and not _runs_elsewhere(settings, part)
        )
        self._lasting = lasting
        self._migrate = migrate
        self._report = report
        self._run = run_dir(settings)
        self._watched: dict[str, Watched] = {}
        self._services: dict[str, Service] = {}
        self._stop = threading.Event()
        self._settled = threading.Event()
        self._error: BaseException | None = None
        self._endpoints = Endpoints()
        self._lock: contextlib.AbstractContextManager[object] | None = None
        self._thread = threading.Thread(target=self._keep, name="sohoa-supervisor")

    def __enter__(self) -> Endpoints:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> Endpoints:
        """Start the parts and return when every one of them serves.

        Raises:
            AlreadyRunning: the data folder is taken.
            ServiceMissing: a program is not installed.
            ServiceError: a part does not get ready; what had been started is stopped again.
        """
        data_folder(self._settings.data_dir)
        private_folder(self._run)
        private_folder(self._settings.data_dir / "log")
        self._lock = lock.acquire(self._settings.data_dir)
        self._thread.start()
        try:
            self._settled.wait()
        except BaseException:
            self.stop()
            raise
        if self._error is not None:
            self._thread.join()
            self._release()
            raise self._error
        return self._endpoints

    def stop(self) -> None:
        """Stop the parts in reverse order and give the data folder free."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join()
        self._release()

    def request_stop(self) -> None:
        """Ask for the stop and return at once; fit for a signal handler."""
        self._stop.set()

    def wait(self) -> None:
        """Return when everything has been stopped; raise what ended the supervisor if nobody asked."""
        while self._thread.is_alive():
            self._thread.join(0.5)
        if self._error is not None:
            raise self._error

    @property
    def pids(self) -> dict[str, int]:
        """Process numbers of the parts that run now."""
        return {name: pid for name, watched in self._watched.items() if (pid := watched.child.pid)}

    def _release(self) -> None:
        if self._lock is not None:
            self._lock.__exit__(None, None, None)
            self._lock = None

    def _keep(self) -> None:
        try:
            self._bring_up()
            self._settled.set()
            while not self._stop.wait(POLL_SECONDS):
                for watched in self._watched.values():
                    self._look_after(watched)
        except _StopAsked:
            pass
        except BaseException as error:  # the caller's thread must learn of every end
            self._error = error
        finally:
            self._bring_down()
            self._settled.set()

    def _bring_up(self) -> None:
        private = Secrets(self._settings.data_dir)
        ports = Ports(self._run)
        self._services = self._make_services(ports, private)
        for name, service in self._services.items():
            child = Child(service, self._run, self._settings.data_dir / "log")
            child.end_leftover()
            self._watched[name] = Watched(child, service.port_names)
        servers = [name for name in self._wanted if name not in APPLICATIONS]
        applications = [name for name in self._wanted if name in APPLICATIONS]
        self._start_and_await(servers, ports)
        self._announce(servers)
        if self._migrate and self._endpoints.database_url:
            self._bring_database_up_to_date()
        self._start_and_await(applications, ports)
        self._announce(self._wanted)

    def _make_services(self, ports: Ports, private: Secrets) -> dict[str, Service]:
        # here, because most commands join a running instance and would load all these clients for nothing
        from pipeline.embedded.authority import Authority
        from pipeline.embedded.postgres import Postgres
        from pipeline.embedded.redis import Redis
        from pipeline.embedded.store import ROLES, Store
        from pipeline.embedded.web import Web
        from pipeline.embedded.worker import Worker

        private.ensure(("django", "signing", "postgres", "postgres_admin", "redis", *ROLES))
        settings = self._settings
        makers: dict[str, Callable[[], Service]] = {
            "store": lambda: Store(settings, ports, private),
            "redis": lambda: Redis(settings.data_dir, ports, private),
            "authority": lambda: Authority(settings.data_dir, ports, private),
            "postgres": lambda: Postgres(settings.data_dir, ports, private),
            "worker": lambda: Worker(settings, self._run),
            "web": lambda: Web(settings, ports),
        }
        return {name: makers[name]() for name in self._wanted}

    def _start_and_await(self, names: Collection[str], ports: Ports) -> None:
        for name in names:
            self._go_on()
            ports.settle(self._services[name].port_names)
            self._report(name, "starting")
            self._spawn(self._watched[name])
        with ThreadPoolExecutor(max_workers=max(1, len(names))) as pool:
            for future in [pool.submit(self._await_ready, self._watched[name]) for name in names]:
                future.result()

    def _spawn(self, watched: Watched) -> None:
        watched.child.service.prepare()
        watched.child.start()
        watched.started_at = time.monotonic()
        watched.restart_at = None
        watched.starts += 1

    def _await_ready(self, watched: Watched) -> None:
        service = watched.child.service
        deadline = time.monotonic() + service.start_seconds
        while not service.ready():
            self._go_on()
            if watched.child.pid is None:
                raise ServiceError(
                    f"{service.name} ended with code {watched.child.exit_code} while starting; "
                    f"see {watched.child.log_path}\n{watched.child.last_words()}"
                )
            if time.monotonic() > deadline:
                raise ServiceError(
                    f"{service.name} was not ready after {service.start_seconds:.0f} s; "
                    f"see {watched.child.log_path}\n{watched.child.last_words()}"
                )
            time.sleep(POLL_SECONDS)
        service.furnish()
        self._report(service.name, "ready")

    def _announce(self, names: Collection[str]) -> None:
        """Publish the addresses; workers and other commands find the servers by this file."""
        endpoints = configured_endpoints(self._settings)
        for name in names:
            endpoints = merged(endpoints, self._services[name].endpoints())
        self._endpoints = endpoints
        note = {
            "pid": os.getpid(),
            "lasting": self._lasting,
            "parts": list(names),
            "endpoints": endpoints.to_json(),
        }
        write_private(self._run / "endpoints.json", json.dumps(note, indent=1))

    def _bring_database_up_to_date(self) -> None:
        self._go_on()
        done = subprocess.run(
            [sys.executable, "-m", "django", "migrate", "--noinput", "--verbosity", "0"],
            env=application_environment(self._settings, os.environ),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise ServiceError(
                f"The database could not be brought up to date:\n{done.stderr.strip()[-2000:]}"
            )

    def _look_after(self, watched: Watched) -> None:
        child = watched.child
        if child.pid is not None:
            return
        now = time.monotonic()
        if watched.restart_at is None:
            child.sweep()
            watched.deaths = 0 if now - watched.started_at > CALM_SECONDS else watched.deaths
            pause = BACK_OFF_SECONDS[min(watched.deaths, len(BACK_OFF_SECONDS) - 1)]
            watched.deaths += 1
            watched.restart_at = now + pause
            log.warning(
                "%s ended with code %s; restart in %.1f s", child.service.name, child.exit_code, pause
            )
            self._report(child.service.name, "restarting")
        elif now >= watched.restart_at:
            try:
                self._spawn(watched)
            except (ServiceError, OSError) as error:
                log.error("%s cannot be restarted: %s", child.service.name, error)
                watched.restart_at = now + BACK_OFF_SECONDS[-1]

    def _bring_down(self) -> None:
        (self._run / "endpoints.json").unlink(missing_ok=True)
        for name in reversed(list(self._watched)):
            self._watched[name].child.end()
            self._report(name, "stopped")

    def _go_on(self) -> None:
        if self._stop.is_set():
            raise _StopAsked


class _StopAsked(Exception):  # noqa: N818 - an order, not an error
    """Asked to stop before everything was up."""


@contextlib.contextmanager
def connected(settings: Settings, parts: Collection[str]) -> Iterator[Endpoints]:
    """Reach the parts: those of a running ``sohoa up``, else started for the length of the block.

    Raises:
        AlreadyRunning: the folder is taken by a command that will stop its servers when it ends.
        ServiceError: a part does not start.
    """
    if lock.is_running(settings.data_dir):
        note = _note(run_dir(settings))
        if note and note["lasting"]:
            missing = {part for part in parts if not _runs_elsewhere(settings, part)} - set(note["parts"])
            if missing:
                raise ServiceError(f"The running instance lacks: {', '.join(sorted(missing))}")
            yield resolve(settings)
            return
        raise AlreadyRunning(settings.data_dir, note["pid"] if note else None)
    with Embedded(settings, parts) as endpoints:
        yield endpoints


def _note(run: Path) -> dict[str, object] | None:
    try:
        return json.loads((run / "endpoints.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None


def _runs_elsewhere(settings: Settings, part: str) -> bool:
    address = {
        "postgres": settings.database_url,
        "redis": settings.broker_url,
        "store": settings.store_url,
        "authority": settings.tsa_url and settings.signing_pkcs12,
    }
    return bool(address.get(part))
