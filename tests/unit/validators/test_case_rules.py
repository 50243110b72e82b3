import pytest

from validators.case import Case, Certainty, FieldValue
from validators.rules import check_case
from validators.verdict import Severity


def case(form: str, era: str = "2016+", **values: str) -> Case:
    return Case(
        form, era, {k: FieldValue(v, v, Certainty.SURE if v else Certainty.EMPTY) for k, v in values.items()}
    )


def codes(checked: Case) -> set[str]:
    return {f.code for f in check_case(checked)}


def blocking(checked: Case) -> set[str]:
    return {f.code for f in check_case(checked) if f.severity is not Severity.WARNS}


@pytest.mark.parametrize(
    ("checked", "code"),
    [
        (case("KS", nksNgaySinh="2001-09-19", nksNgaySinhBangChu="2000-09-19"), "DATE_WORDS_DIFFER"),
        (case("KT", nktNgayChet="2012-07-09", nktNgayChetGhiBangChu="2012-08-09"), "DATE_WORDS_DIFFER"),
        (case("KS", nksNgaySinh="1993-11-13", ngayDangKy="1993-11-08"), "BIRTH_AFTER_REGISTRATION"),
        (case("KT", nktNgayChet="2021-11-11", ngayDangKy="2021-11-05"), "DEATH_AFTER_REGISTRATION"),
        (case("KT", nktNgayChet="2001-11-11", nktNgaySinh="2002"), "DEATH_BEFORE_BIRTH"),
        (case("KS", nksNgaySinh="2011-01-04", meNgaySinh="2002"), "PARENT_TOO_YOUNG"),
        (case("CMC", loaiXacNhan="1", cmNgaySinh="1999", ncNgaySinh="2007-12-07"), "PARENT_TOO_YOUNG"),
        (case("KH", voNgaySinh="1995-02-04", ngayDangKy="2010-01-04"), "UNDERAGE_MARRIAGE"),
        (case("KS", nksSoDinhDanh="048218287610", nksGioiTinh="2"), "ID_SEX_DIFFERS"),
        (case("KS", meSoDinhDanhCaNhan="064085123456"), "ID_SEX_DIFFERS"),
        (case("KS", nksSoDinhDanh="048218287610", nksNgaySinh="2017-08-14"), "ID_YEAR_DIFFERS"),
        (case("KS", nycLoaiGiayToTuyThan="1", nycSoGiayToTuyThan="23028763"), "CMND_LENGTH"),
        (case("KS", nksSoDinhDanh="04821828761"), "ID_LENGTH"),
        (case("KS", so="31/2016", ngayDangKy="2017-11-10"), "YEAR_OF_NUMBER_DIFFERS"),
        (case("GCN", dienTich="544", dienTichBangChu="644"), "AREA_WORDS_DIFFER"),
        (
            case("GCN", dienTich="1697", mucDichSuDung="ONT: 200 m²; CLN: 1.547 m²"),
            "AREA_PURPOSE_SUM_DIFFERS",
        ),
        (case("GCN", dienTich="1703", dienTichThua_1="754", dienTichThua_2="900"), "AREA_PARCEL_SUM_DIFFERS"),
        (case("KS", nksDanToc=""), "REQUIRED_EMPTY:nksDanToc"),
        (case("GCN", chu1HoTen="Kpă Đoan", chu1NgaySinh=""), "REQUIRED_EMPTY:chu1NgaySinh"),
        (case("KS", so=""), "REQUIRED_EMPTY:so"),
        (case("KS", so="không số"), "NUMBER_FORM"),
        (case("KS", quyenSo="01"), "BOOK_NUMBER_FORM"),
        (case("KS", trangSo="hai"), "PAGE_NOT_NUMERIC"),
        (case("KS", ngayDangKy="2003-06"), "REGISTRATION_DATE_PARTIAL"),
    ],
)
def test_contradictions_on_the_page_stop_the_case(checked, code):
    assert code in blocking(checked)


