"""`sohoa up` on one machine: starts by itself, survives kills, leaves nothing behind."""

from __future__ import annotations

import json
import os
import re
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import psycopg
import pytest
from minio import Minio

from pipeline.addresses import resolve
from pipeline.configuration import ConfigurationError, load_settings
from pipeline.embedded import AlreadyRunning, Embedded, ServiceError, connected
from pipeline.embedded.store import check_locked
from pipeline.endpoints import Endpoints
from pipeline.exit_codes import ExitCode
from tests.servers.fixtures import server_folder

pytestmark = [pytest.mark.servers, pytest.mark.timeout(280)]

PARTS = ("postgres", "redis", "store", "authority", "worker", "web")


class Instance:
    """One `sohoa up` in a process of its own, as an officer starts it."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.settings = load_settings(data_dir=data_dir)
        self.process: subprocess.Popen[str] | None = None

    def command(self) -> list[str]:
        return [
            sys.executable,
            "-c",
            "from pipeline.cli import main; main()",
            "--data-dir",
            str(self.data_dir),
        ]

    def start(self) -> dict[str, Any]:
        environment = {k: v for k, v in os.environ.items() if not k.startswith("SOHOA_")}
        environment["SOHOA_WORKER_PROCESSES"] = "1"
        self.process = subprocess.Popen(
            [*self.command(), "up", "--json"],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self.process.stdout
        addresses: dict[str, Any] = json.loads(self.process.stdout.readline())
        return addresses

    def pid_of(self, part: str) -> int:
        return int(json.loads((self.data_dir / "run" / f"{part}.pid").read_text())["pid"])

    def family(self) -> list[psutil.Process]:
        assert self.process
        return psutil.Process(self.process.pid).children(recursive=True)

    def endpoints(self) -> Endpoints:
        return resolve(self.settings)

    def healthy(self) -> bool:
        try:
            web = self.endpoints().web_url
            answer = httpx.get(f"{web}healthz", timeout=5).json()
        except (httpx.HTTPError, ValueError):
            return False
        return bool(answer["ok"])

    def end(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(60)


@pytest.fixture(scope="module")
def instance() -> Iterator[Instance]:
    with server_folder() as folder:
        made = Instance(folder / "data")
        made.start()
        yield made
        made.end()


def eventually(what: Callable[[], bool], seconds: float = 60.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if what():
            return True
        time.sleep(0.2)
    return False


def test_everything_is_ready_when_up_says_so(instance: Instance) -> None:
    answer = httpx.get(f"{instance.endpoints().web_url}healthz", timeout=10)
    assert answer.json() == {
        "ok": True,
        "parts": {"database": True, "broker": True, "store": True, "tsa": True},
    }


def test_the_first_page_is_vietnamese_and_allows_no_foreign_or_inline_content(instance: Instance) -> None:
    answer = httpx.get(str(instance.endpoints().web_url), timeout=10, follow_redirects=True)
    assert answer.status_code == 200
    assert '<html lang="vi">' in answer.text
    assert "Mật khẩu" in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert re.findall(r"<script(?! src=)", answer.text) == []
    assert "style=" not in answer.text


def test_a_host_name_nobody_configured_is_refused(instance: Instance) -> None:
    answer = httpx.get(str(instance.endpoints().web_url), headers={"Host": "evil.example"}, timeout=10)
    assert answer.status_code == 400


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has someone to become")
@pytest.mark.parametrize("part", ["postgres", "redis"])
def test_database_and_broker_do_not_run_as_root(instance: Instance, part: str) -> None:
    assert psutil.Process(instance.pid_of(part)).uids().effective != 0


def test_passwords_and_addresses_are_readable_by_the_owner_alone(instance: Instance) -> None:
    for name in ("secrets.json", "run/endpoints.json", "store/s3.json", "authority/officer.p12"):
        assert stat.S_IMODE((instance.data_dir / name).stat().st_mode) == 0o600, name
    for name in ("run", "log", "store", "pg", "redis", "authority"):
        assert stat.S_IMODE((instance.data_dir / name).stat().st_mode) == 0o700, name


def test_no_password_stands_on_a_command_line(instance: Instance) -> None:
    secrets = json.loads((instance.data_dir / "secrets.json").read_text()).values()
    lines = " ".join(word for process in instance.family() for word in process.cmdline())
    assert not [secret for secret in secrets if secret in lines]


def test_servers_listen_on_loopback_only(instance: Instance) -> None:
    listening = [
        connection.laddr.ip
        for process in instance.family()
        for connection in process.net_connections(kind="inet")
        if connection.status == psutil.CONN_LISTEN
    ]
    assert set(listening) <= {"127.0.0.1", "::1", "::ffff:127.0.0.1"}
    assert len(listening) >= 5


def test_both_buckets_are_locked(instance: Instance) -> None:
    address = instance.endpoints().store
    assert address
    client = Minio(
        endpoint=address.host, access_key=address.access_key, secret_key=address.secret_key, secure=False
    )
    for bucket in ("sohoa-originals", "sohoa-sealed"):
        check_locked(client, bucket)


def test_a_second_up_says_that_one_runs_already(instance: Instance) -> None:
    second = subprocess.run(
        [*instance.command(), "up"], capture_output=True, text=True, timeout=60, check=False
    )
    assert second.returncode == ExitCode.BUSY
    assert "đang chạy" in second.stderr
    assert "Already running" in second.stderr
    with pytest.raises(AlreadyRunning):
        Embedded(instance.settings, ["redis"]).start()


def test_another_command_joins_the_running_instance(instance: Instance) -> None:
    with connected(instance.settings, ["postgres", "store"]) as endpoints:
        assert endpoints == instance.endpoints()
    assert instance.healthy()


@pytest.mark.parametrize("part", PARTS)
def test_a_killed_part_comes_back(instance: Instance, part: str) -> None:
    before = instance.pid_of(part)
    os.kill(before, signal.SIGKILL)
    assert eventually(lambda: instance.pid_of(part) != before)
    assert eventually(instance.healthy)
    assert instance.process
    assert instance.process.poll() is None


def test_a_killed_supervisor_takes_all_along_and_the_next_start_finds_the_data(instance: Instance) -> None:
    with psycopg.connect(str(instance.endpoints().database_url)) as connection:
        connection.execute("create table kept as select 'Nguyễn Văn Đức' as name")
    family = instance.family()
    assert instance.process
    instance.process.kill()
    instance.process.wait()
    _, alive = psutil.wait_procs(family, timeout=30)
    assert alive == []
    instance.start()
    assert instance.healthy()
    with psycopg.connect(str(instance.endpoints().database_url)) as connection:
        assert connection.execute("select name from kept").fetchone() == ("Nguyễn Văn Đức",)


def test_a_kill_of_the_whole_tree_at_once_is_survived(instance: Instance) -> None:
    family = instance.family()
    assert instance.process
    for process in (psutil.Process(instance.process.pid), *family):
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue
    instance.process.wait()
    psutil.wait_procs(family, timeout=30)
    instance.start()
    assert instance.healthy()
    with psycopg.connect(str(instance.endpoints().database_url)) as connection:
        assert connection.execute("select count(*) from kept").fetchone() == (1,)


def test_ctrl_c_leaves_no_process_and_no_address(instance: Instance) -> None:
    family = instance.family()
    assert len(family) >= len(PARTS)
    instance.end()
    assert instance.process
    assert instance.process.returncode == ExitCode.OK
    assert [process for process in family if process.is_running()] == []
    assert not (instance.data_dir / "run" / "endpoints.json").exists()


def test_configured_servers_are_used_and_not_started_again(redis_url: str) -> None:
    with server_folder() as folder:
        settings = load_settings(data_dir=folder / "data", broker_url=redis_url)
        embedded = Embedded(settings, ["redis", "authority"], migrate=False)
        with embedded as endpoints:
            assert endpoints.broker_url == redis_url
            assert set(embedded.pids) == {"authority"}


def test_an_unknown_setting_stops_everything_before_it_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOHOA_RETENTION_MONTHS", "10")
    with pytest.raises(ConfigurationError, match="SOHOA_RETENTION_MONTHS"):
        load_settings()


def test_a_server_that_cannot_start_is_told_with_its_last_words_and_nothing_stays() -> None:
    with server_folder() as folder:
        data = folder / "data"
        (data / "redis").mkdir(parents=True)
        with Embedded(load_settings(data_dir=data), ["redis"], migrate=False):
            pass
        for manifest in (data / "redis").resolve().rglob("*.manifest"):
            manifest.write_text("nonsense\n")
        with pytest.raises(ServiceError, match=r"redis ended with code"):
            Embedded(load_settings(data_dir=data), ["redis"], migrate=False).start()
        with connected(load_settings(data_dir=data), []):
            pass
