"""Real servers for tests, each started once when first asked for, on loopback, in a folder of its own."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from pipeline.configuration import load_settings
from pipeline.embedded import Embedded, ServiceMissing
from pipeline.embedded.places import Ports, Secrets
from pipeline.endpoints import Endpoints, StoreAddress
from tests.servers.rabbitmq import RabbitMQ, rabbitmq_server


@contextmanager
def server_folder() -> Iterator[Path]:
    """A short path that servers under another user may pass; pytest's own folders are closed to them."""
    folder = Path(tempfile.mkdtemp(prefix="sohoa-srv-"))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def running(part: str) -> Iterator[Endpoints]:
    with server_folder() as folder:
        settings = load_settings(data_dir=folder / "data")
        try:
            with Embedded(settings, [part], migrate=False) as endpoints:
                yield endpoints
        except ServiceMissing as missing:
            pytest.skip(str(missing))


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """PostgreSQL with an empty database ``sohoa``; its owner may make further ones, as test runs do."""
    import psycopg

    from pipeline.embedded.postgres import ROLE, Postgres

    with server_folder() as folder:
        data = folder / "data"
        try:
            with Embedded(load_settings(data_dir=data), ["postgres"], migrate=False) as endpoints:
                server = Postgres(data, Ports(data / "run"), Secrets(data))
                with psycopg.connect(server.admin_url(), autocommit=True) as connection:
                    connection.execute(f"alter role {ROLE} createdb")
                assert endpoints.database_url
                yield endpoints.database_url
        except ServiceMissing as missing:
            pytest.skip(str(missing))


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    with running("redis") as endpoints:
        assert endpoints.broker_url
        yield endpoints.broker_url


@dataclass(frozen=True)
class LockedStore:
    """SeaweedFS with all buckets, locked.

    Attributes:
        endpoints: `store` writes, `store_reader` reads.
        admin: the account that made the buckets, which the product itself never uses again.
    """

    endpoints: Endpoints
    admin: StoreAddress


@pytest.fixture(scope="session")
def locked_store() -> Iterator[LockedStore]:
    with server_folder() as folder:
        data = folder / "data"
        try:
            with Embedded(load_settings(data_dir=data), ["store"], migrate=False) as endpoints:
                assert endpoints.store
                secret = Secrets(data)["store_admin"]
                admin = replace(endpoints.store, access_key="store-admin", secret_key=secret)
                yield LockedStore(endpoints, admin)
        except ServiceMissing as missing:
            pytest.skip(str(missing))


@pytest.fixture(scope="session")
def store_endpoints(locked_store: LockedStore) -> Endpoints:
    return locked_store.endpoints


@pytest.fixture(scope="session")
def store_address(store_endpoints: Endpoints) -> StoreAddress:
    assert store_endpoints.store
    return store_endpoints.store


@pytest.fixture(scope="session")
def demo_authority() -> Iterator[Endpoints]:
    """Timestamp service, officer's key and trust root: the four signing fields of `Endpoints`."""
    with running("authority") as endpoints:
        yield endpoints


@pytest.fixture(scope="session")
def rabbitmq() -> Iterator[RabbitMQ]:
    if rabbitmq_server() is None:
        pytest.skip("RabbitMQ is not installed: apt-get install rabbitmq-server")
    with server_folder() as folder, RabbitMQ(folder) as server:
        yield server


@pytest.fixture(scope="session")
def rabbitmq_url(rabbitmq: RabbitMQ) -> str:
    return rabbitmq.url


@pytest.fixture(scope="session")
def django_db_modify_db_settings(postgres_url: str) -> None:
    """Point Django at the private PostgreSQL; only tests that use the database come here."""
    from django.contrib.contenttypes.management import create_contenttypes
    from django.db import connections
    from django.db.models.signals import post_migrate

    from pipeline.settings import database

    connections.databases["default"].update(database(postgres_url))
    # whenever tables are emptied, Django would make its own permissions anew, which nothing here uses
    post_migrate.disconnect(dispatch_uid="django.contrib.auth.management.create_permissions")
    post_migrate.disconnect(create_contenttypes)