@pytest.mark.parametrize(
    ("checked", "code"),
    [
        (case("KS", nksNgaySinh="1983-11-06", ngayDangKy="1989-02-12"), "LATE_REGISTRATION"),
        (case("KS", so="51a"), "NUMBER_SUFFIX"),
        (case("KS", chaHoTen=""), "NO_FATHER"),
        (case("KS", nksSoDinhDanh="999218287610"), "ID_PREFIX_UNKNOWN"),
        (case("GCN", mucDichSuDung="XYZ"), "PURPOSE_UNKNOWN"),
        (case("GCN", ghiChu_bienDong="Chuyển nhượng cho ông Phan Gia Hiếu"), "CHANGE_NOTE"),
        (case("KS", ghiChu="Cải chính năm sinh theo QĐ số 9"), "MARGINAL_CORRECTION"),
        (Case("KS", "1976-1998", {"nksDanToc": FieldValue("nt", "Kinh")}), "DITTO"),
    ],
)
def test_lawful_oddities_are_shown_and_stop_nothing(checked, code):
    assert code in codes(checked)
    assert code not in blocking(checked)


@pytest.mark.parametrize(
    "checked",
    [
        case("KS", nksNgaySinh="2001", nksNgaySinhBangChu="2001-09-19"),
        case("KS", nksNgaySinh="1993", ngayDangKy="1993-11-08"),
        case("KS", nksNgaySinh="2011-01-04", meNgaySinh="1999"),
        case("KH", chongNgaySinh="1990", ngayDangKy="2009-01-04"),
        case("KH", voNgaySinh="1992-03-01", ngayDangKy="2010-01-04"),
        case("KS", nksNgaySinh="1983-11-06", ngayDangKy="1989-02-12", loaiDangKy="2"),
        case("KS", nycLoaiGiayToTuyThan="2", nycSoGiayToTuyThan="B1234567"),
        case("KS", nycLoaiGiayToTuyThan="1", nycSoGiayToTuyThan="064072143869"),
        Case(
            "GCN",
            "2025+",
            {
                "dienTich": FieldValue("789 m²", "789"),
                "mucDichSuDung": FieldValue("ONT: 300 m²; CLN: 489 m²", "ONT;CLN"),
            },
        ),
        case("GCN", chu1HoTen="Công ty TNHH Cao su Chư Sê", chu1NgaySinh=""),
        case("KS"),
    ],
)
def test_what_partial_dates_and_the_law_leave_open_is_not_held_against_the_case(checked):
    assert codes(checked) == set()


def test_a_doubtful_field_only_warns_and_an_unread_one_says_nothing():
    def with_certainty(certainty: Certainty) -> Case:
        words = FieldValue("", "2000-09-19", certainty)
        return Case(
            "KS", "1999-2005", {"nksNgaySinh": FieldValue("", "2001-09-19"), "nksNgaySinhBangChu": words}
        )

    assert blocking(with_certainty(Certainty.SURE)) == {"DATE_WORDS_DIFFER"}
    assert codes(with_certainty(Certainty.DOUBTFUL)) == {"DATE_WORDS_DIFFER"}
    assert blocking(with_certainty(Certainty.DOUBTFUL)) == set()
    assert codes(with_certainty(Certainty.MISSING)) == set()


def test_a_date_that_was_repaired_while_reading_only_warns():
    fields = {
        "nksNgaySinh": FieldValue("l9/09/2001", "2001-09-19"),
        "nksNgaySinhBangChu": FieldValue("Ngày mười chín tháng chín năm hai nghìn", "2000-09-19"),
    }
    checked = Case("KS", "1999-2005", fields)
    assert codes(checked) == {"DATE_WORDS_DIFFER"}
    assert blocking(checked) == set()


def test_a_date_in_words_speaks_where_the_digits_were_read_poorly_and_say_nothing_else():
    def told(digits: str) -> dict[str, Severity]:
        fields = {
            "nktNgayChet": FieldValue("", digits, Certainty.DOUBTFUL if digits else Certainty.MISSING),
            "nktNgayChetGhiBangChu": FieldValue("", "2021-11-11"),
            "ngayDangKy": FieldValue("", "2021-11-05"),
        }
        return {f.code: f.severity for f in check_case(Case("KT", "2016+", fields))}

    assert told("2021")["DEATH_AFTER_REGISTRATION"] is Severity.BLOCKS_APPROVAL
    assert told("")["DEATH_AFTER_REGISTRATION"] is Severity.BLOCKS_APPROVAL
    assert "DEATH_AFTER_REGISTRATION" not in told("2021-11-01")


def test_an_unread_required_field_is_not_an_empty_one():
    checked = Case("KS", "2016+", {"nksDanToc": FieldValue("", "", Certainty.MISSING)})
    assert codes(checked) == {"REQUIRED_UNREAD:nksDanToc"}
    assert blocking(checked) == set()
