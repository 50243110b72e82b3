"""What the project relies on in an S3 server, and what its store makes of it."""

from __future__ import annotations

import hashlib
import io
import os
import pickle
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import urllib3
from minio import Minio
from minio.commonconfig import COMPLIANCE, GOVERNANCE
from minio.deleteobjects import DeleteObject
from minio.error import S3Error
from minio.retention import Retention
from minio.versioningconfig import VersioningConfig

from storage.errors import (
    NotLocked,
    ObjectConflict,
    ObjectMissing,
    StoreRefused,
    StoreUnavailable,
)
from storage.objects import ObjectStore, StoreAddress, StoredObject
from tests.conformance.conftest import Put
from tests.conformance.seaweed import Seaweed

pytestmark = pytest.mark.servers


@pytest.fixture
def client(address: StoreAddress) -> Minio:
    """A plain client, as anyone with the account's password has."""
    secure, _, host = address.url.partition("://")
    return Minio(
        host, address.access_key, address.secret_key, secure=secure == "https", region=address.region
    )


def test_a_bucket_made_here_locks_and_proves_it(store: ObjectStore, bucket: str) -> None:
    store.ensure_bucket(bucket)
    store.assert_locks(bucket)


def test_a_bucket_without_versions_is_refused(store: ObjectStore, client: Minio) -> None:
    name = f"plain-{uuid.uuid4().hex[:12]}"
    client.make_bucket(name)
    with pytest.raises(NotLocked) as refusal:
        store.assert_locks(name)
    assert refusal.value.code == "VERSIONING_OFF"


def test_a_bucket_with_versions_and_no_lock_is_refused(store: ObjectStore, client: Minio) -> None:
    name = f"versions-{uuid.uuid4().hex[:12]}"
    client.make_bucket(name)
    client.set_bucket_versioning(name, VersioningConfig("Enabled"))
    with pytest.raises(NotLocked) as refusal:
        store.assert_locks(name)
    assert refusal.value.code == "OBJECT_LOCK_OFF"


def test_a_missing_bucket_is_not_made_by_a_write(store: ObjectStore, until: datetime) -> None:
    for _ in range(2):
        with pytest.raises(ObjectMissing):
            store.put_once(
                f"missing-{uuid.uuid4().hex[:8]}",
                "key",
                b"x",
                sha256=hashlib.sha256(b"x").hexdigest(),
                content_type="text/plain",
                retain_until=until,
            )


def test_versions_of_a_locked_bucket_cannot_be_switched_off(client: Minio, bucket: str) -> None:
    with pytest.raises(S3Error):
        client.set_bucket_versioning(bucket, VersioningConfig("Suspended"))


def test_what_was_put_comes_back_with_its_lock_and_metadata(
    store: ObjectStore, put: Put, until: datetime
) -> None:
    content = os.urandom(300_000)
    stored = put(content, content_type="image/jpeg", metadata={"office": "UBND xã Mỹ Hiệp"})
    assert store.get(stored.bucket, stored.key, stored.version_id) == content
    state = store.state(stored.bucket, stored.key, stored.version_id)
    assert state.content_type == "image/jpeg"
    assert state.metadata == {"office": "UBND xã Mỹ Hiệp", "sha256": stored.sha256}
    assert (state.lock_mode, state.legal_hold, state.size) == (COMPLIANCE, False, 300_000)
    assert state.retain_until is not None
    assert timedelta(0) <= state.retain_until - until < timedelta(seconds=2)


def test_an_empty_file_can_be_kept(store: ObjectStore, put: Put) -> None:
    stored = put(b"")
    assert store.get(stored.bucket, stored.key, stored.version_id) == b""


def test_putting_the_same_again_gives_the_same_version(store: ObjectStore, put: Put) -> None:
    first = put(b"scan")
    assert put(b"scan") == first
    assert len(store.versions_of(first.bucket, first.key)) == 1


def test_putting_the_same_again_with_a_later_end_prolongs_the_lock(put: Put, until: datetime) -> None:
    first = put(b"scan")
    later = put(b"scan", retain_until=until + timedelta(minutes=5))
    assert later.version_id == first.version_id
    assert later.retain_until is not None
    assert first.retain_until is not None
    assert later.retain_until > first.retain_until


