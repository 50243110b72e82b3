"""Proof of a stored copy, from nothing but the store and a trust file."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path

from minio.commonconfig import COMPLIANCE

from storage.checks import Check, Outcome, failed, overall, passed, undecided
from storage.errors import ObjectMissing, ValidatorUnavailable
from storage.keys import PROBE, original_sha256
from storage.objects import ObjectState, ObjectStore, StoredObject
from storage.s3 import VersionRow
from storage.seal_manifest import sha256
from storage.verapdf import VeraPdf
from storage.verify_content import content_checks
from storage.verify_signature import TrustRoots, load_trust, signature_checks

__all__ = [
    "Check",
    "ObjectReport",
    "Outcome",
    "load_trust",
    "overall",
    "pdfa_check",
    "verify_bucket",
    "verify_object",
    "verify_pdf",
]

PDF_TYPE = "application/pdf"


@dataclass(frozen=True, slots=True)
class ObjectReport:
    """Everything that was proved or disproved about one stored object."""

    bucket: str
    key: str
    version_id: str
    checks: tuple[Check, ...]

    @property
    def outcome(self) -> Outcome:
        """Worst outcome of all checks."""
        return overall(self.checks)


def verify_pdf(
    pdf: bytes, trust_roots: TrustRoots, *, validator: VeraPdf | None = None, flavour: str = "3u"
) -> tuple[Check, ...]:
    """Prove a sealed copy.

    Args:
        pdf: the file.
        trust_roots: see `load_trust`.
        validator: a running veraPDF; without one the check ``pdfa`` stays undecided.
        flavour: PDF/A part and level that the file has to meet.
    """
    return (
        *signature_checks(pdf, trust_roots),
        pdfa_check(pdf, validator, flavour),
        *content_checks(pdf),
    )


def verify_object(
    store: ObjectStore,
    stored: StoredObject,
    trust_roots: TrustRoots | None,
    *,
    validator: VeraPdf | None = None,
) -> ObjectReport:
    """Prove one stored object against what was recorded when it was put.

    Args:
        store: where it should be.
        stored: what was recorded.
        trust_roots: prove the content as a sealed copy too; ``None`` for originals.
        validator: see `verify_pdf`.

    Raises:
        StoreUnavailable: nothing can be said now.
    """
    versions = store.versions_of(stored.bucket, stored.key)
    checks = [_versions_check(versions, stored.version_id)]
    try:
        state = store.state(stored.bucket, stored.key, stored.version_id)
        content = store.get(stored.bucket, stored.key, stored.version_id)
    except ObjectMissing as error:
        checks.append(failed("object", "VERSION_MISSING", error=str(error)))
        return ObjectReport(stored.bucket, stored.key, stored.version_id, tuple(checks))
    checks.append(_fixity_check(content, stored.sha256))
    checks.append(_lock_check(state, stored.retain_until))
    if trust_roots is not None:
        checks += verify_pdf(content, trust_roots, validator=validator)
    return ObjectReport(stored.bucket, stored.key, stored.version_id, tuple(checks))


def verify_bucket(
    store: ObjectStore,
    bucket: str,
    trust_roots: TrustRoots | None,
    *,
    prefix: str = "",
    after: str = "",
    chosen: Callable[[str], bool] = lambda key: True,
    validator: VeraPdf | None = None,
) -> Iterator[ObjectReport]:
    """Prove every object of a bucket without any other source.

    Args:
        store: whose account may read.
        bucket: with object lock.
        trust_roots: see `load_trust`; without them no signature is proved.
        prefix: of the keys to prove.
        after: go on behind this key, where an earlier run stopped.
        chosen: which keys to prove in full; of the others only the versions are looked at, so that delete
            markers and unknown versions are found in every sample too.
        validator: see `verify_pdf`.

    Keys are written once, so the oldest version of a key is the record and whatever came later is an
    incident. The expected digest stands in the key of an original and in the metadata of every object;
    sealed copies prove their own content by signature.

    Raises:
        StoreUnavailable: the rest cannot be examined now.
    """
    for key, group in groupby(store.list_versions(bucket, prefix, after=after), key=lambda v: v.key):
        if key.startswith(PROBE):
            continue
        versions = tuple(group)
        if chosen(key):
            yield _report(store, bucket, key, versions, trust_roots, validator)
        elif len(versions) > 1 or versions[0].delete_marker:
            yield _incident(bucket, key, versions)


def _incident(bucket: str, key: str, versions: tuple[VersionRow, ...]) -> ObjectReport:
    """Keys are written once: whatever came after the first version is no record."""
    contents = [v for v in versions if not v.delete_marker]
    first = contents[-1].version_id if contents else ""
    check = _versions_check(versions, first) if contents else failed("versions", "ONLY_DELETE_MARKERS")
    return ObjectReport(bucket, key, first, (check,))


def _report(
    store: ObjectStore,
    bucket: str,
    key: str,
    versions: tuple[VersionRow, ...],
    trust_roots: TrustRoots | None,
    validator: VeraPdf | None,
) -> ObjectReport:
    contents = [v for v in versions if not v.delete_marker]
    if not contents:
        return ObjectReport(bucket, key, "", (failed("versions", "ONLY_DELETE_MARKERS"),))
    first = contents[-1].version_id
    try:
        state = store.state(bucket, key, first)
    except ObjectMissing as error:
        return ObjectReport(bucket, key, first, (failed("object", "VERSION_MISSING", error=str(error)),))
    expected = original_sha256(key) or state.metadata.get("sha256")
    if expected is None:
        missing = (_versions_check(versions, first), failed("object", "NO_EXPECTED_SHA256"))
        return ObjectReport(bucket, key, first, missing)
    stored = StoredObject(bucket, key, first, expected, state.size, state.retain_until)
    sealed = state.content_type == PDF_TYPE and original_sha256(key) is None
    return verify_object(store, stored, trust_roots if sealed else None, validator=validator)


def _versions_check(versions: tuple[VersionRow, ...], version_id: str) -> Check:
    ids = [v.version_id for v in versions]
    if version_id not in ids:
        return failed("versions", "VERSION_MISSING", version=version_id, found=", ".join(ids))
    newer = versions[: ids.index(version_id)]
    if newer and newer[0].delete_marker:
        return failed("versions", "DELETE_MARKER_ON_TOP", marker=newer[0].version_id)
    if newer:
        return failed("versions", "UNKNOWN_NEWER_VERSION", newer=", ".join(v.version_id for v in newer))
    return passed("versions", count=str(len(versions)))


def _fixity_check(content: bytes, expected: str) -> Check:
    digest = sha256(content)
    if digest != expected:
        return failed("object", "CONTENT_CHANGED", expected=expected, found=digest)
    return passed("object", sha256=digest, size=str(len(content)))


def _lock_check(state: ObjectState, expected: datetime | None) -> Check:
    until = state.retain_until
    evidence = {"mode": state.lock_mode or "none", "until": until.isoformat() if until else ""}
    if state.lock_mode != COMPLIANCE or until is None:
        return failed("lock", "NOT_LOCKED", **evidence)
    if expected is not None and until < expected:
        return failed("lock", "LOCK_SHORTENED", **evidence, expected=expected.isoformat())
    if until <= datetime.now(UTC) and not state.legal_hold:
        return undecided("lock", "LOCK_EXPIRED", **evidence)
    return passed("lock", **evidence)


def pdfa_check(pdf: bytes, validator: VeraPdf | None, flavour: str = "3u") -> Check:
    """Check ``pdfa``: undecided where no validator runs, never passed without one."""
    if validator is None:
        return undecided("pdfa", "NOT_VALIDATED", reason="no validator given")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "copy.pdf"
        path.write_bytes(pdf)
        try:
            (verdict,) = validator.validate([path], flavour)
        except ValidatorUnavailable as error:
            return undecided("pdfa", "NOT_VALIDATED", reason=error.message)
    if verdict.error:
        return failed("pdfa", "PDFA_UNREADABLE", error=verdict.error)
    if not verdict.compliant:
        return failed("pdfa", "NOT_PDFA", flavour=flavour, rules=", ".join(verdict.failed))
    return passed("pdfa", flavour=flavour)
