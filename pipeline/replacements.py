"""Corrections after the lock: a decision makes a new version, and the old one stays what it was.

The new version names its predecessor and the decision inside its embedded record; the database leads from
the old copy to the new one. Nothing about the old copy changes, so it stays provable by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction
from pydantic import BaseModel, ConfigDict, Field

from ocr.elements import FieldStatus
from pipeline.claims import WrongState, database_now, move
from pipeline.events import record_event
from pipeline.models import FieldValue, Record, RecordState, Replacement
from pipeline.stages.fields import index, reading_of
from pipeline.stages.texts import storable
from validators.canonical import ValueContext, canonical
from validators.rules.labels import label
from validators.verdict import Outcome

LOCKED = (RecordState.STORED, RecordState.DELIVERED)


class Decision(BaseModel):
    """The official act that allows a locked record to be corrected."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    number: str = Field(min_length=1, max_length=80)
    date: date
    authority: str = Field(min_length=1, max_length=300)


class CorrectionRefused(Exception):  # noqa: N818 - says what happened
    """A correction that cannot be made.

    Attributes:
        code: ``NOTHING_CHANGES``, ``FIELD_UNKNOWN``, ``VALUE_NOT_CANONICAL`` or ``DECISION_IN_FUTURE``.
        fields: which it is about.
    """

    def __init__(self, code: str, fields: tuple[str, ...] = ()) -> None:
        super().__init__(code, fields)
        self.code = code
        self.fields = fields

    @property
    def message(self) -> str:
        """Why, in Vietnamese."""
        return f"{_SENTENCES[self.code]} {', '.join(label(key) for key in self.fields)}".strip()


def correct(
    record: Record, values: Mapping[str, str], decision: Decision, *, reason: str, actor: str
) -> Record:
    """Make a new version of a locked record; it waits for review and approval as any other.

    Args:
        record: stored or delivered.
        values: official key to the text as it is to stand; canonical values are made from it.
        decision: kept with the version and sealed into it.
        reason: why, in words.
        actor: who enters it.

    Raises:
        WrongState: the record is not locked (yet), or a correction of it is under way.
        CorrectionRefused: nothing was changed.
    """
    with transaction.atomic():
        row = Record.objects.select_for_update().get(pk=record.pk)
        if row.state not in LOCKED:
            raise WrongState(f"record {row.pk}: {row.state} is not locked")
        now = database_now()
        if decision.date > now.date():
            raise CorrectionRefused("DECISION_IN_FUTURE")
        fresh = _corrected(row, values, actor)
        previous = row.sealed_copies.get(version=row.version)
        row.version += 1
        for value in fresh:
            value.version = row.version
        FieldValue.objects.bulk_create(fresh)
        Replacement.objects.create(
            record=row,
            version=row.version,
            previous=previous,
            previous_copy={"bucket": previous.bucket, "key": previous.key, "sha256": previous.sha256},
            number=decision.number,
            decided=decision.date,
            authority=decision.authority,
            reason=reason.strip(),
            actor=actor,
            at=now,
        )
        row.approved_by, row.approved_at = "", None
        index(row, reading_of(row).fields)
        move(row, RecordState.TO_REVIEW)
        row.save()
        record_event(
            "record.corrected",
            actor=actor,
            office=row.office.code,
            purpose=f"{decision.number}"[:300],
            subject=f"record:{row.pk}",
            data={
                "version": row.version,
                "replaces": previous.sha256,
                "fields": sorted(values),
                "decided": decision.date.isoformat(),
            },
        )
    return row


def _corrected(record: Record, values: Mapping[str, str], actor: str) -> list[FieldValue]:
    current = record.current_fields()
    unknown = tuple(sorted(set(values) - set(current)))
    if unknown:
        raise CorrectionRefused("FIELD_UNKNOWN", unknown)
    context = ValueContext(record.form, record.era, None)
    fresh, wrong = [], []
    for key, given in values.items():
        before, written = current[key], storable(" ".join(given.split()))
        got = canonical(before.kind, written, context)
        if written and got.outcome is not Outcome.PASSED:
            wrong.append(key)
        elif written != before.written:
            fresh.append(
                FieldValue(
                    record=record,
                    key=key,
                    kind=before.kind,
                    written=written,
                    value=storable(got.value) if written else "",
                    confidence=1.0,
                    status=str(FieldStatus.KEYED if written else FieldStatus.EMPTY),
                    ink=before.ink,
                    page=before.page,
                    box=before.box,
                    said_by="decision",
                    actor=actor,
                    accepted=True,
                    decision="ACCEPTED_PERSON",
                    supersedes=before,
                )
            )
    if wrong:
        raise CorrectionRefused("VALUE_NOT_CANONICAL", tuple(sorted(wrong)))
    if not fresh:
        raise CorrectionRefused("NOTHING_CHANGES")
    return fresh


def replaced(record: Record) -> dict[str, Any] | None:
    """What the embedded record says about the version before; None in a first version.

    The copy is named by key and digest: version ids change when a store is restored elsewhere. It is named as
    it stood when it was replaced, so that a seal that is tried after a renewal makes the same copy.
    """
    made = record.replacements.filter(version=record.version).select_related("previous").first()
    if made is None:
        return None
    return {
        "version": made.previous.version,
        "copy": made.previous_copy,
        "decision": {
            "number": made.number,
            "date": made.decided.isoformat(),
            "authority": made.authority,
        },
        "reason": made.reason,
        "by": made.actor,
        "at": made.at.isoformat(),
    }


_SENTENCES = {
    "NOTHING_CHANGES": "Không có trường nào khác với bản đang lưu.",
    "FIELD_UNKNOWN": "Hồ sơ không có trường này:",
    "VALUE_NOT_CANONICAL": "Giá trị không đúng dạng của trường:",
    "DECISION_IN_FUTURE": "Ngày quyết định ở tương lai.",
}
