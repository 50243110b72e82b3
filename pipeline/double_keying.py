"""Double keying: two independent keys for a field, and a third person where they differ.

The machine's reading is one key where it has text; else two people key. Whoever keys sees neither the
machine's reading nor another person's key. Every key is a row of its own in the chain of words on the field,
and what comparing two of them gave is the row after the later one.
"""

from __future__ import annotations

import enum
from collections import defaultdict
from collections.abc import Collection
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from ocr.elements import FieldStatus
from pipeline.field_decisions import DecisionCode
from pipeline.models import FieldValue, Record
from pipeline.stages.fields import ENTRY_KEYS, PERSON_KEYS
from validators.letters import same_spelling

WANTED = DecisionCode.NEEDS_PERSON_TWO_KEYS
DIFFER = DecisionCode.NEEDS_PERSON_KEYS_DIFFER
SETTLED = (DecisionCode.ACCEPTED_TWO_KEYS, DecisionCode.ACCEPTED_ADJUDICATED)
COMPARISON = "double-keying"
"""`FieldValue.said_by` of what comparing two keys gave."""

_NAMES = frozenset((*ENTRY_KEYS, *PERSON_KEYS))


class Turn(enum.StrEnum):
    """What a field asks of one account."""

    OPEN = ""
    """Nothing in particular: it is seen, and said as any other."""
    BLIND = "blind"
    """To be keyed from the paper alone."""
    KEYED = "keyed"
    """The account has keyed it; another one's key is awaited."""
    APART = "apart"
    """The keys differ; a third person decides."""


def turn(value: FieldValue, actor: str) -> Turn:
    """What the field asks of an account."""
    if value.decision == DIFFER:
        return Turn.APART
    if value.decision == WANTED:
        return Turn.KEYED if value.actor == actor else Turn.BLIND
    return Turn.OPEN


def compared(key: FieldValue) -> FieldValue | None:
    """What comparing a key with the one before it gives, not saved yet; None for a first key."""
    others = keys(key)[1:]
    if not others:
        return None
    alike = _alike(key, others[0])
    found = FieldValue.objects.get(pk=key.pk)
    found.pk, found.supersedes, found.said_by, found.accepted = None, key, COMPARISON, alike
    found._state.adding = True
    found.decision = str(DecisionCode.ACCEPTED_TWO_KEYS if alike else DIFFER)
    if not alike:
        found.status = str(FieldStatus.CONFLICT)
    return found


def keys(last: FieldValue) -> tuple[FieldValue, ...]:
    """The keys that stand against each other, each account's last one, the latest first.

    Args:
        last: the latest key.

    Returns:
        Without the machine's where it read nothing. A value that was settled before and is keyed anew counts
        as the earlier key.
    """
    found: dict[str, FieldValue] = {}
    row: FieldValue | None = last
    while row is not None:
        if row.actor or row.written:
            found.setdefault(row.actor, row)
        if not row.actor or row.accepted:
            break
        row = row.supersedes
    return tuple(found.values())


def differing(value: FieldValue) -> tuple[FieldValue, ...]:
    """The two keys that a third person decides between, or has decided between."""
    row = value
    while row.decision != DIFFER:
        row = row.supersedes
    return keys(row.supersedes)


def conflicts(records: QuerySet[Record], actor: str) -> QuerySet[FieldValue]:
    """Fields whose keys differ and on which the account has not said a word, in the order of the books."""
    own = FieldValue.objects.filter(record=OuterRef("record"), key=OuterRef("key"), actor=actor)
    waiting = FieldValue.objects.filter(record__in=records, superseded_by__isnull=True, decision=DIFFER)
    found = waiting.exclude(Exists(own)).select_related("record__office", "record__scan")
    return found.order_by("record__book_key", "record__scan_id", "record__ordinal", "id")


def may_settle(value: FieldValue, actor: str) -> bool:
    """Whether an account may decide: it is a third one, or goes back on its own decision."""
    if value.decision == DecisionCode.ACCEPTED_ADJUDICATED:
        return value.actor == actor
    own = FieldValue.objects.filter(record=value.record_id, key=value.key, actor=actor)
    return value.decision == DIFFER and not own.exists()


def unseen(records: Collection[Record], actor: str) -> dict[UUID, frozenset[str]]:
    """Fields whose words an account must not see now, for the records that have any."""
    waiting = FieldValue.objects.filter(record__in=records, superseded_by__isnull=True)
    found: defaultdict[UUID, set[str]] = defaultdict(set)
    for value in waiting.filter(decision__in=(WANTED, DIFFER)).order_by():
        if turn(value, actor) is not Turn.KEYED:
            found[value.record_id].add(value.key)
    return {record: frozenset(names) for record, names in found.items()}


def unseen_in(record: Record, actor: str) -> frozenset[str]:
    """`unseen` for one record."""
    return unseen([record], actor).get(record.pk, frozenset())


def blank_names(records: Collection[Record], actor: str) -> None:
    """Empty number and person of records that are to be listed where they rest on what must not be seen.

    The rows are for showing only and must not be saved.
    """
    hidden = unseen(records, actor)
    for record in records:
        if not _NAMES.isdisjoint(hidden.get(record.pk, ())):
            record.entry = record.person = ""


def with_work_for(actor: str, records: QuerySet[Record]) -> QuerySet[Record]:
    """Records without those in which only other people's keys or decisions are awaited."""
    waiting = FieldValue.objects.filter(superseded_by__isnull=True, accepted=False).order_by()
    others = Q(decision=DIFFER) | Q(decision=WANTED, actor=actor)
    found = set(waiting.filter(others, record__in=records).values_list("record", flat=True))
    own = waiting.filter(record__in=found).exclude(others).values_list("record", flat=True)
    return records.exclude(pk__in=found - set(own))


def _alike(one: FieldValue, other: FieldValue) -> bool:
    blank = {FieldStatus.EMPTY, FieldStatus.UNREADABLE}
    if one.status in blank or other.status in blank:
        return one.status == other.status
    return same_spelling(one.value or one.written, other.value or other.written)
