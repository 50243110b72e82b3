"""Officers' signatures: valid, timed, and the sealed bytes stay as they were."""

from __future__ import annotations

import io
import stat
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    load_pem_private_key,
    pkcs12,
)
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.reader import PdfFileReader

from storage.checks import Outcome
from storage.errors import SigningError, TimestampUnavailable
from storage.pdfa import SealPage, build_pdfa
from storage.signing.demo_authority import DemoAuthority, create_authority
from storage.signing.keys import SigningKey
from storage.signing.pades import sign_pades
from storage.signing.timestamps import TimestampAuthority
from storage.verapdf import VeraPdf
from storage.verify_signature import load_trust, signature_checks
from storage.xmp import SealMetadata

WHY = {"reason": "Số hóa sổ hộ tịch", "location": "Đồng Tháp", "name": "Cán bộ số hóa"}


@pytest.fixture
def pdf(jpeg: bytes, metadata: SealMetadata) -> bytes:
    return build_pdfa([SealPage(jpeg, "image/jpeg", 600, 800, 100)], b"{}", metadata, block=None)


def outcomes(signed: bytes, authority: DemoAuthority) -> dict[str, str]:
    return {c.subject: c.code for c in signature_checks(signed, load_trust(authority.trust))}


def test_a_signature_with_timestamp_is_trusted_and_covers_the_whole_file(
    pdf: bytes, authority: DemoAuthority, tsa: TimestampAuthority
) -> None:
    signed = sign_pades(pdf, authority.signing_key(), tsa=tsa, **WHY)
    checks = list(signature_checks(signed, load_trust(authority.trust)))
    assert {c.subject for c in checks} == {"signature", "signer", "coverage", "timestamp", "container"}
    assert {c.outcome for c in checks} == {Outcome.PASSED}


def test_signing_only_appends(pdf: bytes, authority: DemoAuthority, tsa: TimestampAuthority) -> None:
    signed = sign_pades(pdf, authority.signing_key(), tsa=tsa, **WHY)
    assert signed.startswith(pdf)


def test_without_a_timestamp_the_time_stays_unproved(pdf: bytes, authority: DemoAuthority) -> None:
    signed = sign_pades(pdf, authority.signing_key(), tsa=None, **WHY)
    assert outcomes(signed, authority)["timestamp"] == "NO_TIMESTAMP"


def test_other_programs_find_the_signature_valid_and_the_name_in_vietnamese(
    pdf: bytes, authority: DemoAuthority, tsa: TimestampAuthority, tmp_path: Path
) -> None:
    path = tmp_path / "signed.pdf"
    path.write_bytes(sign_pades(pdf, authority.signing_key(), tsa=tsa, **WHY))
    report = subprocess.run(["pdfsig", str(path)], check=False, capture_output=True, text=True).stdout
    assert "Signature is Valid." in report
    assert "Total document signed" in report
    assert "ETSI.CAdES.detached" in report
    assert "DEMO – KHÔNG CÓ GIÁ TRỊ PHÁP LÝ" in report


def test_a_signed_copy_is_still_pdfa(
    pdf: bytes, authority: DemoAuthority, tsa: TimestampAuthority, validator: VeraPdf, tmp_path: Path
) -> None:
    path = tmp_path / "signed.pdf"
    path.write_bytes(sign_pades(pdf, authority.signing_key(), tsa=tsa, **WHY))
    assert [v.compliant for v in validator.validate([path])] == [True]


def test_a_second_officer_can_sign_without_breaking_the_first(
    pdf: bytes, authority: DemoAuthority, tsa: TimestampAuthority
) -> None:
    key = authority.signing_key()
    signed = sign_pades(sign_pades(pdf, key, tsa=tsa, **WHY), key, tsa=tsa, field_name="ConDau", **WHY)
    checks = list(signature_checks(signed, load_trust(authority.trust)))
    assert len(checks) == 10
    assert {c.outcome for c in checks} == {Outcome.PASSED}


def test_a_field_that_is_signed_is_not_signed_again(pdf: bytes, authority: DemoAuthority) -> None:
    key = authority.signing_key()
    signed = sign_pades(pdf, key, tsa=None, **WHY)
    with pytest.raises(SigningError) as refusal:
        sign_pades(signed, key, tsa=None, **WHY)
    assert refusal.value.code == "SIGNING_REFUSED"


