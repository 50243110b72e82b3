import pytest
from hypothesis import given
from hypothesis import strategies as st

from validators.canonical import PARSERS, ValueContext, canonical
from validators.verdict import Outcome

CONTEXT = ValueContext("KS", "2006-2015", 2008)
PASSED, INDETERMINATE, FAILED = Outcome.PASSED, Outcome.INDETERMINATE, Outcome.FAILED


@pytest.mark.parametrize(
    ("kind", "written", "value", "outcome"),
    [
        (
            "place",
            "xã Ia BLứ, huyện Chư Pưh, tỉnh Gia Lai;",
            "xã Ia BLứ, huyện Chư Pưh, tỉnh Gia Lai",
            PASSED,
        ),
        ("text", "Đất ở: Lâu dài; lúa: đến 15/10/2063;", "Đất ở: Lâu dài; lúa: đến 15/10/2063", PASSED),
        ("text", "đến ngày 15/18/2063", "đến ngày 15/18/2063", INDETERMINATE),
        ("text", "18/2018", "18/2018", INDETERMINATE),
        ("text", "Nhận chuyến nhượng đất", "Nhận chuyển nhượng đất", INDETERMINATE),
        ("text", "Bản án số 18/2018/HNGĐ-ST", "Bản án số 18/2018/HNGĐ-ST", PASSED),
        ("text", "12/2018", "12/2018", PASSED),
        ("date", "ngày 12 tháng 06 năm 2003", "2003-06-12", PASSED),
        ("date", "Gia Lai, ngày 13 tháng 06 năm 2025", "2025-06-13", PASSED),
        ("date", "35t", "1973", PASSED),
        ("date", "31/02/2001", "", FAILED),
        ("date", "khoảng 1960", "1960", INDETERMINATE),
        ("date", "khoảng tháng 3 năm 1960", "1960-03", INDETERMINATE),
        ("date", "1960?", "1960", INDETERMINATE),
        ("date", "12/4/2OO4", "2004-04-12", INDETERMINATE),
        ("date_words", "Ngày năm tháng năm năm hai nghìn", "2000-05-05", PASSED),
        ("date", "1973 (35 tuổi)", "1973", PASSED),
        ("date", "1950 (35 tuổi)", "1950", INDETERMINATE),
        ("title", "Uỷ viên thư ký", "Ủy viên thư ký", PASSED),
        ("agency", "UỶ BAN NHÂN DÂN HUYỆN IA GRAI", "UBND huyện Ia Grai", PASSED),
        ("nationality", "Cộng hoà Pháp", "Pháp", PASSED),
        ("area_words", "1.234 mét vuông", "1234", PASSED),
        ("sex", "NỮ", "2", PASSED),
        ("sex", "Nu", "2", PASSED),
        ("sex", "Na", "", FAILED),
        ("ethnicity", "Jrai", "Gia-rai", PASSED),
        ("ethnicity", "H'Mông", "Hmông", PASSED),
        ("ethnicity", "Gia Rui", "Gia-rai", INDETERMINATE),
        ("ethnicity", "xyz", "xyz", INDETERMINATE),
        ("nationality", "VN", "Việt Nam", PASSED),
        ("nationality", "Việl Nam", "Việt Nam", INDETERMINATE),
        (
            "issuing_unit",
            "TỈNH GIA LAI\nHUYỆN CHƯ SÊ\nUBND XÃ IA PHANG",
            "xã Ia Phang, huyện Chư Sê, tỉnh Gia Lai",
            PASSED,
        ),
        (
            "issuing_unit",
            "UBND xã Hòa An, huyện Krông Pắc, tỉnh Đắk Lắk",
            "xã Hòa An, huyện Krông Pắc, tỉnh Đắk Lắk",
            PASSED,
        ),
        (
            "issuing_unit",
            "ỦY BAN NHÂN DÂN\nPHƯỜNG THỐNG NHẤT\nTP. PLEIKU, T. GIA LAI",
            "phường Thống Nhất, thành phố Pleiku, tỉnh Gia Lai",
            PASSED,
        ),
        (
            "issuing_unit",
            "TỈNH GIA LAI\nHUYEN CHƯ SÊ\nUBND Ã IA PHANG",
            "xã Ia Phang, huyện Chư Sê, tỉnh Gia Lai",
            INDETERMINATE,
        ),
        ("agency", "TM. ỦY BAN NHÂN DÂN HUYỆN IA GRAI", "UBND huyện Ia Grai", PASSED),
        (
            "agency",
            "SỞ TÀI NGUYÊN VÀ MÔI TRƯỜNG TỈNH GIA LAI",
            "Sở Tài nguyên và Môi trường tỉnh Gia Lai",
            PASSED,
        ),
        ("id_number", "CMND số: 230 316 231", "230316231", PASSED),
        ("id_number", "23O3l6231", "230316231", INDETERMINATE),
        ("id_type", "Giấy CMND", "1", PASSED),
        ("id_type", "Thẻ CCCD", "4", PASSED),
        ("id_type", "Hộ chiếu", "2", PASSED),
        ("id_type", "CMNDsõ:", "1", PASSED),
        ("entry_number", "51a", "51a", PASSED),
        ("entry_number", "15 / 2018", "15/2018", INDETERMINATE),
        ("book_number", "01/2008", "01/2008", PASSED),
        ("registration_type", "☐ Đúng hạn ☒ Quá hạn", "4", PASSED),
        ("registration_type", "☐ Đúng hạn ☐ Quá hạn", "", FAILED),
        ("recognition_type", "Mẹ nhận con", "2", PASSED),
        ("death_notice_type", "Giấy báo tử", "1", PASSED),
        ("death_notice_type", "Biên bản xác nhặn", "6", PASSED),
        ("title", "KT. CHỦ TỊCH\nPHÓ CHỦ TỊCH", "Phó Chủ tịch", PASSED),
        ("title", "TM. ỦY BAN NHÂN DÂN\nCHỦ TỊCH", "Chủ tịch", PASSED),
        ("title", "PHÓ CHỦ TỊCH UBND XÃ IA PHANG", "Phó Chủ tịch", PASSED),
        ("title", "Chủ tịch xã Ia Phang", "Chủ tịch", PASSED),
        ("sex", "☐ Nam ☒ Nữ", "2", PASSED),
        ("date_words", "Ngày mùng năm tháng chạp năm một chín tám tư", "1984-12-05", PASSED),
        ("land_purpose", "Thổ cư + vườn", "T;V", PASSED),
        ("land_purpose", "ONT: 200; CLN: 300", "ONT;CLN", PASSED),
        ("agency", "TM. ỦY BAN NHÂN DÂN\nTHÀNH PHỐ PLEIKU", "UBND thành phố Pleiku", PASSED),
        ("time", "11h34", "11 giờ 34 phút", PASSED),
        ("area", "1.697 m²", "1697", PASSED),
        ("area", "949,3", "949.3", PASSED),
        ("area", "1,5 ha", "15000", PASSED),
        ("area", "không rõ ràng", "", FAILED),
        ("area_words", "Ba trăm hai mươi chín mét vuông", "329", PASSED),
        ("area_words", "Hai nghìn hai trăm bảy mươi sáu phẩy năm mét vuông", "2276.5", PASSED),
        (
            "land_purpose",
            "Đất ở tại nông thôn (ONT): 300 m²; Đất trồng cây lâu năm (CLN): 489 m²",
            "ONT;CLN",
            PASSED,
        ),
        ("land_purpose", "T + V", "T;V", PASSED),
        ("land_purpose", "2 lúa", "2L", PASSED),
        ("land_purpose", "Đất trồnq cây lâu nam", "CLN", INDETERMINATE),
        ("land_purpose", "Đất của làng", "Đất của làng", INDETERMINATE),
        ("land_form", "+ Sử dụng riêng: 1.732 m² + Sử dụng chung: không m²", "riêng", PASSED),
        ("land_form", "Sử dụng chung", "chung", PASSED),
        ("number", "012", "012", PASSED),
        ("number", "1.697,50", "1697.5", PASSED),
        ("serial", "BM 756276", "BM 756276", PASSED),
        ("serial", "AA 9722866O", "AA 97228660", INDETERMINATE),
        ("name", "H’Bia Rơ Châm", "H’Bia Rơ Châm", PASSED),
    ],
)
def test_what_officers_write_becomes_what_the_template_wants(kind, written, value, outcome):
    found = canonical(kind, written, CONTEXT)
    assert (found.value, found.outcome) == (value, outcome)


