"""Whatever is done to a sealed copy, the proof fails; what only the index can tell, the index tells."""

from __future__ import annotations

import hashlib
import io
import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from PIL import Image

from pipeline.endpoints import Endpoints
from storage import verapdf
from storage.checks import Outcome, overall
from storage.objects import ObjectStore, StoreAddress, StoredObject
from storage.pdfa import SealPage, TextLine, TextWord, build_pdfa
from storage.signing.demo_authority import DemoAuthority, create_authority, serving
from storage.signing.pades import Level, renew_timestamp, sign_pades
from storage.signing.revocation import Revocations
from storage.signing.timestamps import TimestampAuthority
from storage.verify import load_trust, verify_object, verify_pdf
from storage.verify_signature import TrustRoots
from storage.visible_block import VisibleBlock
from storage.xmp import SealMetadata
from tests.faults.forgeries import FORGERIES, Desk, Forgery, cut_back_to_the_signature

WHEN = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, logger="pyhanko")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoAuthority]:
    with serving(tmp_path_factory.mktemp("authority")) as running:
        yield running


@pytest.fixture(scope="module")
def trust(authority: DemoAuthority) -> TrustRoots:
    return load_trust(authority.trust)


def unsigned(name: str) -> bytes:
    """Two pages with text, a mark, a record and its schema."""
    scan = io.BytesIO()
    Image.effect_noise((300, 400), 40).convert("RGB").save(scan, "JPEG")
    word = TextWord(name, ((50, 50), (150, 50), (150, 90), (50, 90)))
    page = SealPage(scan.getvalue(), "image/jpeg", 300, 400, 100, lines=(TextLine((word,)),))
    archive = {"docCode": "TL-51"}
    metadata = SealMetadata("Giấy khai sinh", "KS/2008/51", "UBND xã Mỹ Hiệp", WHEN, extra=archive)
    block = VisibleBlock("Bản số hóa", "UBND xã Mỹ Hiệp", WHEN)
    record = json.dumps({"nksHoTen": name}).encode()
    return build_pdfa([page, page], record, metadata, block=block, record_schema=b'{"type": "object"}')


@pytest.fixture(scope="module")
def desk(authority: DemoAuthority, trust: TrustRoots, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    services = {"tsa": TimestampAuthority(authority.tsa_url), "revocations": Revocations(trust)}
    why = {"reason": "Số hóa", "location": "", "name": "Cán bộ"}

    def signed(pdf: bytes) -> bytes:
        return sign_pades(pdf, authority.signing_key(), level=Level.B_LTA, **services, **why)

    mine, other = unsigned("Được"), unsigned("Lan")
    stranger = create_authority(tmp_path_factory.mktemp("stranger")).signing_key()
    return Desk(mine, signed(mine), signed(other), stranger, partial(renew_timestamp, **services))


def test_the_untouched_copies_pass_every_check(desk: Desk, trust: TrustRoots) -> None:
    if (reason := verapdf.available()) is not None:
        pytest.skip(reason)
    with verapdf.VeraPdf() as validator:
        for copy in (desk.copy, desk.other):
            assert overall(verify_pdf(copy, trust, validator=validator)) is Outcome.PASSED


def test_nothing_fails_in_an_untouched_copy_without_a_validator(desk: Desk, trust: TrustRoots) -> None:
    for copy in (desk.copy, desk.restamp(desk.copy)):
        checks = verify_pdf(copy, trust)
        assert {c.subject for c in checks if c.outcome is not Outcome.PASSED} == {"pdfa"}


@pytest.mark.parametrize("what", FORGERIES)
def test_a_changed_copy_fails(what: str, desk: Desk, trust: TrustRoots) -> None:
    forged = FORGERIES[what](desk)
    assert forged != desk.copy
    assert overall(verify_pdf(forged, trust)) is Outcome.FAILED


INDEX_ONLY: dict[str, Forgery] = {
    "another sealed copy": lambda d: d.other,
    "cut back to the signature": cut_back_to_the_signature,
    **{name: FORGERIES[name] for name in ("byte of the image", "page turned", "saved anew")},
}


@pytest.fixture
def store(store_endpoints: Endpoints) -> ObjectStore:
    account = store_endpoints.store
    assert account
    return ObjectStore(StoreAddress(account.url, account.access_key, account.secret_key))


def put(store: ObjectStore, content: bytes) -> StoredObject:
    digest = hashlib.sha256(content).hexdigest()
    return store.put_once(
        store.address.sealed_bucket,
        f"sealed/T/{digest}.pdf",
        content,
        sha256=digest,
        content_type="application/pdf",
        retain_until=datetime.now(UTC) + timedelta(minutes=10),
    )


@pytest.mark.servers
@pytest.mark.parametrize("what", INDEX_ONLY)
def test_a_copy_put_in_the_place_of_the_one_recorded_fails_by_its_digest(
    what: str, desk: Desk, trust: TrustRoots, store: ObjectStore
) -> None:
    stored = put(store, INDEX_ONLY[what](desk))
    recorded = replace(stored, sha256=hashlib.sha256(desk.copy).hexdigest())
    report = verify_object(store, recorded, trust)
    assert "CONTENT_CHANGED" in {c.code for c in report.checks if c.outcome is Outcome.FAILED}


@pytest.mark.servers
def test_a_recorded_object_that_is_not_there_fails(desk: Desk, trust: TrustRoots, store: ObjectStore) -> None:
    stored = put(store, desk.copy)
    report = verify_object(store, replace(stored, key="sealed/T/gone.pdf"), trust)
    assert {c.code for c in report.checks if c.outcome is Outcome.FAILED} == {"VERSION_MISSING"}
