"""Data quality in the six words officers are measured by: đúng, đủ, sạch, sống, thống nhất, dùng chung.

Every word is made of shares that are counted in the database, of records, values or persons: how many are
good, of how many. A word is as good as its weakest share. What nothing was counted for has no share, which
is not the same as a good one. `docs/chat-luong.md` explains every measure to officers.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F, Q, QuerySet

from pipeline.models import FieldValue, Finding, Office, Record, RecordState, RegisterCheck, SampledValue

WORDS: Mapping[str, str] = {
    "dung": "Đúng",
    "du": "Đủ",
    "sach": "Sạch",
    "song": "Sống",
    "thong_nhat": "Thống nhất",
    "dung_chung": "Dùng chung",
}
CURRENT_DAYS = 90
"""A register verdict or a proof of a stored copy older than this is no longer current, unless told else."""
GONE = (RecordState.SUPERSEDED, RecordState.QUARANTINED)
SEALED = (RecordState.SEALED, RecordState.STORED, RecordState.DELIVERED)
STORED = (RecordState.STORED, RecordState.DELIVERED)


@dataclass(frozen=True, slots=True)
class Measure:
    """What is counted.

    Attributes:
        word: key of `WORDS`.
        name: Vietnamese, as a column head.
        meaning: one Vietnamese sentence: what is good, of what.
    """

    code: str
    word: str
    name: str
    meaning: str


MEASURES = (
    Measure(
        "SAMPLE_RIGHT", "dung", "Mẫu đúng", "Trường đúng trong các trường đã kiểm tra theo mẫu nghiệm thu."
    ),
    Measure(
        "MACHINE_KEPT",
        "dung",
        "Máy đọc được giữ",
        "Giá trị máy đọc được cán bộ giữ nguyên trong các giá trị cán bộ đã xem.",
    ),
    Measure("NO_OPEN_BLOCK", "dung", "Không còn lỗi chặn", "Hồ sơ không còn lỗi chặn duyệt hoặc chặn nhập."),
    Measure(
        "NUMBERS_PRESENT",
        "du",
        "Số có mặt",
        "Số đăng ký có mặt trên dãy từ số nhỏ nhất đến số lớn nhất của mỗi năm.",
    ),
    Measure(
        "BOOKS_COMPLETE",
        "du",
        "Sổ đủ việc",
        "Quyển không thiếu số và đủ số việc như dự kiến hoặc như khi khóa sổ.",
    ),
    Measure("REQUIRED_FILLED", "du", "Đủ trường bắt buộc", "Hồ sơ không thiếu trường bắt buộc."),
    Measure(
        "READABLE", "du", "Trường đọc được", "Trường đã có giá trị hoặc chắc chắn trống, trên mọi trường."
    ),
    Measure("NOT_REPEATED", "sach", "Không trùng", "Hồ sơ không trùng số hoặc trùng việc với hồ sơ khác."),
    Measure("WELL_FORMED", "sach", "Đúng dạng", "Hồ sơ không có lỗi về dạng số, ngày, mã."),
    Measure(
        "REGISTER_CURRENT",
        "song",
        "Đối chiếu còn mới",
        "Người đã được đối chiếu dân cư trong thời hạn, trên mọi người đã tra.",
    ),
    Measure(
        "REGISTER_MATCH", "song", "Khớp dân cư", "Người khớp cơ sở dữ liệu dân cư trong lần tra gần nhất."
    ),
    Measure("CONSISTENT", "thong_nhat", "Trong hồ sơ", "Hồ sơ không có trường trái nhau."),
    Measure("CONSISTENT_BOOKS", "thong_nhat", "Giữa các hồ sơ", "Hồ sơ không trái với hồ sơ hoặc sổ khác."),
    Measure("SEALED", "dung_chung", "Đã ký", "Hồ sơ đã có bản PDF/A ký số."),
    Measure("STORED", "dung_chung", "Đã lưu khóa", "Hồ sơ có bản ký đã nằm trong kho có khóa."),
    Measure(
        "EXPORTABLE",
        "dung_chung",
        "Xuất được",
        "Hồ sơ đã lưu và không còn lỗi chặn nhập vào phần mềm hộ tịch, đất đai.",
    ),
)

MISSING = frozenset({"NUMBER_GAP", "BOOK_COUNT_DIFFERS"})
REPEATS = frozenset({"DUPLICATE_NUMBER", "DUPLICATE_CASE", "SERIAL_TWICE", "PARCEL_TWICE"})
ACROSS = frozenset(
    {"NUMBER_DISORDER", "NUMBER_DATE_DISORDER", "AFTER_BOOK_CLOSED", "ALREADY_MARRIED"}
    | {"ACT_AFTER_DEATH", "DATE_BEFORE_BOOK", "YEAR_OF_NUMBER_DIFFERS"}
)
FORM = re.compile(
    r"_(?:FORM|LENGTH|IMPOSSIBLE|UNKNOWN|PARTIAL|OUT_OF_RANGE|OUT_OF_DATE|NOT_NUMERIC|NOT_POSITIVE)$"
)
WITHIN = re.compile(
    r"_(?:DIFFERS?|BEFORE_\w+|AFTER_\w+|TOO_\w+)$|^(?:ONE_PERSON_TWICE|STAY_DATES_DISORDER|PAPER_ISSUED_LATER)$"
)
"""Rules are told apart by how their codes end, so that a new rule finds its word by its name."""


@dataclass(frozen=True, slots=True)
class Share:
    """How many are good, of how many."""

    measure: Measure
    good: int
    of: int

    @property
    def share(self) -> float | None:
        """0 to 1; None where nothing was counted."""
        return self.good / self.of if self.of else None


@dataclass(frozen=True, slots=True)
class Quality:
    """All measures of one book, or of the whole office where `book` is empty."""

    book: str
    records: int
    shares: tuple[Share, ...]

    def word(self, key: str) -> float | None:
        """The weakest share of a word; None where none was counted."""
        counted = [s.share for s in self.shares if s.measure.word == key and s.share is not None]
        return min(counted, default=None)

    def words(self) -> dict[str, float | None]:
        """All six, in their order."""
        return {key: self.word(key) for key in WORDS}


@dataclass(frozen=True, slots=True)
class QualityReport:
    """One office at one moment.

    Attributes:
        books: by `Record.book_key`; records that name no book stand under an empty one.
    """

    office: str
    name: str
    at: datetime
    current_days: int
    total: Quality
    books: tuple[Quality, ...]

    def json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "office": {"code": self.office, "name": self.name},
            "at": self.at.isoformat(),
            "current_days": self.current_days,
            "total": _quality_json(self.total),
            "books": [_quality_json(book) for book in self.books],
        }


def quality_of(office: Office, at: datetime, current_days: int = CURRENT_DAYS) -> QualityReport:
    """Count everything for one office."""
    living = Record.objects.filter(office=office).exclude(state__in=GONE)
    since = at - timedelta(days=current_days)
    counted: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
    records = dict(living.values_list("book_key").annotate(Count("pk")).order_by())
    for code, rows in _rows(living, since, records).items():
        for book, good, of in rows:
            counted[book][code][0] += good
            counted[book][code][1] += of
    books = tuple(_quality(book, records[book], counted[book]) for book in sorted(records))
    whole: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for book in records:
        for code, (good, of) in counted[book].items():
            whole[code][0] += good
            whole[code][1] += of
    return QualityReport(
        office.code,
        office.name,
        at,
        current_days,
        _quality("", sum(records.values()), whole),
        books,
    )


_Rows = Iterable[tuple[str, int, int]]


def _rows(living: QuerySet[Record], since: datetime, records: Mapping[str, int]) -> dict[str, _Rows]:
    """Good and all, by measure and book."""
    opened = Finding.objects.filter(record__in=living, settled_at__isnull=True, withdrawn_at__isnull=True)
    codes = set(opened.values_list("code", flat=True).distinct())

    def without(found: QuerySet[Finding]) -> _Rows:
        bad = dict(found.values_list("record__book_key").annotate(Count("record", distinct=True)).order_by())
        return [(book, n - bad.get(book, 0), n) for book, n in records.items()]

    def of_codes(chosen: Iterable[str]) -> _Rows:
        return without(opened.filter(code__in=list(chosen)))

    values = FieldValue.objects.filter(record__in=living)
    current = values.filter(superseded_by__isnull=True)
    lacking = set(opened.filter(code__in=MISSING).values_list("record__book_key", flat=True))
    blocked = opened.filter(severity="blocks_import").values("record")
    return {
        "SAMPLE_RIGHT": _counted(
            SampledValue.objects.filter(value__record__in=living).exclude(outcome=""),
            "value__record__book_key",
            Q(outcome="RIGHT"),
        ),
        "MACHINE_KEPT": _counted(
            values.filter(supersedes__actor="").exclude(actor=""),
            "record__book_key",
            Q(value=F("supersedes__value")),
        ),
        "NO_OPEN_BLOCK": without(opened.exclude(severity="warns")),
        "NUMBERS_PRESENT": _numbers(living),
        "BOOKS_COMPLETE": [(book, int(book not in lacking), 1) for book in records if book],
        "REQUIRED_FILLED": of_codes(c for c in codes if c.startswith("REQUIRED_")),
        "READABLE": _counted(current, "record__book_key", ~Q(status__in=["UNREADABLE", "CONFLICT"])),
        "NOT_REPEATED": of_codes(codes & REPEATS),
        "WELL_FORMED": of_codes(c for c in codes if FORM.search(c)),
        "REGISTER_CURRENT": _latest(living, lambda check: check.at >= since),
        "REGISTER_MATCH": _latest(living, lambda check: check.verdict == "MATCH"),
        "CONSISTENT": of_codes(c for c in codes if WITHIN.search(c) and c not in ACROSS | MISSING),
        "CONSISTENT_BOOKS": of_codes(codes & ACROSS),
        "SEALED": _counted(living, "book_key", Q(state__in=SEALED)),
        "STORED": _counted(living, "book_key", Q(state__in=STORED)),
        "EXPORTABLE": _counted(living, "book_key", Q(state__in=STORED) & ~Q(pk__in=blocked)),
    }


def _counted(rows: QuerySet[Any], book: str, good: Q) -> _Rows:
    found = rows.values(book).annotate(good=Count("pk", filter=good), of=Count("pk")).order_by()
    return [(row[book], row["good"], row["of"]) for row in found]


def _latest(living: QuerySet[Record], good: Any) -> _Rows:
    """Every person by the last answer."""
    checks = RegisterCheck.objects.filter(record__in=living).exclude(verdict="NOT_CHECKED")
    last = (
        checks.order_by("record_id", "prefix", "-id").distinct("record_id", "prefix").select_related("record")
    )
    return [(check.record.book_key, int(good(check)), 1) for check in last.iterator()]


_ENTRY = re.compile(r"(\d{1,6})\D*(?:/\D*(\d{4}))?")


def _numbers(living: QuerySet[Record]) -> _Rows:
    """Entry numbers that are there, of the run from the least to the greatest, by book and year."""
    seen: dict[tuple[str, str], set[int]] = defaultdict(set)
    named = living.exclude(book_key="").exclude(entry="").values_list("book_key", "entry")
    for book, entry in named.iterator():
        if found := _ENTRY.match(entry):
            seen[book, found[2] or ""].add(int(found[1]))
    return [(book, len(numbers), max(numbers) - min(numbers) + 1) for (book, _), numbers in seen.items()]


def _quality(book: str, records: int, counted: Mapping[str, list[int]]) -> Quality:
    shares = tuple(Share(m, *counted.get(m.code, (0, 0))) for m in MEASURES)
    return Quality(book, records, shares)


def _quality_json(quality: Quality) -> dict[str, Any]:
    return {
        "book": quality.book,
        "records": quality.records,
        "words": {
            key: {
                "name": name,
                "share": quality.word(key),
                "measures": {
                    s.measure.code: {"good": s.good, "of": s.of, "share": s.share}
                    for s in quality.shares
                    if s.measure.word == key
                },
            }
            for key, name in WORDS.items()
        },
    }
