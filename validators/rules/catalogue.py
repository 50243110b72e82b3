"""Every rule with its meaning, severity and source; ``docs/rules.md`` is made from this list."""

from __future__ import annotations

from validators.case import Case
from validators.rules import civil_dates, completeness, identity_rules, land, numbering
from validators.rules.registry import Check, Rule, finding
from validators.verdict import Finding, Severity

_IMPORT, _APPROVAL, _WARNS = Severity.BLOCKS_IMPORT, Severity.BLOCKS_APPROVAL, Severity.WARNS
_LAW = "Luật Hộ tịch 2014"
_SQL = "Kiểm tra trước khi nhập vào phần mềm hộ tịch"

CASE_RULES: tuple[tuple[Rule, Check], ...] = (
    (
        Rule(
            "DATE_WORDS_DIFFER", "Ngày ghi bằng số khác ngày ghi bằng chữ", _APPROVAL, "Biểu mẫu sổ hộ tịch"
        ),
        civil_dates.words_differ,
    ),
    (
        Rule("BIRTH_AFTER_REGISTRATION", "Ngày sinh sau ngày đăng ký", _APPROVAL, _LAW),
        civil_dates.birth_after_registration,
    ),
    (
        Rule("DEATH_AFTER_REGISTRATION", "Ngày chết sau ngày đăng ký khai tử", _APPROVAL, _LAW),
        civil_dates.death_after_registration,
    ),
    (
        Rule("DEATH_BEFORE_BIRTH", "Ngày chết trước ngày sinh", _APPROVAL, _LAW),
        civil_dates.death_before_birth,
    ),
    (
        Rule(
            "PARENT_TOO_YOUNG", "Cha, mẹ hơn con chưa đến 12 tuổi", _APPROVAL, "Kinh nghiệm đối chiếu dữ liệu"
        ),
        civil_dates.parent_too_young,
    ),
    (
        Rule(
            "UNDERAGE_MARRIAGE",
            "Chưa đủ tuổi kết hôn theo luật tại thời điểm đăng ký",
            _APPROVAL,
            "Luật Hôn nhân và gia đình 1986, 2000, 2014",
        ),
        civil_dates.underage_marriage,
    ),
    (
        Rule("LATE_REGISTRATION", "Đăng ký khai sinh quá hạn 60 ngày", _WARNS, "Luật Hộ tịch 2014, Điều 15"),
        civil_dates.late_registration,
    ),
    (
        Rule(
            "ON_TIME_BOX_DIFFERS",
            "Ô đúng hạn, quá hạn không khớp ngày tháng",
            _WARNS,
            "Luật Hộ tịch 2014, Điều 15",
        ),
        civil_dates.on_time_box_differs,
    ),
    (
        Rule(
            "ID_SEX_DIFFERS",
            "Chữ số thứ tư của số định danh không khớp giới tính",
            _APPROVAL,
            "Thông tư 59/2021/TT-BCA",
        ),
        identity_rules.sex_differs,
    ),
    (
        Rule(
            "ID_YEAR_DIFFERS",
            "Năm sinh trong số định danh không khớp ngày sinh",
            _APPROVAL,
            "Thông tư 59/2021/TT-BCA",
        ),
        identity_rules.year_differs,
    ),
    (
        Rule("CMND_LENGTH", "Số CMND không đủ 9 chữ số", _APPROVAL, "Nghị định 05/1999/NĐ-CP"),
        identity_rules.cmnd_length,
    ),
    (
        Rule("ID_LENGTH", "Số định danh, CCCD không đủ 12 chữ số", _APPROVAL, "Thông tư 59/2021/TT-BCA"),
        identity_rules.personal_length,
    ),
    (
        Rule("ID_TYPE_DIFFERS", "Loại giấy tờ không khớp số giấy tờ", _WARNS, "Thông tư 59/2021/TT-BCA"),
        identity_rules.id_type_differs,
    ),
    (
        Rule(
            "ID_PREFIX_UNKNOWN",
            "Ba số đầu của số định danh không phải mã tỉnh",
            _WARNS,
            "Thông tư 59/2021/TT-BCA",
        ),
        identity_rules.prefix_unknown,
    ),
    (
        Rule("YEAR_OF_NUMBER_DIFFERS", "Năm trong số đăng ký khác năm đăng ký", _IMPORT, _SQL),
        numbering.year_of_number_differs,
    ),
    (Rule("NUMBER_SUFFIX", "Số đăng ký có phần chữ (51a, 51 bis)", _WARNS, _SQL), numbering.number_suffix),
    (Rule("NUMBER_FORM", "Số đăng ký không đúng dạng", _IMPORT, _SQL), numbering.number_form),
    (Rule("BOOK_NUMBER_FORM", "Quyển số thiếu năm mở sổ", _IMPORT, _SQL), numbering.book_number_form),
    (Rule("PAGE_NOT_NUMERIC", "Trang số không phải là số", _IMPORT, _SQL), numbering.page_not_numeric),
    (
        Rule("REGISTRATION_DATE_PARTIAL", "Ngày đăng ký thiếu ngày hoặc tháng", _IMPORT, _SQL),
        numbering.registration_date_partial,
    ),
    (
        Rule("REQUIRED_EMPTY:", "Thiếu trường bắt buộc để nhập dữ liệu", _IMPORT, _SQL),
        completeness.required_for_import,
    ),
    (
        Rule(
            "REQUIRED_EMPTY:",
            "Thiếu trường bắt buộc để phê duyệt",
            _APPROVAL,
            "Luật Hộ tịch 2014, Điều 14; Thông tư 10/2024/TT-BTNMT",
        ),
        completeness.required_for_approval,
    ),
    (
        Rule("NO_FATHER", "Phần khai về người cha để trống", _WARNS, "Thông tư 04/2020/TT-BTP"),
        completeness.no_father,
    ),
    (Rule("DITTO", "Ô ghi như trên", _WARNS, "Sổ hộ tịch dạng bảng"), completeness.ditto),
    (
        Rule("MARGINAL_CORRECTION", "Ghi chú có thay đổi, cải chính", _WARNS, "Luật Hộ tịch 2014, Điều 28"),
        completeness.marginal_correction,
    ),
    (
        Rule("CHANGE_NOTE", "Có biến động sau khi cấp giấy", _WARNS, "Thông tư 10/2024/TT-BTNMT"),
        completeness.change_note,
    ),
    (
        Rule(
            "AREA_WORDS_DIFFER",
            "Diện tích bằng số khác diện tích bằng chữ",
            _APPROVAL,
            "Biểu mẫu giấy chứng nhận",
        ),
        land.area_words_differ,
    ),
    (
        Rule(
            "AREA_PURPOSE_SUM_DIFFERS",
            "Tổng diện tích theo mục đích khác diện tích thửa",
            _APPROVAL,
            "Thông tư 10/2024/TT-BTNMT",
        ),
        land.purpose_sum_differs,
    ),
    (
        Rule(
            "AREA_PARCEL_SUM_DIFFERS",
            "Tổng diện tích các thửa khác tổng diện tích ghi",
            _APPROVAL,
            "Thông tư 10/2024/TT-BTNMT",
        ),
        land.parcel_sum_differs,
    ),
    (
        Rule(
            "PURPOSE_UNKNOWN", "Mục đích sử dụng chưa có trong bảng mã", _WARNS, "Thông tư 08/2024/TT-BTNMT"
        ),
        land.purpose_unknown,
    ),
)

NUMBER_GAP = Rule("NUMBER_GAP", "Thiếu số thứ tự trong sổ", _IMPORT, _SQL)
DUPLICATE_NUMBER = Rule("DUPLICATE_NUMBER", "Trùng số trong cùng một sổ", _IMPORT, _SQL)

RULES: tuple[Rule, ...] = (*(rule for rule, _ in CASE_RULES), NUMBER_GAP, DUPLICATE_NUMBER)


def check_case(case: Case) -> tuple[Finding, ...]:
    """Findings of all rules that one case alone can decide, in the order of the catalogue.

    A rule blocks only where every field it rests on is sure; a doubtful field lowers it to a warning, an
    unread one leaves it unapplied.
    """
    found = (finding(case, rule, violation) for rule, check in CASE_RULES for violation in check(case))
    return tuple(f for f in found if f is not None)