def test_other_content_under_the_same_key_is_a_conflict_and_changes_nothing(
    store: ObjectStore, put: Put
) -> None:
    first = put(b"scan")
    with pytest.raises(ObjectConflict) as conflict:
        put(b"another scan")
    assert conflict.value.existing == first
    assert pickle.loads(pickle.dumps(conflict.value)).existing == first
    assert len(store.versions_of(first.bucket, first.key)) == 1


def test_of_many_writers_at_once_one_wins_and_all_agree(store: ObjectStore, put: Put) -> None:
    with ThreadPoolExecutor(6) as pool:
        results = list(pool.map(lambda _: put(b"the same scan"), range(6)))
    assert len({r.version_id for r in results}) == 1
    assert len(store.versions_of(results[0].bucket, results[0].key)) == 1


def test_a_large_file_travels_in_parts_once_and_comes_back_equal(
    store: ObjectStore, put: Put, tmp_path: Path
) -> None:
    path = tmp_path / "large.pdf"
    path.write_bytes(os.urandom(70 * 1024 * 1024 + 17))
    stored = put(path)
    assert put(path) == stored
    assert (
        store.stream_to(tmp_path / "back.pdf", stored.bucket, stored.key, stored.version_id) == stored.sha256
    )
    assert (tmp_path / "back.pdf").stat().st_size == stored.size == path.stat().st_size
    path.write_bytes(os.urandom(70 * 1024 * 1024))
    with pytest.raises(ObjectConflict):
        put(path)


