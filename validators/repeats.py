"""Things that may stand only once among all records: cases, marriages in force, serials, parcels.

Records of any books and deliveries are compared. ``match_keys`` names what a record is about, so that a
database finds those worth comparing; equal keys alone say nothing.

A finding stands on the later record: later by date for marriages and deaths, else later in the order given.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping

from validators.case import Case, Certainty
from validators.dates import earliest, is_iso, latest
from validators.identity import CMND_LENGTH, PERSONAL_LENGTH
from validators.letters import fold, fold_words, likeness, tidy
from validators.places.names import COMMUNE, DISTRICT, compare_key, units_of
from validators.rules.across import (
    ACT_AFTER_DEATH,
    ALREADY_MARRIED,
    DUPLICATE_CASE,
    PARCEL_TWICE,
    SERIAL_TWICE,
)
from validators.rules.registry import Rule, certainty, has
from validators.verdict import Finding, Severity

PERSONS = {"KS": ("nks",), "KH": ("chong", "vo"), "KT": ("nkt",), "CMC": ("cm", "nc"), "HN": ("nxn",)}
_TOLD_APART = {"KS": ("meHoTen", "chaHoTen"), "KT": ("nktNoiChet",)}
"""What tells namesakes born on one day apart, where both records have it."""
_ANOTHER = 0.6  # below, two readings of a name are two names
_MOST = 20  # records before that one is compared with; what more share is no person but a blank filled in
_DONE_AGAIN = {"KS": ("2", "3", "5"), "KH": ("2",)}
_ENDED = re.compile(r"ly hon|huy|cham dut|khong con|da chet|chet ngay")


def match_keys(case: Case) -> tuple[str, ...]:
    """What a record is about: persons with day of birth or number, couples, deaths, serials, parcels."""
    keys = [key for person in PERSONS.get(case.form, ()) for key in _person_keys(case, person)]
    if case.form == "KH" and has(case, "chongHoTen", "voHoTen"):
        keys.append(f"couple:{_name(case, 'chong')}|{_name(case, 'vo')}")
    if case.form == "KT" and has(case, "nktHoTen", "nktNgayChet") and len(case.value("nktNgayChet")) == 10:
        keys.append(f"death:{_name(case, 'nkt')}|{case.value('nktNgayChet')}")
    if case.form == "GCN":
        if has(case, "soPhatHanh"):
            keys.append(f"serial:{_serial(case)}")
        if (parcel := _parcel(case)) is not None:
            keys.append(parcel)
    return tuple(dict.fromkeys(keys))


def _name(case: Case, person: str) -> str:
    return " ".join(fold_words(case.value(f"{person}HoTen")))


def _person_keys(case: Case, person: str) -> Iterator[str]:
    name, birth = f"{person}HoTen", f"{person}NgaySinh"
    if has(case, name, birth) and is_iso(case.value(birth)) and len(case.value(birth)) == 10:
        yield f"person:{_name(case, person)}|{case.value(birth)}"
    for tail in ("SoDinhDanh", "SoDinhDanhCaNhan", "SoGiayToTuyThan"):
        number = case.value(f"{person}{tail}")
        if number.isdigit() and len(number) in (CMND_LENGTH, PERSONAL_LENGTH) and len(set(number)) > 1:
            yield f"number:{number}"


def _serial(case: Case) -> str:
    return re.sub(r"\W", "", case.value("soPhatHanh")).upper()


def _parcel(case: Case) -> str | None:
    """Commune, sheet and parcel; None without a commune, since the sheets of each begin at 1."""
    if not has(case, "thuaDatSo", "toBanDoSo", "diaChiThua"):
        return None
    units = {u.level: compare_key(str(u)) for u in units_of(case.value("diaChiThua"))}
    if COMMUNE not in units:
        return None
    sheet, parcel = (case.value(k).lstrip("0") or "0" for k in ("toBanDoSo", "thuaDatSo"))
    return f"parcel:{units[COMMUNE]}|{units.get(DISTRICT, '')}|{sheet}|{parcel}"


def check_repeats(cases: Mapping[str, Case]) -> dict[str, tuple[Finding, ...]]:
    """Repeats among cases.

    Args:
        cases: by id, in the order they were entered.

    Returns:
        Findings by case id; cases without findings are left out.
    """
    known: dict[str, list[str]] = defaultdict(list)
    pairs: dict[tuple[str, str], None] = {}
    keys = {case_id: match_keys(case) for case_id, case in cases.items()}
    for case_id in cases:
        for key in keys[case_id]:
            pairs |= dict.fromkeys((earlier, case_id) for earlier in known[key][-_MOST:])
            known[key].append(case_id)
    dead = {
        key: case.value("nktNgayChet")
        for case_id, case in cases.items()
        if case.form == "KT" and is_iso(case.value("nktNgayChet"))
        for key in keys[case_id]
    }
    findings: dict[str, list[Finding]] = defaultdict(list)
    for pair in pairs:
        for where, finding in _compared(pair, (cases[pair[0]], cases[pair[1]]), dead):
            if all(f.code != finding.code for f in findings[where]):
                findings[where].append(finding)
    return {case_id: tuple(found) for case_id, found in findings.items() if found}


def _compared(
    ids: tuple[str, str], cases: tuple[Case, Case], dead: Mapping[str, str]
) -> Iterator[tuple[str, Finding]]:
    """Findings of two records that share a key; the first was entered earlier."""
    first, second = cases
    if first.form == second.form == "GCN":
        yield from _land(ids, first, second)
    elif first.form == second.form:
        if _same_case(first, second):
            if second.value("loaiDangKy") not in _DONE_AGAIN.get(second.form, ()):
                names = tuple(f"{p}HoTen" for p in PERSONS[second.form])
                message = "Việc này đã được đăng ký ở một hồ sơ khác."
                yield ids[1], _finding(DUPLICATE_CASE, cases, names, message, ids[0])
        elif first.form == "KH":
            yield from _already_married(ids, first, second, dead)
    elif "KT" in (first.form, second.form):
        late, early = (1, 0) if first.form == "KT" else (0, 1)
        died, act = cases[early].value("nktNgayChet"), cases[late].value("ngayDangKy")
        shared = set(match_keys(first)) & set(match_keys(second))
        acts = cases[late].form in ("KH", "HN") and is_iso(died) and is_iso(act) and shared
        if acts and earliest(act) > latest(died):
            names = tuple(f"{p}HoTen" for p in PERSONS[cases[late].form])
            message = "Người trong hồ sơ đã được khai tử trước ngày đăng ký này."
            yield ids[late], _finding(ACT_AFTER_DEATH, cases, (*names, "ngayDangKy"), message, ids[early])


def _same_case(first: Case, second: Case) -> bool:
    """Whether two records of one form tell of one event."""
    form = first.form
    if form == "HN":
        return False  # a person may ask for any number of confirmations
    if any(_name(first, p) != _name(second, p) for p in PERSONS[form]):
        return False
    dates = {"KH": "ngayDangKy", "KT": "nktNgayChet", "CMC": "ngayDangKy"}.get(form, "nksNgaySinh")
    if first.value(dates) != second.value(dates):
        return False
    return not any(
        has(first, key) and has(second, key) and likeness(first.value(key), second.value(key)) < _ANOTHER
        for key in _TOLD_APART.get(form, ())
    )


def _already_married(
    ids: tuple[str, str], first: Case, second: Case, dead: Mapping[str, str]
) -> Iterator[tuple[str, Finding]]:
    if not all(is_iso(c.value("ngayDangKy")) for c in (first, second)):
        return
    pair = ((ids[0], first), (ids[1], second))
    (early_id, early), (late_id, late) = sorted(pair, key=lambda p: earliest(p[1].value("ngayDangKy")))
    for person in PERSONS["KH"]:
        other = "vo" if person == "chong" else "chong"
        shared = set(_person_keys(first, person)) & set(_person_keys(second, person))
        widowed = any(
            key in dead and earliest(dead[key]) <= latest(late.value("ngayDangKy"))
            for key in _person_keys(early, other)
        )
        told = " ".join(early.value(k) for k in ("ghiChu", "tinhTrangKetHon"))
        if shared and not widowed and not _ENDED.search(fold(told)):
            who = "Chồng" if person == "chong" else "Vợ"
            fields = (f"{person}HoTen", f"{person}NgaySinh")
            message = f"{who} đã có đăng ký kết hôn trước đó, chưa thấy ghi ly hôn."
            yield late_id, _finding(ALREADY_MARRIED, (first, second), fields, message, early_id)


def _land(ids: tuple[str, str], first: Case, second: Case) -> Iterator[tuple[str, Finding]]:
    cases = (first, second)
    if has(first, "soPhatHanh") and has(second, "soPhatHanh") and _serial(first) == _serial(second):
        message = f"Số phát hành “{second.value('soPhatHanh')}” đã có ở một giấy khác."
        yield ids[1], _finding(SERIAL_TWICE, cases, ("soPhatHanh",), message, ids[0])
        return
    live = not any(has(c, "ghiChu_bienDong") or "chung" in c.value("hinhThucSuDung") for c in cases)
    if live and _parcel(first) is not None and _parcel(first) == _parcel(second):
        fields = ("thuaDatSo", "toBanDoSo", "diaChiThua")
        shown = f"thửa {second.value('thuaDatSo')}, tờ {second.value('toBanDoSo')}"
        message = f"Thửa đất ({shown}) đã có ở một giấy khác còn hiệu lực."
        yield ids[1], _finding(PARCEL_TWICE, cases, fields, message, ids[0])


def _finding(
    rule: Rule, cases: tuple[Case, Case], fields: tuple[str, ...], message: str, other: str
) -> Finding:
    """Blocks only where both records are sure of what they were compared by, and spell the names alike."""
    grounds = [
        (case, key)
        for case in cases
        for key in dict.fromkeys((*fields, *_person_fields(case)))
        if key in case.fields
    ]
    sure = all(certainty(case, key) is Certainty.SURE for case, key in grounds if case.value(key))
    names = [
        {tidy(c.value(k)).casefold() for c, k in grounds if c is case and k.endswith("HoTen")}
        for case in cases
    ]
    spelt = not any(names) or bool(names[0] & names[1])
    severity = rule.severity if sure and spelt else Severity.WARNS
    return Finding(rule.code, severity, fields, message, {"first": other})


def _person_fields(case: Case) -> tuple[str, ...]:
    tails = ("HoTen", "NgaySinh", "NgayChet")
    return tuple(f"{person}{tail}" for person in PERSONS.get(case.form, ()) for tail in tails)
