"""The book chosen when pages were delivered: their records stand in it unless they name another."""

from __future__ import annotations

import re
from collections.abc import Mapping
from uuid import UUID

from ocr.elements import RecordReading
from pipeline.claims import database_now
from pipeline.models import Book, Record
from pipeline.stages.fields import raise_findings, reading_of
from validators.verdict import Finding, Severity

STAGE = "chosen_book"
NAMES_BOOK = "quyenSo"
"""The field that tells which book a record stands in."""

_NUMBER = re.compile(r"\s*(\w+?)\s*(?:/\s*(\d{4}))?\s*")


def judge_book(record: Record) -> None:
    """Judge one record again once a person said which book it names."""
    strays = put_into_book({record: reading_of(record)}, record.scan.batch.book)
    raise_findings(STAGE, strays.get(record.pk, ()), now=database_now(), record=record)


def put_into_book(own: Mapping[Record, RecordReading], book: Book | None) -> dict[UUID, tuple[Finding, ...]]:
    """Put the records of a delivery into its book; what stands in another one stays out and is told.

    Returns:
        Findings by record.
    """
    if book is None:
        return {}
    strays = {record.pk: found for record, reading in own.items() if (found := _differs(reading, book))}
    standing = Record.objects.filter(pk__in=[r.pk for r in own])
    standing.filter(book=None).exclude(pk__in=strays).update(book=book)
    standing.filter(book=book, pk__in=strays).update(book=None)
    return strays


def _differs(reading: RecordReading, book: Book) -> tuple[Finding, ...]:
    """The finding for a record of another form, or that names another volume or year without doubt."""
    named = reading.fields.get(NAMES_BOOK)
    sure = named is not None and named.accepted
    found = _NUMBER.fullmatch(named.value) if named and sure else None
    number, year = found.groups() if found else ("", "")
    others = (
        reading.form != book.kind,
        bool(number and book.volume) and _bare(number) != _bare(book.volume),
        bool(year and book.year) and int(year or 0) != book.year,
    )
    if not any(others):
        return ()
    written = f"{reading.form} {named.value if named else ''}".strip()
    told = f"Hồ sơ ghi {written}, nhưng khi tiếp nhận đã chọn quyển {book}."
    return (
        Finding(
            "BOOK_NOT_AS_CHOSEN",
            Severity.WARNS,
            (NAMES_BOOK,) if named else (),
            told,
            {"read": written, "chosen": str(book)},
        ),
    )


def _bare(number: str) -> str:
    return number.split("/")[0].strip().lstrip("0").casefold()
