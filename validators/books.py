"""Numbers of a book against each other and against what the book should hold.

Convention for where a finding stands:

* ``NUMBER_GAP``: on the case with the smallest number above the gap, where an officer leafing forward
  notices it; numbers missing at the end of a planned book stand on the last case. One finding a gap,
  however wide.
* ``DUPLICATE_NUMBER``: on every case after the first that carries a number already seen, in the order
  given. A suffix makes another number: 51 and 51a do not clash; so does another year, since a book of
  several years begins again from 1.
* ``NUMBER_DISORDER``, ``NUMBER_DATE_DISORDER``: on the one case that does not fit between two that agree
  with each other; where many are out of order, somebody scanned the leaves in another order.
* ``BOOK_COUNT_DIFFERS``: on the last case. ``AFTER_BOOK_CLOSED``: on the case registered too late.

Where a book number was read poorly, the planned book of the office that alone expects the entry number
takes the case; findings then only warn.

Books are kept apart by kind, number and *issuing unit as it then was*: several old communes' books with
the same number may now stand in one office.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from validators.case import BookRef, Case, Certainty
from validators.dates import earliest, is_iso, latest
from validators.errors import BookPlanError
from validators.letters import likeness
from validators.places.names import compare_key
from validators.rules.across import (
    AFTER_BOOK_CLOSED,
    BOOK_COUNT_DIFFERS,
    DUPLICATE_NUMBER,
    NUMBER_DATE_DISORDER,
    NUMBER_DISORDER,
    NUMBER_GAP,
)
from validators.rules.dating import vietnamese
from validators.rules.numbering import EntryNumber, parse_entry_number
from validators.rules.registry import certainty
from validators.verdict import Finding, Severity

BOOK_KINDS = ("KS", "KH", "KT", "CMC", "HN")
SAME_OFFICE = 0.8  # a doubtful letterhead joins the nearest office above this
WIDEST_UNPLANNED_GAP = 10  # without a plan, a wider hole is a part not delivered, not a missing page


@dataclass(frozen=True, slots=True)
class BookPlan:
    """A book and what it is expected to hold; the office is named as it was then.

    Attributes:
        expected: numbers; empty where only the rest is known.
        count: cases it holds by its closing minutes.
        closed_on: ISO date, possibly partial, after which nothing was entered.
    """

    id: str
    office: str
    kind: str
    year: int | None
    volume: str
    expected: tuple[int, ...]
    count: int | None = None
    closed_on: str = ""


@dataclass(frozen=True, slots=True)
class _Entry:
    case_id: str
    number: EntryNumber | None
    sure: bool
    in_book: bool
    date: str
    date_sure: bool

    @property
    def year(self) -> int | None:
        """As the number says it, or else the day of registration."""
        if self.number is not None and self.number.year is not None:
            return self.number.year
        return int(self.date[:4]) if self.date_sure else None


def load_book_plans(document: Mapping[str, object]) -> tuple[BookPlan, ...]:
    """Plans from the parsed ``books.json`` of a corpus folder.

    Raises:
        BookPlanError: the document has another shape.
    """
    books = document.get("books")
    if not isinstance(books, list):
        raise BookPlanError("books.json lacks the list 'books'")
    return tuple(_book_plan(book) for book in books)


def _book_plan(book: object) -> BookPlan:
    if not isinstance(book, dict) or not isinstance(book.get("expected"), list):
        raise BookPlanError("a book in books.json lacks the list 'expected'")
    year, count, closed_on = book.get("year"), book.get("count"), str(book.get("closed_on") or "")
    if closed_on and not is_iso(closed_on):
        raise BookPlanError(f"a book in books.json was closed on no date: {closed_on}")
    try:
        return BookPlan(
            id=str(book.get("id", "")),
            office=str(book.get("office", "")),
            kind=str(book.get("kind", "")),
            year=int(year) if year is not None else None,
            volume=str(book.get("volume", "")),
            expected=tuple(int(n) for n in book["expected"]),
            count=int(count) if count is not None else None,
            closed_on=closed_on,
        )
    except (TypeError, ValueError) as error:
        raise BookPlanError(f"a book in books.json holds no number where one belongs: {error}") from error


def _volume(text: str) -> str:
    return text.strip().lstrip("0").casefold() or "0"


def _book_of(case: Case, plans: Sequence[BookPlan]) -> tuple[BookRef, bool] | None:
    """Book of a case and whether it surely stands there; None where the book cannot be told."""
    if case.form not in BOOK_KINDS:
        return None
    if case.book is not None:
        return case.book, True
    written = case.fields.get("quyenSo")
    office = case.fields.get("noiCap" if case.form == "HN" else "noiDangKy")
    seat = office.value if office else ""
    number = re.fullmatch(r"(.+?)\s*/\s*(\d{4})", case.value("quyenSo"))
    named = BookRef(case.form, int(number.group(2)), number.group(1), seat) if number else None
    if written is None or written.certainty is not Certainty.SURE:
        likely = _planned_book(case, seat, named, plans) or named
        return (likely, False) if likely else None
    return (named, office is not None and office.certainty is Certainty.SURE) if named else None


def _planned_book(
    case: Case, office: str, named: BookRef | None, plans: Sequence[BookPlan]
) -> BookRef | None:
    """The one planned book of the office that expects the number, where the book's own was read poorly."""
    ours = [p for p in plans if p.kind == case.form and _same_office(p.office, office) >= SAME_OFFICE]
    if named and any((p.year, _volume(p.volume)) == (named.year, _volume(named.volume)) for p in ours):
        return None
    entry = parse_entry_number(case.value("so"))
    fitting = [p for p in ours if entry and entry.number in p.expected]
    if len(fitting) != 1:
        return None
    return BookRef(case.form, fitting[0].year, fitting[0].volume, fitting[0].office)


