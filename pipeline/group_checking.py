"""The same doubtful reading in many records, to be looked at side by side."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from pipeline.field_decisions import DecisionCode
from pipeline.models import FieldValue, Record, RecordState


@dataclass(frozen=True, slots=True)
class Group:
    """Fields of one name that were read alike.

    Attributes:
        key: official name.
        written: as read.
        count: records with it, two at least.
    """

    key: str
    written: str
    count: int


def groups(records: QuerySet[Record], *, limit: int) -> list[Group]:
    """Doubtful readings that stand in more than one waiting record, the most frequent first."""
    found = _doubtful(records).values("key", "written").annotate(count=Count("pk")).filter(count__gte=2)
    return [Group(**row) for row in found.order_by("-count", "key", "written")[:limit]]


def members(records: QuerySet[Record], key: str, written: str, *, limit: int) -> list[FieldValue]:
    """The values of one group that nobody has looked at yet, as they follow each other in the books."""
    rows = _doubtful(records).filter(key=key, written=written).select_related("record__office")
    return list(rows.order_by("record__book_key", "record__scan_id", "record__ordinal")[:limit])


def _doubtful(records: QuerySet[Record]) -> QuerySet[FieldValue]:
    """Not what is keyed blindly: a wall shows what was read."""
    waiting = records.filter(state=RecordState.TO_REVIEW)
    return FieldValue.objects.filter(
        record__in=waiting, superseded_by__isnull=True, accepted=False, actor="", box__isnull=False
    ).exclude(Q(written="") | Q(decision=DecisionCode.NEEDS_PERSON_TWO_KEYS))
