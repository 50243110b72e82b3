"""Field values between the database and what the libraries work with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ocr.elements import Alternative, FieldReading, FieldStatus, Ink, RecordReading
from pipeline.models import FieldValue, Finding, Record
from pipeline.reading import as_case
from pipeline.search_terms import NUMBER_KINDS, folded, keep_terms
from pipeline.stages.texts import storable
from validators.repeats import match_keys
from validators.verdict import Finding as RaisedFinding

ENTRY_KEYS = ("so", "soPhatHanh", "soVaoSo")
PERSON_KEYS = ("nksHoTen", "nktHoTen", "chongHoTen", "ncHoTen", "cmHoTen", "nxnHoTen", "chu1HoTen")
_ASKED_TOGETHER = 500
"""Records whose values one question to the database is about."""
_SEARCH_KINDS = NUMBER_KINDS | {"name"}


def reading_of(record: Record, values: Mapping[str, FieldValue] | None = None) -> RecordReading:
    """The record as it stands now, with the latest word on every field."""
    current = values if values is not None else record.current_fields()
    return _reading(record, {key: field_of(v) for key, v in current.items()})


def readings_of(records: Iterable[Record]) -> dict[Record, RecordReading]:
    """`reading_of` of many records, in their order, the values asked for together."""
    rows = list(records)
    current: dict[object, dict[str, FieldValue]] = {record.pk: {} for record in rows}
    for start in range(0, len(rows), _ASKED_TOGETHER):
        asked = rows[start : start + _ASKED_TOGETHER]
        values = FieldValue.objects.filter(record__in=asked, superseded_by__isnull=True)
        for value in values.order_by("id"):
            current[value.record_id][value.key] = value
    return {record: reading_of(record, current[record.pk]) for record in rows}


def _reading(record: Record, fields: Mapping[str, FieldReading]) -> RecordReading:
    return RecordReading(
        form=record.form,
        era=record.era,
        page=record.page,
        pages=tuple(record.pages),
        box=tuple(record.box),
        fields=fields,
    )


def field_of(value: FieldValue) -> FieldReading:
    """One stored value as a reading."""
    return FieldReading(
        key=value.key,
        kind=value.kind,
        written=value.written,
        value=value.value,
        confidence=value.confidence,
        status=FieldStatus(value.status),
        ink=Ink(value.ink),
        page=value.page,
        box=tuple(value.box) if value.box else None,
        source=value.said_by,
        accepted=value.accepted,
        decision=value.decision,
        alternatives=tuple(Alternative(a["value"], a["confidence"]) for a in value.alternatives),
        signals=value.signals,
    )


def write_readings(record: Record, fields: Mapping[str, FieldReading]) -> int:
    """Append what was read; a person's word is never superseded by a machine's.

    Returns:
        How many values were appended; equal ones are not repeated.
    """
    current = record.current_fields()
    fresh = []
    for key, reading in fields.items():
        before = current.get(key)
        value = _row(record, key, reading)
        if before is not None:
            if before.actor or _same(before, value):
                continue
            value.supersedes = before
        fresh.append(value)
    FieldValue.objects.bulk_create(fresh)
    return len(fresh)


def _row(record: Record, key: str, reading: FieldReading) -> FieldValue:
    return FieldValue(
        record=record,
        key=key,
        kind=reading.kind,
        written=storable(reading.written),
        value=storable(reading.value),
        confidence=min(1.0, max(0.0, float(reading.confidence))),
        status=str(reading.status),
        ink=str(reading.ink),
        page=reading.page,
        box=[int(v) for v in reading.box] if reading.box else None,
        said_by=reading.source[:80],
        accepted=reading.accepted,
        decision=reading.decision,
        alternatives=[
            {"value": storable(a.value), "confidence": round(float(a.confidence), 4)}
            for a in reading.alternatives
        ],
        signals={name: round(float(value), 4) for name, value in reading.signals.items()},
        version=record.version,
    )


def _same(one: FieldValue, other: FieldValue) -> bool:
    told = ("written", "value", "status", "ink", "page", "box", "said_by", "confidence")
    return all(getattr(one, n) == getattr(other, n) for n in (*told, "accepted", "decision"))


def index(record: Record, fields: Mapping[str, FieldReading]) -> None:
    """Fill what lists and the search use; the caller saves the record in the same transaction."""
    record.entry = _first(fields, ENTRY_KEYS)[:80]
    record.person = _first(fields, PERSON_KEYS)[:200]
    found = [f.value for f in fields.values() if f.kind in _SEARCH_KINDS and f.value]
    record.search = " ".join(dict.fromkeys(folded(v) for v in found))
    record.book_key = book_key(record.form, fields)[:400]
    record.match_keys = [storable(key) for key in match_keys(as_case(_reading(record, fields)))]
    keep_terms(record, fields)


def book_key(form: str, fields: Mapping[str, FieldReading]) -> str:
    """Form, volume with year, and issuing unit, as the record itself names its book; "" where it does not."""
    book = _first(fields, ("quyenSo",))
    unit = _first(fields, ("noiDangKy", "noiCap"))
    return f"{form}|{book}|{folded(unit)}" if book else ""


def _first(fields: Mapping[str, FieldReading], keys: Iterable[str]) -> str:
    return next((fields[k].value for k in keys if k in fields and fields[k].value), "")


def raise_findings(
    stage: str,
    raised: Iterable[RaisedFinding],
    *,
    now: Any,
    record: Record | None = None,
    scan: Any = None,
    complete: bool = True,
) -> bool:
    """Bring the stored findings of one stage in line with what it raised this time.

    A finding raised again on the same evidence keeps its row, and with it what a person said about it; what
    was settled on other evidence has to be settled anew.

    Args:
        complete: the stage saw all it needs; otherwise what it does not raise this time stays.

    Returns:
        Whether that changed anything.
    """
    old = {
        (f.code, tuple(f.fields)): f
        for f in Finding.objects.filter(record=record, scan=scan, stage=stage, withdrawn_at__isnull=True)
    }
    fresh, outdated = [], []
    for finding in raised:
        kept = old.pop((finding.code, tuple(finding.fields)), None)
        evidence = storable(dict(finding.evidence))
        if kept is not None and (kept.evidence, kept.severity) != (evidence, str(finding.severity)):
            same = kept.settled_at is not None and _without_doubt(kept.evidence) == _without_doubt(evidence)
            if not same:
                outdated.append(kept)
                kept = None
        if kept is None:
            fresh.append(
                Finding(
                    record=record,
                    scan=scan,
                    stage=stage,
                    code=finding.code,
                    severity=str(finding.severity),
                    fields=list(finding.fields),
                    message=storable(finding.message),
                    evidence=evidence,
                )
            )
    outdated += old.values() if complete else ()
    if fresh:
        Finding.objects.bulk_create(fresh)
    if outdated:
        Finding.objects.filter(pk__in=[f.pk for f in outdated]).update(withdrawn_at=now)
    return bool(fresh or outdated)


def _without_doubt(evidence: Mapping[str, str]) -> dict[str, str]:
    """What was compared, whether or not it was read surely."""
    return {key: value for key, value in evidence.items() if key != "doubtful"}
