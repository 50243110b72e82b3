"""Proof that a signature is intact, trusted, timed, and covers the whole file."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from asn1crypto import cms, parser, x509
from pyhanko.keys import load_certs_from_pemder
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.fields import enumerate_sig_fields
from pyhanko.sign.general import SigningError as PyHankoSigningError
from pyhanko.sign.validation import (
    DocumentSecurityStore,
    validate_pdf_signature,
    validate_pdf_timestamp,
)
from pyhanko.sign.validation.errors import NoDSSFoundError, SignatureValidationError
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from storage.allowed_changes import APPENDED, has_stray_bytes
from storage.checks import Check, failed, passed, undecided
from storage.errors import SigningError

_STRONG_DIGESTS = frozenset({"sha256", "sha384", "sha512", "sha3_256", "sha3_384", "sha3_512", "shake256"})

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


def signature_checks(pdf: bytes, trust_roots: TrustRoots, *, at: datetime | None = None) -> Iterator[Check]:
    """Checks ``signature``, ``signer``, ``coverage``, ``timestamp``, ``container`` for every signature.

    Where archive timestamps stand there is ``archive`` too, and signer and time are judged as they were
    when the first of them was made, from what the file carries. Without them certificates are judged at
    the time of a valid timestamp, else now. Nothing is fetched.

    Args:
        pdf: the file.
        trust_roots: see `load_trust`.
        at: aware; judge as one would at that time, by default now.
    """
    try:
        reader = PdfFileReader(io.BytesIO(pdf), strict=False)
        signatures, stamps = reader.embedded_regular_signatures, reader.embedded_timestamp_signatures
        if not signatures:
            yield failed("signature", "NOT_SIGNED")
        known = {signature.field_name for signature in reader.embedded_signatures}
        for name, _, _ in enumerate_sig_fields(reader, filled_status=True):
            if name not in known:
                yield failed("signature", "SIGNATURE_UNREADABLE", field=name, error="of an unknown kind")
        for signature in signatures:
            yield from _checks(signature, trust_roots, at)
            yield container_check(pdf, signature)
        for index, stamp in enumerate(stamps):
            yield _archive(stamp, trust_roots, at, last=index == len(stamps) - 1)
            yield container_check(pdf, stamp)
    except (PdfError, SignatureValidationError, PyHankoSigningError) as error:
        yield failed("signature", "SIGNATURE_UNREADABLE", error=str(error))
    except Exception as error:
        # A damaged file leads the parser anywhere; that is an answer about the file.
        yield failed("signature", "SIGNATURE_UNREADABLE", error=f"{type(error).__name__}: {error}")


def signature_level(pdf: bytes) -> str:
    """Highest PAdES level that the last signature was made for: ``B-B`` to ``B-LTA``, empty if unsigned.

    It tells which parts are there; whether they hold, `signature_checks` tells.
    """
    reader = PdfFileReader(io.BytesIO(pdf), strict=False)
    signatures, stamps = reader.embedded_regular_signatures, reader.embedded_timestamp_signatures
    if not signatures:
        return ""
    try:
        DocumentSecurityStore.read_dss(reader)
    except NoDSSFoundError:
        return "B-T" if stamps or any(_tokens(signatures[-1])) else "B-B"
    if stamps and stamps[-1].signed_revision > signatures[-1].signed_revision:
        return "B-LTA"
    return "B-LT"


def _checks(signature: Any, trust_roots: TrustRoots, at: datetime | None) -> Iterator[Check]:
    field = {"field": str(signature.field_name)}
    for subject, signed in (("signature", signature.signed_data), *_tokens(signature)):
        if weak := weak_digests(signed):
            yield failed(subject, "WEAK_ALGORITHM", **field, digests=weak)
            return
    status = _status(signature, trust_roots, at, skip_diff=False)
    stamp = status.timestamp_validity
    stamped = stamp is not None and stamp.valid and stamp.intact and stamp.trusted
    if stamped and not status.trusted:
        status = _status(signature, trust_roots, stamp.timestamp)
    signer = status.signing_cert.subject.human_friendly
    if status.intact and status.valid:
        yield passed("signature", **field)
    else:
        yield failed("signature", "SIGNED_CONTENT_CHANGED", **field)
        return
    stamps = signature.reader.embedded_timestamp_signatures
    later = [s for s in stamps if s.signed_revision > signature.signed_revision]
    evidence = {**field, "signer": signer}
    if later and trust_roots:
        trust, time = _archived(signature, later, trust_roots, at, evidence)
    else:
        trust, time = _trust(status, trust_roots, evidence), _timestamp(stamp, trust_roots, field)
    yield from (trust, _coverage(signature, status), time)


def _archived(
    signature: Any,
    later: Sequence[Any],
    trust_roots: TrustRoots,
    at: datetime | None,
    evidence: dict[str, str],
) -> tuple[Check, Check]:
    """Checks ``signer`` and ``timestamp`` from the timestamps and validation data in the file alone.

    Each archive timestamp is judged at the time of the one after it, the signature at the time of the
    first. Whether the newest timestamp's own certificate was revoked since, no file can know; who renews
    it asks.
    """
    moment = at or datetime.now(UTC)
    for stamp in reversed(later):
        newest = stamp is later[-1]
        context = _bare(trust_roots, moment) if newest else _carried(signature.reader, trust_roots, moment)
        proof = validate_pdf_timestamp(stamp, context, skip_diff=True)
        if not (proof.intact and proof.valid and proof.trusted):
            unproved = {**evidence, "stamp": str(stamp.field_name)}
            return undecided("signer", "NO_TIMESTAMP", **evidence), failed(
                "timestamp", "TIMESTAMP_NOT_TRUSTED", **unproved
            )
        moment = proof.timestamp
    then = _carried(signature.reader, trust_roots, moment), _carried(signature.reader, trust_roots, moment)
    status = validate_pdf_signature(signature, *then, skip_diff=True)
    field = {"field": evidence["field"]}
    if status.timestamp_validity is not None:
        return _trust(status, trust_roots, evidence), _timestamp(
            status.timestamp_validity, trust_roots, field
        )
    return _trust(status, trust_roots, evidence), passed("timestamp", **field, time=moment.isoformat())


def _carried(reader: PdfFileReader, trust_roots: TrustRoots, moment: datetime) -> ValidationContext:
    """A context that knows what the file carries, and nothing else."""
    settings: dict[str, Any] = {"trust_roots": list(trust_roots), "moment": moment}
    try:
        store = DocumentSecurityStore.read_dss(reader)
    except NoDSSFoundError:
        return _bare(trust_roots, moment)
    context: ValidationContext = store.as_validation_context({**settings, "revocation_mode": "hard-fail"})
    return context


def _archive(stamp: Any, trust_roots: TrustRoots, at: datetime | None, *, last: bool) -> Check:
    """Older archive timestamps are proved by later ones; only the last has to be trusted by itself."""
    field = {"field": str(stamp.field_name)}
    if weak := weak_digests(stamp.signed_data):
        return failed("archive", "WEAK_ALGORITHM", **field, digests=weak)
    status = validate_pdf_timestamp(stamp, _bare(trust_roots, at), skip_diff=True)
    evidence = {**field, "time": status.timestamp.isoformat()}
    if not (status.intact and status.valid):
        return failed("archive", "TIMESTAMP_INVALID", **evidence)
    # What follows a timestamp also follows the signature, whose check ``coverage`` compares it.
    if stamp.coverage < SignatureCoverageLevel.ENTIRE_REVISION:
        return failed("archive", "CHANGED_AFTER_SIGNING", **evidence, coverage=stamp.coverage.name)
    if last and not status.trusted:
        if not trust_roots:
            return undecided("archive", "NO_TRUST_ROOTS", **evidence)
        return failed("archive", "TIMESTAMP_NOT_TRUSTED", **evidence)
    return passed("archive", **evidence)


def container_check(pdf: bytes, signature: Any) -> Check:
    """Check ``container``: the hole that a signature leaves for itself is signed by nobody.

    It may hold the signature alone.

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


