"""Identity numbers against sex, birth and kind of paper."""

from __future__ import annotations

from collections.abc import Iterator

from validators.case import Case
from validators.dates import is_iso
from validators.identity import CMND_LENGTH, PERSONAL_LENGTH, personal_number
from validators.rules.registry import Violation, has

PERSONS = ("nks", "me", "cha", "chong", "vo", "nkt", "cm", "nc", "nxn", "nyc", "chu1", "chu2")
_SEX_OF_ROLE = {"me": "2", "cha": "1", "chong": "1", "vo": "2"}
_SEX_NAMES = {"1": "nam", "2": "nữ"}


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


def sex_differs(case: Case) -> Iterator[Violation]:
    """Fourth digit against the sex on the page, or the sex of the role."""
    for person in PERSONS:
        sex_key = f"{person}GioiTinh"
        known = case.value(sex_key) if has(case, sex_key) else _SEX_OF_ROLE.get(person, "")
        for key in number_keys(case, person):
            number = personal_number(case.value(key)) if has(case, key) else None
            if number and number.province and known in _SEX_NAMES and number.sex != known:
                keys = (key, sex_key) if has(case, sex_key) else (key,)
                yield Violation(
                    keys,
                    f"Số định danh {number.digits} là của {_SEX_NAMES[number.sex]}, "
                    f"hồ sơ ghi {_SEX_NAMES[known]}.",
                    {k: case.value(k) for k in keys},
                )


def year_differs(case: Case) -> Iterator[Violation]:
    """Digits 5-6 and the century against the year of birth."""
    for person in PERSONS:
        birth = f"{person}NgaySinh"
        for key in number_keys(case, person):
            number = personal_number(case.value(key)) if has(case, key, birth) else None
            if number is None or not number.province or not is_iso(case.value(birth)):
                continue
            if number.birth_year != int(case.value(birth)[:4]):
                yield Violation(
                    (key, birth),
                    f"Số định danh {number.digits} ứng với năm sinh {number.birth_year}, "
                    f"hồ sơ ghi {case.value(birth)[:4]}.",
                    {key: number.digits, birth: case.value(birth)},
                )


def cmnd_length(case: Case) -> Iterator[Violation]:
    """A CMND has 9 digits; those of 2012-2015 had 12."""
    for person in PERSONS:
        for key in number_keys(case, person):
            digits = case.value(key)
            type_key, kind = _type_of(case, key)
            numeric = has(case, key) and digits.isdigit() and "SoDinhDanh" not in key
            if numeric and kind in ("1", "") and len(digits) not in (CMND_LENGTH, PERSONAL_LENGTH):
                yield Violation(
                    (key, type_key) if type_key else (key,),
                    f"Số CMND {digits} có {len(digits)} chữ số, đúng phải có {CMND_LENGTH} chữ số.",
                    {key: digits},
                    rests_on=(key, type_key) if type_key else (key,),
                    guessed=not type_key,
                )


def personal_length(case: Case) -> Iterator[Violation]:
    """A personal number or CCCD has 12 digits."""
    for person in PERSONS:
        for key in number_keys(case, person):
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
    for person in PERSONS:
        for key in number_keys(case, person):
            number = personal_number(case.value(key)) if has(case, key) else None
            if number and number.province is None:
                yield Violation(
                    (key,),
                    f"Ba số đầu {number.digits[:3]} của số định danh không phải mã tỉnh "
                    "(đăng ký ở nước ngoài hoặc đọc sai).",
                    {key: number.digits},
                )


def id_type_differs(case: Case) -> Iterator[Violation]:
    """A CCCD cannot have nine digits; only the kind of paper or the number can be right."""
    for person in PERSONS:
        for key in number_keys(case, person):
            type_key, kind = _type_of(case, key)
            if (
                has(case, key)
                and kind == "4"
                and case.value(key).isdigit()
                and len(case.value(key)) == CMND_LENGTH
            ):
                yield Violation(
                    (type_key, key),
                    "Loại giấy tờ là CCCD nhưng số có 9 chữ số như CMND.",
                    {k: case.value(k) for k in (type_key, key)},
                )
