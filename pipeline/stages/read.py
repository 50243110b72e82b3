"""Stages prepare, read and extract: one delivered file becomes pages, records and field values."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ocr.elements import PageReport, PageState, RecordReading
from ocr.scans import ScanLimits
from pipeline import outbox
from pipeline.claims import claim, database_now, finishing, move
from pipeline.contract import page_json
from pipeline.fingerprint import fingerprint
from pipeline.models import Page, Record, RecordState, Scan, ScanState
from pipeline.reading import ScanReading, read_scan
from pipeline.stages.attempts import attempt, new_owner
from pipeline.stages.completeness import call_for_books
from pipeline.stages.fields import index, raise_findings, write_readings
from pipeline.stages.runs import OK, PARTIAL, SKIPPED, StageInput, done_before, note
from pipeline.stages.texts import storable, text_json
from pipeline.vault import Vault
from validators.verdict import Finding, Severity

VERSION = "1"
_UNDECIDED = (
    RecordState.RECEIVED,
    RecordState.PREPARED,
    RecordState.READ,
    RecordState.CHECKED,
    RecordState.ACCEPTED,
    RecordState.TO_REVIEW,
)
"""States in which a second reading may still change a record; later, a person has looked."""

_ALL_BLANK = ("BLANK", "Các trang đều trắng. Nếu giấy có chữ, hãy quét lại; nếu không thì không cần làm gì.")
_ALL_BAD = ("UNREADABLE_PAGE", "Ảnh quá mờ hoặc hỏng, không đọc được. Hãy quét lại ở 300 dpi, ảnh màu.")
_COVER = ("COVER", "Đây là bìa sổ, không có hồ sơ để đọc.")
_NO_RECORD = ("NO_RECORD", "Không nhận ra biểu mẫu nào trên trang. Hãy chọn biểu mẫu và nhập tay.")


@dataclass(frozen=True, slots=True)
class ReadTools:
    """What the stage needs from outside."""

    vault: Vault
    limits: ScanLimits
    lease_seconds: float


def run(scan_id: str, tools: ReadTools) -> bool:
    """Read one scan, if it waits to be read and nobody else does.

    Returns:
        False where there was nothing to do.
    """
    held = claim(Scan, [ScanState.RECEIVED, ScanState.PREPARED], new_owner(), tools.lease_seconds, pk=scan_id)
    if held is None:
        return False
    scan = held.row
    given = StageInput("read", VERSION, {"scan": scan.sha256}, {"pixels": tools.limits.pixels})
    with attempt(held, given):
        if done_before(scan, given):
            with finishing(held) as row:
                note(row, given, SKIPPED, attempt=held.attempt, worker=held.owner)
                move(row, ScanState.READ)
                call_for_books(row.batch_id)
            return True
        start = time.monotonic()
        with tools.vault.original(scan) as path:
            reading = read_scan(path, name=scan.name, limits=tools.limits)
        with finishing(held) as row:
            _keep(row, reading)
            _note_stages(row, given, reading, time.monotonic() - start, held.attempt, held.owner)
            call_for_books(row.batch_id)
    return True


def _keep(scan: Scan, reading: ScanReading) -> None:
    """Write pages, records and values, and give the scan its next state."""
    now = database_now()
    if reading.error:
        scan.error_code, scan.error_message = reading.error
        move(scan, ScanState.QUARANTINED)
        return
    scan.codes = storable(
        [{"format": c.format, "text": c.text, "page": c.page, "box": list(c.box)} for c in reading.codes]
    )
    scan.page_count = max(scan.page_count, len(reading.pages))
    _keep_pages(scan, reading)
    raise_findings("read", _page_findings(reading.pages), now=now, scan=scan)
    for ordinal, record in enumerate(reading.records, start=1):
        _keep_record(scan, ordinal, record)
    leftover = scan.records.filter(ordinal__gt=len(reading.records), state__in=_UNDECIDED)
    for record in leftover.select_for_update():
        _release(record)
        move(record, RecordState.SUPERSEDED)
        record.save()
    held = _why_held(reading)
    if held:
        scan.error_code, scan.error_message = held
    elif scan.signed:
        scan.error_code = "ALREADY_SIGNED"
        scan.error_message = "Tệp PDF đã có chữ ký số: được giữ nguyên vẹn, chỉ đọc nội dung, không ký lại."
    move(scan, ScanState.RESCAN if held == _ALL_BAD else ScanState.READ)


def _keep_pages(scan: Scan, reading: ScanReading) -> None:
    texts: dict[int, list[dict[str, Any]]] = {}
    for text in reading.texts:
        texts.setdefault(text.page, []).append(storable(text_json(text)))
    rows = [
        Page(
            scan=scan,
            number=p.page,
            width=p.width,
            height=p.height,
            state=str(p.state),
            report=page_json(p) | {"width": p.width, "height": p.height},
            texts=texts.get(p.page, []),
        )
        for p in reading.pages
    ]
    Page.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["scan", "number"],
        update_fields=["width", "height", "state", "report", "texts"],
    )


def _keep_record(scan: Scan, ordinal: int, reading: RecordReading) -> None:
    known = Record.objects.select_for_update().filter(scan=scan, ordinal=ordinal).first()
    if known is not None and known.state not in _UNDECIDED:
        return
    record = known or Record(office_id=scan.office_id, scan=scan, ordinal=ordinal, state=RecordState.READ)
    record.form, record.era, record.page = reading.form, reading.era, reading.page
    record.pages, record.box = list(reading.pages), [int(v) for v in reading.box]
    index(record, reading.fields)
    _release(record)
    move(record, RecordState.READ)
    record.save()
    write_readings(record, reading.fields)
    outbox.post("sohoa.check_record", record.pk)


def _release(record: Record) -> None:
    record.attempt += 1
    record.lease_owner, record.lease_until = "", None


def _why_held(reading: ScanReading) -> tuple[str, str] | None:
    """Code and sentence for a scan without a record."""
    states = {p.state for p in reading.pages}
    if reading.records:
        return None
    if states == {PageState.BLANK}:
        return _ALL_BLANK
    if PageState.UNREADABLE in states and states <= {PageState.UNREADABLE, PageState.BLANK}:
        return _ALL_BAD
    return (
        _COVER if PageState.COVER in states and states <= {PageState.COVER, PageState.BLANK} else _NO_RECORD
    )


def _page_findings(pages: tuple[PageReport, ...]) -> list[Finding]:
    return [
        Finding(
            "UNREADABLE_PAGE",
            Severity.BLOCKS_APPROVAL,
            (f"page:{p.page}",),
            f"Trang {p.page} không đọc được; hãy quét lại trang này.",
            {"reasons": ", ".join(p.reasons)},
        )
        for p in pages
        if p.state is PageState.UNREADABLE
    ]


def _note_stages(
    scan: Scan, given: StageInput, reading: ScanReading, seconds: float, number: int, worker: str
) -> None:
    """One preservation event per stage that the library went through."""
    bad = [p.page for p in reading.pages if p.state is PageState.UNREADABLE]
    outcome = PARTIAL if bad or reading.error else OK
    spent: Mapping[str, float] = reading.seconds
    flattened = sorted({t.page for t in reading.texts if t.transform.bend is not None})
    detail = {
        "pages": len(reading.pages),
        "unreadable": bad,
        "flattened": flattened,
        "records": len(reading.records),
    }
    output = fingerprint(
        storable([[text_json(t) for t in reading.texts], [str(r) for r in reading.records], reading.error])
    )
    for stage in ("prepare", "extract", "read"):
        note(
            scan,
            StageInput(stage, given.version, given.inputs, given.parameters),
            outcome,
            output=output,
            seconds=spent.get(stage, seconds if stage == "read" else 0.0),
            attempt=number,
            worker=worker,
            error=reading.error or ("", ""),
            detail=detail | {"engines": sorted({t.engine for t in reading.texts})},
        )