@pytest.mark.parametrize("written", ["-/-", "///", "......", "", " – ", "/"])
def test_strokes_and_dots_mean_that_nothing_is_written(written):
    for kind in PARSERS:
        assert canonical(kind, written, CONTEXT).value == ""


def test_no_is_an_answer_in_free_text_and_a_gap_elsewhere():
    assert canonical("text", "Không", CONTEXT).value == "Không"
    assert canonical("date", "Không", CONTEXT) == canonical("date", "", CONTEXT)


def test_an_age_without_the_year_of_registration_is_kept_as_written():
    found = canonical("date", "24 tuổi", ValueContext("KH", "1976-1998"))
    assert (found.value, found.outcome) == ("24 tuổi", INDETERMINATE)


@pytest.mark.parametrize(
    ("kind", "written", "code", "evidence"),
    [
        ("date", "31/02/2001", "DATE_IMPOSSIBLE", {"written": "31/02/2001", "parts": "31/2/2001"}),
        ("date", "1017", "DATE_IMPOSSIBLE", {"written": "1017", "parts": "0/0/1017"}),
        ("date", "01/04/5005", "DATE_IMPOSSIBLE", {"written": "01/04/5005", "parts": "1/4/5005"}),
        ("date", "không nhớ", "NOT_OF_KIND", {"written": "không nhớ"}),
        ("id_number", "23O3l6231", "REPAIRED", {"written": "23O3l6231"}),
        ("ethnicity", "xyz", "AS_WRITTEN", {}),
        ("sex", "nt", "DITTO", {}),
        ("sex", "///", "BLANK", {}),
        ("sex", "Nam", "LITERAL", {}),
    ],
)
def test_every_outcome_tells_its_reason_and_what_it_rests_on(kind, written, code, evidence):
    found = canonical(kind, written, CONTEXT)
    assert (found.code, found.evidence) == (code, evidence)


def test_an_age_that_cannot_be_counted_back_says_so():
    assert canonical("date", "24 tuổi", ValueContext("KH", "1976-1998")).code == "AGE_WITHOUT_YEAR"


@given(st.sampled_from(sorted(PARSERS)), st.text(max_size=60))
def test_no_text_makes_a_parser_fail(kind, written):
    found = canonical(kind, written, CONTEXT)
    assert found.outcome is not FAILED or found.value == ""