def test_the_claimed_time_can_be_fixed_by_the_caller(pdf: bytes, authority: DemoAuthority) -> None:
    moment = datetime(2026, 11, 22, 2, 30, tzinfo=UTC)
    signed = sign_pades(pdf, authority.signing_key(), tsa=None, signing_time=moment, **WHY)
    (signature,) = PdfFileReader(io.BytesIO(signed)).embedded_regular_signatures
    assert signature.self_reported_timestamp == moment


def test_a_silent_timestamp_authority_can_be_tried_again(pdf: bytes, authority: DemoAuthority) -> None:
    silent = TimestampAuthority("http://127.0.0.1:9/tsa", timeout_s=1)
    with pytest.raises(TimestampUnavailable) as failure:
        sign_pades(pdf, authority.signing_key(), tsa=silent, **WHY)
    assert failure.value.retryable


def test_something_that_is_no_pdf_is_refused(authority: DemoAuthority) -> None:
    with pytest.raises(SigningError) as refusal:
        sign_pades(b"not a pdf", authority.signing_key(), tsa=None, **WHY)
    assert refusal.value.code == "PDF_UNREADABLE"


def test_keys_open_from_pkcs12_with_the_right_password_only(
    pdf: bytes, authority: DemoAuthority, tmp_path: Path
) -> None:
    chain = x509.load_pem_x509_certificates(authority.officer_certificates.read_bytes())
    private = load_pem_private_key(authority.officer_key.read_bytes(), None)
    store = tmp_path / "officer.p12"
    locked = BestAvailableEncryption("mật khẩu".encode())
    store.write_bytes(pkcs12.serialize_key_and_certificates(b"o", private, chain[0], chain[1:], locked))
    key = SigningKey.from_pkcs12(store, "mật khẩu".encode())
    assert outcomes(sign_pades(pdf, key, tsa=None, **WHY), authority)["signer"] == "OK"
    with pytest.raises(SigningError, match="KEY_UNREADABLE"):
        SigningKey.from_pkcs12(store, b"wrong")


def test_elliptic_curve_keys_sign_too(pdf: bytes, tmp_path: Path, authority: DemoAuthority) -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Cán bộ khác")])
    certificate = (
        x509.CertificateBuilder(name, name, private.public_key(), x509.random_serial_number())
        .not_valid_before(datetime(2026, 1, 1))
        .not_valid_after(datetime(2036, 1, 1))
        .sign(private, hashes.SHA256())
    )
    signed = sign_pades(pdf, SigningKey(private, certificate), tsa=None, **WHY)
    assert outcomes(signed, authority)["signature"] == "OK"
    assert outcomes(signed, authority)["signer"] == "SIGNER_NOT_TRUSTED"


def test_a_certificate_of_another_key_is_refused(authority: DemoAuthority) -> None:
    (certificate, *_) = x509.load_pem_x509_certificates(authority.officer_certificates.read_bytes())
    with pytest.raises(SigningError, match="KEY_CERTIFICATE_MISMATCH"):
        SigningKey(ec.generate_private_key(ec.SECP256R1()), certificate)


def test_the_demo_authority_is_made_once_and_its_keys_are_private(tmp_path: Path) -> None:
    authority = create_authority(tmp_path / "authority", "http://127.0.0.1:1")
    files = sorted(p for p in authority.folder.rglob("*") if p.is_file())
    before = {p: p.read_bytes() for p in files}
    create_authority(authority.folder, authority.url)
    assert {p: p.read_bytes() for p in files} == before
    assert {stat.S_IMODE(p.stat().st_mode) for p in files} == {0o600}
    assert stat.S_IMODE(authority.folder.stat().st_mode) == 0o700


def test_the_demo_certificates_say_that_they_bind_nobody(authority: DemoAuthority) -> None:
    for certificate in x509.load_pem_x509_certificates(authority.officer_certificates.read_bytes()):
        assert "KHÔNG CÓ GIÁ TRỊ PHÁP LÝ" in certificate.subject.rfc4514_string()


def test_a_kept_key_signs_quickly(pdf: bytes, authority: DemoAuthority) -> None:
    key = authority.signing_key()
    sign_pades(pdf, key, tsa=None, **WHY)
    start = time.process_time()
    for _ in range(5):
        sign_pades(pdf, key, tsa=None, **WHY)
    # About 40 ms on a shared core; parsing the key for every signature alone takes 77.
    assert (time.process_time() - start) / 5 < 0.15
