"""What officers say about the fields of a record, one word at a time; nothing said before is lost."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction

from ocr.elements import FieldStatus
from pipeline.claims import WrongState, database_now, move
from pipeline.double_keying import (
    COMPARISON,
    DIFFER,
    SETTLED,
    WANTED,
    Turn,
    compared,
    differing,
    may_settle,
    turn,
)
from pipeline.events import record_event
from pipeline.field_decisions import DecisionCode
from pipeline.findings import look_again
from pipeline.models import FieldValue, Finding, Record, RecordState
from pipeline.reading import judge
from pipeline.stages.check import CheckTools
from pipeline.stages.chosen_book import NAMES_BOOK, judge_book
from pipeline.stages.fields import raise_findings, reading_of
from pipeline.stages.texts import storable
from validators.canonical import ValueContext, canonical
from validators.verdict import Outcome

REVIEWABLE = (RecordState.TO_REVIEW, RecordState.ACCEPTED, RecordState.REVIEWED)
LONGEST = 2000
"""Letters of one field; the longest real note found had a tenth of that."""

_YEAR = re.compile(r"\b(1[89]\d\d|20\d\d)\b")


class Word(enum.StrEnum):
    """What an officer says about a field."""

    VALUE = "value"
    CONFIRM = "confirm"
    EMPTY = "empty"
    UNREADABLE = "unreadable"
    WRONG = "wrong"
    """What was read does not stand there; what does is for another look."""


class Stale(Exception):  # noqa: N818 - says what happened
    """Somebody else said something about the field meanwhile.

    Attributes:
        current: the word that stands now.
    """

    def __init__(self, current: FieldValue) -> None:
        super().__init__(current.key)
        self.current = current


class NotSayable(Exception):  # noqa: N818 - says what happened
    """The field does not exist, or the text cannot be kept; the message is Vietnamese."""


@dataclass(frozen=True, slots=True)
class Said:
    """What became of a word.

    Attributes:
        value: the row that stands now.
        fits: whether the text is a value of its kind; one that is not is kept all the same.
    """

    value: FieldValue
    fits: bool


def say(pk: UUID, key: str, word: Word, *, written: str = "", seen: int, actor: str) -> Said:
    """Keep an officer's word on one field.

    A field that is keyed twice takes it as a key, compares it with the one before, and tells nobody before.

    Args:
        pk: of the record; its office was checked by the caller.
        key: official name of the field.
        written: the text as it stands on paper, for `Word.VALUE`.
        seen: the row that the officer looked at; saying the same thing twice is harmless.
        actor: account.

    Raises:
        Stale: another word came first.
        WrongState: the record is approved already, or not read yet.
        NotSayable: no such field, the text is too long, or a key is asked for and this is none.
    """
    text = _text(written)
    with transaction.atomic():
        record = _locked(pk)
        before = record.current_fields().get(key)
        if before is None:
            raise NotSayable("Hồ sơ này không có trường đó.")
        fresh, fits = _word(record, before, word, text, actor)
        last = before.supersedes if before.said_by == COMPARISON else before
        if before.pk != seen and before.actor == actor and _alike(last, fresh):
            return Said(before, fits)
        asked = turn(before, actor)
        if before.pk != seen and asked is Turn.OPEN:  # a key is given blindly, whatever came meanwhile
            raise Stale(before)
        twice = before.decision in (WANTED, *SETTLED)
        if asked is Turn.APART or (twice and word is Word.WRONG):
            raise NotSayable("Hai lần nhập đã được so với nhau; không ghi thêm được ở đây.")
        if before.decision == WANTED and word is Word.CONFIRM:
            raise NotSayable("Trường này được nhập hai lần độc lập: hãy gõ chữ đúng như trên giấy.")
        if twice and word is Word.CONFIRM:
            return Said(before, fits)
        if twice:
            fresh.accepted, fresh.decision = False, str(WANTED)
        fresh.save()
        if twice and (outcome := compared(fresh)):
            fresh = outcome
            fresh.save()
        _judge_again(record, key)
        _note("field.said", record, actor, field=key, word=str(word), version=record.version)
    return Said(fresh, fits)


def adjudicate(pk: UUID, key: str, word: Word, *, written: str = "", seen: int, actor: str) -> FieldValue:
    """Decide what stands in a field whose two keys differ; only a third account may.

    Args:
        word: VALUE, EMPTY or UNREADABLE.
        written: as for `say`.
        seen: the row that the officer looked at.

    Raises:
        WrongState: the record is approved already.
        NotSayable: the field does not wait for this account, or the text is too long.
    """
    text = _text(written)
    with transaction.atomic():
        record = _locked(pk)
        before = record.current_fields().get(key)
        if before is None or before.pk != seen or not may_settle(before, actor):
            raise NotSayable("Trường này không còn chờ bạn quyết định.")
        fresh, _ = _word(record, before, word, text, actor)
        same = next((k for k in differing(before) if text and k.written == text), None)
        fresh.value = (same and same.value) or fresh.value
        fresh.said_by, fresh.decision = "adjudicator", str(DecisionCode.ACCEPTED_ADJUDICATED)
        fresh.save()
        _judge_again(record, key)
        _note("field.settled", record, actor, field=key, word=str(word), version=record.version)
    return fresh


def take_back(pk: UUID, key: str, *, seen: int, actor: str) -> FieldValue:
    """Undo an officer's own last word on a field: what stood before is said again.

    Raises:
        Stale: the word that stands is not the officer's own, or another one.
        WrongState: the record is approved already.
    """
    with transaction.atomic():
        record = _locked(pk)
        current = record.current_fields().get(key)
        if current is None:
            raise NotSayable("Hồ sơ này không có trường đó.")
        before = current.supersedes
        if current.decision in (DIFFER, *SETTLED):
            raise NotSayable("Hai lần nhập đã được so với nhau; không hoàn tác được.")
        if current.pk != seen or current.actor != actor or before is None:
            raise Stale(current)
        fresh = FieldValue.objects.get(pk=before.pk)
        fresh.pk, fresh.supersedes, fresh.version = None, current, record.version
        fresh._state.adding = True
        fresh.save()
        _judge_again(record, key)
        _note("field.taken_back", record, actor, field=key)
    return fresh


@dataclass(frozen=True, slots=True)
class Outstanding:
    """What keeps a record from being reviewed.

    Attributes:
        fields: keys that nobody was sure of yet.
        findings: open ones that block approval.
    """

    fields: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.fields or self.findings)


def finish(pk: UUID, tools: CheckTools, *, actor: str) -> Outstanding:
    """Let the rules look at the whole record again, and pass it on when nothing is left to ask.

    Returns:
        What is left; empty when the record is reviewed now.

    Raises:
        WrongState: the record is approved already, or not read yet.
    """
    with transaction.atomic():
        record = look_again(_locked(pk), tools, actor=actor)
        left = outstanding(record)
        if left:
            return left
        row = _locked(pk)
        if row.state != RecordState.REVIEWED:
            move(row, RecordState.REVIEWED)
            row.error_code = row.error_message = ""
            row.save()
            _note("record.reviewed", row, actor, version=row.version)
    return left


def outstanding(record: Record) -> Outstanding:
    """Fields nobody was sure of, and open findings that block."""
    unsure = tuple(k for k, v in record.current_fields().items() if not v.accepted)
    blocking = record.findings.filter(
        settled_at__isnull=True, withdrawn_at__isnull=True, severity="blocks_approval"
    )
    return Outstanding(unsure, tuple(blocking))


def ask_rescan(pk: UUID, *, reason: str, actor: str) -> None:
    """Send a record back to the scanner.

    Raises:
        WrongState: the record is approved already.
    """
    with transaction.atomic():
        row = _locked(pk)
        move(row, RecordState.RESCAN)
        row.error_code, row.error_message = "RESCAN_ASKED", reason[:500]
        row.save()
        _note("record.rescan_asked", row, actor, purpose=reason[:300])


def opened(record: Record, *, actor: str, purpose: str) -> None:
    """Note that a person looked at a record."""
    _note("record.viewed", record, actor, purpose=purpose)


def _text(written: str) -> str:
    text = storable(" ".join(written.split()))
    if len(text) > LONGEST:
        raise NotSayable(f"Nội dung dài quá {LONGEST} chữ.")
    return str(text)


def _word(record: Record, before: FieldValue, word: Word, text: str, actor: str) -> tuple[FieldValue, bool]:
    fits, value, status = True, "", FieldStatus.KEYED
    match word:
        case Word.VALUE if text:
            year = next(
                (
                    int(y[-1])
                    for k in ("ngayDangKy", "so", "ngayCap")
                    if (f := record.current_fields().get(k)) and (y := _YEAR.findall(f.written))
                ),
                None,
            )
            got = canonical(before.kind, text, ValueContext(record.form, record.era, year))
            fits, value = got.outcome is Outcome.PASSED, got.value or text
        case Word.CONFIRM:
            text, value, status = before.written, before.value or before.written, FieldStatus.CONFIRMED
            if not text:
                status = FieldStatus.EMPTY
        case Word.WRONG:
            text, value, status = before.written, before.value, FieldStatus.CONFLICT
        case Word.UNREADABLE:
            text, status = "", FieldStatus.UNREADABLE
        case _:
            text, status = "", FieldStatus.EMPTY
    fresh = FieldValue(
        record=record,
        key=before.key,
        kind=before.kind,
        written=text,
        value=storable(value),
        confidence=1.0,
        status=str(status),
        ink=before.ink,
        page=before.page,
        box=before.box,
        said_by="keyer",
        actor=actor,
        accepted=word is not Word.WRONG,
        decision="NEEDS_PERSON_CONFLICT" if word is Word.WRONG else "ACCEPTED_PERSON",
        alternatives=before.alternatives,
        version=record.version,
        supersedes=before,
    )
    return fresh, fits


def _note(verb: str, record: Record, actor: str, *, purpose: str = "", **data: Any) -> None:
    record_event(
        verb,
        actor=actor,
        office=record.office.code,
        purpose=purpose,
        subject=f"record:{record.pk}",
        data=data,
    )


def _judge_again(record: Record, key: str) -> None:
    """Bring the findings of the rules over one record in line with the word just said about a field.

    Registers, book rules and the way of the record wait for `finish`: they cost more than a keystroke may.
    """
    judgement = judge({"it": reading_of(record)})["it"]
    raise_findings("check", judgement.findings, now=database_now(), record=record)
    if key == NAMES_BOOK:
        judge_book(record)


def _alike(one: FieldValue, other: FieldValue) -> bool:
    return (one.written, one.value, one.status) == (other.written, other.value, other.status)


def _locked(pk: UUID) -> Record:
    row = Record.objects.select_for_update(of=("self",)).select_related("office", "scan__batch").get(pk=pk)
    if row.state not in REVIEWABLE:
        raise WrongState(f"record {pk}: {row.state} is not reviewed")
    return row
