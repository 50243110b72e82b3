"""Stage seal: an approved record becomes a signed, locked PDF/A, once.

A signature differs from attempt to attempt, so the copy's key is made from what is sealed, not from
the signed bytes, and is written create-only. Whichever attempt stores first made the copy; every other
one finds it there, proves that it holds the same record, and adopts it.
"""

from __future__ import annotations

import hashlib
import io
import re
import time
from dataclasses import dataclass
from datetime import datetime

import cv2
import pikepdf

from ocr.scans import DeliveredPage, OriginalPage, PageError, ScanLimits, open_scan
from pipeline import outbox
from pipeline.claims import Claim, claim, database_now, finishing, move
from pipeline.events import record_event
from pipeline.fingerprint import canonical_json, fingerprint
from pipeline.models import Record, RecordState, SealedCopy
from pipeline.signing import Signing, outage
from pipeline.stages.attempts import attempt, new_owner
from pipeline.stages.fields import raise_findings, reading_of
from pipeline.stages.runs import OK, SKIPPED, StageInput, note
from pipeline.stages.sealed_metadata import record_schema, seal_metadata
from pipeline.stages.sealed_proof import not_pdfa, pdfa_verdict
from pipeline.stages.sealed_record import approval_of, record_document
from pipeline.stages.sealed_text import corrected_lines
from pipeline.stages.texts import text_of
from pipeline.vault import Vault
from storage.checks import Outcome
from storage.errors import ObjectConflict, SealError, SigningError
from storage.keys import book_code, sealed_key
from storage.objects import StoredObject
from storage.pdfa import SealPage, VisibleBlock, build_pdfa
from storage.seal_manifest import RECORD_NAME
from storage.verapdf import VeraPdf
from storage.verify_content import content_checks
from storage.verify_signature import signature_checks

VERSION = "1"
KIND_OF_COPY = "Bản số hóa"
AS_DELIVERED = "AS_DELIVERED"
"""Signature level of a file that came signed: its locked original is its sealed copy."""
_FORMAT = "PDF/A-3u"


@dataclass(frozen=True, slots=True)
class SealTools:
    """What the stage needs from outside.

    Attributes:
        validator: a running veraPDF; without one copies are marked as not validated.
    """

    vault: Vault
    signing: Signing
    limits: ScanLimits
    lease_seconds: float
    validator: VeraPdf | None = None


@dataclass(frozen=True, slots=True)
class Intent:
    """What is to be sealed; equal for every attempt at one version of a record."""

    content: bytes
    sha256: str
    key: str
    approved_at: datetime


def run(record_id: str, tools: SealTools) -> bool:
    """Seal one approved record; false where there was nothing to do."""
    if tools.signing.key is None and not Record.objects.filter(pk=record_id, scan__signed=True).exists():
        return False  # an officer signs it outside
    held = claim(Record, [RecordState.APPROVED], new_owner(), tools.lease_seconds, pk=record_id)
    if held is None:
        return False
    record = held.row
    intent = intended(record)
    given = StageInput("seal", VERSION, {"content": intent.sha256})
    with attempt(held, given):
        if record.scan.signed:
            _keep_as_delivered(held, given, intent, tools.vault)
            return True
        start = time.monotonic()
        stored = tools.vault.find_sealed(intent.key)
        signed = None if stored else _signed(record, intent, tools, draft(record, intent, tools))
        finish(held, given, intent, tools, signed, signer=tools.signing.signer, start=start)
    return True


def finish(
    held: Claim[Record],
    given: StageInput,
    intent: Intent,
    tools: SealTools,
    signed: bytes | None,
    *,
    signer: str,
    start: float,
) -> None:
    """Prove, store and index a signed copy; what an earlier attempt stored counts instead.

    Args:
        held: the claimed record.
        given: of the stage run.
        intent: what is sealed.
        tools: of the stage.
        signed: the copy; ``None`` where one is stored already.
        signer: common name of who signed first.
        start: of the attempt, on the monotonic clock.

    Raises:
        StorageError: the copy does not prove, or the store did not take it.
    """
    verdict = Outcome.INDETERMINATE if signed is None else _validated(held.row, signed, tools)
    stored, adopted = (
        (tools.vault.find_sealed(intent.key), True)
        if signed is None
        else _keep(held.row, intent, tools, signed, signer)
    )
    if stored is None:
        raise SealError("STORED_COPY_GONE", f"{intent.key} was there a moment ago")
    if adopted:
        verdict = pdfa_verdict(_prove_same(stored, intent, tools.vault), tools.validator)
    with finishing(held) as row:
        _index(row, stored, intent, signer, tools.signing.level, verdict)
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
        _sealed(row, stored.sha256, tools.signing)


def intended(record: Record) -> Intent:
    """What is to be sealed of an approved record."""
    content = canonical_json(record_document(record))
    sha256 = fingerprint(["seal", content.decode(), record.scan.sha256, record.office.name])
    moment = approval_of(record)
    key = sealed_key(
        record.office.code, book_code(record.form, record.book_key), _book_year(record, moment), sha256
    )
    return Intent(content, sha256, key, moment)


