"""Rows of the database made again from the record that is embedded in a sealed copy."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ocr.elements import FieldStatus
from pipeline.models import FieldValue, Finding, Record, RegisterCheck, SealedCopy
from pipeline.stages.fields import index, reading_of
from pipeline.stages.seal import AS_DELIVERED
from storage.objects import ObjectState, StoredObject


def write_copy(
    record: Record, document: dict[str, Any], stored: StoredObject, state: ObjectState
) -> SealedCopy:
    """The row of a copy that lies in the store; whether it is PDF/A, only `sohoa verify` finds out here."""
    told = state.metadata
    as_delivered = told.get("signature-level") == AS_DELIVERED
    approved = datetime.fromisoformat(document["approved"]["at"])
    return SealedCopy.objects.create(
        record=record,
        version=document["version"],
        bucket=stored.bucket,
        key=stored.key,
        version_id=stored.version_id,
        sha256=stored.sha256,
        content_sha256=told["content-sha256"],
        size=stored.size,
        pdfa="" if as_delivered else "PDF/A-3u",
        pdfa_verdict="INDETERMINATE",
        signature_level=told.get("signature-level", ""),
        signer=told.get("signer", ""),
        signed_at=approved,
        locked_until=state.retain_until or approved,
    )


def write_fields(record: Record, document: dict[str, Any]) -> None:
    """What a copy tells about fields, where it is not the word that stands already; saves the record."""
    current = record.current_fields()
    fresh = []
    for key, told in document["fields"].items():
        before = current.get(key)
        value = FieldValue(
            record=record,
            key=key,
            kind=told["kind"],
            written=told["written"],
            value=told["value"],
            confidence=told["confidence"],
            status=str(FieldStatus(told["status"])),
            ink=told["ink"],
            page=told["page"],
            box=told["box"],
            said_by=told["source"],
            actor=told["actor"],
            accepted=told["accepted"],
            decision=(told["decision"] or {}).get("code", ""),
            alternatives=told["alternatives"],
            signals=told["signals"],
            version=record.version,
            supersedes=before,
        )
        if before is None or any(getattr(before, n) != getattr(value, n) for n in _TOLD):
            fresh.append(value)
    FieldValue.objects.bulk_create(fresh)
    index(record, reading_of(record).fields)
    record.save()


_TOLD = ("written", "value", "status", "said_by", "actor", "accepted", "decision")


def write_findings(record: Record, document: dict[str, Any]) -> None:
    """Findings with what a person said about them, and checks of the population register."""
    at = record.approved_at
    for told in document["findings"]:
        settled = told["settled"]
        finding = Finding.objects.create(
            record=record,
            **{name: told[name] for name in ("stage", "code", "severity", "fields", "message", "evidence")},
            settled_by=settled["by"] if settled else "",
            settled_reason=settled["reason"] if settled else "",
            settled_at=at if settled else None,
        )
        Finding.objects.filter(pk=finding.pk).update(raised_at=at)
    for prefix, told in document["population"].items():
        check = RegisterCheck.objects.create(
            record=record, prefix=prefix, verdict=told["verdict"], fields=told["fields"], score=told["score"]
        )
        RegisterCheck.objects.filter(pk=check.pk).update(at=at)
