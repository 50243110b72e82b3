"""Entry, book and page numbers of one case."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from validators.case import Case
from validators.dates import is_iso
from validators.letters import fold, tidy
from validators.rules.registry import Violation, has

_ENTRY = re.compile(r"(?P<number>\d+)\s*(?P<suffix>bis|[a-z])?\s*(?:/\s*(?P<year>\d{4}).*)?")


@dataclass(frozen=True, slots=True, order=True)
class EntryNumber:
    """Number of a case in its book: 51, 51a, 15/2018."""

    number: int
    suffix: str = ""
    year: int | None = None


def parse_entry_number(text: str) -> EntryNumber | None:
    """Take an entry number apart; None when it has another shape."""
    found = _ENTRY.fullmatch(fold(tidy(text)))
    if found is None:
        return None
    return EntryNumber(
        int(found["number"]), found["suffix"] or "", int(found["year"]) if found["year"] else None
    )


def year_of_number_differs(case: Case) -> Iterator[Violation]:
    """Year behind the stroke against the year of registration (import rule 6)."""
    if not has(case, "so", "ngayDangKy") or not is_iso(case.value("ngayDangKy")):
        return
    entry = parse_entry_number(case.value("so"))
    registered = int(case.value("ngayDangKy")[:4])
    if entry and entry.year is not None and entry.year != registered:
        yield Violation(
            ("so", "ngayDangKy"),
            f"Số {case.value('so')} mang năm {entry.year}, ngày đăng ký thuộc năm {registered}.",
            {"so": case.value("so"), "ngayDangKy": case.value("ngayDangKy")},
        )


def number_suffix(case: Case) -> Iterator[Violation]:
    """51a, 51 bis: allowed on paper, refused by some import tools."""
    entry = parse_entry_number(case.value("so")) if has(case, "so") else None
    if entry and entry.suffix:
        yield Violation(("so",), f"Số {case.value('so')} có phần chữ đi kèm.", {"so": case.value("so")})


def number_form(case: Case) -> Iterator[Violation]:
    """An entry number that is no number makes a file name such as "null.pdf"."""
    if (
        case.form in ("KS", "KH", "KT", "CMC", "HN")
        and has(case, "so")
        and not parse_entry_number(case.value("so"))
    ):
        yield Violation(
            ("so",), f"Số đăng ký “{case.value('so')}” không đúng dạng.", {"so": case.value("so")}
        )


def book_number_form(case: Case) -> Iterator[Violation]:
    """Import rule 1: quyenSo is NN/YYYY."""
    if (
        case.form in ("KS", "KH", "KT", "CMC", "HN")
        and has(case, "quyenSo")
        and "/" not in case.value("quyenSo")
    ):
        yield Violation(
            ("quyenSo",),
            f"Quyển số “{case.value('quyenSo')}” thiếu năm mở sổ.",
            {"quyenSo": case.value("quyenSo")},
        )


def page_not_numeric(case: Case) -> Iterator[Violation]:
    """Import rule 2."""
    if has(case, "trangSo") and not case.value("trangSo").isdigit():
        yield Violation(
            ("trangSo",),
            f"Trang số “{case.value('trangSo')}” không phải là số.",
            {"trangSo": case.value("trangSo")},
        )


def registration_date_partial(case: Case) -> Iterator[Violation]:
    """Import rule 4: the day of registration is complete."""
    value = case.value("ngayDangKy")
    if has(case, "ngayDangKy") and is_iso(value) and len(value) < 10:
        yield Violation(("ngayDangKy",), "Ngày đăng ký thiếu ngày hoặc tháng.", {"ngayDangKy": value})
