"""Every rule with its meaning, severity and source; ``docs/rules.md`` is made from this list."""

from __future__ import annotations

from validators.case import Case
from validators.rules import civil_dates, completeness, families, identity_rules, land, numbering
from validators.rules.across import RULES as ACROSS_RULES
from validators.rules.registry import Declared, Rule, finding
from validators.verdict import Finding, Severity

_APPROVAL, _WARNS = Severity.BLOCKS_APPROVAL, Severity.WARNS
_NUMBERS = "Thông tư 59/2021/TT-BCA"

_IDENTITY: tuple[Declared, ...] = (
    (
        Rule(
            "ID_SEX_DIFFERS",
            "Chữ số thứ tư của số định danh không khớp giới tính",
            _APPROVAL,
            _NUMBERS,
            "Số định danh cho biết giới tính; số hoặc ô giới tính bị ghi hay đọc sai.",
        ),
        identity_rules.sex_differs,
    ),
    (
        Rule(
            "ID_YEAR_DIFFERS",
            "Năm sinh trong số định danh không khớp ngày sinh",
            _APPROVAL,
            _NUMBERS,
            "Số định danh cho biết năm sinh; số hoặc ngày sinh bị ghi hay đọc sai.",
        ),
        identity_rules.year_differs,
    ),
    (
        Rule(
            "CMND_LENGTH",
            "Số CMND không đủ 9 chữ số",
            _APPROVAL,
            "Nghị định 05/1999/NĐ-CP",
            "CMND có 9 chữ số (loại cấp 2012–2015 có 12); thiếu hoặc thừa số là ghi hay đọc sót.",
        ),
        identity_rules.cmnd_length,
    ),
    (
        Rule(
            "ID_LENGTH",
            "Số định danh, CCCD không đủ 12 chữ số",
            _APPROVAL,
            _NUMBERS,
            "Số định danh luôn có 12 chữ số; thiếu hoặc thừa số là ghi hay đọc sót.",
        ),
        identity_rules.personal_length,
    ),
    (
        Rule(
            "ID_TYPE_DIFFERS",
            "Loại giấy tờ không khớp số giấy tờ",
            _WARNS,
            _NUMBERS,
            "CCCD không có số 9 chữ số; xem lại loại giấy tờ.",
        ),
        identity_rules.id_type_differs,
    ),
    (
        Rule(
            "ID_PREFIX_UNKNOWN",
            "Ba số đầu của số định danh không phải mã tỉnh",
            _WARNS,
            _NUMBERS,
            "Người đăng ký khai sinh ở nước ngoài có mã khác; nếu không phải thì số bị đọc sai.",
        ),
        identity_rules.prefix_unknown,
    ),
)

CASE_RULES: tuple[Declared, ...] = (
    *civil_dates.RULES,
    *families.RULES,
    *_IDENTITY,
    *numbering.RULES,
    *completeness.RULES,
    *land.RULES,
)

RULES: tuple[Rule, ...] = (*(rule for rule, _ in CASE_RULES), *ACROSS_RULES)


def check_case(case: Case) -> tuple[Finding, ...]:
    """Findings of all rules that one case alone can decide, in the order of the catalogue.

    A rule blocks only where every field it rests on is sure; a doubtful field lowers it to a warning, an
    unread one leaves it unapplied.
    """
    found = (finding(case, rule, violation) for rule, check in CASE_RULES for violation in check(case))
    return tuple(f for f in found if f is not None)
