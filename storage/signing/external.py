"""Signatures made outside, by an officer's own token: hand a document out, take it back, prove it.

Two ways lead out: the government's plug-in takes a file and gives it back signed, or a signer takes a
digest and gives back a CMS. Either way what comes back counts only if it is the document that went out
with one signature more and nothing else.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from asn1crypto import cms, x509
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import SuspiciousModification
from pyhanko.sign.fields import FieldMDPAction, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers import ExternalSigner, PdfSignatureMetadata, PdfSigner
from pyhanko.sign.signers.pdf_byterange import PreparedByteRangeDigest
from pyhanko.sign.validation.status import SignatureCoverageLevel

from storage.allowed_changes import APPENDED
from storage.checks import Outcome
from storage.errors import SignatureRefused, SigningError
from storage.signing.keys import common_name
from storage.signing.pades import DIGEST, FIELD_NAME
from storage.signing.revocation import Revocations
from storage.verify_signature import container_check, is_intact, weak_digests

CMS_BYTES = 32_768
"""Room for a CMS with chain, revocation answers and a timestamp; the largest seen takes a third of it."""


@dataclass(frozen=True, slots=True)
class AllowedSigner:
    """Whose signature counts, as far as it is laid down; an empty part leaves it open.

    Attributes:
        issuer: common name of the authority that issued the certificate.
        serial: of the certificate, hexadecimal digits without separators.
        subject: common name of the officer or agency.
    """

    issuer: str = ""
    serial: str = ""
    subject: str = ""

    def matches(self, certificate: x509.Certificate) -> bool:
        """Whether every part that is laid down is the certificate's."""
        issuer = certificate.issuer.native.get("common_name", "")
        serial = f"{certificate.serial_number:x}"
        return (
            self.issuer in ("", issuer)
            and self.serial.lower().lstrip("0") in ("", serial)
            and self.subject in ("", common_name(certificate))
        )


@dataclass(frozen=True, slots=True)
class Handout:
    """A document with room for a signature, and the digest to sign.

    Attributes:
        document: the file; what lies between `start` and `end` is the room.
        digest: SHA-256 of the rest: the message digest that the CMS has to carry.
        start: first byte of the room.
        end: first byte after it.
    """

    document: bytes
    digest: bytes
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Accepted:
    """A document that came back signed.

    Attributes:
        document: with the signature, nothing added since.
        signer: common name.
        certificate: of the signer.
        field: name of the signature field.
    """

    document: bytes
    signer: str
    certificate: x509.Certificate
    field: str


def prepare_document(pdf: bytes) -> bytes:
    """Append an empty form where there is none, so that a signature is all that is added later.

    Raises:
        SigningError: ``PDF_UNREADABLE``.
    """
    try:
        writer: Any = IncrementalPdfFileWriter(io.BytesIO(pdf))
        if "/AcroForm" in writer.root:
            return pdf
        signatures_only_append = generic.NumberObject(3)  # type: ignore[no-untyped-call]
        form = generic.DictionaryObject(  # type: ignore[no-untyped-call]
            {
                generic.pdf_name("/Fields"): generic.ArrayObject(),
                generic.pdf_name("/SigFlags"): signatures_only_append,
            }
        )
        writer.root["/AcroForm"] = writer.add_object(form)
        writer.update_root()
        writer.write(output := io.BytesIO())
    except PdfError as error:
        raise SigningError("PDF_UNREADABLE", f"the document cannot be signed: {error}") from error
    return output.getvalue()


def prepare_digest(pdf: bytes, *, field_name: str = FIELD_NAME, reason: str, location: str) -> Handout:
    """Make room for a signature in what `prepare_document` gave, and say what has to be signed.

    Raises:
        SigningError: ``PDF_UNREADABLE``.
    """
    metadata = PdfSignatureMetadata(
        field_name=field_name,
        md_algorithm=DIGEST,
        subfilter=SigSeedSubFilter.PADES,
        reason=reason,
        location=location,
    )
    signer = PdfSigner(
        metadata,
        signer=ExternalSigner(signing_cert=None, cert_registry=None, signature_value=256),
        new_field_spec=SigFieldSpec(field_name, on_page=0),
    )
    output = io.BytesIO()
    try:
        prepared, _, _ = asyncio.run(
            signer.async_digest_doc_for_signing(
                IncrementalPdfFileWriter(io.BytesIO(pdf)), bytes_reserved=2 * CMS_BYTES, output=output
            )
        )
    except PdfError as error:
        raise SigningError("PDF_UNREADABLE", f"the document cannot be signed: {error}") from error
    return Handout(
        output.getvalue(),
        prepared.document_digest,
        prepared.reserved_region_start,
        prepared.reserved_region_end,
    )


def embed_cms(handout: Handout, signature: bytes) -> bytes:
    """Put a CMS into the room that `prepare_digest` made; whether it counts, `accept` tells.

    Raises:
        SignatureRefused: ``CMS_UNREADABLE``, ``CMS_TOO_LARGE``.
    """
    try:
        content = cms.ContentInfo.load(signature, strict=True)
        if content["content_type"].native != "signed_data":
            raise ValueError(content["content_type"].native)
    except (ValueError, TypeError) as error:
        raise SignatureRefused("CMS_UNREADABLE", f"not a CMS signature: {error}") from error
    if len(signature) > CMS_BYTES:
        raise SignatureRefused("CMS_TOO_LARGE", f"{len(signature)} bytes, at most {CMS_BYTES}")
    output = io.BytesIO(handout.document)
    place = PreparedByteRangeDigest(handout.digest, handout.start, handout.end)
    place.fill_with_cms(output, content)
    return output.getvalue()