def test_parts_cannot_be_completed_over_an_existing_key(
    store: ObjectStore, put: Put, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two writers of one large file that both looked before either had finished."""
    first = put(b"small and first")
    path = tmp_path / "large.pdf"
    path.write_bytes(os.urandom(33 * 1024 * 1024))
    real = store.versions_of
    answers = iter([()])
    monkeypatch.setattr(store, "versions_of", lambda b, k: next(answers, None) or real(b, k))
    with pytest.raises(ObjectConflict) as conflict:
        put(path)
    assert conflict.value.existing == first
    assert len(real(first.bucket, first.key)) == 1


def test_content_that_does_not_match_its_digest_is_refused_before_it_travels(
    store: ObjectStore, put: Put, bucket: str, key: str
) -> None:
    with pytest.raises(StoreRefused) as refusal:
        put(b"scan", sha256=hashlib.sha256(b"other").hexdigest())
    assert refusal.value.code == "CONTENT_DIFFERS"
    assert store.versions_of(bucket, key) == ()


@pytest.mark.parametrize("header", ["Content-MD5", "x-amz-checksum-sha256"])
def test_the_server_refuses_content_that_was_damaged_on_the_way(
    store: ObjectStore, bucket: str, key: str, header: str
) -> None:
    wrong = {"Content-MD5": "1B2M2Y8AsgTpgAmY7PhCfg==", "x-amz-checksum-sha256": "A" * 43 + "="}
    with pytest.raises(S3Error):
        store._client._put_object(bucket, key, b"scan", headers={header: wrong[header]})
    assert store.versions_of(bucket, key) == ()


def test_a_locked_version_cannot_be_deleted_shortened_or_weakened(
    store: ObjectStore, client: Minio, put: Put
) -> None:
    stored = put(b"record")
    where = (stored.bucket, stored.key)
    with pytest.raises(S3Error):
        client.remove_object(*where, version_id=stored.version_id)
    errors = list(client.remove_objects(stored.bucket, [DeleteObject(stored.key, stored.version_id)]))
    assert len(errors) == 1
    soon = datetime.now(UTC) + timedelta(minutes=1)
    for weaker in (Retention(COMPLIANCE, soon), Retention(GOVERNANCE, stored.retain_until)):
        with pytest.raises(S3Error):
            client.set_object_retention(*where, weaker, version_id=stored.version_id)
    with pytest.raises(S3Error):
        client.remove_bucket(stored.bucket)
    assert store.get(*where, stored.version_id) == b"record"


def test_overwriting_and_deleting_by_name_leave_the_locked_version_readable(
    store: ObjectStore, client: Minio, put: Put
) -> None:
    stored = put(b"record")
    client.put_object(stored.bucket, stored.key, io.BytesIO(b"evil"), 4)
    client.remove_object(stored.bucket, stored.key)
    assert store.get(stored.bucket, stored.key, stored.version_id) == b"record"
    versions = store.versions_of(stored.bucket, stored.key)
    assert [v.delete_marker for v in versions] == [True, False, False]
    assert versions[-1].version_id == stored.version_id


def test_a_legal_hold_keeps_a_version_until_it_is_lifted(store: ObjectStore, put: Put) -> None:
    stored = put(b"record")
    where = (stored.bucket, stored.key, stored.version_id)
    store.set_legal_hold(*where, on=True)
    assert store.state(*where).legal_hold
    store.set_legal_hold(*where, on=False)
    assert not store.state(*where).legal_hold


def test_a_link_opens_the_version_it_was_made_for(store: ObjectStore, client: Minio, put: Put) -> None:
    stored = put(b"record")
    client.put_object(stored.bucket, stored.key, io.BytesIO(b"evil"), 4)
    url = store.link(stored.bucket, stored.key, stored.version_id, valid=timedelta(minutes=1))
    assert urllib3.request("GET", url).data == b"record"
    assert urllib3.request("GET", url.partition("?")[0]).status == 403


def test_versions_are_listed_by_prefix_and_other_keys_are_left_out(
    store: ObjectStore, put: Put, bucket: str, key: str, until: datetime
) -> None:
    stored = put(b"record")
    digest = hashlib.sha256(b"x").hexdigest()
    store.put_once(bucket, key + "0", b"x", sha256=digest, content_type="text/plain", retain_until=until)
    assert [v.version_id for v in store.versions_of(bucket, key)] == [stored.version_id]
    assert [v.key for v in store.list_versions(bucket, key)] == [key, key + "0"]


def test_what_is_not_there_is_missing_and_not_unavailable(store: ObjectStore, put: Put) -> None:
    stored: StoredObject = put(b"record")
    for key, version in ((stored.key, "0" * 32), ("no/such/key", stored.version_id)):
        with pytest.raises(ObjectMissing):
            store.get(stored.bucket, key, version)
        with pytest.raises(ObjectMissing):
            store.state(stored.bucket, key, version)


def test_a_lock_without_a_time_zone_is_refused(put: Put) -> None:
    with pytest.raises(StoreRefused, match="TIME_WITHOUT_ZONE"):
        put(b"record", retain_until=datetime(2030, 1, 1))


def test_a_store_that_does_not_answer_can_be_tried_again(address: StoreAddress) -> None:
    silent = ObjectStore(replace(address, url="http://127.0.0.1:9", timeout_s=1))
    with pytest.raises(StoreUnavailable) as failure:
        silent.get("bucket", "key", "version")
    assert failure.value.retryable


def test_a_wrong_password_is_a_refusal_and_is_never_shown(address: StoreAddress) -> None:
    wrong = replace(address, secret_key="not-the-password")
    with pytest.raises(StoreRefused) as refusal:
        list(ObjectStore(wrong).list_versions(address.sealed_bucket))
    assert "not-the-password" not in str(refusal.value)
    assert "not-the-password" not in repr(wrong)


@pytest.mark.parametrize("url", ["127.0.0.1:8333", "ftp://host", "http://host/folder"])
def test_an_address_that_is_no_endpoint_is_refused(address: StoreAddress, url: str) -> None:
    with pytest.raises(StoreRefused, match="ADDRESS_MALFORMED"):
        ObjectStore(replace(address, url=url))


def test_the_worker_account_writes_and_locks_and_can_do_nothing_else(
    seaweed: Seaweed, until: datetime
) -> None:
    store = ObjectStore(seaweed.writer)
    store.assert_locks(seaweed.writer.sealed_bucket)
    with pytest.raises(StoreRefused):
        store.ensure_bucket("another-bucket")


def test_the_reading_account_cannot_write(seaweed: Seaweed, key: str, until: datetime) -> None:
    digest = hashlib.sha256(b"x").hexdigest()
    bucket = seaweed.reader.sealed_bucket
    with pytest.raises(StoreRefused):
        ObjectStore(seaweed.reader).put_once(
            bucket, key, b"x", sha256=digest, content_type="text/plain", retain_until=until
        )
