"""Records as a token may see them: of its offices, without what its scopes do not show."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404

from ocr.elements import RecordReading
from pipeline.contract import field_json
from pipeline.events import record_event
from pipeline.machines.models import ApiToken
from pipeline.models import Record
from pipeline.people.access import Act, acts_of, records_for
from pipeline.stages.fields import reading_of
from storage.packages.data_model import Profile, may_see
from web.api.shapes import Copy, RecordDetail, RecordHead

PERSON = "nksHoTen"
"""Stands for leading names: hidden where a form may show nothing but its head."""


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


def listed(caller: ApiToken, rows: QuerySet[Record] | list[Record], purpose: str) -> list[RecordHead]:
    """Heads of records, and one event for each."""
    heads = []
    with transaction.atomic():
        for row in rows:
            heads.append(RecordHead(**_head(caller, row)))
            told(caller, "record.listed", row, purpose)
    return heads


def opened(caller: ApiToken, record: Record, purpose: str) -> RecordDetail:
    """One record with its fields, and the event that tells of it."""
    reading = reading_of(record)
    shown = {key for key in reading.fields if shows(caller, record.form, key)}
    detail = RecordDetail(
        **_head(caller, record),
        scan=record.scan.sha256,
        approved_at=record.approved_at,
        record=_document(caller, record, reading, shown),
    )
    told(caller, "record.viewed", record, purpose, fields=sorted(shown))
    return detail


def shows(caller: ApiToken, form: str, key: str) -> bool:
    """Whether a token's scopes show a field of a form."""
    return Act.SENSITIVE in acts_of(caller) or may_see(Profile.REUSE, form, key)


def shows_whole(caller: ApiToken, record: Record) -> bool:
    """Whether a copy of the whole page shows nothing that a token may not see."""
    said = record.values.filter(superseded_by__isnull=True).exclude(written="")
    return all(shows(caller, record.form, key) for key in said.values_list("key", flat=True))


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
        "person": row.person if shows(caller, row.form, PERSON) else "",
    }


def _document(caller: ApiToken, record: Record, reading: RecordReading, shown: set[str]) -> dict[str, Any]:
    """The record as the command line prints it, of stored rows and without what stays hidden.

    Candidates of the population register are other people's data and stay out.
    """
    findings = record.findings.filter(withdrawn_at__isnull=True, settled_at__isnull=True).order_by("id")
    checks = {c.prefix: c for c in record.register_checks.order_by("id")}
    every = shown == set(reading.fields)
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
                "evidence": f.evidence if every else {},
            }
            for f in findings
            if set(f.fields) <= shown
        ],
        "population": {
            prefix: {"verdict": c.verdict, "fields": c.fields, "candidates": [], "score": round(c.score, 4)}
            for prefix, c in checks.items()
            if shows(caller, record.form, PERSON)
        },
    }
