"""Everything that carries a batch, on the real servers of `tests.servers.fixtures`."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.db import connections
from kombu import pools

from pipeline.celery import app
from pipeline.configuration import Settings, load_settings
from pipeline.embedded.application import application_environment
from pipeline.endpoints import Endpoints
from pipeline.outbox import broker_gate

if TYPE_CHECKING:
    from pipeline.equipment import Equipment
    from pipeline.models import Record

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Servers:
    """What runs for the length of the session."""

    settings: Settings
    endpoints: Endpoints

    def environment(self) -> dict[str, str]:
        """Variables under which a child process works on the test database and these servers."""
        parts = urlsplit(self.endpoints.database_url or "")
        name = connections["default"].settings_dict["NAME"]
        store = self.endpoints.store
        assert store
        given = application_environment(self.settings, os.environ) | {
            "SOHOA_DATABASE_URL": urlunsplit(parts._replace(path=f"/{name}")),
            "SOHOA_BROKER_URL": self.endpoints.broker_url,
            "SOHOA_STORE_URL": store.url,
            "SOHOA_STORE_ACCESS_KEY": store.access_key,
            "SOHOA_STORE_SECRET_KEY": store.secret_key,
            "SOHOA_TSA_URL": self.endpoints.tsa_url or "http://127.0.0.1:1/",
            "SOHOA_SIGNING_PKCS12": str(self.endpoints.signing_pkcs12 or "/nonexistent.p12"),
            "SOHOA_SIGNING_PASSWORD": self.endpoints.signing_password,
            "SOHOA_TRUST_ROOTS": str(self.endpoints.trust_roots or "/nonexistent.pem"),
            "PYTHONPATH": str(ROOT),
        }
        return {name: value for name, value in given.items() if value is not None}

    def python(self, program: str, *arguments: str, **more: str) -> subprocess.Popen[str]:
        """Start a Python program that may use Django on the test database."""
        return subprocess.Popen(
            [sys.executable, "-c", f"import django; django.setup()\n{program}", *arguments],
            env=self.environment() | more,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


@pytest.fixture(scope="session")
def settings_of_tests(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return load_settings(
        data_dir=tmp_path_factory.mktemp("sohoa"), worker_processes=2, lease_seconds=10, retention_days=1
    )


@pytest.fixture(scope="session")
def servers(
    settings_of_tests: Settings,
    postgres_url: str,
    redis_url: str,
    store_endpoints: Endpoints,
    demo_authority: Endpoints,
) -> Servers:
    endpoints = replace(
        demo_authority, database_url=postgres_url, broker_url=redis_url, store=store_endpoints.store
    )
    return Servers(settings_of_tests, endpoints)


@pytest.fixture
def broker(servers: Servers) -> Iterator[str]:
    """The broker, empty at first, that this process sends to."""
    before = app.conf.broker_url
    assert servers.endpoints.broker_url
    send_to(servers.endpoints.broker_url)
    empty_broker()
    yield servers.endpoints.broker_url
    send_to(servers.endpoints.broker_url)
    empty_broker()
    send_to(before)


def send_to(url: str) -> None:
    """Let this process send to another broker, with nothing remembered of the last one."""
    app.conf.broker_url = url
    pools.reset()
    app._pool = app.amqp._producer_pool = None
    broker_gate.cache_clear()


def empty_broker() -> int:
    """Throw all messages away; how many there were."""
    with app.connection_for_write() as connection:
        queues = [queue.bind(connection.default_channel) for queue in app.amqp.queues.values()]
        for queue in queues:
            queue.declare()
        return sum(queue.purge() for queue in queues)


@pytest.fixture
def equipment(servers: Servers, db: None) -> Equipment:
    from pipeline.equipment import build

    return build(servers.settings, servers.endpoints)


@pytest.fixture
def approved(equipment: Equipment, broker: str, tmp_path: Path, request: pytest.FixtureRequest) -> Record:
    """A record on a received page, read by hand and approved."""
    from pipeline.decide import approve
    from pipeline.models import FieldValue, Page, Scan
    from pipeline.receive import receive
    from tests.stages.holdings import make_office, make_record, picture

    path = tmp_path / "trang.jpg"
    path.write_bytes(picture(abs(hash(request.node.name)) % 2**31))
    (receipt,) = receive([path], make_office(), actor="lan", vault=equipment.vault).receipts
    scan = Scan.objects.get(pk=receipt.scan)
    Scan.objects.filter(pk=scan.pk).update(state="READ")
    Page.objects.create(
        scan=scan, number=1, width=160, height=200, state="ok", report={"rotation": 0}, texts=[]
    )
    record = make_record(scan, state="TO_REVIEW")
    FieldValue.objects.create(
        record=record,
        key="nksHoTen",
        kind="name",
        written="NGUYỄN PHƯƠNG VY",
        value="NGUYỄN PHƯƠNG VY",
        status="KEYED",
        page=1,
        box=[10, 20, 150, 40],
        said_by="keyer",
        actor="lan",
        confidence=1,
    )
    return approve(record, actor="lan")