def sealed_place(record: Record) -> str:
    """Key under which an approved record's copy is stored, now or by an attempt that was cut short."""
    return intended(record).key


def _book_year(record: Record, moment: datetime) -> int:
    """Year in which the book was opened, else of the approval."""
    if record.book is not None and record.book.year:
        return record.book.year
    named = re.search(r"(?<!\d)(1[89]\d\d|20\d\d)(?!\d)", record.book_key)
    return int(named[1]) if named else moment.year


def draft(record: Record, intent: Intent, tools: SealTools) -> bytes:
    """The copy before anyone signs it."""
    office = record.office.name
    metadata = seal_metadata(record, intent.sha256)
    with (
        tools.vault.original(record.scan) as path,
        open_scan(path, tools.limits, read_before=True) as scan,
    ):
        pages = [_page(record, scan.original(n) or scan.page(n)) for n in record.pages]
    block = VisibleBlock(KIND_OF_COPY, office, intent.approved_at)
    pdf = build_pdfa(pages, intent.content, metadata, block=block, record_schema=record_schema())
    _validated(record, pdf, tools)
    return pdf


def _validated(record: Record, pdf: bytes, tools: SealTools) -> Outcome:
    """What veraPDF says; a copy that fails stands on the approved record as a finding."""
    try:
        return pdfa_verdict(pdf, tools.validator)
    except SealError as error:
        raise_findings("seal", [not_pdfa(error)], now=database_now(), record=record)
        raise


def _signed(record: Record, intent: Intent, tools: SealTools, pdf: bytes) -> bytes:
    """Signed with the office's key; what hinders it stands on the record until it is sealed."""
    try:
        return tools.signing.sign(pdf, office=record.office.name, moment=intent.approved_at)
    except SigningError as error:
        raise_findings("seal", [outage(error)], now=database_now(), record=record)
        raise


def _keep(
    record: Record, intent: Intent, tools: SealTools, signed: bytes, signer: str
) -> tuple[StoredObject, bool]:
    """Prove and store; tells whether another attempt's copy was found in place of ours."""
    faults = [
        c
        for c in (*signature_checks(signed, tools.signing.trust), *content_checks(signed))
        if c.outcome is Outcome.FAILED
    ]
    if faults:
        raise SealError("SEAL_NOT_VALID", ", ".join(f"{c.subject}: {c.code}" for c in faults))
    digest = hashlib.sha256(signed).hexdigest()
    try:
        kept = tools.vault.keep_sealed(
            signed,
            intent.key,
            digest,
            retention_class=record.form,
            metadata=_metadata(record, intent, signer=signer, level=tools.signing.level),
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


def _prove_same(stored: StoredObject, intent: Intent, vault: Vault) -> bytes:
    """A copy that another attempt stored counts only if it holds this very record."""
    data = vault.store.get(stored.bucket, stored.key, stored.version_id)
    try:
        with pikepdf.open(io.BytesIO(data)) as pdf:
            embedded = pdf.attachments[RECORD_NAME].get_file().read_bytes()
    except (pikepdf.PdfError, KeyError) as error:
        raise SealError("STORED_COPY_DIFFERS", f"{stored.key} is not a sealed copy: {error}") from error
    if embedded != intent.content:
        raise SealError("STORED_COPY_DIFFERS", f"{stored.key} holds another record")
    return data


def _index(
    record: Record, stored: StoredObject, intent: Intent, signer: str, level: str, verdict: Outcome
) -> None:
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
        pdfa_verdict=verdict.value,
        signature_level=level,
        signer=signer,
        signed_at=intent.approved_at,
        timestamped_at=database_now(),
        locked_until=stored.retain_until,
    )


def _metadata(record: Record, intent: Intent, *, signer: str, level: str) -> dict[str, str]:
    """What stands beside a copy in the store, for an index rebuilt from there."""
    return {
        "content-sha256": intent.sha256,
        "record": str(record.pk),
        "record-version": str(record.version),
        "signer": signer[:100],
        "signature-level": level,
    }


def _keep_as_delivered(held: Claim[Record], given: StageInput, intent: Intent, vault: Vault) -> None:
    """A file that came signed must not be re-written: its locked original is the sealed copy.

    The record, which cannot be embedded there, is stored beside it.
    """
    vault.keep_sealed(
        intent.content,
        f"{intent.key.removesuffix('pdf')}json",
        hashlib.sha256(intent.content).hexdigest(),
        retention_class=held.row.form,
        metadata=_metadata(held.row, intent, signer="", level=AS_DELIVERED),
        media_type="application/json",
    )
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
        _sealed(row, scan.sha256, None)


def _sealed(record: Record, sha256: str, signing: Signing | None) -> None:
    now = database_now()
    raise_findings("seal", signing.warnings(now) if signing else (), now=now, record=record)
    move(record, RecordState.SEALED)
    outbox.post("sohoa.store_record", record.pk)
    record_event(
        "record.sealed",
        actor="sohoa",
        office=record.office.code,
        subject=f"record:{record.pk}",
        data={"version": record.version, "sha256": sha256},
    )
