"""The JSON that `sohoa read` prints: stable, and scored by checks outside the project."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from ocr.elements import FieldReading, PageReport, RecordReading
from pipeline.field_decisions import DecisionCode, evidence_of
from pipeline.reading import RecordJudgement, ScanReading
from validators.population import RegisterVerdict
from validators.verdict import Finding


def reading_json(reading: ScanReading, judgements: Sequence[RecordJudgement]) -> dict[str, Any]:
    """One delivered file.

    Args:
        judgements: one per record of `reading`, in the same order.
    """
    return {
        "file": reading.name,
        "sha256": reading.sha256,
        "error": reading.error[0] if reading.error else None,
        "message": reading.error[1] if reading.error else None,
        "pages": [page_json(p) for p in reading.pages],
        "codes": [
            {"format": c.format, "text": c.text, "page": c.page, "box": list(c.box)} for c in reading.codes
        ],
        "records": [record_json(r, j) for r, j in zip(reading.records, judgements, strict=True)],
    }


def page_json(page: PageReport) -> dict[str, Any]:
    """State of one delivered page."""
    return {
        "page": page.page,
        "state": page.state.value,
        "rotation": page.rotation,
        "spread": page.spread,
        "reasons": list(page.reasons),
    }


def record_json(record: RecordReading, judgement: RecordJudgement) -> dict[str, Any]:
    """One record with its fields, findings and register verdicts; boxes in delivered pixels."""
    return {
        "form": record.form,
        "era": record.era,
        "page": record.page,
        "pages": list(record.pages),
        "box": list(record.box),
        "fields": {key: field_json(f) for key, f in record.fields.items()},
        "findings": [finding_json(f) for f in judgement.findings],
        "population": population_json(judgement.population),
    }


def field_json(reading: FieldReading) -> dict[str, Any]:
    """One field with its evidence."""
    return {
        "written": reading.written,
        "value": reading.value,
        "confidence": round(reading.confidence, 4),
        "status": reading.status.value,
        "accepted": reading.accepted,
        "decision": decision_json(reading),
        "ink": reading.ink.value,
        "page": reading.page,
        "box": list(reading.box) if reading.box else None,
        "source": reading.source,
        "alternatives": [
            {"value": a.value, "confidence": round(a.confidence, 4)} for a in reading.alternatives
        ],
    }


def decision_json(reading: FieldReading) -> dict[str, Any] | None:
    """Why nobody, or why somebody, has to look at a field; None where nothing was decided."""
    if not reading.decision:
        return None
    return {
        "code": reading.decision,
        "message": DecisionCode(reading.decision).sentence,
        "evidence": list(evidence_of(reading)),
    }


def finding_json(finding: Finding) -> dict[str, Any]:
    """One failed rule."""
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "fields": list(finding.fields),
        "message": finding.message,
        "evidence": dict(finding.evidence),
    }


def population_json(verdicts: Mapping[str, RegisterVerdict]) -> dict[str, Any]:
    """Register verdicts by person prefix."""
    return {
        prefix: {
            "verdict": str(v.verdict),
            "fields": list(v.fields),
            "candidates": [asdict(c) for c in v.candidates],
            "score": round(v.score, 4),
        }
        for prefix, v in verdicts.items()
    }
