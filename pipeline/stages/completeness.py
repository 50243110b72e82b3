"""Whether a delivery is read and checked to the end, which is when its books can be judged."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Exists, OuterRef

from pipeline import outbox
from pipeline.models import UNREAD_SCANS, Batch, BatchState, Record, RecordState, Scan

_UNCHECKED = (RecordState.READ, RecordState.CHECKED)


def is_read(batch_id: object) -> bool:
    """Whether a closed batch waits for nothing but its books."""
    unread = Scan.objects.filter(batch=OuterRef("pk"), state__in=UNREAD_SCANS)
    unchecked = Record.objects.filter(scan__batch=OuterRef("pk"), state__in=_UNCHECKED)
    closed = Batch.objects.filter(pk=batch_id, state=BatchState.RECEIVED)
    return closed.exclude(Exists(unread)).exclude(Exists(unchecked)).exists()


def call_for_books(batch_id: object) -> None:
    """Have the books of a batch checked, if the current transaction ends what they wait for.

    Asked after the commit, so that of two last ones that end at the same moment at least one sees both.
    """

    def call() -> None:
        if is_read(batch_id):
            outbox.post("sohoa.check_batch", batch_id)

    transaction.on_commit(call, robust=True)