def accept(
    prepared: bytes, returned: bytes, *, allowed: Sequence[AllowedSigner], revocations: Revocations
) -> Accepted:
    """Take a signed document back, if it is what went out with one good signature more.

    Args:
        prepared: the document as it was before this signature, byte for byte: `prepare_document` gave it,
            or it is signed already.
        returned: what came back.
        allowed: whose signature counts; empty allows every trusted certificate.
        revocations: the trusted authorities.

    Raises:
        SignatureRefused: ``NOT_SIGNED``, ``WRONG_DOCUMENT``, ``BYTES_CHANGED``, ``TWO_SIGNATURES``,
            ``SIGNED_IN_PART``, ``CHANGED_AFTER_SIGNING``, ``PAGES_ADDED``, ``CONTENT_CHANGED``,
            ``SIGNATURE_INVALID``, ``WEAK_ALGORITHM``, ``SIGNATURE_HOLE_CHANGED``, ``FIELDS_LOCKED``,
            ``SIGNER_NOT_ALLOWED``, ``KEY_USAGE``, ``UNREADABLE``.
        SigningError: what `Revocations.require_valid` says about the certificate.
        RevocationUnavailable: nobody said whether the certificate counts; try again later.
    """
    if returned == prepared:
        raise SignatureRefused("NOT_SIGNED", "came back as it went out")
    try:
        before = PdfFileReader(io.BytesIO(prepared))
        after = PdfFileReader(io.BytesIO(returned))
        _require_same_document(before, after, prepared, returned)
        signature = _one_more(before, after)
        _require_coverage(signature)
        _require_nothing_else(before, after)
        _require_intact(signature, returned)
    except SignatureRefused:
        raise
    except Exception as error:
        # a file made to deceive leads the parser anywhere
        raise SignatureRefused("UNREADABLE", f"{type(error).__name__}: {error}") from error
    certificate = signature.signer_cert
    usage = certificate.key_usage_value
    if usage is not None and not usage.native & {"non_repudiation", "digital_signature"}:
        raise SignatureRefused("KEY_USAGE", f"{common_name(certificate)} is not a certificate for signing")
    revocations.require_valid(certificate, signature.other_embedded_certs)
    if allowed and not any(a.matches(certificate) for a in allowed):
        raise SignatureRefused("SIGNER_NOT_ALLOWED", f"{common_name(certificate)} is not on the list")
    return Accepted(returned, common_name(certificate), certificate, str(signature.field_name))


def _require_same_document(
    before: PdfFileReader, after: PdfFileReader, prepared: bytes, returned: bytes
) -> None:
    if returned.startswith(prepared):
        return
    if before.trailer_view.get("/ID", [None])[0] != after.trailer_view.get("/ID", [None])[0]:
        raise SignatureRefused("WRONG_DOCUMENT", "another document came back")
    raise SignatureRefused("BYTES_CHANGED", "the document that came back is not the one that went out")


def _one_more(before: PdfFileReader, after: PdfFileReader) -> Any:
    known = len(before.embedded_signatures)
    fresh = after.embedded_signatures[known:]
    if not fresh:
        raise SignatureRefused("NOT_SIGNED", "no signature was added")
    if len(fresh) > 1:
        raise SignatureRefused("TWO_SIGNATURES", f"{len(fresh)} signatures were added, one was asked for")
    if fresh[0].sig_object_type != "/Sig":
        raise SignatureRefused("NOT_SIGNED", "only a timestamp was added")
    return fresh[0]


def _require_coverage(signature: Any) -> None:
    coverage = signature.evaluate_signature_coverage()
    if coverage is SignatureCoverageLevel.ENTIRE_REVISION:
        raise SignatureRefused("CHANGED_AFTER_SIGNING", "something was added behind the signature")
    if coverage is not SignatureCoverageLevel.ENTIRE_FILE:
        raise SignatureRefused("SIGNED_IN_PART", f"the signature covers {coverage.name}")


def _require_nothing_else(before: PdfFileReader, after: PdfFileReader) -> None:
    """Between the document that went out and the signed one only the signature field may lie."""
    if before.root["/Pages"]["/Count"] != after.root["/Pages"]["/Count"]:
        raise SignatureRefused("PAGES_ADDED", "the number of pages changed")
    found = APPENDED.review_file(after, before.xrefs.total_revisions - 1)
    if isinstance(found, SuspiciousModification):
        raise SignatureRefused("CONTENT_CHANGED", str(found))


def _require_intact(signature: Any, returned: bytes) -> None:
    if weak := weak_digests(signature.signed_data):
        raise SignatureRefused("WEAK_ALGORITHM", weak)
    locked = signature.fieldmdp
    if locked is not None and locked.action is FieldMDPAction.ALL:
        raise SignatureRefused("FIELDS_LOCKED", "the signature forbids every later one, such as the seal")
    if not is_intact(signature):
        raise SignatureRefused("SIGNATURE_INVALID", "the signature does not belong to this document")
    hole = container_check(returned, signature)
    if hole.outcome is not Outcome.PASSED:
        raise SignatureRefused("SIGNATURE_HOLE_CHANGED", hole.evidence["error"])
