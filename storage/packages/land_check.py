"""A land package seen from outside: sheet, scans and check list are opened anew."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import pikepdf

from storage.checks import Check, failed, passed, undecided
from storage.packages.land_columns import CERTIFICATE, COLUMNS, NUMBERS, TITLES, keys_of
from storage.packages.land_files import CHECK_LIST, LIST_HEAD, NO_LINK, SHEET_FILE, is_signed
from storage.packages.land_values import values_of
from storage.packages.problems import PackageRefused
from storage.packages.sheet import SheetRow, padded, read_sheet
from storage.seal_manifest import RECORD_NAME

MAX_PDF_BYTES = 256 * 1024 * 1024
_SCAN = re.compile(r"(?P<serial>.+?)-(?P<kind>GCN|GT)(?:-(?P<number>\d\d+))?\.pdf")
_SHAPES = {
    "maXa": r"\d{5}",
    "maThua": r"[0-9b-hjkmnp-z]{12}",  # GeoHash: no a, i, l, o
    "gioiTinh": r"[123]",
    "dienTich": r"\d+(?:\.\d+)?",
    **{f"dienTichSuDung_{n}": r"\d+(?:\.\d+)?" for n in (1, 2, 3)},
}
_DATES = ("ngayCap", "ngaySinh")


def check_land(folder: Path) -> tuple[Check, ...]:
    """Everything that would make the land system refuse or lose a scan.

    Returns:
        What is wrong, and undecided what only a person can judge; one passed check where there is nothing.
    """
    try:
        body = _body(folder / SHEET_FILE)
    except PackageRefused as error:
        return (failed("sheet", error.code, detail=error.message),)
    if not body:
        return (failed("sheet", "NO_CASES"),)
    rows = [(row.number, row.values[0], values_of(_by_key(row))) for row in body]
    found = [
        failed("row", "CELL_NOT_TEXT", record=f"dòng {row.number}", field=TITLES[i])
        for row in body
        for i in row.not_text
        if i < len(TITLES)
    ]
    for number, _, values in rows:
        found += _faults(f"dòng {number}", values)
    found += _repeats(rows)
    certificates = {count: values for _, count, values in reversed(rows)}
    found += _check_scans(folder, certificates)
    found += _check_list(folder / CHECK_LIST, certificates)
    return tuple(found) or (passed("pack", rows=str(len(rows))),)


def read_rows(sheet: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """Number of the certificate and texts by key, for every row of a sound sheet."""
    for row in _body(sheet):
        yield row.values[0], _by_key(row)


def _body(sheet: Path) -> tuple[SheetRow, ...]:
    try:
        rows = read_sheet(sheet.read_bytes())
    except FileNotFoundError:
        raise PackageRefused("SHEET_MISSING", f"no {sheet.name}") from None
    if len(rows) < 2 or rows[0].values != TITLES or padded(rows[1].values, len(NUMBERS)) != NUMBERS:
        raise PackageRefused("COLUMNS_DIFFER", f"the first rows are not the {len(COLUMNS)} columns in order")
    return rows[2:]


def _by_key(row: SheetRow) -> dict[str, str]:
    cells = padded(row.values, len(TITLES))[1:]
    return {column.key: cell for column, cell in zip(COLUMNS, cells, strict=False)}


def _faults(where: str, values: dict[str, str]) -> Iterator[Check]:
    for key, shape in _SHAPES.items():
        if values.get(key) and not re.fullmatch(shape, values[key]):
            yield failed("row", "VALUE_MALFORMED", record=where, field=key)
    if values.get("soGiayTo") and not re.fullmatch(r"\d{9}|\d{12}", values["soGiayTo"]):
        yield undecided("row", "IDENTITY_UNUSUAL", record=where, field="soGiayTo")
    for key in _DATES:
        if values.get(key) and not _is_date(values[key]):
            yield failed("row", "DATE_MALFORMED", record=where, field=key)


def _is_date(iso: str) -> bool:
    if not re.fullmatch(r"\d{4}(?:-\d\d){0,2}", iso):
        return False
    try:
        dt.date.fromisoformat((iso + "-01-01")[:10])
    except ValueError:
        return False
    return True


def _repeats(rows: list[tuple[int, str, dict[str, str]]]) -> Iterator[Check]:
    seen: Counter[str] = Counter()
    said: dict[str, dict[str, str]] = {}
    about = keys_of(CERTIFICATE)
    for number, count, values in rows:
        where = f"dòng {number}"
        seen[row_text := json.dumps([count, values], ensure_ascii=False, sort_keys=True)] += 1
        if seen[row_text] > 1:
            yield failed("row", "ROW_TWICE", record=where, field="soPhatHanh")
        if not re.fullmatch(r"[1-9]\d*", count):
            yield failed("row", "COUNT_MALFORMED", record=where, field=TITLES[0])
        told = {key: values.get(key, "") for key in about}
        if said.setdefault(count, told) != told:
            yield failed("row", "CERTIFICATE_DIFFERS", record=where, field="soPhatHanh")


def _check_scans(folder: Path, certificates: dict[str, dict[str, str]]) -> Iterator[Check]:
    there = {p.name for p in folder.iterdir() if p.is_file() and p.suffix.lower() == ".pdf"}
    linked: dict[str, list[str]] = defaultdict(list)
    for count, values in certificates.items():
        if name := values.get("tenTepQuet"):
            linked[name].append(count)
    for name, counts in linked.items():
        serial = certificates[counts[0]].get("soPhatHanh", "")
        found = _SCAN.fullmatch(name)
        if found is None or "/" in name or "\\" in name:
            yield failed("file", "FILE_NAME_MALFORMED", name=name)
        elif found["serial"] != serial:
            yield failed("file", "PDF_OF_OTHER_CERTIFICATE", name=name)
        elif name not in there:
            yield failed("file", "PDF_MISSING", name=name)
        else:
            yield from _check_scan(folder / name, serial)
        if len(counts) > 1:
            yield failed("file", "FILE_TWICE", name=name)
    for count, values in certificates.items():
        if not values.get("tenTepQuet"):
            yield undecided("file", NO_LINK, record=values.get("soPhatHanh") or f"STT {count}")
    for name in sorted(there - linked.keys()):
        yield failed("file", "PDF_WITHOUT_ROW", name=name)


def _check_scan(path: Path, serial: str) -> Iterator[Check]:
    if path.stat().st_size > MAX_PDF_BYTES:
        yield failed("file", "PDF_TOO_LARGE", name=path.name)
        return
    data = path.read_bytes()
    if not is_signed(data):
        yield failed("file", "PDF_NOT_SIGNED", name=path.name)
    try:
        with pikepdf.open(io.BytesIO(data)) as pdf:
            embedded = pdf.attachments.get(RECORD_NAME)
            record = embedded.get_file().read_bytes() if embedded is not None else None
        if record is None:
            # a file that was delivered signed carries no record of ours
            yield undecided("file", "NO_RECORD_INSIDE", name=path.name)
        elif json.loads(record)["fields"].get("soPhatHanh", {}).get("value", "") != serial:
            yield failed("file", "PDF_OF_OTHER_CERTIFICATE", name=path.name)
    except (pikepdf.PdfError, ValueError, KeyError, AttributeError, TypeError) as error:
        yield failed("file", "PDF_UNREADABLE", name=path.name, detail=str(error))


def _check_list(path: Path, certificates: dict[str, dict[str, str]]) -> Iterator[Check]:
    """Every certificate without a scan has to stand in the check list, and no other."""
    try:
        head, *lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError, ValueError):
        yield failed("list", "LIST_UNREADABLE", name=path.name)
        return
    parts = [line.split("|") for line in lines]
    if head != LIST_HEAD or any(len(part) != 4 for part in parts):
        yield failed("list", "LIST_UNREADABLE", name=path.name)
        return
    listed = Counter(part[1].rpartition("_")[0] for part in parts if part[3] == NO_LINK)
    without = Counter(v.get("soPhatHanh", "") for v in certificates.values() if not v.get("tenTepQuet"))
    for serial in (listed - without) + (without - listed):
        yield failed("list", "LIST_DIFFERS", name=serial)
