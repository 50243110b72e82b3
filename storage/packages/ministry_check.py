"""A ministry pack seen from outside, as the receiving system would: sheet and zip are opened anew.

Codes of the sheet follow the checks that stop an import: number and book number in their shapes, a numeric
page, a whole day of registration, birth dates of 0, 4, 7 or 10 characters unless they tell an age, the
number's year that of the registration, no key twice; and one PDF for every row, no more.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pikepdf
from pikepdf.models.image import UnsupportedImageTypeError

from storage.checks import Check, failed, passed, undecided
from storage.errors import PackageError
from storage.packages.archive_files import MEMBERS, is_safe, read_entry, swells
from storage.packages.ministry_columns import (
    SERIAL_COLUMN,
    Template,
    codes_of,
    columns_of,
    is_date,
    template_of,
)
from storage.packages.ministry_names import FileName, book_number, entry_number, parse_file_name
from storage.packages.ministry_values import iso_date
from storage.packages.problems import ZIP_FAULTS, PackageRefused
from storage.packages.sheet import SheetRow, padded, read_sheet

MAX_PDF_BYTES = 5 * 1024 * 1024
"""The receiving server refuses larger ones."""
Key = tuple[str, int, str, str, int, str]
_WHOLE = re.compile(r"\d{4}-\d\d-\d\d")
_PARTIAL = re.compile(r"\d{4}(?:-\d\d){0,2}")


def check_cases(kind: str, cases: Iterable[tuple[str, Mapping[str, str]]]) -> list[Check]:
    """Faults of rows before anything is written.

    Args:
        kind: of the register.
        cases: record id or row number, and canonical values as `exported` gives them.

    Returns:
        Failed checks only; each names its ``record``, the ``field``, and never the value of a person.
    """
    unit = "noiCap" if kind == "HN" else "noiDangKy"
    found: list[Check] = []
    first: dict[tuple[str, ...], str] = {}
    for record, values in cases:
        found += (_at(record, code, key) for code, key in _faults(kind, unit, values))
        name = tuple(values.get(key, "") for key in (unit, "quyenSo", "so"))
        if first.setdefault(name, record) != record:
            found.append(failed("row", "ROW_TWICE", record=record, first=first[name], field="so"))
    return found


def _at(record: str, code: str, key: str) -> Check:
    return failed("row", code, record=record, field=key)


def _faults(kind: str, unit: str, values: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for key in ("so", "quyenSo", unit, "ngayDangKy"):
        if not values.get(key):
            yield "REQUIRED_EMPTY", key
    registered = values.get("ngayDangKy", "")
    if registered and not (_WHOLE.fullmatch(registered) and _is_day(registered)):
        yield "REGISTRATION_DATE_MALFORMED", "ngayDangKy"
    if values.get("so"):
        try:
            number = entry_number(values["so"])
            if _WHOLE.fullmatch(registered) and number.year != int(registered[:4]):
                yield "YEAR_OF_NUMBER_DIFFERS", "so"
        except PackageRefused:
            yield "NUMBER_MALFORMED", "so"
    if values.get("quyenSo"):
        try:
            book_number(values["quyenSo"])
        except PackageRefused:
            yield "BOOK_NUMBER_MALFORMED", "quyenSo"
    if values.get("trangSo") and not re.fullmatch(r"[0-9]+", values["trangSo"]):
        yield "PAGE_NOT_NUMERIC", "trangSo"
    for key, value in values.items():
        allowed = codes_of(kind, key)
        if value and allowed is not None and value not in allowed:
            yield "CODE_UNKNOWN", key
        if value and key != "ngayDangKy" and is_date(key) and not _date_or_age(key, value):
            yield "DATE_MALFORMED", key


def _date_or_age(key: str, value: str) -> bool:
    if key.endswith("NgaySinh") and re.fullmatch(r"\d{1,3}\s*t(?:uổi)?", value):
        return True
    return bool(_PARTIAL.fullmatch(value)) and _is_day(value)


def _is_day(iso: str) -> bool:
    """Whether a date, possibly partial, exists in the calendar."""
    try:
        dt.date.fromisoformat(f"{iso}-01-01"[:10] if len(iso) == 4 else f"{iso}-01"[:10])
    except ValueError:
        return False
    return True


def check_pack(
    sheet: Path, archive: Path, kind: str, template: Template, *, most: int = 10_000
) -> tuple[Check, ...]:
    """Everything that would stop an import.

    Args:
        sheet: the workbook.
        archive: the zip beside it.
        kind: of the register.
        template: which header the sheet should have.
        most: rows a pack may hold.

    Returns:
        What is wrong, and undecided what only a person can judge; one passed check where there is nothing.
    """
    found: list[Check] = []
    columns = columns_of(kind, template)
    if sheet.stem != archive.stem:
        found.append(failed("name", "NAMES_DIFFER", sheet=sheet.name, archive=archive.name))
    try:
        rows = _body(sheet, columns)
    except PackageRefused as error:
        return (*found, failed("sheet", error.code, detail=error.message))
    if not rows:
        found.append(failed("sheet", "NO_CASES"))
    if len(rows) > most:
        found.append(failed("sheet", "TOO_MANY_ROWS", rows=str(len(rows)), most=str(most)))
    for row in rows:
        where = f"dòng {row.number}"
        found += (_at(where, "CELL_NOT_TEXT", columns[i]) for i in row.not_text if i < len(columns))
        if len(row.values) > len(columns):
            found.append(failed("row", "ROW_TOO_LONG", record=where))
    cells = [(f"dòng {row.number}", _by_key(columns, row)) for row in rows]
    found += check_cases(kind, ((where, _canonical(values)) for where, values in cells))
    found += _odd_dates(cells)
    found += _check_archive(archive, kind, cells)
    return tuple(found) or (passed("pack", rows=str(len(rows))),)


def sheet_template(sheet: Path) -> tuple[str, Template]:
    """Register and template of a sheet, by its first row.

    Raises:
        PackageRefused: ``SHEET_MISSING`` and what `read_sheet` says.
    """
    head = _rows(sheet, most=1)
    return template_of(head[0].values if head else ())


def _rows(sheet: Path, most: int | None = None) -> tuple[SheetRow, ...]:
    try:
        return read_sheet(sheet.read_bytes(), most=most)
    except FileNotFoundError:
        raise PackageRefused("SHEET_MISSING", f"no {sheet.name}") from None


def _body(sheet: Path, columns: tuple[str, ...]) -> tuple[SheetRow, ...]:
    rows = _rows(sheet)
    if not rows or rows[0].values != columns:
        raise PackageRefused("COLUMNS_DIFFER", f"the first row is not the {len(columns)} columns in order")
    return rows[1:]


def _by_key(columns: tuple[str, ...], row: SheetRow) -> dict[str, str]:
    return dict(zip(columns, padded(row.values, len(columns)), strict=False))


def _canonical(values: Mapping[str, str]) -> dict[str, str]:
    return {key: iso_date(cell) if is_date(key) else cell for key, cell in values.items()}


def _odd_dates(cells: Iterable[tuple[str, Mapping[str, str]]]) -> Iterator[Check]:
    """Dates that mean something but are not written with points, as the import wants them."""
    for where, values in cells:
        for key, cell in values.items():
            if cell and is_date(key) and re.search(r"\d[/-]\d", cell):
                yield _at(where, "DATE_NOT_WITH_POINTS", key)


def _check_archive(
    archive: Path, kind: str, cells: Iterable[tuple[str, Mapping[str, str]]]
) -> Iterator[Check]:
    try:
        with zipfile.ZipFile(archive) as packed:
            if swells(packed.infolist()) or len(packed.infolist()) > MEMBERS:
                yield failed("archive", "PACKAGE_TOO_LARGE", name=archive.name)
            else:
                yield from _check_files(packed, kind, [_wanted(kind, values) for _, values in cells])
    except FileNotFoundError:
        yield failed("archive", "ARCHIVE_MISSING", name=archive.name)
    except ZIP_FAULTS as error:
        yield failed("archive", "ARCHIVE_UNREADABLE", name=archive.name, detail=str(error))


def _wanted(kind: str, values: Mapping[str, str]) -> FileName | None:
    """Name that a row asks for; None where the row itself is at fault, which is told elsewhere."""
    try:
        volume, year = book_number(values["quyenSo"])
        number = entry_number(values["so"])
    except PackageRefused:
        return None
    return FileName(kind, (year,), volume, iso_date(values["ngayDangKy"]), number.number, number.suffix)


def _check_files(packed: zipfile.ZipFile, kind: str, wanted: list[FileName | None]) -> Iterator[Check]:
    entries = packed.infolist()
    seen: Counter[Key] = Counter()
    names: dict[Key, str] = {}
    for entry in entries:
        if not is_safe(entry.filename):
            yield failed("file", "UNSAFE_NAME", name=entry.filename)
            continue
        try:
            key = parse_file_name(entry.filename).key
            seen[key] += 1
            names[key] = entry.filename
        except PackageRefused:
            yield failed("file", "FILE_NAME_MALFORMED", name=entry.filename)
        yield from _check_file(packed, entry)
    rows = Counter(name.key for name in wanted if name is not None)
    expected = {name.key: name.text() for name in wanted if name is not None}
    for key in rows - seen:
        yield failed("file", "PDF_MISSING", name=expected[key])
    for key in seen - rows:
        code = "FILE_TWICE" if seen[key] > 1 else "PDF_WITHOUT_ROW"
        yield failed("file", "PDF_OF_OTHER_BOOK" if key[0] != kind else code, name=names[key])


def _check_file(packed: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[Check]:
    if entry.file_size > MAX_PDF_BYTES:
        yield failed("file", "PDF_TOO_LARGE", name=entry.filename, bytes=str(entry.file_size))
        return
    try:
        data = read_entry(packed, entry)
        with pikepdf.open(io.BytesIO(data)) as pdf:
            pages = len(pdf.pages)
            coloured = all(_has_colour(page) for page in pdf.pages)
    except (PackageError, pikepdf.PdfError, ValueError, TypeError, KeyError, AttributeError) as error:
        yield failed("file", "PDF_UNREADABLE", name=entry.filename, detail=str(error))
        return
    if not pages:
        yield failed("file", "PDF_UNREADABLE", name=entry.filename, detail="no page")
    if b"/ByteRange" in data:
        yield failed("file", "PDF_SIGNED", name=entry.filename)
    if not coloured:
        yield undecided("file", "PDF_NOT_COLOUR", name=entry.filename)


def _has_colour(page: pikepdf.Page) -> bool:
    """Whether a page shows an image with more than shades of grey; a scan delivered grey stays grey."""
    images = (image for image in page.get_images().values() if isinstance(image, pikepdf.Stream))
    try:
        return any(pikepdf.PdfImage(image).mode not in {"1", "L"} for image in images)
    except (NotImplementedError, UnsupportedImageTypeError):
        return False  # a person has to look


def read_rows(
    sheet: Path, archive: Path, kind: str, template: Template
) -> Iterator[tuple[str, dict[str, str]]]:
    """Rows of a sound pack with the name of their PDF."""
    columns = columns_of(kind, template)
    with zipfile.ZipFile(archive) as packed:
        names = {parse_file_name(name).key: name for name in packed.namelist()}
    for row in _body(sheet, columns):
        values = _by_key(columns, row)
        wanted = _wanted(kind, values)
        assert wanted is not None
        yield names[wanted.key], {key: cell for key, cell in values.items() if key != SERIAL_COLUMN}
