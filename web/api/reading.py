"""Records as a token may see them: of its offices, without what its scopes do not show."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import Http404

from ocr.elements import RecordReading
from pipeline.contract import field_json
from pipeline.events import record_event
from pipeline.machines.models import ApiToken
from pipeline.models import Record, SealedCopy
from pipeline.people.access import Act, records_for
from pipeline.sensitive import hidden_fields, shows_copies, shows_person, tellable
from pipeline.stages.fields import reading_of
from web.api.problems import Refusal
from web.api.shapes import Copy, RecordDetail, RecordHead


def record_of(caller: ApiToken, pk: UUID) -> Record:
    """One record that the token reaches.

    Raises:
        Http404: there is none, or it is another office's.
    """
    rows = records_for(caller, Act.SEARCH).select_related("office", "scan")
    record = rows.filter(pk=pk).first()
    if record is None:
        raise Http404
    return record


def copy_of(caller: ApiToken, pk: UUID, version: int) -> SealedCopy:
    """One signed copy that the token may have.

    Raises:
        Http404: there is none, or it is another office's.
        Refusal: something on its pages wants another scope.
    """
    record = record_of(caller, pk)
    copy = record.sealed_copies.filter(version=min(version, 2**31 - 1)).first()
    if copy is None:
        raise Http404
    if not shows_copies(caller, record):
        raise Refusal(403, "SCOPE_MISSING")
    copy.record = record
    return copy


def told(caller: ApiToken, verb: str, record: Record, purpose: str, **data: object) -> None:
    """Keep who read which record and why."""
    record_event(
        verb,
        actor=caller.actor,
        office=record.office.code,
        purpose=purpose,
        subject=f"record:{record.pk}",
        data={"version": record.version, **data},
    )


def listed(caller: ApiToken, rows: Iterable[Record], purpose: str) -> list[RecordHead]:
    """Heads of records, and one event for each."""
    heads = []
    with transaction.atomic():
        for row in rows:
            heads.append(head_of(caller, row))
            told(caller, "record.listed", row, purpose)
    return heads


def head_of(caller: ApiToken, row: Record) -> RecordHead:
    """What lists show of a record."""
    return RecordHead(**_head(caller, row))


def opened(caller: ApiToken, record: Record, purpose: str) -> RecordDetail:
    """One record with its fields, and the event that tells of it."""
    reading = reading_of(record)
    shown = set(reading.fields) - hidden_fields(caller, record)
    detail = RecordDetail(
        **_head(caller, record),
        scan=record.scan.sha256,
        approved_at=record.approved_at,
        record=_document(caller, record, reading, shown),
    )
    told(caller, "record.viewed", record, purpose, fields=sorted(shown))
    return detail


def copies_of(record: Record) -> list[Copy]:
    """Signed copies of a record, all versions."""
    return [Copy.from_orm(c) for c in record.sealed_copies.order_by("version")]


def _head(caller: ApiToken, row: Record) -> dict[str, Any]:
    return {
        "id": row.pk,
        "office": row.office.code,
        "form": row.form,
        "era": row.era,
        "state": row.state,
        "version": row.version,
        "book": row.book_key,
        "entry": row.entry,
        "person": row.person if shows_person(caller, row) else "",
    }


def _document(caller: ApiToken, record: Record, reading: RecordReading, shown: set[str]) -> dict[str, Any]:
    """The record as the command line prints it, of stored rows and without what stays hidden.

    Candidates of the population register are other people's data and stay out.
    """
    findings = record.findings.filter(withdrawn_at__isnull=True, settled_at__isnull=True).order_by("id")
    checks = {c.prefix: c for c in record.register_checks.order_by("id")}
    hidden = set(reading.fields) - shown
    return {
        "form": record.form,
        "era": record.era,
        "page": record.page,
        "pages": list(record.pages),
        "box": list(record.box),
        "fields": {key: field_json(f) for key, f in reading.fields.items() if key in shown},
        "findings": [
            {
                "code": f.code,
                "severity": f.severity,
                "fields": f.fields,
                "message": f.message,
                "evidence": {} if hidden else f.evidence,
            }
            for f in tellable(caller, record, findings)
        ],
        "population": {
            prefix: {
                "verdict": c.verdict,
                "fields": [key for key in c.fields if key not in hidden],
                "candidates": [],
                "score": round(c.score, 4),
            }
            for prefix, c in checks.items()
            if shows_person(caller, record)
        },
    }
