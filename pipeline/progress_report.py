"""Progress of a tree of offices: counts with all below them, pages of each day, forecasts; no persons."""

from __future__ import annotations

import io
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncDate
from django.utils import timezone
from openpyxl import Workbook

from ocr.elements import PageState
from pipeline.forecast import WINDOW_DAYS, Forecast, Work, forecast
from pipeline.models import Book, Office, Page, Record, RecordState
from pipeline.mutual_help import Help, proposals
from pipeline.progress import BUSY_RECORDS, DONE_RECORDS, SEALING_RECORDS
from pipeline.search_terms import folded

PERIODS = (
    (2020, "từ 2020"),
    (2016, "2016–2019"),
    (2006, "2006–2015"),
    (1999, "1999–2005"),
    (1976, "1976–1998"),
)
"""First year and name of the periods in which civil-registry books are worked through, latest first."""
_EARLIEST, _NO_YEAR = "đến 1975", "chưa rõ năm"
PERIOD_NAMES = (*(name for _, name in PERIODS), _EARLIEST, _NO_YEAR)

OUTCOMES: Mapping[str, str] = {
    "DONE": "Không có việc đang chờ",
    "TOO_FEW_DAYS": "Chưa đủ ngày làm việc để dự báo",
    "NO_WORK": "Lâu nay không duyệt hồ sơ nào, không dự báo được",
    "TOO_LONG": "Hơn mười năm với tốc độ hiện nay",
    "FORETOLD": "Có dự báo",
}
_PLOTTED_DAYS = 30
_APPROVED = (*SEALING_RECORDS, RecordState.STORED, RecordState.DELIVERED)


@dataclass(frozen=True, slots=True)
class Standing:
    """Records of one office and of all that stand below it.

    Attributes:
        depth: how far below the uppermost office shown, for indenting.
        machine: records that wait for a machine, before people look or after they approved.
        people: records that wait to be looked at or approved.
        stuck: records that need a new scan or lie in quarantine.
        forecast: of the work of the office itself, without those below it.
    """

    office: str
    name: str
    depth: int
    records: int
    machine: int
    people: int
    stored: int
    stuck: int
    forecast: Forecast


@dataclass(frozen=True, slots=True)
class Day:
    """What was done on one local day: delivered pages that are not blank, and records approved."""

    day: date
    pages: int
    approved: int


@dataclass(frozen=True, slots=True)
class Counted:
    """One line of a count: a book type or period, and records by state."""

    name: str
    states: Mapping[str, int]

    @property
    def records(self) -> int:
        """All of the line."""
        return sum(self.states.values())


@dataclass(frozen=True, slots=True)
class ProgressReport:
    """Everything the progress page shows."""

    today: date
    offices: tuple[Standing, ...]
    forms: tuple[Counted, ...]
    periods: tuple[Counted, ...]
    states: Mapping[str, int]
    days: tuple[Day, ...]
    help: tuple[Help, ...]

    def json(self) -> dict[str, Any]:
        """All of it for programs."""
        return {
            "today": self.today.isoformat(),
            "offices": [asdict(row) | {"forecast": row.forecast.json()} for row in self.offices],
            "forms": [asdict(row) for row in self.forms],
            "periods": [asdict(row) for row in self.periods],
            "states": dict(self.states),
            "days": [asdict(row) | {"day": row.day.isoformat()} for row in self.days],
            "help": [asdict(row) for row in self.help],
        }


def report_of(offices: QuerySet[Office], today: date, deadline: date | None) -> ProgressReport:
    """Count everything of these offices, in a fixed number of queries whatever they hold."""
    rows = list(
        _standing(offices).values_list("office_id", "form", "book_key", "state").annotate(n=Count("pk"))
    )
    of_office: defaultdict[int, Counter[str]] = defaultdict(Counter)
    forms: defaultdict[str, Counter[str]] = defaultdict(Counter)
    periods: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for office, form, key, state, number in rows:
        of_office[office][state] += number
        forms[form][state] += number
        periods[period_of(_year_in(key))][state] += number
    foretold = forecasts_of(offices, today, deadline)
    return ProgressReport(
        today=today,
        offices=tuple(_tree(list(offices), of_office, foretold)),
        forms=tuple(Counted(form, dict(forms[form])) for form in sorted(forms)),
        periods=tuple(Counted(name, dict(periods[name])) for name in PERIOD_NAMES if name in periods),
        states={s.value: n for s in RecordState if (n := sum(c[s.value] for c in of_office.values()))},
        days=_days(offices, today),
        help=proposals({office.code: foretold[office.pk] for office in offices}, today),
    )


