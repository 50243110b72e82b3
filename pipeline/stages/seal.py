"""Stage seal: an approved record becomes a signed, locked PDF/A, once.

A signature differs from attempt to attempt, so the copy's key is made from what is sealed, not from
the signed bytes, and is written create-only. Whichever attempt stores first made the copy; every other
one finds it there, proves that it holds the same record, and adopts it.
"""

from __future__ import annotations

import hashlib
import io
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import cv2
import pikepdf
from django.db.models import Q

from ocr.scans import DeliveredPage, OriginalPage, PageError, ScanLimits, open_scan
from pipeline import outbox
from pipeline.claims import Claim, claim, database_now, finishing, move
from pipeline.contract import field_json
from pipeline.events import record_event
from pipeline.fingerprint import canonical_json, fingerprint
from pipeline.models import Record, RecordState, SealedCopy
from pipeline.stages.attempts import attempt, new_owner
from pipeline.stages.fields import raise_findings, reading_of
from pipeline.stages.runs import OK, SKIPPED, StageInput, note
from pipeline.stages.sealed_text import corrected_lines
from pipeline.stages.texts import text_of
from pipeline.vault import Vault
from storage.checks import Outcome
from storage.errors import ObjectConflict, SealError
from storage.keys import sealed_key
from storage.objects import StoredObject
from storage.pdfa import SealPage, VisibleBlock, build_pdfa
from storage.seal_manifest import RECORD_NAME
from storage.signing.keys import SigningKey
from storage.signing.pades import sign_pades
from storage.signing.timestamps import TimestampAuthority
from storage.verify_content import content_checks
from storage.verify_signature import TrustRoots, signature_checks
from storage.xmp import SealMetadata

VERSION = "1"
KIND_OF_COPY = "Bản số hóa"
AS_DELIVERED = "AS_DELIVERED"
"""Signature level of a file that came signed: its locked original is its sealed copy."""
_LEVEL = "B-T"
_FORMAT = "PDF/A-3u"


@dataclass(frozen=True, slots=True)
class SealTools:
    """What the stage needs from outside."""

    vault: Vault
    key: SigningKey
    authority: TimestampAuthority
    trust: TrustRoots
    limits: ScanLimits
    lease_seconds: float


@dataclass(frozen=True, slots=True)
class _Intent:
    """What is to be sealed; equal for every attempt at one version of a record."""

    content: bytes
    sha256: str
    key: str
    approved_at: datetime


def run(record_id: str, tools: SealTools) -> bool:
    """Seal one approved record; false where there was nothing to do."""
    held = claim(Record, [RecordState.APPROVED], new_owner(), tools.lease_seconds, pk=record_id)
    if held is None:
        return False
    record = held.row
    intent = _intent(record)
    given = StageInput("seal", VERSION, {"content": intent.sha256})
    with attempt(held, given):
        start = time.monotonic()
        if record.scan.signed:
            _keep_as_delivered(held, given, intent)
            return True
        stored = tools.vault.find_sealed(intent.key)
        adopted = stored is not None
        if stored is None:
            stored, adopted = _make(record, intent, tools)
        if adopted:
            _prove_same(stored, intent, tools.vault)
        with finishing(held) as row:
            _index(row, stored, intent, tools.key.common_name)
            note(
                row,
                given,
                OK,
                output=stored.sha256,
                seconds=time.monotonic() - start,
                attempt=held.attempt,
                worker=held.owner,
                detail={"adopted": adopted, "key": stored.key, "version_id": stored.version_id},
            )
            _sealed(row, stored.sha256)
    return True


def record_document(record: Record) -> dict[str, Any]:
    """The record that is embedded: fields with evidence, findings as settled, register verdicts.

    What registers said after the approval stays out: a seal that is tried again has to make the same copy.
    """
    reading = reading_of(record)
    checks = {c.prefix: c for c in record.register_checks.filter(at__lte=record.approved_at).order_by("id")}
    late = Q(stage="register", raised_at__gt=record.approved_at)
    return {
        "id": str(record.pk),
        "version": record.version,
        "office": record.office.code,
        "scan": {"sha256": record.scan.sha256, "name": record.scan.name},
        "approved": {"by": record.approved_by, "at": _moment(record).isoformat()},
        "form": record.form,
        "era": record.era,
        "page": record.page,
        "pages": list(record.pages),
        "box": list(record.box),
        "fields": {key: field_json(f) for key, f in sorted(reading.fields.items())},
        "findings": [
            {
                "code": f.code,
                "severity": f.severity,
                "fields": f.fields,
                "message": f.message,
                "settled": {"by": f.settled_by, "reason": f.settled_reason} if f.settled_at else None,
            }
            for f in record.findings.filter(withdrawn_at__isnull=True)
            .exclude(Q(stage="seal") | late)
            .order_by("id")
        ],
        # candidates are other people's data and stay out of the copy
        "population": {
            prefix: {"verdict": c.verdict, "fields": c.fields, "score": c.score}
            for prefix, c in checks.items()
        },
    }


def _intent(record: Record) -> _Intent:
    content = canonical_json(record_document(record))
    sha256 = fingerprint(["seal", content.decode(), record.scan.sha256, record.office.name])
    moment = _moment(record)
    # the book may still be unnamed; the form is a code that is always known
    key = sealed_key(record.office.code, record.form, moment.year, sha256)
    return _Intent(content, sha256, key, moment)


def _moment(record: Record) -> datetime:
    assert record.approved_at is not None
    return record.approved_at.replace(microsecond=0)


