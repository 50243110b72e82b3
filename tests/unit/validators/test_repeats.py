import time

from validators.case import Case, FieldValue
from validators.repeats import check_repeats, match_keys
from validators.verdict import Severity


def case(form: str, **values: str) -> Case:
    return Case(form, "2006-2015", {k: FieldValue(v, v) for k, v in values.items()})


def wedding(husband: str, day: str, wife: str = "Ngô Thị Tư", **more: str) -> Case:
    given = {"chongNgaySinh": "1970-02-03", "voNgaySinh": "1972-04-05"} | more
    return case("KH", chongHoTen=husband, voHoTen=wife, ngayDangKy=day, **given)


def raised(*cases: Case) -> list[tuple[str, str, Severity]]:
    found = check_repeats({str(n): c for n, c in enumerate(cases)})
    return [(where, f.code, f.severity) for where, findings in sorted(found.items()) for f in findings]


def test_a_second_marriage_stands_on_the_later_one_whichever_was_read_first():
    late, early = wedding("Lê Văn Ba", "1999-01-01", "Y Hoa"), wedding("Lê Văn Ba", "1992-01-01")
    assert raised(late, early) == [("0", "ALREADY_MARRIED", Severity.BLOCKS_APPROVAL)]


def test_a_widow_or_a_namesake_of_another_age_may_marry():
    dead = case("KT", nktHoTen="Ngô Thị Tư", nktNgaySinh="1972-04-05", nktNgayChet="1995-05-05")
    again = wedding("Lê Văn Ba", "1999-01-01", "Y Hoa")
    assert raised(wedding("Lê Văn Ba", "1992-01-01"), dead, again) == []
    assert raised(wedding("Lê Văn Ba", "1992-01-01", chongNgaySinh="1960-02-03"), again) == []


def test_the_same_couple_and_day_is_one_case_and_not_a_second_marriage():
    found = raised(wedding("Lê Văn Ba", "1992-01-01"), wedding("LÊ VĂN BA", "1992-01-01"))
    assert found == [("1", "DUPLICATE_CASE", Severity.BLOCKS_APPROVAL)]


def test_names_that_differ_by_a_tone_only_warn():
    born = {"nksNgaySinh": "2008-05-20", "meHoTen": "Trần Thị Lan"}
    found = raised(case("KS", nksHoTen="Ngô Vy", **born), case("KS", nksHoTen="Ngô Vỹ", **born))
    assert found == [("1", "DUPLICATE_CASE", Severity.WARNS)]


def test_persons_with_only_a_year_of_birth_are_not_taken_for_each_other():
    year = {"chongNgaySinh": "1970", "voNgaySinh": "1972"}
    assert (
        raised(
            wedding("Lê Văn Ba", "1992-01-01", **year), wedding("Lê Văn Ba", "1999-01-01", "Y Hoa", **year)
        )
        == []
    )


def test_map_sheets_of_two_communes_that_both_begin_at_one_do_not_clash():
    def parcel(address: str, sheet: str) -> Case:
        return case("GCN", thuaDatSo="12", toBanDoSo=sheet, diaChiThua=address)

    one, other = "xã Ia Tô, huyện Ia Grai, tỉnh Gia Lai", "xã Ia Hla, huyện Chư Pưh, tỉnh Gia Lai"
    assert raised(parcel(one, "1"), parcel(other, "1")) == []
    assert [code for _, code, _ in raised(parcel(one, "1"), parcel(one, "01"))] == ["PARCEL_TWICE"]
    assert match_keys(parcel("thôn 2", "1")) == (), "without a commune a sheet says nothing"


def test_a_blank_filled_in_with_noughts_joins_nobody_and_thousands_are_compared_quickly():
    assert match_keys(case("KH", chongSoGiayToTuyThan="000000000")) == ()
    shared = {"chongSoGiayToTuyThan": "123456789"}
    many = {str(n): case("KH", chongHoTen=f"Lê {n}", **shared) for n in range(3000)}
    start = time.perf_counter()
    assert check_repeats(many) == {}
    assert time.perf_counter() - start < 10