def forecasts_of(offices: QuerySet[Office], today: date, deadline: date | None) -> dict[int, Forecast]:
    """The forecast of each office by its key, from the records and listed books of that office alone."""
    standing = _standing(offices)
    waiting = Counter(
        dict(
            standing.exclude(state__in=_APPROVED).values_list("office_id").annotate(n=Count("pk")).order_by()
        )
    )
    missing = _missing(offices)
    done: defaultdict[int, dict[date, int]] = defaultdict(dict)
    for office, day, number in _approvals(offices, _since(today, WINDOW_DAYS * 2)):
        done[office][day] = number
    return {
        office: forecast(Work(waiting[office], missing[office], done[office]), today, deadline)
        for office in offices.values_list("pk", flat=True)
    }


def told_forecasts(code: str, today: date, deadline: date | None) -> list[dict[str, Any]]:
    """Forecasts of all offices, or of one, as ``sohoa status --json`` prints them."""
    offices = Office.objects.filter(code=code) if code else Office.objects.all()
    foretold = forecasts_of(offices, today, deadline)
    return [
        {"office": office.code, "office_name": office.name} | foretold[office.pk].json() for office in offices
    ]


def period_of(year: int | None) -> str:
    """The period of a book opened in a year."""
    if year is None:
        return _NO_YEAR
    return next((name for first, name in PERIODS if year >= first), _EARLIEST)


