"""Deliveries that stay open for a while: an officer sends files, stops, and goes on later."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import Q

from pipeline import outbox
from pipeline.claims import database_now, move
from pipeline.models import Batch, BatchState, Book, Delivery, Office, Record, RecordState
from pipeline.progress import progress_of

_OWNER = "desk"
OPEN_FOR = timedelta(minutes=30)
"""So long after its sender's last sign of life the sweeper closes a delivery; the next one opens it."""


class DeliveryBusy(Exception):  # noqa: N818 - says what happened
    """Another process works on this delivery just now."""


@dataclass(frozen=True, slots=True)
class DeliveryProgress:
    """How far one delivery is.

    Attributes:
        files: answers given, members of archives one by one.
        held: files that were not taken as new and readable.
        scans: kept files, repeats of earlier ones included; `reading` of them wait to be read.
        waiting: records that wait for a person.
        busy: a machine still has something to do.
    """

    files: int
    held: int
    scans: int
    reading: int
    records: int
    waiting: int
    stored: int
    busy: bool


def open_delivery(office: Office, *, actor: str, name: str, book: Book | None = None) -> Batch:
    """A delivery that files are put into over a while, of one book where that is known."""
    now = database_now()
    return Batch.objects.create(
        office=office,
        name=name[:200],
        book=book,
        actor=actor,
        state=BatchState.RECEIVING,
        state_since=now,
        lease_owner=_OWNER,
        lease_until=now + OPEN_FOR,
    )


def keep_open(pk: object) -> Batch:
    """Open a delivery for more files, or longer.

    Raises:
        DeliveryBusy: its books are just being checked, or a command receives it.
    """
    with transaction.atomic():
        row = Batch.objects.select_for_update().get(pk=pk)
        now = database_now()
        if row.lease_owner not in ("", _OWNER) and row.lease_until and row.lease_until > now:
            raise DeliveryBusy(str(pk))
        if row.state != BatchState.RECEIVING:
            row.attempt += 1  # whoever held it is late
            row.error_code = row.error_message = ""
            move(row, BatchState.RECEIVING)
        row.lease_owner, row.lease_until = _OWNER, now + OPEN_FOR
        row.save()
    return row


def stay_open(pk: object) -> None:
    """A sign of life of the sender; cheap enough for every piece of a file."""
    now = database_now()
    Batch.objects.filter(
        pk=pk, state=BatchState.RECEIVING, lease_owner=_OWNER, lease_until__lt=now + OPEN_FOR / 2
    ).update(lease_until=now + OPEN_FOR)


def close_delivery(pk: object) -> None:
    """All files are in: the books are checked once they are read."""
    with transaction.atomic():
        row = Batch.objects.select_for_update().get(pk=pk)
        if row.state != BatchState.RECEIVING or row.lease_owner != _OWNER:
            return
        row.lease_owner, row.lease_until = "", None
        move(row, BatchState.RECEIVED)
        row.save()
        outbox.post("sohoa.check_batch", row.pk)


def delivery_progress(batch: Batch) -> DeliveryProgress:
    """Counts of one delivery."""
    told = Delivery.objects.filter(batch=batch)
    scans = set(told.exclude(scan=None).values_list("scan", flat=True))
    counts = progress_of(scans, str(batch.pk))
    return DeliveryProgress(
        files=told.count(),
        held=told.exclude(Q(code="") | Q(code="DUPLICATE") | Q(code="ALREADY_SIGNED")).count(),
        scans=counts.scans,
        reading=counts.reading,
        records=counts.records,
        waiting=Record.objects.filter(scan__in=scans, state=RecordState.TO_REVIEW).count(),
        stored=counts.stored,
        busy=counts.busy,
    )
