"""Rules that look at a whole book: gaps and repeats among the records of one delivery."""

from __future__ import annotations

import time

from pipeline.claims import claim, database_now, finishing, move, postpone
from pipeline.fingerprint import fingerprint
from pipeline.models import UNREAD_SCANS, Batch, BatchState, Record, RecordState
from pipeline.reading import as_case
from pipeline.stages.attempts import attempt, new_owner
from pipeline.stages.check import CheckTools, settle
from pipeline.stages.fields import raise_findings, reading_of
from pipeline.stages.runs import OK, StageInput, note
from validators.books import check_books

VERSION = "1"
_WAIT_SECONDS = 10.0


def run(batch_id: str, tools: CheckTools) -> bool:
    """Check the books of one batch once all of it is read and checked; false where it is not time yet."""
    held = claim(Batch, [BatchState.RECEIVED], new_owner(), tools.lease_seconds, pk=batch_id)
    if held is None:
        return False
    batch = held.row
    given = StageInput("books", VERSION, {"plans": batch.plans_sha256})
    with attempt(held, given):
        if not _is_read(batch):
            postpone(held, _WAIT_SECONDS)
            return False
        start = time.monotonic()
        records = list(
            Record.objects.filter(scan__batch=batch)
            .exclude(state__in=(RecordState.SUPERSEDED, RecordState.QUARANTINED))
            .order_by("scan__name", "ordinal")
        )
        cases = {str(r.pk): as_case(reading_of(r)) for r in records}
        found = check_books(cases, tools.registers.plans(batch.plans_sha256))
        with finishing(held) as row:
            now = database_now()
            for record in Record.objects.select_for_update().filter(pk__in=cases).order_by("pk"):
                raise_findings("books", found.get(str(record.pk), ()), now=now, record=record)
                if record.state in (RecordState.ACCEPTED, RecordState.TO_REVIEW):
                    settle(record)
                    record.save()
            output = {k: sorted(f.code for f in v) for k, v in found.items()}
            note(
                row,
                given,
                OK,
                output=fingerprint(output),
                seconds=time.monotonic() - start,
                attempt=held.attempt,
                worker=held.owner,
                detail={"records": len(cases)},
            )
            move(row, BatchState.CHECKED)
    return True


def _is_read(batch: Batch) -> bool:
    if batch.scans.filter(state__in=UNREAD_SCANS).exists():
        return False
    waiting = (RecordState.READ, RecordState.CHECKED)
    return not Record.objects.filter(scan__batch=batch, state__in=waiting).exists()
