"""Incidents in the store are found from the store and the trust file alone."""

from __future__ import annotations

import hashlib
import io
import uuid
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from minio import Minio
from PIL import Image

from storage import verapdf
from storage.checks import Outcome
from storage.errors import ObjectMissing
from storage.keys import original_key, sealed_key
from storage.objects import ObjectStore, StoreAddress, StoredObject
from storage.pdfa import SealMetadata, SealPage, build_pdfa
from storage.signing.demo_authority import DemoAuthority
from storage.signing.pades import sign_pades
from storage.signing.timestamps import TimestampAuthority
from storage.verify import ObjectReport, load_trust, verify_bucket, verify_object
from storage.verify_signature import TrustRoots

pytestmark = pytest.mark.servers


@pytest.fixture(scope="session")
def signed(authority: DemoAuthority, tsa: TimestampAuthority, until: datetime) -> bytes:
    scan = io.BytesIO()
    Image.new("RGB", (300, 400), "ivory").save(scan, "JPEG")
    metadata = SealMetadata("Giấy khai sinh", "KS/2008/51", "UBND xã Mỹ Hiệp", until)
    pdf = build_pdfa([SealPage(scan.getvalue(), "image/jpeg", 300, 400, 100)], b"{}", metadata, block=None)
    return sign_pades(pdf, authority.signing_key(), tsa=tsa, reason="Số hóa", location="", name="Cán bộ")


@pytest.fixture
def trust(authority: DemoAuthority) -> TrustRoots:
    return load_trust(authority.trust)


@pytest.fixture
def office() -> str:
    return f"T{uuid.uuid4().hex[:10]}"


@pytest.fixture
def sealed(
    store: ObjectStore, address: StoreAddress, office: str, signed: bytes, until: datetime
) -> StoredObject:
    digest = hashlib.sha256(signed).hexdigest()
    key = sealed_key(office, "KS-01", 2008, digest)
    return store.put_once(
        address.sealed_bucket,
        key,
        signed,
        sha256=digest,
        content_type="application/pdf",
        retain_until=until,
    )


@pytest.fixture
def client(address: StoreAddress) -> Minio:
    secure, _, host = address.url.partition("://")
    return Minio(
        host, address.access_key, address.secret_key, secure=secure == "https", region=address.region
    )


def failures(report: ObjectReport) -> set[str]:
    return {c.code for c in report.checks if c.outcome is Outcome.FAILED}


def test_a_sealed_copy_is_proved_from_nothing_but_the_store_and_the_trust_file(
    store: ObjectStore, sealed: StoredObject, office: str, trust: TrustRoots
) -> None:
    if (reason := verapdf.available()) is not None:
        pytest.skip(reason)
    with verapdf.VeraPdf() as validator:
        reports = list(
            verify_bucket(store, sealed.bucket, trust, prefix=f"sealed/{office}/", validator=validator)
        )
    (report,) = reports
    assert (report.key, report.version_id) == (sealed.key, sealed.version_id)
    assert report.outcome is Outcome.PASSED
    assert {"versions", "object", "lock", "signature", "pdfa", "record", "images"} <= {
        c.subject for c in report.checks
    }


def test_originals_are_proved_by_their_own_names(
    store: ObjectStore, address: StoreAddress, trust: TrustRoots, until: datetime
) -> None:
    content = uuid.uuid4().bytes
    digest = hashlib.sha256(content).hexdigest()
    key = original_key(digest)
    store.put_once(
        address.originals_bucket,
        key,
        content,
        sha256=digest,
        content_type="image/jpeg",
        retain_until=until,
    )
    (report,) = verify_bucket(store, address.originals_bucket, trust, prefix=key)
    assert report.outcome is Outcome.PASSED


def test_a_deleted_copy_is_an_incident_although_it_can_still_be_read(
    store: ObjectStore, client: Minio, sealed: StoredObject, trust: TrustRoots
) -> None:
    client.remove_object(sealed.bucket, sealed.key)
    assert failures(verify_object(store, sealed, trust)) == {"DELETE_MARKER_ON_TOP"}
    (report,) = verify_bucket(store, sealed.bucket, trust, prefix=sealed.key)
    assert failures(report) == {"DELETE_MARKER_ON_TOP"}


def test_an_overwritten_copy_is_an_incident(
    store: ObjectStore, client: Minio, sealed: StoredObject, trust: TrustRoots
) -> None:
    client.put_object(sealed.bucket, sealed.key, io.BytesIO(b"evil"), 4)
    assert failures(verify_object(store, sealed, trust)) == {"UNKNOWN_NEWER_VERSION"}
    (report,) = verify_bucket(store, sealed.bucket, trust, prefix=sealed.key)
    assert report.version_id == sealed.version_id
    assert failures(report) == {"UNKNOWN_NEWER_VERSION"}


def test_a_missing_version_is_an_incident(
    store: ObjectStore, sealed: StoredObject, trust: TrustRoots
) -> None:
    gone = replace(sealed, version_id="0" * 32)
    assert failures(verify_object(store, gone, trust)) == {"VERSION_MISSING"}
    with pytest.raises(ObjectMissing):
        store.get(gone.bucket, gone.key, gone.version_id)


def test_other_bytes_than_recorded_are_an_incident(
    store: ObjectStore, sealed: StoredObject, trust: TrustRoots
) -> None:
    recorded = replace(sealed, sha256=hashlib.sha256(b"other").hexdigest())
    assert "CONTENT_CHANGED" in failures(verify_object(store, recorded, trust))


def test_an_object_that_nobody_locked_is_an_incident(
    store: ObjectStore, client: Minio, address: StoreAddress, trust: TrustRoots
) -> None:
    content = uuid.uuid4().bytes
    key = original_key(hashlib.sha256(content).hexdigest())
    client.put_object(address.originals_bucket, key, io.BytesIO(content), len(content))
    (report,) = verify_bucket(store, address.originals_bucket, trust, prefix=key)
    assert failures(report) == {"NOT_LOCKED"}


def test_a_lock_that_ends_earlier_than_recorded_is_an_incident(
    store: ObjectStore, sealed: StoredObject, trust: TrustRoots
) -> None:
    assert sealed.retain_until is not None
    recorded = replace(sealed, retain_until=sealed.retain_until + timedelta(days=1))
    assert failures(verify_object(store, recorded, trust)) == {"LOCK_SHORTENED"}


def test_a_damaged_copy_stored_under_a_true_digest_fails_by_its_signature(
    store: ObjectStore, address: StoreAddress, office: str, signed: bytes, trust: TrustRoots, until: datetime
) -> None:
    damaged = bytearray(signed)
    damaged[len(signed) // 3] ^= 1
    digest = hashlib.sha256(damaged).hexdigest()
    stored = store.put_once(
        address.sealed_bucket,
        sealed_key(office, "KS-02", 2008, digest),
        bytes(damaged),
        sha256=digest,
        content_type="application/pdf",
        retain_until=until,
    )
    assert failures(verify_object(store, stored, trust))


def test_probe_objects_are_not_taken_for_records(
    store: ObjectStore, address: StoreAddress, trust: TrustRoots
) -> None:
    store.assert_locks(address.sealed_bucket)
    assert not list(verify_bucket(store, address.sealed_bucket, trust, prefix="probe/"))