def _same_office(left: str, right: str) -> float:
    if not left or not right:
        return 0.0
    return 1.0 if compare_key(left) == compare_key(right) else likeness(compare_key(left), compare_key(right))


_Key = tuple[str, int | None, str, str]


def _group(cases: Mapping[str, Case], plans: Sequence[BookPlan]) -> dict[_Key, dict[str, bool]]:
    """Case ids by kind, year, volume and office, and whether each surely belongs there.

    Doubtful letterheads join the nearest sure one.
    """
    placed: dict[str, tuple[_Key, bool]] = {}
    told = {case_id: _book_of(case, plans) for case_id, case in cases.items()}
    books = {case_id: found for case_id, found in told.items() if found is not None}
    offices: dict[tuple[str, int | None, str], list[str]] = defaultdict(list)
    for wanted in (True, False):
        for case_id, (book, sure) in books.items():
            if sure is not wanted:
                continue
            head = (book.kind, book.year, _volume(book.volume))
            known = offices[head]
            best = max(known, key=lambda o: _same_office(o, book.office), default=None)
            likely = _same_office(best, book.office) if best is not None else 0.0
            if best is None or likely < (1.0 if sure else SAME_OFFICE):
                known.append(book.office)
                best = book.office
            named = certainty(cases[case_id], "quyenSo") is Certainty.SURE
            placed[case_id] = ((*head, best), sure or (named and likely == 1.0))
    groups: dict[_Key, dict[str, bool]] = defaultdict(dict)
    for case_id in cases:
        if case_id in placed:
            key, sure = placed[case_id]
            groups[key][case_id] = sure
    return groups


def _plan_of(key: _Key, plans: Sequence[BookPlan]) -> BookPlan | None:
    kind, year, volume, office = key
    fitting = [p for p in plans if (p.kind, p.year, _volume(p.volume)) == (kind, year, volume)]
    scored = sorted(((_same_office(p.office, office), i) for i, p in enumerate(fitting)), reverse=True)
    return fitting[scored[0][1]] if scored and scored[0][0] >= SAME_OFFICE else None


