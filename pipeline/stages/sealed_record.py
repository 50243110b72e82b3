"""What a sealed copy carries of its record, for machines."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Q

from ocr.elements import FieldReading
from pipeline.contract import field_json
from pipeline.models import Record
from pipeline.replacements import replaced
from pipeline.stages.fields import reading_of


def record_document(record: Record) -> dict[str, Any]:
    """The record that is embedded: fields with evidence, findings as settled, register verdicts.

    What registers said after the approval stays out: a seal that is tried again has to make the same copy.
    """
    current = record.current_fields()
    reading = reading_of(record, current)
    actors = {key: v.actor for key, v in current.items()}
    checks = {c.prefix: c for c in record.register_checks.filter(at__lte=record.approved_at).order_by("id")}
    late = Q(stage="register", raised_at__gt=record.approved_at)
    return {
        "id": str(record.pk),
        "version": record.version,
        "replaces": replaced(record),
        "office": record.office.code,
        "officeName": record.office.name,
        "scan": {"sha256": record.scan.sha256, "name": record.scan.name},
        "approved": {"by": record.approved_by, "at": approval_of(record).isoformat()},
        "form": record.form,
        "era": record.era,
        "ordinal": record.ordinal,
        "page": record.page,
        "pages": list(record.pages),
        "pageReports": [
            {"page": p.number, "width": p.width, "height": p.height, "state": p.state, "report": p.report}
            for p in record.scan.pages.filter(number__in=record.pages).order_by("number")
        ],
        "box": list(record.box),
        "fields": {key: _field(f, actors.get(key, "")) for key, f in sorted(reading.fields.items())},
        "findings": [
            {
                "code": f.code,
                "stage": f.stage,
                "severity": f.severity,
                "fields": f.fields,
                "message": f.message,
                "evidence": f.evidence,
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


def _field(reading: FieldReading, actor: str) -> dict[str, Any]:
    """One field with all that an index rebuilt from the copy has to know of it."""
    return {**field_json(reading), "kind": reading.kind, "signals": dict(reading.signals), "actor": actor}


def approval_of(record: Record) -> datetime:
    """When the record was approved, to the second."""
    assert record.approved_at is not None
    return record.approved_at.replace(microsecond=0)
