"""A signature over a digest that can be forged proves nothing, whoever made it."""

from __future__ import annotations

import io

import pytest
from asn1crypto.keys import PrivateKeyInfo
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfTimeStamper, SimpleSigner, sign_pdf
from pyhanko_certvalidator.registry import SimpleCertificateStore

from storage.checks import Outcome, overall
from storage.errors import SignatureRefused
from storage.pdfa import SealPage, build_pdfa
from storage.signing.demo_authority import DemoAuthority
from storage.signing.external import accept, prepare_document
from storage.signing.pades import sign_pades
from storage.signing.revocation import Revocations
from storage.signing.timestamps import TimestampAuthority
from storage.verify_signature import load_trust, signature_checks
from storage.xmp import SealMetadata

STRENGTHS = [
    *(pytest.param(d, "WEAK_ALGORITHM", id=d) for d in ("sha1", "md5", "sha224")),
    *(pytest.param(d, "", id=d) for d in ("sha256", "sha384", "sha512")),
]


@pytest.fixture
def document(jpeg: bytes, metadata: SealMetadata) -> bytes:
    return prepare_document(
        build_pdfa([SealPage(jpeg, "image/jpeg", 600, 800, 100)], b"{}", metadata, block=None)
    )


def signed(document: bytes, authority: DemoAuthority, digest: str) -> bytes:
    """By the officer, with a program that asks for no strength."""
    key = authority.signing_key()
    private = load_pem_private_key(authority.officer_key.read_bytes(), None)
    der = private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    signer = SimpleSigner(
        signing_cert=key.certificate,
        signing_key=PrivateKeyInfo.load(der),
        cert_registry=SimpleCertificateStore.from_certs(key.chain),
    )
    metadata = PdfSignatureMetadata("KySo", md_algorithm=digest, subfilter=SigSeedSubFilter.PADES)
    output = io.BytesIO()
    sign_pdf(IncrementalPdfFileWriter(io.BytesIO(document)), metadata, signer, output=output)
    return output.getvalue()


@pytest.mark.parametrize(("digest", "code"), STRENGTHS)
def test_the_proof_of_a_copy_refuses_a_weak_signature(
    digest: str, code: str, document: bytes, authority: DemoAuthority
) -> None:
    checks = list(signature_checks(signed(document, authority, digest), load_trust(authority.trust)))
    failures = {(c.subject, c.code, c.evidence["digests"]) for c in checks if c.outcome is Outcome.FAILED}
    assert failures == ({("signature", code, digest)} if code else set())


@pytest.mark.parametrize(("digest", "code"), STRENGTHS)
def test_a_weak_signature_does_not_come_back_from_an_officer(
    digest: str, code: str, document: bytes, authority: DemoAuthority
) -> None:
    returned, revocations = signed(document, authority, digest), Revocations(load_trust(authority.trust))
    if not code:
        assert accept(document, returned, allowed=[], revocations=revocations).document == returned
        return
    with pytest.raises(SignatureRefused) as refusal:
        accept(document, returned, allowed=[], revocations=revocations)
    assert (refusal.value.code, refusal.value.message) == (code, digest)


def test_a_weak_archive_timestamp_proves_no_time(
    document: bytes, authority: DemoAuthority, tsa: TimestampAuthority
) -> None:
    why = {"reason": "", "location": "", "name": ""}
    copy = sign_pades(document, authority.signing_key(), tsa=tsa, **why)
    output = io.BytesIO()
    stamper = PdfTimeStamper(tsa.timestamper)
    stamper.timestamp_pdf(IncrementalPdfFileWriter(io.BytesIO(copy)), "sha1", output=output)
    checks = list(signature_checks(output.getvalue(), load_trust(authority.trust)))
    assert overall(checks) is Outcome.FAILED
    assert ("archive", "WEAK_ALGORITHM") in {(c.subject, c.code) for c in checks}
