"""The chain of events: every act, and every reading of personal data, in an order nobody can change.

Each link carries the hash of the one before. Rows can be neither changed nor deleted through the
database (see migration 0002); who bypasses that breaks the chain at a place `verify_chain` names.
Cutting off the newest links leaves a shorter, sound chain: keep `chain_head` somewhere else, such as
in the locked store, and compare.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction

from pipeline.fingerprint import fingerprint
from pipeline.models import Event

GENESIS = "0" * 64
_CHAIN_LOCK = 0x50_48_4F_41  # any number that no other advisory lock of this database uses
_VERIFY_CHUNK = 2000


@dataclass(frozen=True, slots=True)
class ChainBreak:
    """The first place where the chain does not hold.

    Attributes:
        event: id of the event.
        reason: ``CHANGED`` (its content does not give its hash) or ``UNLINKED`` (it does not follow
            the one before: something was removed, inserted or reordered).
    """

    event: int
    reason: str


@dataclass(frozen=True, slots=True)
class ChainReport:
    """Outcome of a walk along the whole chain."""

    length: int
    head: str
    broken: ChainBreak | None = None

    @property
    def sound(self) -> bool:
        """No break found."""
        return self.broken is None


def record_event(
    verb: str,
    *,
    actor: str,
    office: str = "",
    purpose: str = "",
    subject: str = "",
    data: Mapping[str, Any] | None = None,
    at: datetime | None = None,
) -> Event:
    """Append one link, within the transaction of the act that it tells about.

    Writers take turns until their transaction ends, so call it last in the transaction.

    Args:
        verb: such as ``record.viewed``.
        actor: account, or ``sohoa`` for the machine.
        office: code of the office on whose behalf.
        purpose: why personal data is touched.
        subject: ``scan:<id>``, ``record:<id>``.
        data: plain JSON; never names, numbers or other personal data, only which fields were touched.
        at: defaults to now; kept to the microsecond.
    """
    moment = (at or datetime.now(UTC)).astimezone(UTC)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_CHAIN_LOCK])
        event = Event(
            at=moment,
            actor=actor,
            office=office,
            purpose=purpose,
            verb=verb,
            subject=subject,
            data=dict(data or {}),
            previous=chain_head(),
        )
        event.hash = event_hash(event)
        event.save(force_insert=True)
    return event


def event_hash(event: Event) -> str:
    """Hash of everything the event says, and of its place in the chain."""
    return fingerprint(
        {
            "at": event.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "actor": event.actor,
            "office": event.office,
            "purpose": event.purpose,
            "verb": event.verb,
            "subject": event.subject,
            "data": event.data,
            "previous": event.previous,
        }
    )


def chain_head() -> str:
    """Hash of the newest link, or `GENESIS`."""
    return Event.objects.order_by("-id").values_list("hash", flat=True).first() or GENESIS


def verify_chain(*, expected_head: str | None = None) -> ChainReport:
    """Walk the chain from its beginning and recompute every hash.

    Args:
        expected_head: a head noted earlier; it must still be one of the links.
    """
    previous, length, seen_head = GENESIS, 0, expected_head in (None, GENESIS)
    for event in _in_order():
        length += 1
        if event.previous != previous:
            return ChainReport(length, event.hash, ChainBreak(event.pk, "UNLINKED"))
        if event.hash != event_hash(event):
            return ChainReport(length, event.hash, ChainBreak(event.pk, "CHANGED"))
        previous = event.hash
        seen_head = seen_head or previous == expected_head
    if not seen_head:
        return ChainReport(length, previous, ChainBreak(0, "UNLINKED"))
    return ChainReport(length, previous)


def _in_order() -> Iterator[Event]:
    yield from Event.objects.order_by("id").iterator(chunk_size=_VERIFY_CHUNK)
