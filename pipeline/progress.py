"""How far everything is: counted from states, nothing remembered beside them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q

from pipeline.claims import MAX_TRIES
from pipeline.models import UNREAD_SCANS, Batch, BatchState, Record, RecordState, Scan

BUSY_RECORDS = (RecordState.RECEIVED, RecordState.PREPARED, RecordState.READ, RecordState.CHECKED)
"""States in which a record waits for a machine before anybody could look at it."""
SEALING_RECORDS = (RecordState.APPROVED, RecordState.SEALED)
DONE_RECORDS = (RecordState.STORED, RecordState.DELIVERED, RecordState.SUPERSEDED)


@dataclass(frozen=True, slots=True)
class Progress:
    """Counts over some scans and their records.

    Attributes:
        reading: scans that wait to be read.
        checking: records that wait to be checked, and batches whose books are not checked yet.
        sealing: approved records that are not proved in the store yet and still have tries left.
    """

    scans: int
    records: int
    reading: int
    checking: int
    sealing: int
    stored: int

    @property
    def busy(self) -> bool:
        """Whether a machine still has something to do."""
        return bool(self.reading or self.checking or self.sealing)


def progress_of(scan_ids: Collection[str], batch_id: str) -> Progress:
    """Progress of the scans of one delivery, repeats included."""
    scans = Scan.objects.filter(pk__in=scan_ids).aggregate(
        all=Count("pk"), reading=Count("pk", filter=Q(state__in=UNREAD_SCANS))
    )
    records = Record.objects.filter(scan__in=scan_ids).aggregate(
        all=Count("pk"),
        checking=Count("pk", filter=Q(state__in=BUSY_RECORDS)),
        sealing=Count("pk", filter=Q(state__in=SEALING_RECORDS, tries__lt=MAX_TRIES)),
        stored=Count("pk", filter=Q(state__in=DONE_RECORDS)),
    )
    books_open = Batch.objects.filter(
        pk=batch_id, state__in=(BatchState.RECEIVING, BatchState.RECEIVED)
    ).count()
    return Progress(
        scans=scans["all"],
        records=records["all"],
        reading=scans["reading"],
        checking=records["checking"] + books_open,
        sealing=records["sealing"],
        stored=records["stored"],
    )


def by_office(office: str = "") -> dict[str, Any]:
    """Counts by office, book, form and state, as ``sohoa status --json`` prints them."""
    records = Record.objects.exclude(state=RecordState.SUPERSEDED)
    scans = Scan.objects.all()
    if office:
        records, scans = records.filter(office__code=office), scans.filter(office__code=office)
    rows = (
        records.values("office__code", "office__name", "form", "book_key", "state")
        .annotate(n=Count("pk"))
        .order_by("office__code", "form", "book_key", "state")
    )
    held = (
        scans.exclude(error_code="").values("office__code", "state", "error_code").annotate(n=Count("pk"))
    ).order_by("office__code", "error_code")
    return {
        "records": [
            {
                "office": r["office__code"],
                "office_name": r["office__name"],
                "form": r["form"],
                "book": r["book_key"],
                "state": r["state"],
                "count": r["n"],
            }
            for r in rows
        ],
        "scans": [
            {"office": r["office__code"], "state": r["state"], "count": r["n"]}
            for r in scans.values("office__code", "state").annotate(n=Count("pk")).order_by("office__code")
        ],
        "held": [
            {"office": r["office__code"], "state": r["state"], "code": r["error_code"], "count": r["n"]}
            for r in held
        ],
        "totals": {"scans": scans.count(), "records": records.count()},
    }