def _runs(numbers: Sequence[int]) -> list[tuple[int, int]]:
    """Consecutive runs: 3, 4, 7 -> (3, 4), (7, 7)."""
    runs: list[tuple[int, int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return runs


def _gaps(found: Sequence[int], plan: BookPlan | None) -> list[tuple[int, int]]:
    if plan is not None and plan.expected:
        return _runs([n for n in plan.expected if n not in found])
    inside = [n for n in range(min(found), max(found)) if n not in found]
    return [run for run in _runs(inside) if run[1] - run[0] < WIDEST_UNPLANNED_GAP]


def _gap_findings(entries: Sequence[_Entry], plan: BookPlan | None) -> list[tuple[str, Finding]]:
    """One finding a gap; blocks only where a plan asks for the number and every number was read."""
    numbered = [(e.number.number, e.case_id) for e in entries if e.number is not None]
    if not numbered:
        return []
    all_read = len(numbered) == len(entries) and all(e.sure for e in entries)
    severity = NUMBER_GAP.severity if plan is not None and all_read else Severity.WARNS
    first_with: dict[int, str] = {}
    for number, case_id in numbered:
        first_with.setdefault(number, case_id)
    found = []
    for low, high in _gaps(list(first_with), plan):
        after = min((n for n in first_with if n > high), default=max(first_with))
        missing = str(low) if low == high else f"{low}–{high}"
        message = (
            f"Sổ thiếu số {missing} trước số {after}." if after > high else f"Sổ thiếu số {missing} ở cuối."
        )
        found.append(
            (first_with[after], Finding(NUMBER_GAP.code, severity, ("so",), message, {"missing": missing}))
        )
    return found


def _duplicate_findings(entries: Sequence[_Entry]) -> list[tuple[str, Finding]]:
    seen: dict[tuple[int, str], list[_Entry]] = defaultdict(list)
    found = []
    for entry in entries:
        if entry.number is None:
            continue
        earlier = seen[entry.number.number, entry.number.suffix]
        first = next((e for e in earlier if None in (e.year, entry.year) or e.year == entry.year), None)
        earlier.append(entry)
        if first is None:
            continue
        severity = DUPLICATE_NUMBER.severity if first.sure and entry.sure else Severity.WARNS
        shown = f"{entry.number.number}{entry.number.suffix}"
        message = f"Số {shown} đã có trong cùng quyển sổ."
        evidence = {"so": shown, "first": first.case_id}
        found.append((entry.case_id, Finding(DUPLICATE_NUMBER.code, severity, ("so",), message, evidence)))
    return found


def _misfits(values: Sequence[int]) -> list[int]:
    """Places of the values that do not lie between two neighbours which are in order themselves."""
    return [
        i
        for i in range(1, len(values) - 1)
        if values[i - 1] < values[i + 1] and not values[i - 1] <= values[i] <= values[i + 1]
    ]


def _order_findings(entries: Sequence[_Entry]) -> list[tuple[str, Finding]]:
    found = []
    numbered = [(e.number, e) for e in entries if e.number is not None]
    numbers = [number.number for number, _ in numbered]
    for i in _misfits(numbers):
        message = f"Số {numbers[i]} đứng giữa số {numbers[i - 1]} và số {numbers[i + 1]}."
        rule = NUMBER_DISORDER
        found.append((numbered[i][1].case_id, Finding(rule.code, rule.severity, ("so",), message)))
    by_year: dict[str, list[_Entry]] = defaultdict(list)
    for _, entry in sorted(numbered, key=lambda pair: (pair[0].number, pair[0].suffix)):
        if entry.sure and entry.date_sure and len(entry.date) == 10:
            by_year[entry.date[:4]].append(entry)
    for of_year in by_year.values():
        for i in _misfits([earliest(e.date).toordinal() for e in of_year]):
            message = f"Ngày đăng ký {vietnamese(of_year[i].date)} không theo thứ tự của số."
            rule = NUMBER_DATE_DISORDER
            fields = ("ngayDangKy", "so")
            found.append((of_year[i].case_id, Finding(rule.code, rule.severity, fields, message)))
    return found


def _closing_findings(entries: Sequence[_Entry], plan: BookPlan | None) -> list[tuple[str, Finding]]:
    """What the closing minutes of a book say against what was read."""
    if plan is None or not entries:
        return []
    found = []
    if plan.count is not None and plan.count != len(entries):
        message = f"Sổ đã khóa có {plan.count} việc, đọc được {len(entries)} việc."
        evidence = {"count": str(plan.count), "found": str(len(entries))}
        rule = BOOK_COUNT_DIFFERS
        severity = rule.severity if all(e.in_book for e in entries) else Severity.WARNS
        found.append((entries[-1].case_id, Finding(rule.code, severity, ("quyenSo",), message, evidence)))
    for entry in entries:
        if plan.closed_on and entry.date and earliest(entry.date) > latest(plan.closed_on):
            rule = AFTER_BOOK_CLOSED
            severity = rule.severity if entry.date_sure else Severity.WARNS
            message = f"Ngày đăng ký {vietnamese(entry.date)} sau ngày khóa sổ {vietnamese(plan.closed_on)}."
            evidence = {"ngayDangKy": entry.date, "closed": plan.closed_on}
            found.append(
                (entry.case_id, Finding(rule.code, severity, ("ngayDangKy", "quyenSo"), message, evidence))
            )
    return found


def _entry(case_id: str, case: Case, in_book: bool) -> _Entry:
    field, day = case.fields.get("so"), case.fields.get("ngayDangKy")
    read = field is not None and field.certainty in (Certainty.SURE, Certainty.DOUBTFUL)
    return _Entry(
        case_id,
        parse_entry_number(field.value) if field is not None and read else None,
        in_book and field is not None and field.certainty is Certainty.SURE,
        in_book,
        day.value if day is not None and is_iso(day.value) else "",
        in_book and day is not None and is_iso(day.value) and day.certainty is Certainty.SURE,
    )


def check_books(cases: Mapping[str, Case], plans: Sequence[BookPlan] = ()) -> dict[str, tuple[Finding, ...]]:
    """Gaps, duplicates and disorder in all books that the cases touch.

    Args:
        cases: by id, in the order of the books (the later of two equal numbers is the duplicate).
        plans: what books should hold; without one, only holes of at most ``WIDEST_UNPLANNED_GAP`` numbers
            between numbers that were found count, and as a warning.

    Returns:
        Findings by case id; cases without findings are left out. See the module for where a finding stands.
    """
    findings: dict[str, list[Finding]] = defaultdict(list)
    for key, members in _group(cases, plans).items():
        entries = [_entry(case_id, cases[case_id], sure) for case_id, sure in members.items()]
        plan = _plan_of(key, plans)
        for case_id, finding in (
            *_gap_findings(entries, plan),
            *_duplicate_findings(entries),
            *_order_findings(entries),
            *_closing_findings(entries, plan),
        ):
            findings[case_id].append(finding)
    return {case_id: tuple(found) for case_id, found in findings.items()}
