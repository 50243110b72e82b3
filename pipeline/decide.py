"""Whether a record goes on alone or waits for an officer, and what officers decide about it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q

from ocr.elements import FieldReading, FieldStatus
from pipeline import outbox
from pipeline.claims import WrongState, database_now, move, try_again
from pipeline.events import record_event
from pipeline.field_decisions import DecisionCode
from pipeline.models import NEXT_RECORD_STATES, Finding, Record, RecordState, Scan, ScanState

BLOCKING = frozenset({"blocks_approval", "blocks_import"})
SETTLED_VERDICTS = frozenset({"MATCH", "NOT_CHECKED"})


@dataclass(frozen=True, slots=True)
class Decision:
    """Where a checked record goes.

    Attributes:
        reasons: codes for the work list, most telling first; empty for ACCEPTED.
    """

    state: RecordState
    reasons: tuple[str, ...] = ()


class ApprovalBlocked(Exception):  # noqa: N818 - says what happened
    """Findings that block approval are not settled, or keys of a field differ.

    Attributes:
        codes: of these findings, and decision codes of these fields.
    """

    def __init__(self, codes: Collection[str]) -> None:
        super().__init__(tuple(codes))
        self.codes = tuple(codes)


def decide(
    fields: Mapping[str, FieldReading],
    severities: Iterable[str],
    verdicts: Iterable[str],
    *,
    unread_pages: bool = False,
) -> Decision:
    """Accept a record when no field, no rule and no register asks for a person.

    Args:
        fields: current values; a record without any cannot be accepted.
        severities: of the open findings.
        verdicts: of the register, one per person looked up.
        unread_pages: a page of the record could not be read.
    """
    reasons = []
    if unread_pages:
        reasons.append("UNREAD_PAGE")
    if BLOCKING & set(severities):
        reasons.append("BLOCKING_FINDING")
    asked = set(verdicts)
    if asked - SETTLED_VERDICTS - {"SOURCE_DOWN"}:
        reasons.append("REGISTER_DIFFERS")
    if "SOURCE_DOWN" in asked:
        reasons.append("REGISTER_WAITS")
    if not fields or not all(f.accepted for f in fields.values()):
        reasons.append("UNSURE_FIELD")
    return Decision(RecordState.TO_REVIEW if reasons else RecordState.ACCEPTED, tuple(reasons))


def approve(record: Record, *, actor: str, reason: str = "", override: bool = False) -> Record:
    """An officer's approval: from here on the record is sealed without further questions.

    Args:
        reason: why, where findings are overridden; kept in the event.
        override: approve although findings block it (demo, tests); they stay open and on record. What
            people keyed differently is never overridden.

    Raises:
        ApprovalBlocked: findings that block approval are open, or a field waits for a key or a decision.
        WrongState: the record is not ready for approval, or past it.
    """
    with transaction.atomic():
        row = Record.objects.select_for_update().get(pk=record.pk)
        if RecordState.APPROVED not in NEXT_RECORD_STATES[row.state] or row.state == RecordState.APPROVED:
            raise WrongState(f"record {row.pk}: {row.state} -> APPROVED")
        found = open_findings(row).filter(severity="blocks_approval").values_list("code", flat=True)
        blocking = {*found, *_undecided(row)}
        if (blocking and not override) or DecisionCode.NEEDS_PERSON_KEYS_DIFFER in blocking:
            raise ApprovalBlocked(sorted(blocking))
        row.approved_by, row.approved_at = actor, database_now()
        move(row, RecordState.APPROVED)
        _free(row)
        row.save()
        outbox.post("sohoa.seal_record", row.pk)
        record_event(
            "record.approved",
            actor=actor,
            office=row.office.code,
            purpose=reason,
            subject=f"record:{row.pk}",
            data={"version": row.version, "overridden": sorted(blocking)},
        )
    return row


def retry(row: Record | Scan, *, actor: str) -> None:
    """Give a held scan or record new tries, because somebody mended what was wrong."""
    with transaction.atomic():
        row = type(row).objects.select_for_update().get(pk=row.pk)
        if row.state == "QUARANTINED":
            move(row, ScanState.RECEIVED if isinstance(row, Scan) else RecordState.READ)
        try_again(row)
        _free(row)
        row.save()
        record_event(
            "row.retried",
            actor=actor,
            office=row.office.code,
            subject=f"{type(row).__name__.lower()}:{row.pk}",
        )


def _undecided(record: Record) -> set[str]:
    """Why words on its fields contradict each other, or lack a second key."""
    waiting = Q(status=FieldStatus.CONFLICT) | Q(decision=DecisionCode.NEEDS_PERSON_TWO_KEYS)
    values = record.values.filter(waiting, superseded_by__isnull=True, accepted=False)
    return set(values.values_list("decision", flat=True))


def open_findings(record: Record) -> object:
    """Findings that are neither settled nor taken back."""
    return Finding.objects.filter(record=record, settled_at__isnull=True, withdrawn_at__isnull=True)


def _free(row: Record | Scan) -> None:
    """Whoever still works on the row is late."""
    row.attempt += 1
    row.lease_owner, row.lease_until = "", None
