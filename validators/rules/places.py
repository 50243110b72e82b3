"""Places named on a page against the days on which the units existed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from typing import Protocol

from validators.case import Case
from validators.dates import earliest, latest
from validators.places.dated import NOT_YET, PlaceCheck, check_place
from validators.places.gazetteer import Gazetteer
from validators.places.likeness import marked_key
from validators.places.names import expand_abbreviations
from validators.rules.dating import PERSONS, dated, event_key, vietnamese
from validators.rules.labels import label
from validators.rules.registry import Declared, Rule, Violation, has
from validators.verdict import Outcome, Severity

LEEWAY = timedelta(days=366)
"""Acts take months to be carried out, and printed forms and stamps are used up."""
_ANY_TIME = date(1900, 1, 1)
_OFFICES = ("noiDangKy", "noiCap")


class PlaceRule(Protocol):
    """A check that looks units up."""

    def __call__(self, case: Case, gazetteer: Gazetteer) -> Iterator[Violation]:
        """Violations of one case."""


def _named_for(case: Case) -> Iterator[tuple[str, str]]:
    """Keys of places, each with the key of the day of what happened there."""
    for key in (*_OFFICES, "diaChiThua", *(f"{p}NoiCuTru" for p in PERSONS)):
        yield key, event_key(case)
    for person in PERSONS:
        yield f"{person}NoiSinh", f"{person}NgaySinh"
    yield "nktNoiChet", "nktNgayChet"
    yield "nxnNoiCuTru", "nxnThoiGianCuTruTu"


def _checked(case: Case, gazetteer: Gazetteer) -> Iterator[tuple[str, PlaceCheck]]:
    """Places that surely name a unit of another time; a misread name is never taken for another unit.

    What is entered may have been named at the event, at its entry, or in between.
    """
    entered = event_key(case)
    if not dated(case, entered):
        return
    last = latest(case.value(entered))
    for key, day in dict(_named_for(case)).items():
        if not has(case, key):
            continue
        on = earliest(case.value(day)) if dated(case, day) else _ANY_TIME
        if on > last:
            continue
        found = check_place(gazetteer, case.value(key), on, until=last, leeway=LEEWAY)
        if found.verdict.outcome is Outcome.FAILED and _spelled(case.value(key), found):
            yield key, found


def _spelled(text: str, found: PlaceCheck) -> bool:
    """Whether the units stand in the text; one alone ("ấp 8 - Hòa Bình") must have its level word."""
    written = marked_key(expand_abbreviations(text))
    alone = found.resolution is not None and len(found.resolution.named) == 1
    return all(marked_key(str(u) if alone else u.name) in written for u in found.misplaced)


def _young_province(case: Case, key: str, found: PlaceCheck) -> bool:
    """Whether an office entered a case in a book of its own before its province was founded."""
    return (
        key in _OFFICES
        and case.form != "GKS"  # a copy, made later
        and found.verdict.code == NOT_YET
        and any(unit.level == "province" for unit in found.misplaced)
    )


def _violation(case: Case, key: str, found: PlaceCheck) -> Violation:
    told, entered = found.verdict.evidence, event_key(case)
    act = f" theo {told['act']}" if told["act"] else ""
    if found.verdict.code == NOT_YET:
        what = f"mãi đến {vietnamese(told['from'])} mới có{act}"
        then = f"; khi đó là {told['then']}" if told["then"] else ""
    else:
        what = f"chỉ có đến {vietnamese(told['to'])}{act}"
        then = f"; sau đó là {told['then']}" if told["then"] else ""
    return Violation(
        (key, entered),
        f"{label(key).capitalize()} ghi {told['unit']}, {what}{then}.",
        {"written": case.value(key), entered: case.value(entered), "verdict": found.verdict.code, **told},
    )


def not_on_date(case: Case, gazetteer: Gazetteer) -> Iterator[Violation]:
    """A place that did not exist at any time between the event and its entry."""
    for key, found in _checked(case, gazetteer):
        if not _young_province(case, key, found):
            yield _violation(case, key, found)


def office_not_on_date(case: Case, gazetteer: Gazetteer) -> Iterator[Violation]:
    """A registering office in a province that was founded later."""
    for key, found in _checked(case, gazetteer):
        if _young_province(case, key, found):
            yield _violation(case, key, found)


_PLACE_RULES: tuple[tuple[Rule, PlaceRule], ...] = (
    (
        Rule(
            "PLACE_NOT_ON_DATE",
            "Địa danh không có vào ngày đó",
            Severity.WARNS,
            "Bảng đơn vị hành chính theo thời gian",
            "Tên đơn vị trên giấy là tên trước hoặc sau lần chia tách, sáp nhập. Giữ nguyên như trên giấy; "
            "xem lại ngày và địa danh có bị đọc sai không.",
        ),
        not_on_date,
    ),
    (
        Rule(
            "OFFICE_NOT_ON_DATE",
            "Cơ quan đăng ký thuộc tỉnh lập sau ngày đăng ký",
            Severity.BLOCKS_APPROVAL,
            "Nghị quyết của Quốc hội về chia, tách tỉnh",
            "Cơ quan không thể đăng ký khi tỉnh chưa được lập: ngày đăng ký hoặc tên cơ quan đã bị đọc "
            "hoặc ghi sai. Hãy đối chiếu với quyển sổ.",
        ),
        office_not_on_date,
    ),
)

RULES: tuple[Rule, ...] = tuple(rule for rule, _ in _PLACE_RULES)


def declared(gazetteer: Gazetteer) -> tuple[Declared, ...]:
    """The rules about places, looking units up in a gazetteer."""
    return tuple((rule, partial(check, gazetteer=gazetteer)) for rule, check in _PLACE_RULES)
