"""Entry, book and page numbers of one case."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from validators.case import Case
from validators.dates import is_iso
from validators.letters import fold, tidy
from validators.rules.registry import Declared, Rule, Violation, has
from validators.verdict import Severity

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


def date_before_book(case: Case) -> Iterator[Violation]:
    """A case registered before the book was opened; books entered anew afterwards hold such cases."""
    book = re.fullmatch(r".*/\s*(\d{4})", case.value("quyenSo")) if has(case, "quyenSo") else None
    if book is None or not has(case, "ngayDangKy") or not is_iso(case.value("ngayDangKy")):
        return
    if int(case.value("ngayDangKy")[:4]) < int(book.group(1)):
        keys = ("ngayDangKy", "quyenSo")
        yield Violation(
            keys,
            f"Ngày đăng ký thuộc năm {case.value('ngayDangKy')[:4]}, sổ mở năm {book.group(1)}.",
            {k: case.value(k) for k in keys},
        )


_SQL = "Kiểm tra trước khi nhập vào phần mềm hộ tịch"
_IMPORT, _WARNS = Severity.BLOCKS_IMPORT, Severity.WARNS

RULES: tuple[Declared, ...] = (
    (
        Rule(
            "YEAR_OF_NUMBER_DIFFERS",
            "Năm trong số đăng ký khác năm đăng ký",
            _IMPORT,
            _SQL,
            "Phần mềm hộ tịch từ chối dòng có số “31/2016” mà ngày đăng ký thuộc năm khác.",
        ),
        year_of_number_differs,
    ),
    (
        Rule(
            "NUMBER_SUFFIX",
            "Số đăng ký có phần chữ (51a, 51 bis)",
            _WARNS,
            _SQL,
            "Trên giấy là hợp lệ và được giữ nguyên; nhắc vì có phần mềm chỉ nhận số.",
        ),
        number_suffix,
    ),
    (
        Rule(
            "NUMBER_FORM",
            "Số đăng ký không đúng dạng",
            _IMPORT,
            _SQL,
            "Số đăng ký đứng trong tên tệp và là khóa của dòng dữ liệu; không có số thì không nhập được.",
        ),
        number_form,
    ),
    (
        Rule(
            "BOOK_NUMBER_FORM",
            "Quyển số thiếu năm mở sổ",
            _IMPORT,
            _SQL,
            "Quyển số phải có dạng 01/2008: số quyển và năm mở sổ.",
        ),
        book_number_form,
    ),
    (
        Rule("PAGE_NOT_NUMERIC", "Trang số không phải là số", _IMPORT, _SQL, "Ô trang số chỉ nhận chữ số."),
        page_not_numeric,
    ),
    (
        Rule(
            "DATE_BEFORE_BOOK",
            "Ngày đăng ký trước năm mở sổ",
            _WARNS,
            "Kinh nghiệm đối chiếu dữ liệu",
            "Sổ lập lại có thể chứa việc của năm trước; nếu không phải sổ lập lại thì một năm bị đọc sai.",
        ),
        date_before_book,
    ),
)
