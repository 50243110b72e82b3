"""The ministry's import pack of one register book, from the database to files that may leave the house."""

from __future__ import annotations

import re
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ocr.scans import ScanLimits
from pipeline.findings import import_blockers
from pipeline.handover.keeping import Handover, KeptFile, keep, tell_delivered, tell_refused
from pipeline.handover.pictures import small_pdf
from pipeline.models import FieldValue, Finding, Record, RecordState
from pipeline.places import office_gazetteer
from pipeline.registers import Registers
from pipeline.stages.books import cases_of, plans_of
from pipeline.vault import Vault
from storage.checks import Check, failed
from storage.errors import SealError
from storage.packages.ministry import MinistryBook, MinistryCase, PackPart, write_pack
from storage.packages.ministry_columns import Template, columns_of
from storage.packages.ministry_names import book_number, volume
from storage.packages.problems import PackageRefused, refuse
from validators.books import check_books
from validators.places.names import compare_key
from validators.rules import check_case
from validators.verdict import Severity

KIND = "ministry-pack"
PURPOSE = "Giao nộp gói nhập dữ liệu hộ tịch cho Bộ Tư pháp"
FINISHED = (RecordState.STORED, RecordState.DELIVERED)
_UNREAD = ("UNREADABLE", "LOW_CONFIDENCE", "CONFLICT")


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for.

    Attributes:
        office: code of the office that holds the book.
        book: ``LOẠI.năm.quyển``, such as ``KS.2005.01``; ``KS.2004.2006.01`` for a book of several years.
        unit: issuing unit as it then was; "" where only one has a book of that number.
        digits: to which numbers in file names are padded.
    """

    office: str
    book: str
    unit: str = ""
    template: Template = Template.CURRENT
    digits: int = 1
    actor: str = ""


@dataclass(frozen=True, slots=True)
class MinistryTools:
    """What the export needs from outside."""

    vault: Vault
    registers: Registers
    limits: ScanLimits


@dataclass(frozen=True, slots=True)
class MinistryExport:
    """What was handed over.

    Attributes:
        parts: sheets and zips where they now stand.
        kept: the same files in the store.
        left_out: official keys with values for which the template has no column.
        unread: values by official key that stayed empty although something is written.
        unplaced: records of the kind whose book could not be told; they are in no pack.
    """

    book: MinistryBook
    parts: tuple[PackPart, ...]
    kept: tuple[KeptFile, ...]
    left_out: Mapping[str, int]
    unread: Mapping[str, int]
    unplaced: int

    @property
    def cases(self) -> int:
        """How many rows and PDFs."""
        return sum(len(part.files) for part in self.parts)


def export_book(order: Order, folder: Path, tools: MinistryTools) -> MinistryExport:
    """Make the pack of one book; the whole of it or nothing.

    Raises:
        PackageRefused: ``BOOK_NAME_MALFORMED``, ``BOOK_UNKNOWN``, ``BOOK_AMBIGUOUS``, ``NO_TEMPLATE``, or
            ``PACK_REFUSED`` with everything that would stop an import.
        StorageError: the store does not give a scan or does not take the pack.
    """
    kind, years, number = _named(order.book)
    columns = columns_of(kind, order.template)
    handover = Handover(KIND, order.actor, order.office, PURPOSE)
    unit, records = _book(order, kind, years[0], number)
    book = MinistryBook(kind, years, number, unit, order.template, order.digits)
    by_id = {str(record.pk): record for record in records}
    fields = {str(record.pk): record.current_fields() for record in records}
    cases = [MinistryCase(key, _values(found)) for key, found in fields.items()]

    def picture(case: MinistryCase) -> bytes:
        try:
            return small_pdf(by_id[case.id], tools.vault, tools.limits)
        except SealError as error:
            raise PackageRefused(
                "PACK_REFUSED", str(error), (failed("file", error.code, record=_told(by_id[case.id])),)
            ) from error

    try:
        refuse(blockers(records, tools.registers))
        with tempfile.TemporaryDirectory(dir=folder) as place:
            made = write_pack(book, cases, picture, Path(place))
            kept = keep((path for part in made for path in (part.sheet, part.archive)), handover, tools.vault)
            tell_delivered(handover, kept, {key: name for part in made for key, name in part.files.items()})
            parts = tuple(
                PackPart(
                    part.sheet.replace(folder / part.sheet.name),
                    part.archive.replace(folder / part.archive.name),
                    part.files,
                )
                for part in made
            )
    except PackageRefused as refused:
        named = _with_entries(refused, by_id)
        tell_refused(handover, [c.code for c in named.problems] or [refused.code], len(records))
        raise named from refused
    values = [value for found in fields.values() for value in found.values()]
    return MinistryExport(
        book,
        parts,
        kept,
        Counter(v.key for v in values if v.value and v.key not in columns),
        Counter(v.key for v in values if not v.value and v.written and v.status in _UNREAD),
        Record.objects.filter(office__code=order.office, form=kind, book_key="", book=None)
        .exclude(state=RecordState.SUPERSEDED)
        .count(),
    )


def blockers(records: Sequence[Record], registers: Registers) -> list[Check]:
    """Everything known that stops the import of a book: unfinished records and findings nobody settled.

    Rules are asked anew, since a later delivery or correction may have changed what a book holds; what a
    person settled with a reason stays settled.
    """
    found = [
        failed("record", "RECORD_NOT_FINISHED", record=_told(r), state=r.state)
        for r in records
        if r.state not in FINISHED
    ]
    by_id = {record.pk: record for record in records}
    open_codes = import_blockers(by_id)
    found += [
        failed("record", code, record=_told(by_id[pk])) for pk, codes in open_codes.items() for code in codes
    ]
    told = {(pk, code) for pk, codes in open_codes.items() for code in codes}
    settled = Finding.objects.filter(record__in=list(by_id), settled_at__isnull=False, withdrawn_at=None)
    told |= set(settled.values_list("record", "code"))
    for record, code, message in _fresh(records, registers):
        if (record.pk, code) not in told:
            found.append(failed("record", code, record=_told(record), message=message))
    return found


def _fresh(records: Sequence[Record], registers: Registers) -> Iterator[tuple[Record, str, str]]:
    cases = cases_of(records)
    gazetteer = office_gazetteer()
    in_books = check_books(cases, plans_of(records[0].scan.batch, records, registers))
    for record in records:
        key = str(record.pk)
        for finding in (*check_case(cases[key], gazetteer), *in_books.get(key, ())):
            if finding.severity is Severity.BLOCKS_IMPORT:
                yield record, finding.code, finding.message


def _named(book: str) -> tuple[str, tuple[int, ...], str]:
    found = re.fullmatch(r"([A-ZĐ]+)[./](\d{4}(?:[.-]\d{4})*)[./]([^./]+)", book.strip())
    if found is None:
        raise PackageRefused("BOOK_NAME_MALFORMED", f"{book!r} is not LOẠI.năm.quyển")
    years = tuple(int(year) for year in re.split(r"[.-]", found[2]))
    return found[1], years, volume(found[3])


def _book(order: Order, kind: str, year: int, number: str) -> tuple[str, list[Record]]:
    """Issuing unit and records of the book."""
    standing = Record.objects.filter(office__code=order.office, form=kind).exclude(
        state=RecordState.SUPERSEDED
    )
    units: dict[str, list[tuple[str, Record]]] = defaultdict(list)
    for record in standing.select_related("office", "scan__batch", "book").order_by("pk"):
        if place(record) == (number, year):
            unit = unit_of(record)
            units[compare_key(unit)].append((unit, record))
    if order.unit:
        units = {key: rows for key, rows in units.items() if key == compare_key(order.unit)}
    if not units:
        raise PackageRefused("BOOK_UNKNOWN", f"office {order.office} holds no {order.book}")
    if len(units) > 1:
        told = tuple(
            failed("book", "BOOK_AMBIGUOUS", record=rows[0][0], cases=str(len(rows)))
            for rows in units.values()
        )
        raise PackageRefused("BOOK_AMBIGUOUS", f"{order.book} is a book of {len(units)} units", told)
    ((rows),) = units.values()
    spellings = Counter(unit for unit, _ in rows)
    return spellings.most_common(1)[0][0], [record for _, record in rows]


def place(record: Record) -> tuple[str, int] | None:
    """Volume and year of the book that a record stands in; ``None`` where it does not tell."""
    if record.book is not None:
        book = record.book
        return (volume(book.volume), book.year) if book.year and book.volume else None
    try:
        return book_number(record.book_key.split("|")[1]) if record.book_key else None
    except PackageRefused:
        return None


def unit_of(record: Record) -> str:
    """The unit that issued a record's book; "" where neither book nor record tells."""
    if record.book is not None:
        return record.book.issuing_unit
    fields = record.current_fields()
    return next((fields[k].value for k in ("noiDangKy", "noiCap") if k in fields and fields[k].value), "")


def _values(fields: Mapping[str, FieldValue]) -> dict[str, str]:
    """Canonical values; what the sheet wants in words is taken as written."""
    return {key: f.written if key.endswith("BangChu") else f.value for key, f in fields.items()}


def _told(record: Record) -> str:
    return f"{record.form} {record.entry}".strip()


def _with_entries(refused: PackageRefused, by_id: Mapping[str, Record]) -> PackageRefused:
    """Entry numbers instead of ids, which tell an officer nothing."""

    def named(check: Check) -> Check:
        record = by_id.get(check.evidence.get("record", ""))
        if record is None:
            return check
        return Check(check.subject, check.outcome, check.code, {**check.evidence, "record": _told(record)})

    return PackageRefused(refused.code, refused.message, tuple(named(c) for c in refused.problems))