def _make(record: Record, intent: _Intent, tools: SealTools) -> tuple[StoredObject, bool]:
    """Build, sign and store; tells whether another attempt's copy was found in place of ours."""
    office = record.office.name
    metadata = SealMetadata(
        title=f"{record.form} {record.entry}".strip(),
        identifier=f"urn:uuid:{record.pk}:v{record.version}",
        creator=office,
        created=intent.approved_at,
        keywords=(record.form, record.office.code),
        extra={"contentSha256": intent.sha256},
    )
    with (
        tools.vault.original(record.scan) as path,
        open_scan(path, tools.limits, read_before=True) as scan,
    ):
        pages = [_page(record, scan.original(n) or scan.page(n)) for n in record.pages]
    block = VisibleBlock(KIND_OF_COPY, office, intent.approved_at)
    pdf = build_pdfa(pages, intent.content, metadata, block=block)
    signed = sign_pades(
        pdf,
        tools.key,
        tsa=tools.authority,
        reason="Số hóa tài liệu",
        location=office,
        name=tools.key.common_name,
        signing_time=intent.approved_at,
    )
    faults = [
        c
        for c in (*signature_checks(signed, tools.trust), *content_checks(signed))
        if c.outcome is Outcome.FAILED
    ]
    if faults:
        raise SealError("SEAL_NOT_VALID", ", ".join(f"{c.subject}: {c.code}" for c in faults))
    digest = hashlib.sha256(signed).hexdigest()
    try:
        kept = tools.vault.keep_sealed(
            signed, intent.key, digest, metadata={"content-sha256": intent.sha256, "record": str(record.pk)}
        )
    except ObjectConflict as conflict:
        return conflict.existing, True
    return kept, False


def _page(record: Record, page: OriginalPage | DeliveredPage | PageError) -> SealPage:
    if isinstance(page, PageError):
        raise SealError("PAGE_UNREADABLE", f"page {page.number} of the original cannot be decoded")
    stored = record.scan.pages.get(number=page.number)
    rotation = int(stored.report.get("rotation", 0))
    neighbours = Record.objects.filter(scan=record.scan).exclude(state=RecordState.SUPERSEDED)
    fields = [
        f
        for other in neighbours
        if page.number in other.pages
        for f in reading_of(other).fields.values()
        if f.page == page.number
    ]
    lines = corrected_lines([text_of(t) for t in stored.texts], fields, rotation=rotation)
    image, kind, orientation = _image(page)
    return SealPage(
        image=image,
        media_type=kind,
        width=page.width,
        height=page.height,
        dpi=page.dpi,
        orientation=orientation,
        lines=lines,
        rotation=rotation % 360,
    )


def _image(page: OriginalPage | DeliveredPage) -> tuple[bytes, str, int]:
    """Bytes, media type, orientation: as delivered where possible, else the pixels without loss."""
    if isinstance(page, OriginalPage) or page.encoded is not None:
        return page.encoded.data, page.encoded.media_type, page.encoded.orientation
    done, png = cv2.imencode(".png", page.image)
    if not done:
        raise SealError("IMAGE_UNREADABLE", f"page {page.number} cannot be packed")
    return png.tobytes(), "image/png", 1


def _prove_same(stored: StoredObject, intent: _Intent, vault: Vault) -> None:
    """A copy that another attempt stored counts only if it holds this very record."""
    data = vault.store.get(stored.bucket, stored.key, stored.version_id)
    try:
        with pikepdf.open(io.BytesIO(data)) as pdf:
            embedded = pdf.attachments[RECORD_NAME].get_file().read_bytes()
    except (pikepdf.PdfError, KeyError) as error:
        raise SealError("STORED_COPY_DIFFERS", f"{stored.key} is not a sealed copy: {error}") from error
    if embedded != intent.content:
        raise SealError("STORED_COPY_DIFFERS", f"{stored.key} holds another record")


def _index(record: Record, stored: StoredObject, intent: _Intent, signer: str) -> None:
    assert stored.retain_until is not None
    SealedCopy.objects.create(
        record=record,
        version=record.version,
        bucket=stored.bucket,
        key=stored.key,
        version_id=stored.version_id,
        sha256=stored.sha256,
        content_sha256=intent.sha256,
        size=stored.size,
        pdfa=_FORMAT,
        pdfa_verdict="PASSED",  # build_pdfa refuses to give out what is not
        signature_level=_LEVEL,
        signer=signer,
        signed_at=intent.approved_at,
        timestamped_at=database_now(),
        locked_until=stored.retain_until,
    )


def _keep_as_delivered(held: Claim[Record], given: StageInput, intent: _Intent) -> None:
    """A file that came signed must not be re-written: its locked original is the sealed copy."""
    with finishing(held) as row:
        scan = row.scan
        SealedCopy.objects.create(
            record=row,
            version=row.version,
            bucket=scan.bucket,
            key=scan.key,
            version_id=scan.version_id,
            sha256=scan.sha256,
            content_sha256=intent.sha256,
            size=scan.size,
            pdfa="",
            pdfa_verdict="INDETERMINATE",
            signature_level=AS_DELIVERED,
            signer="",
            signed_at=scan.received_at,
            locked_until=scan.received_at,
        )
        note(row, given, SKIPPED, attempt=held.attempt, worker=held.owner, error=(AS_DELIVERED, ""))
        _sealed(row, scan.sha256)


def _sealed(record: Record, sha256: str) -> None:
    raise_findings("seal", (), now=database_now(), record=record)
    move(record, RecordState.SEALED)
    outbox.post("sohoa.store_record", record.pk)
    record_event(
        "record.sealed",
        actor="sohoa",
        office=record.office.code,
        subject=f"record:{record.pk}",
        data={"version": record.version, "sha256": sha256},
    )
