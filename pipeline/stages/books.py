"""Rules that look at more than one record: whole books, and things that may stand only once.

They run when all of a delivery is read, and see what earlier deliveries brought of the same books, and every
record about the same persons, serials and parcels.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import reduce
from operator import or_

from django.db.models import Q, QuerySet

from ocr.elements import RecordReading
from pipeline.claims import claim, database_now, finishing, move, postpone
from pipeline.events import record_event
from pipeline.fingerprint import fingerprint
from pipeline.models import Batch, BatchState, Book, Record, RecordState
from pipeline.reading import as_case
from pipeline.registers import Registers
from pipeline.stages.attempts import attempt, new_owner
from pipeline.stages.check import CheckTools, settle
from pipeline.stages.chosen_book import STAGE as CHOSEN_BOOK
from pipeline.stages.chosen_book import put_into_book
from pipeline.stages.completeness import call_for_books, is_read
from pipeline.stages.fields import book_key, raise_findings, readings_of
from pipeline.stages.runs import OK, StageInput, note
from validators.books import BookPlan, check_books
from validators.case import BookRef, Case
from validators.repeats import check_repeats, match_keys

VERSION = "3"
_GONE = (RecordState.SUPERSEDED, RecordState.QUARANTINED)


def run(batch_id: str, tools: CheckTools) -> bool:
    """Check the books of one batch once all of it is read and checked; false where it is not time yet."""
    held = claim(Batch, [BatchState.RECEIVED], new_owner(), tools.lease_seconds, pk=batch_id)
    if held is None:
        return False
    batch = held.row
    given = StageInput("books", VERSION, {"plans": batch.plans_sha256})
    with attempt(held, given):
        if not is_read(batch_id):
            postpone(held, 0.0)
            call_for_books(batch_id)  # the last one may have ended since
            return False
        start = time.monotonic()
        own = readings_of(_standing().filter(scan__batch=batch))
        strays = put_into_book(own, batch.book)
        of_books, alike = _same_books(batch, own), _about_the_same(own)
        in_books = check_books(cases_of(of_books), plans_of(batch, of_books, tools.registers))
        repeats = check_repeats(cases_of(alike))
        ours = {r.pk for r in own}
        with finishing(held) as row:
            now = database_now()
            seen = {r.pk: r for r in (*own, *of_books, *alike)}
            book_ids = {r.pk for r in of_books}
            for record in Record.objects.select_for_update().filter(pk__in=seen).order_by("pk"):
                found = repeats.get(str(record.pk), ())
                news = raise_findings("repeats", found, now=now, record=record, complete=record.pk in ours)
                if record.pk in book_ids:
                    found = in_books.get(str(record.pk), ())
                    news |= raise_findings("books", found, now=now, record=record)
                if record.pk in ours:
                    found = strays.get(record.pk, ())
                    news |= raise_findings(CHOSEN_BOOK, found, now=now, record=record)
                if news and record.state in (RecordState.ACCEPTED, RecordState.TO_REVIEW):
                    settle(record)
                    record.save()
            raised = (
                (pk, f.code) for part in (in_books, repeats) for pk, found in part.items() for f in found
            )
            note(
                row,
                given,
                OK,
                output=fingerprint(sorted(raised)),
                seconds=time.monotonic() - start,
                attempt=held.attempt,
                worker=held.owner,
                detail={"records": len(own), "compared": len(seen)},
            )
            move(row, BatchState.CHECKED)
            record_event(
                "batch.checked", actor="sohoa", office=batch.office.code, subject=f"batch:{batch.pk}"
            )
    return True


def _standing() -> QuerySet[Record]:
    return Record.objects.exclude(state__in=_GONE).select_related("scan__batch", "book")


def _same_books(batch: Batch, own: Mapping[Record, RecordReading]) -> list[Record]:
    """Own records and those of the office with form and book number of one; letterheads may be misread."""
    books = {book_key(reading.form, reading.fields) for reading in own.values()} - {""}
    heads = sorted({"|".join(book.split("|")[:2]) + "|" for book in books})
    same = reduce(or_, (Q(book_key__startswith=head) for head in heads), Q(scan__batch=batch))
    return _in_order(_standing().filter(same, office=batch.office))


def _about_the_same(own: Mapping[Record, RecordReading]) -> list[Record]:
    """Own records and those of any office that share a person, a serial or a parcel with one."""
    keys = sorted({key for reading in own.values() for key in match_keys(as_case(reading))})
    same = Q(pk__in=[r.pk for r in own])
    return _in_order(_standing().filter(same | Q(match_keys__has_any_keys=keys) if keys else same))


def _in_order(records: Iterable[Record]) -> list[Record]:
    """By delivery, then as files are numbered ("trang 2" before "trang 10"), then as on the page."""

    def place(record: Record) -> tuple[object, ...]:
        name = [(not p.isdigit(), int(p) if p.isdigit() else p) for p in re.split(r"(\d+)", record.scan.name)]
        return record.scan.batch.created, name, record.scan_id, record.ordinal

    return sorted(records, key=place)


def cases_of(records: Iterable[Record]) -> dict[str, Case]:
    """What rules see of records, by id, each in the book a person put it into."""
    return {str(r.pk): _in_its_book(r, as_case(reading)) for r, reading in readings_of(records).items()}


def _in_its_book(record: Record, case: Case) -> Case:
    """A book that a person put the record into counts more than what was read of it."""
    book = record.book
    if book is None:
        return case
    return replace(case, book=BookRef(book.kind, book.year, book.volume, book.issuing_unit))


def plans_of(batch: Batch, records: Iterable[Record], registers: Registers) -> tuple[BookPlan, ...]:
    """What the deliveries of these books, and the office's list of books, say they hold."""
    delivered = dict.fromkeys((batch.plans_sha256, *(r.scan.batch.plans_sha256 for r in records)))
    listed = Book.objects.filter(office=batch.office).exclude(expected=[])
    return (
        *(plan for sha256 in delivered for plan in registers.plans(sha256)),
        *(
            BookPlan(
                id=str(book.pk),
                office=book.issuing_unit,
                kind=book.kind,
                year=book.year,
                volume=book.volume,
                expected=tuple(int(n) for n in book.expected),
                count=len(book.expected) if book.closed else None,
            )
            for book in listed
        ),
    )
