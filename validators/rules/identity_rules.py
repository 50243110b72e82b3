"""Identity numbers against sex, birth, place, day of the entry and kind of paper."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from validators.case import Case
from validators.dates import earliest, folded_age, latest
from validators.identity import (
    CMND_LENGTH,
    PERSONAL_LENGTH,
    NumberKind,
    PersonalNumber,
    kind_of,
    parse_number,
    personal_number,
)
from validators.letters import fold
from validators.places.names import PROVINCE, units_of
from validators.places.units import all_units
from validators.rules.dating import PERSONS, dated, event_key
from validators.rules.registry import Declared, Rule, Violation, has
from validators.verdict import Severity

TWELVE_DIGITS_SINCE = dt.date(2012, 7, 1)  # circular 27/2012/TT-BCA
GIVEN_AT_BIRTH_SINCE = dt.date(2016, 1, 1)  # law on citizen identification 2014, art. 39
_SEX_OF_ROLE = {"me": "2", "cha": "1", "chong": "1", "vo": "2"}
_SEX_NAMES = {"1": "nam", "2": "nữ"}
_SHAPES = {
    NumberKind.PERSONAL: "12 chữ số như CCCD",
    NumberKind.CMND: "9 chữ số như CMND",
    NumberKind.PASSPORT: "dạng số hộ chiếu",
    NumberKind.ARMY: "dạng số của quân đội",
    NumberKind.POLICE: "dạng số của công an",
}
_LETTERED = (NumberKind.PASSPORT, NumberKind.ARMY, NumberKind.POLICE)
_NEVER = {  # shapes that a kind of paper cannot have
    "1": _LETTERED,
    "2": (NumberKind.PERSONAL, NumberKind.CMND, NumberKind.ARMY, NumberKind.POLICE),
    "4": (NumberKind.CMND, *_LETTERED),
    "5": (NumberKind.PASSPORT, NumberKind.POLICE),
    "6": (NumberKind.PASSPORT, NumberKind.POLICE),
    "7": (NumberKind.PASSPORT, NumberKind.ARMY),
}


def number_keys(case: Case, person: str) -> tuple[str, ...]:
    """Keys that hold a number of the person on this form."""
    candidates = (
        f"{person}SoDinhDanh",
        f"{person}SoDinhDanhCaNhan",
        f"{person}SoGiayToTuyThan",
        f"{person}SoGiayTo",
    )
    return tuple(k for k in candidates if k in case.fields)


def _type_of(case: Case, number_key: str) -> tuple[str, str]:
    """Key and code of the kind of paper a number belongs to."""
    key = number_key.replace("SoGiayTo", "LoaiGiayTo")
    return (key, case.value(key)) if key != number_key and has(case, key) else ("", "")


def _keys(case: Case) -> Iterator[str]:
    """Keys of all identity numbers of the form."""
    for person in PERSONS:
        yield from number_keys(case, person)


def _numbers(case: Case) -> Iterator[tuple[str, str, PersonalNumber]]:
    """Person, key and parts of every 12-digit number."""
    for person in PERSONS:
        for key in number_keys(case, person):
            number = personal_number(case.value(key)) if has(case, key) else None
            if number is not None:
                yield person, key, number


def sex_differs(case: Case) -> Iterator[Violation]:
    """Fourth digit against the sex on the page, or the sex of the role."""
    for person, key, number in _numbers(case):
        sex_key = f"{person}GioiTinh"
        known = case.value(sex_key) if has(case, sex_key) else _SEX_OF_ROLE.get(person, "")
        if (number.province or number.abroad) and known in _SEX_NAMES and number.sex != known:
            keys = (key, sex_key) if has(case, sex_key) else (key,)
            yield Violation(
                keys,
                f"Số định danh {number.digits} là của {_SEX_NAMES[number.sex]}, "
                f"hồ sơ ghi {_SEX_NAMES[known]}.",
                {k: case.value(k) for k in keys},
                guessed=number.abroad,
            )


def year_differs(case: Case) -> Iterator[Violation]:
    """Digits 5-6 and the century against the year of birth."""
    for person, key, number in _numbers(case):
        birth = f"{person}NgaySinh"
        if not (number.province or number.abroad) or not dated(case, birth):
            continue
        counted = folded_age(case.fields[birth].written)  # from an age, so one year off at most
        if abs(number.birth_year - int(case.value(birth)[:4])) > counted:
            yield Violation(
                (key, birth),
                f"Số định danh {number.digits} ứng với năm sinh {number.birth_year}, "
                f"hồ sơ ghi {case.value(birth)[:4]}.",
                {key: number.digits, birth: case.value(birth)},
                guessed=number.abroad,
            )


def year_after_event(case: Case) -> Iterator[Violation]:
    """Nobody appears in a book before being born; where the page has a birth date, that is compared."""
    event = event_key(case)
    for person, key, number in _numbers(case):
        if not dated(case, event) or dated(case, f"{person}NgaySinh"):
            continue
        if number.birth_year > latest(case.value(event)).year:
            yield Violation(
                (key, event),
                f"Số định danh {number.digits} ứng với năm sinh {number.birth_year}, "
                f"sau năm lập hồ sơ {case.value(event)[:4]}.",
                {key: number.digits, event: case.value(event)},
                guessed=not number.province,
            )


def number_before_its_time(case: Case) -> Iterator[Violation]:
    """Papers with 12 digits exist since 2012, numbers given at the registration of a birth since 2016."""
    event = event_key(case)
    if not dated(case, event):
        return
    for person, key, number in _numbers(case):
        newborn = case.form == "KS" and person == "nks"
        since = GIVEN_AT_BIRTH_SINCE if newborn else TWELVE_DIGITS_SINCE
        if latest(case.value(event)) < since:
            yield Violation(
                (key, event),
                f"Số {number.digits} có 12 chữ số, loại số này chỉ có từ {since:%d/%m/%Y}; "
                "có thể được ghi bổ sung về sau.",
                {key: number.digits, event: case.value(event)},
            )


def place_differs(case: Case) -> Iterator[Violation]:
    """Prefix of the number given at birth against the province of registration, by the list of 63."""
    keys = ("nksSoDinhDanh", "noiDangKy")
    number = personal_number(case.value(keys[0])) if has(case, *keys) else None
    first_time = case.form in ("KS", "GKS") and case.value("loaiDangKy") in ("", "1", "4")
    if number is None or number.province is None or not first_time:
        return
    named = next((u.name for u in units_of(case.value("noiDangKy")) if u.level == PROVINCE), "")
    day = earliest(case.value("ngayDangKy")) if dated(case, "ngayDangKy") else None
    if named and fold(named) not in _names_since(number.province, day):
        yield Violation(
            keys,
            f"Số định danh {number.digits} do {number.province} cấp, khai sinh đăng ký tại {named}.",
            {keys[0]: number.digits, keys[1]: case.value(keys[1])},
        )


def _names_since(province: str, day: dt.date | None) -> set[str]:
    """Folded names under which a province of the list of 63 may register births on a day."""
    units = {unit.id: unit for unit in all_units() if unit.level == PROVINCE}
    heirs = {h for u in units.values() if u.name == province for h in u.successors}
    return {fold(province)} | {fold(units[h].name) for h in heirs if h in units and units[h].in_force(day)}


def cmnd_length(case: Case) -> Iterator[Violation]:
    """A CMND has 9 digits; those of 2012-2015 had 12."""
    for key in _keys(case):
        digits = case.value(key)
        type_key, kind = _type_of(case, key)
        numeric = has(case, key) and digits.isdigit() and "SoDinhDanh" not in key
        if numeric and kind in ("1", "") and len(digits) not in (CMND_LENGTH, PERSONAL_LENGTH):
            keys = (key, type_key) if type_key else (key,)
            yield Violation(
                keys,
                f"Số CMND {digits} có {len(digits)} chữ số, đúng phải có {CMND_LENGTH} chữ số.",
                {key: digits},
                guessed=not type_key,
            )


def personal_length(case: Case) -> Iterator[Violation]:
    """A personal number or CCCD has 12 digits."""
    for key in _keys(case):
        digits = case.value(key)
        personal = "SoDinhDanh" in key or _type_of(case, key)[1] == "4"
        if has(case, key) and personal and digits.isdigit() and len(digits) != PERSONAL_LENGTH:
            yield Violation(
                (key,),
                f"Số định danh {digits} có {len(digits)} chữ số, đúng phải có {PERSONAL_LENGTH} chữ số.",
                {key: digits},
            )


def prefix_unknown(case: Case) -> Iterator[Violation]:
    """First three digits that are no province: born abroad, or misread."""
    for _, key, number in _numbers(case):
        if number.province is None:
            cause = "có thể là mã nước nơi đăng ký khai sinh" if number.abroad else "có thể ghi hoặc đọc sai"
            yield Violation(
                (key,),
                f"Ba số đầu {number.digits[:3]} của số định danh không phải mã tỉnh ({cause}).",
                {key: number.digits},
            )


def look_alikes(case: Case) -> Iterator[Violation]:
    """Letters where digits belong: the number is only a proposal, with what would be put right."""
    for key in _keys(case):
        written = case.fields[key].written
        number = parse_number(written)
        if number is not None and number.repairs:
            yield Violation(
                (key,),
                f"Số giấy tờ ghi {written} có chữ dễ nhầm với số ({', '.join(number.repairs)}); "
                f"đề xuất {number.digits}.",
                {"written": written, "proposed": number.digits},
                rests_on=(),
            )


def id_type_differs(case: Case) -> Iterator[Violation]:
    """Kind of paper against the shape of the number; only one of them can be right."""
    for key in _keys(case):
        type_key, kind = _type_of(case, key)
        shape = kind_of(case.value(key))
        foreign = case.value(key.replace("SoGiayToTuyThan", "QuocTich")) not in ("", "Việt Nam")
        if has(case, key) and shape in _NEVER.get(kind, ()) and not (kind == "2" and foreign):
            yield Violation(
                (type_key, key),
                f"Loại giấy tờ không khớp số {case.value(key)} ({_SHAPES[shape]}).",
                {k: case.value(k) for k in (type_key, key)},
            )


_LAW = "Thông tư 59/2021/TT-BCA"
_APPROVAL, _WARNS = Severity.BLOCKS_APPROVAL, Severity.WARNS

RULES: tuple[Declared, ...] = (
    (
        Rule(
            "ID_SEX_DIFFERS",
            "Chữ số thứ tư của số định danh không khớp giới tính",
            _APPROVAL,
            _LAW,
            "Số định danh cho biết giới tính; số hoặc ô giới tính bị ghi hay đọc sai.",
        ),
        sex_differs,
    ),
    (
        Rule(
            "ID_YEAR_DIFFERS",
            "Năm sinh trong số định danh không khớp ngày sinh",
            _APPROVAL,
            _LAW,
            "Số định danh cho biết năm sinh; số hoặc ngày sinh bị ghi hay đọc sai.",
        ),
        year_differs,
    ),
    (
        Rule(
            "ID_YEAR_AFTER_EVENT",
            "Năm sinh trong số định danh sau năm lập hồ sơ",
            _APPROVAL,
            _LAW,
            "Không ai có mặt trong hồ sơ trước khi sinh; số định danh hoặc ngày lập bị ghi hay đọc sai.",
        ),
        year_after_event,
    ),
    (
        Rule(
            "ID_BEFORE_ITS_TIME",
            "Số 12 chữ số trong hồ sơ lập trước khi có loại số này",
            _WARNS,
            "Thông tư 27/2012/TT-BCA; Luật Căn cước công dân 2014, Điều 39",
            "Số 12 chữ số có từ 01/7/2012, cấp khi đăng ký khai sinh từ 01/01/2016; "
            "có thể được ghi bổ sung về sau, hoặc ngày bị đọc sai.",
        ),
        number_before_its_time,
    ),
    (
        Rule(
            "ID_PLACE_DIFFERS",
            "Ba số đầu của số định danh không phải mã tỉnh nơi đăng ký khai sinh",
            _WARNS,
            _LAW,
            "Mã theo danh sách 63 tỉnh, không đổi theo việc sáp nhập năm 2025; xem lại số và nơi đăng ký.",
        ),
        place_differs,
    ),
    (
        Rule(
            "ID_PREFIX_UNKNOWN",
            "Ba số đầu của số định danh không phải mã tỉnh",
            _WARNS,
            _LAW,
            "Người đăng ký khai sinh ở nước ngoài có mã khác; nếu không phải thì số bị đọc sai.",
        ),
        prefix_unknown,
    ),
    (
        Rule(
            "ID_LOOK_ALIKES",
            "Số giấy tờ có chữ dễ nhầm với số (O–0, I–1, B–8)",
            _WARNS,
            "Lỗi thường gặp khi nhận dạng chữ",
            "Số đề xuất chỉ là gợi ý; đối chiếu từng chữ số với ảnh rồi xác nhận hoặc nhập lại.",
        ),
        look_alikes,
    ),
    (
        Rule(
            "CMND_LENGTH",
            "Số CMND không đủ 9 chữ số",
            _APPROVAL,
            "Nghị định 05/1999/NĐ-CP",
            "CMND có 9 chữ số (loại cấp 2012–2015 có 12); thiếu hoặc thừa số là ghi hay đọc sót.",
        ),
        cmnd_length,
    ),
    (
        Rule(
            "ID_LENGTH",
            "Số định danh, CCCD không đủ 12 chữ số",
            _APPROVAL,
            _LAW,
            "Số định danh luôn có 12 chữ số; thiếu hoặc thừa số là ghi hay đọc sót.",
        ),
        personal_length,
    ),
    (
        Rule(
            "ID_TYPE_DIFFERS",
            "Loại giấy tờ không khớp số giấy tờ",
            _WARNS,
            _LAW,
            "Mỗi loại giấy tờ có dạng số riêng: CCCD 12 chữ số, hộ chiếu có chữ ở đầu; "
            "xem lại loại giấy tờ và số.",
        ),
        id_type_differs,
    ),
)
