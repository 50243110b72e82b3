"""The detached signature (CMS) over a list of carried files."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from asn1crypto import cms, x509
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.sign.general import SigningError as PyHankoSigningError
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes
from pyhanko.sign.validation import async_validate_detached_cms
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko_certvalidator import ValidationContext

from storage.errors import PackageError, SigningError
from storage.signing.keys import SealKey


@dataclass(frozen=True, slots=True)
class ListSigner:
    """Who signed a list.

    Attributes:
        fingerprint: SHA-256 of the certificate, lower-case hexadecimal.
        name: subject as people read it.
        trusted: the certificate leads to a trusted root and is valid now.
        signed_at: claimed by the signer, aware.
    """

    fingerprint: str
    name: str
    trusted: bool
    signed_at: datetime | None


def sign_list(data: bytes, key: SealKey, *, at: datetime | None = None) -> bytes:
    """Detached CMS signature, DER.

    Args:
        at: claimed signing time, aware; now by default. A machine without a line has no timestamps.

    Raises:
        SigningError: ``SIGNING_REFUSED``.
    """
    attributes = PdfCMSSignedAttributes(signing_time=at or datetime.now(UTC))
    try:
        content = asyncio.run(
            key.signer().async_sign_general_data(
                data, "sha256", detached=True, signed_attr_settings=attributes
            )
        )
    except PyHankoSigningError as error:
        raise SigningError("SIGNING_REFUSED", str(error)) from error
    return bytes(content.dump())


def list_signer(data: bytes, signature: bytes, trust_roots: Sequence[x509.Certificate]) -> ListSigner:
    """Who signed exactly these bytes.

    Raises:
        PackageError: ``SIGNATURE_UNREADABLE``, ``SIGNATURE_INVALID``.
    """
    context = ValidationContext(
        trust_roots=list(trust_roots), allow_fetching=False, revocation_mode="soft-fail"
    )
    try:
        content = cms.ContentInfo.load(signature, strict=True)
        if content["content_type"].native != "signed_data":
            raise ValueError("not a signature")
        status = asyncio.run(async_validate_detached_cms(data, content["content"], context))
    except (
        PdfError,
        SignatureValidationError,
        PyHankoSigningError,
        ValueError,
        TypeError,
        KeyError,
    ) as error:
        raise PackageError("SIGNATURE_UNREADABLE", f"{type(error).__name__}: {error}") from error
    if not (status.intact and status.valid):
        raise PackageError("SIGNATURE_INVALID", "the list is not what was signed")
    certificate = status.signing_cert
    return ListSigner(
        certificate.sha256.hex(),
        certificate.subject.human_friendly,
        bool(status.trusted),
        status.signer_reported_dt,
    )