def weak_digests(signed: cms.SignedData) -> str:
    """Digests in a signature or timestamp token that prove nothing any more, such as ``sha1``."""
    (signer,) = signed["signer_infos"]
    used = {signer["digest_algorithm"]["algorithm"].native}
    with suppress(ValueError):  # an algorithm such as plain RSA, which leaves the digest to the other place
        used.add(signer["signature_algorithm"].hash_algo)
    content = signed["encap_content_info"]
    if content["content_type"].native == "tst_info":
        used.add(content["content"].parsed["message_imprint"]["hash_algorithm"]["algorithm"].native)
    return ", ".join(sorted(used - _STRONG_DIGESTS))


def is_intact(signature: Any) -> bool:
    """Whether the signed bytes and the signature's arithmetic hold, whoever signed."""
    status = _status(signature, (), None)
    return bool(status.intact and status.valid)


def _status(
    signature: Any, trust_roots: TrustRoots, moment: datetime | None, *, skip_diff: bool = True
) -> Any:
    return validate_pdf_signature(
        signature,
        _bare(trust_roots, moment),
        _bare(trust_roots, moment),
        diff_policy=APPENDED,
        skip_diff=skip_diff,
    )


def _bare(trust_roots: TrustRoots, moment: datetime | None) -> ValidationContext:
    """A context that knows the roots alone."""
    return ValidationContext(
        trust_roots=list(trust_roots), allow_fetching=False, revocation_mode="soft-fail", moment=moment
    )


def _tokens(signature: Any) -> Iterator[tuple[str, cms.SignedData]]:
    """Timestamp tokens inside a signature, with the subject of their check."""
    for attribute in signature.signer_info["unsigned_attrs"]:
        if attribute["type"].native == "signature_time_stamp_token":
            yield from (("timestamp", token["content"]) for token in attribute["values"])


def _trust(status: Any, trust_roots: TrustRoots, evidence: dict[str, str]) -> Check:
    if status.trusted:
        return passed("signer", **evidence)
    if not trust_roots:
        return undecided("signer", "NO_TRUST_ROOTS", **evidence)
    return failed("signer", "SIGNER_NOT_TRUSTED", **evidence, reason=str(status.trust_problem_indic))


def _coverage(signature: Any, status: Any) -> Check:
    field = {"field": str(signature.field_name)}
    if status.coverage == SignatureCoverageLevel.ENTIRE_FILE:
        return passed("coverage", **field)
    level = status.modification_level
    evidence = {**field, "coverage": status.coverage.name, "changes": level.name}
    reader = signature.reader
    if has_stray_bytes(reader.stream.getvalue(), reader, signature.signed_revision):
        return failed("coverage", "CHANGED_AFTER_SIGNING", **evidence | {"changes": "STRAY_BYTES"})
    last = reader.embedded_regular_signatures[-1]
    # A later signature may fill in its own field; after the last one only validation data may follow.
    sealed = signature.signed_revision >= last.signed_revision
    allowed = ModificationLevel.LTA_UPDATES if sealed else ModificationLevel.FORM_FILLING
    whole_revision = status.coverage == SignatureCoverageLevel.ENTIRE_REVISION
    if whole_revision and status.docmdp_ok is not False and level <= allowed:
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
