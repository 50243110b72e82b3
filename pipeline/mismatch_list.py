"""The work list of differences between books and registers, and what officers make of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from pipeline.events import record_event
from pipeline.findings import FindingClosed, settle_finding
from pipeline.mismatches import LINKAGE, STAGE
from pipeline.models import Finding

_STAGES = (STAGE, LINKAGE)
DECISIONS = {"EVIDENCE": "Ghi nhận làm bằng chứng", "REFUSED": "Bác bỏ"}
"""Kept as evidence beside the book, or refused; the book stays as it is either way."""


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One open difference.

    Attributes:
        person: official prefix.
        field: official key, "" where the whole person is meant.
        book: value in the book.
        register: value in the register; a proposal and no more.
    """

    id: int
    office: str
    record: str
    form: str
    entry: str
    person: str
    code: str
    message: str
    field: str
    book: str
    register: str
    source: str
    request_id: str
    since: datetime


def open_mismatches(*, office: str = "", code: str = "", actor: str, limit: int = 500) -> list[Mismatch]:
    """The work list, longest open first; looking at it leaves an event.

    Args:
        office: only of the office with this code.
        code: only with this reason code.
        actor: account that looks.
    """
    found = Finding.objects.filter(stage__in=_STAGES, settled_at__isnull=True, withdrawn_at__isnull=True)
    if office:
        found = found.filter(record__office__code=office)
    if code:
        found = found.filter(code=code)
    with transaction.atomic():
        rows = [_row(f) for f in found.select_related("record__office").order_by("raised_at", "id")[:limit]]
        if rows:
            record_event(
                "register.mismatches_viewed",
                actor=actor,
                office=office,
                purpose="Đối chiếu sổ với cơ sở dữ liệu dân cư",
                data={"findings": [row.id for row in rows]},
            )
    return rows


def _row(finding: Finding) -> Mismatch:
    record, evidence = finding.record, finding.evidence
    return Mismatch(
        id=finding.pk,
        office=record.office.code,
        record=str(record.pk),
        form=record.form,
        entry=record.entry,
        person=evidence.get("person", ""),
        code=finding.code,
        message=finding.message,
        field=finding.fields[0] if "column" in evidence else "",
        book=evidence.get("book", ""),
        register=evidence.get("register", ""),
        source=evidence.get("source", ""),
        request_id=evidence.get("request", ""),
        since=finding.raised_at,
    )


def settle_mismatch(finding_id: int, decision: str, *, actor: str, reason: str) -> Mismatch:
    """Settle one difference and decide anew about its record.

    Args:
        decision: of `DECISIONS`; its words open the reason that is kept.

    Raises:
        FindingClosed: it is settled already, taken back, or never was.
        ReasonRefused: the reason says too little.
    """
    with transaction.atomic():
        finding = Finding.objects.filter(pk=finding_id, stage__in=_STAGES).first()
        if finding is None:
            raise FindingClosed(str(finding_id))
        settled = settle_finding(finding, by=actor, reason=f"{DECISIONS[decision]}: {reason}")
        record_event(
            "register.settled",
            actor=actor,
            office=finding.record.office.code,
            subject=f"record:{finding.record_id}",
            data={"finding": finding.pk, "code": finding.code, "decision": decision},
        )
    return _row(settled)