def progress_workbook(report: ProgressReport) -> bytes:
    """The report as xlsx: offices with forecasts, types, periods, days."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Đơn vị")
    sheet.append([title for title, _ in _OFFICE_COLUMNS])
    for row in report.offices:
        sheet.append([value(row) for _, value in _OFFICE_COLUMNS])
    for title, rows in (("Loại sổ", report.forms), ("Thời kỳ", report.periods)):
        sheet = book.create_sheet(title)
        sheet.append([title, "Hồ sơ", *(RecordState(state).label for state in report.states)])
        for counted in rows:
            sheet.append([counted.name, counted.records, *(counted.states.get(s, 0) for s in report.states)])
    sheet = book.create_sheet("Theo ngày")
    sheet.append(["Ngày", "Trang quét (trừ trang trắng)", "Hồ sơ duyệt"])
    for day in report.days:
        sheet.append([day.day, day.pages, day.approved])
    sheet = book.create_sheet("Đề xuất hỗ trợ")
    sheet.append(["Đơn vị còn dư thời gian", "Làm giúp đơn vị", "Hồ sơ", "Ngày làm việc"])
    for row in report.help:
        sheet.append([row.giver, row.taker, row.records, row.days])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text


_OFFICE_COLUMNS: tuple[tuple[str, Callable[[Standing], Any]], ...] = (
    ("Mã", lambda row: row.office),
    ("Đơn vị", lambda row: _harmless(row.name)),
    ("Hồ sơ", lambda row: row.records),
    ("Chờ máy", lambda row: row.machine),
    ("Chờ cán bộ", lambda row: row.people),
    ("Vướng", lambda row: row.stuck),
    ("Đã lưu khóa", lambda row: row.stored),
    ("Còn phải duyệt (riêng đơn vị)", lambda row: row.forecast.remaining),
    ("Trong đó chưa quét", lambda row: row.forecast.missing),
    ("Ngày làm việc đã tính", lambda row: row.forecast.days),
    ("Hồ sơ mỗi ngày", lambda row: row.forecast.per_day),
    ("Dự báo", lambda row: OUTCOMES[row.forecast.outcome]),
    ("Sớm nhất", lambda row: row.forecast.earliest),
    ("Xong khoảng", lambda row: row.forecast.finish),
    ("Muộn nhất", lambda row: row.forecast.latest),
    ("Hạn", lambda row: row.forecast.deadline),
    ("Dư ngày", lambda row: row.forecast.slack),
    ("Dư ngày nếu muộn nhất", lambda row: row.forecast.sure_slack),
)


def _standing(offices: QuerySet[Office]) -> QuerySet[Record]:
    return Record.objects.filter(office__in=offices).exclude(state=RecordState.SUPERSEDED).order_by()


def _tree(
    offices: list[Office], counts: Mapping[int, Counter[str]], foretold: Mapping[int, Forecast]
) -> Iterable[Standing]:
    """Offices from the top down, each before those below it."""
    keys = {office.pk for office in offices}
    below: defaultdict[int | None, list[Office]] = defaultdict(list)
    for office in offices:
        below[office.parent_id if office.parent_id in keys else None].append(office)

    def walk(office: Office, depth: int) -> tuple[Counter[str], list[Standing]]:
        states, rows = Counter(counts.get(office.pk, {})), []
        for child in below[office.pk]:
            more, lines = walk(child, depth + 1)
            states += more
            rows += lines
        return states, [_row(office, depth, states, foretold[office.pk]), *rows]

    for top in below[None]:
        yield from walk(top, 0)[1]


def _row(office: Office, depth: int, states: Counter[str], told: Forecast) -> Standing:
    stored = sum(states[s] for s in DONE_RECORDS)
    machine = sum(states[s] for s in (*BUSY_RECORDS, *SEALING_RECORDS))
    stuck = states[RecordState.RESCAN] + states[RecordState.QUARANTINED]
    people = states.total() - stored - machine - stuck
    return Standing(office.code, office.name, depth, states.total(), machine, people, stored, stuck, told)


def _missing(offices: QuerySet[Office]) -> Counter[int]:
    """Entries of listed books less the records in them, an entry number that stands twice counted once."""
    listed = list(Book.objects.filter(office__in=offices).exclude(expected=[]))
    present: Counter[tuple[int, int]] = Counter()
    named: Counter[tuple[int, str, str]] = Counter()
    if listed:
        held = _standing(offices).values_list("office_id", "book_id", "form", "book_key")
        counted = held.annotate(
            numbered=Count("entry", distinct=True, filter=~Q(entry="")),
            unnumbered=Count("pk", filter=Q(entry="")),
        )
        for office, book, form, key, numbered, unnumbered in counted:
            number = numbered + unnumbered
            if book:
                present[office, book] += number
            elif key:
                for place in _places(*key.split("|")[1:3]):
                    named[office, form, place] += number
    missing: Counter[int] = Counter()
    for book in listed:
        place = f"{_number(book.volume)}/{book.year or ''}|{folded(book.issuing_unit)}"
        found = present[book.office_id, book.pk] + named[book.office_id, book.kind, place]
        missing[book.office_id] += max(0, len(set(map(str, book.expected))) - found)
    return missing


def _places(volume: str, unit: str = "") -> set[str]:
    """How a listed book may be named for a record that says this volume and unit."""
    year = _year_in(volume)
    number = _number(volume.split("/")[0])
    return {f"{number}/{y}|{u}" for y in (year or "", "") for u in (unit, "")}


def _number(volume: str) -> str:
    return volume.split("/")[0].strip().lstrip("0")


def _year_in(key: str) -> int | None:
    """The year of the book in a book key; the unit's name may hold other numbers."""
    volume = key.split("|")[1] if "|" in key else key
    found = re.search(r"(?<!\d)(1[89]\d\d|20\d\d)(?!\d)", volume)
    return int(found[1]) if found else None


def _days(offices: QuerySet[Office], today: date) -> tuple[Day, ...]:
    since = _since(today, _PLOTTED_DAYS - 1)
    pages: Counter[date] = Counter(
        dict(
            Page.objects.filter(scan__office__in=offices, scan__received_at__gte=since)
            .exclude(state=PageState.BLANK)
            .values_list(TruncDate("scan__received_at"))
            .annotate(n=Count("pk"))
            .order_by()
        )
    )
    approved: Counter[date] = Counter()
    for _, day, number in _approvals(offices, since):
        approved[day] += number
    days = (today - timedelta(days=n) for n in reversed(range(_PLOTTED_DAYS)))
    return tuple(Day(day, pages[day], approved[day]) for day in days)


def _approvals(offices: QuerySet[Office], since: datetime) -> Iterable[tuple[int, date, int]]:
    approved = Record.objects.filter(office__in=offices, state__in=_APPROVED, approved_at__gte=since)
    by_day = approved.values_list("office_id", TruncDate("approved_at")).annotate(n=Count("pk")).order_by()
    return list(by_day)


def _since(today: date, days: int) -> datetime:
    return timezone.make_aware(datetime.combine(today - timedelta(days=days), time()))
