"""Proof that a signature is intact, trusted, timed, and covers the whole file."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from asn1crypto import parser, x509
from pyhanko.keys import load_certs_from_pemder
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.general import SigningError as PyHankoSigningError
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from storage.checks import Check, failed, passed, undecided
from storage.errors import SigningError

TrustRoots = Sequence[x509.Certificate]


def load_trust(*paths: Path) -> tuple[x509.Certificate, ...]:
    """Root certificates of PEM or DER files.

    Raises:
        SigningError: ``TRUST_UNREADABLE``.
    """
    try:
        files = [str(path) for path in paths]
        return tuple(load_certs_from_pemder(files))  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        raise SigningError("TRUST_UNREADABLE", f"trust file cannot be read: {error}") from error


def signature_checks(pdf: bytes, trust_roots: TrustRoots) -> Iterator[Check]:
    """Checks ``signature``, ``signer``, ``coverage``, ``timestamp``, ``container`` for every signature.

    Certificates are judged at the time of a valid timestamp where there is one, else now. Revocation is
    judged from what the file carries; nothing is fetched.
    """
    try:
        signatures = PdfFileReader(io.BytesIO(pdf), strict=False).embedded_regular_signatures
        if not signatures:
            yield failed("signature", "NOT_SIGNED")
        for index, signature in enumerate(signatures):
            yield from _checks(signature, trust_roots, last=index == len(signatures) - 1)
            yield _container(pdf, signature)
    except (PdfError, SignatureValidationError, PyHankoSigningError) as error:
        yield failed("signature", "SIGNATURE_UNREADABLE", error=str(error))
    except Exception as error:
        # A damaged file leads the parser anywhere; that is an answer about the file.
        yield failed("signature", "SIGNATURE_UNREADABLE", error=f"{type(error).__name__}: {error}")


def _checks(signature: Any, trust_roots: TrustRoots, *, last: bool) -> Iterator[Check]:
    status = _status(signature, trust_roots, None)
    stamp = status.timestamp_validity
    stamped = stamp is not None and stamp.valid and stamp.intact and stamp.trusted
    if stamped and not status.trusted:
        status = _status(signature, trust_roots, stamp.timestamp)
    field = {"field": str(signature.field_name)}
    signer = status.signing_cert.subject.human_friendly
    if status.intact and status.valid:
        yield passed("signature", **field)
    else:
        yield failed("signature", "SIGNED_CONTENT_CHANGED", **field)
        return
    yield _trust(status, trust_roots, {**field, "signer": signer})
    yield _coverage(status, field, last=last)
    yield _timestamp(stamp, trust_roots, field)


def _container(pdf: bytes, signature: Any) -> Check:
    """The hole that a signature leaves for itself is signed by nobody: it may hold the signature alone.

    Expected is one DER value in hexadecimal digits of one case, then zeros to the end.
    """
    field = {"field": str(signature.field_name)}
    _, first, second, _ = (int(number) for number in signature.byte_range)
    hole = pdf[first:second]
    digits = hole[1:-1]
    try:
        content = bytes.fromhex(digits.decode("ascii"))
        rest = content[parser.peek(content) :]
    except ValueError as error:
        return failed("container", "SIGNATURE_HOLE_CHANGED", **field, error=str(error))
    plain = hole[:1] == b"<" and hole[-1:] == b">" and digits in (digits.lower(), digits.upper())
    if not plain or rest.strip(b"\0"):
        return failed("container", "SIGNATURE_HOLE_CHANGED", **field, error="more than the signature")
    return passed("container", **field)


def _status(signature: Any, trust_roots: TrustRoots, moment: datetime | None) -> Any:
    def context() -> ValidationContext:
        return ValidationContext(
            trust_roots=list(trust_roots), allow_fetching=False, revocation_mode="soft-fail", moment=moment
        )

    return validate_pdf_signature(signature, context(), context())


def _trust(status: Any, trust_roots: TrustRoots, evidence: dict[str, str]) -> Check:
    if status.trusted:
        return passed("signer", **evidence)
    if not trust_roots:
        return undecided("signer", "NO_TRUST_ROOTS", **evidence)
    return failed("signer", "SIGNER_NOT_TRUSTED", **evidence, reason=str(status.trust_problem_indic))


def _coverage(status: Any, field: dict[str, str], *, last: bool) -> Check:
    if status.coverage == SignatureCoverageLevel.ENTIRE_FILE:
        return passed("coverage", **field)
    level = status.modification_level
    evidence = {**field, "coverage": status.coverage.name, "changes": level.name if level else "UNKNOWN"}
    # A later signature may fill in its own field; after the last one only validation data may follow.
    allowed = ModificationLevel.LTA_UPDATES if last else ModificationLevel.FORM_FILLING
    whole_revision = status.coverage == SignatureCoverageLevel.ENTIRE_REVISION
    if whole_revision and status.docmdp_ok and level is not None and level <= allowed:
        return passed("coverage", "LATER_SIGNATURE_DATA", **evidence)
    return failed("coverage", "CHANGED_AFTER_SIGNING", **evidence)


def _timestamp(stamp: Any, trust_roots: TrustRoots, field: dict[str, str]) -> Check:
    if stamp is None:
        return undecided("timestamp", "NO_TIMESTAMP", **field)
    evidence = {**field, "time": stamp.timestamp.isoformat()}
    if not (stamp.valid and stamp.intact):
        return failed("timestamp", "TIMESTAMP_INVALID", **evidence)
    if stamp.trusted:
        return passed("timestamp", **evidence)
    if not trust_roots:
        return undecided("timestamp", "NO_TRUST_ROOTS", **evidence)
    return failed("timestamp", "TIMESTAMP_NOT_TRUSTED", **evidence)
