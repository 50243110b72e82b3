"""Officers are told of places of another time; only an office that cannot have been there stops a case."""

from __future__ import annotations

from dataclasses import replace

import pytest

from validators.case import Case, Certainty, FieldValue
from validators.places import load_gazetteer
from validators.rules import check_case
from validators.verdict import Finding, Severity

CODES = ("PLACE_NOT_ON_DATE", "OFFICE_NOT_ON_DATE")


def case(form: str, **values: str) -> Case:
    return Case(form, "1976-1998", {k: FieldValue(v, v) for k, v in values.items()})


def raised(checked: Case) -> list[Finding]:
    return [f for f in check_case(checked, load_gazetteer()) if f.code in CODES]


LATE_OFFICE = case("KS", noiDangKy="xã Ia Pia, huyện Chư Prông, tỉnh Gia Lai", ngayDangKy="1985-03-04")


@pytest.mark.parametrize(
    ("checked", "field", "verdict", "unit", "then"),
    [
        (
            case("KS", meNoiCuTru="xã Ia Phang, huyện Chư Pưh, tỉnh Gia Lai", ngayDangKy="2001-11-12"),
            "meNoiCuTru",
            "PLACE_NOT_YET",
            "huyện Chư Pưh",
            "huyện Chư Sê",
        ),
        (
            case("KH", chongNoiCuTru="xã Thanh Thùy, huyện Thanh Oai, tỉnh Hà Tây", ngayDangKy="2012-11-12"),
            "chongNoiCuTru",
            "PLACE_NO_LONGER",
            "tỉnh Hà Tây",
            "thành phố Hà Nội",
        ),
        (
            case(
                "KT",
                nktNoiChet="Bệnh viện tỉnh Kon Tum, tỉnh Kon Tum",
                nktNgayChet="1985",
                ngayDangKy="1986-01-02",
            ),
            "nktNoiChet",
            "PLACE_NOT_YET",
            "tỉnh Kon Tum",
            "tỉnh Gia Lai - Kon Tum",
        ),
        (
            case(
                "KS", noiDangKy="xã Ia Pia, huyện Chư Prông, tỉnh Gia Lai - Kon Tum", ngayDangKy="1999-03-04"
            ),
            "noiDangKy",
            "PLACE_NO_LONGER",
            "tỉnh Gia Lai - Kon Tum",
            "tỉnh Gia Lai",
        ),
    ],
)
def test_a_place_of_another_time_warns_and_tells_what_it_was_then(checked, field, verdict, unit, then):
    (found,) = raised(checked)
    assert (found.code, found.severity) == ("PLACE_NOT_ON_DATE", Severity.WARNS)
    assert found.fields[0] == field
    assert (found.evidence["verdict"], found.evidence["unit"]) == (verdict, unit)
    assert then in found.evidence["then"]
    assert unit in found.message
    assert found.evidence["act"] in found.message


def test_an_office_in_a_province_founded_later_stops_approval():
    (found,) = raised(LATE_OFFICE)
    assert (found.code, found.severity) == ("OFFICE_NOT_ON_DATE", Severity.BLOCKS_APPROVAL)
    assert "tỉnh Gia Lai - Kon Tum" in found.message
    assert "12/08/1991" in found.message


def test_a_date_or_office_read_with_doubt_only_warns():
    fields = dict(LATE_OFFICE.fields)
    fields["ngayDangKy"] = replace(fields["ngayDangKy"], certainty=Certainty.DOUBTFUL)
    assert [f.severity for f in raised(replace(LATE_OFFICE, fields=fields))] == [Severity.WARNS]


@pytest.mark.parametrize(
    "checked",
    [
        case("KS", noiDangKy="xã Ia Pia, huyện Chư Prông, tỉnh Gia Lai - Kon Tum", ngayDangKy="1985-03-04"),
        case("KS", noiDangKy="xã Ia Pia, huyện Chư Prông, tỉnh Gia Lai", ngayDangKy="1991-11-04"),  # used up
        case("KS", noiDangKy="thị xã Vũng Tàu, đặc khu Vũng Tàu - Côn Đảo", ngayDangKy="1985-03-04"),
        case("KS", noiDangKy="xã Hòa Bình, huyện Xuyên Mộc, tỉnh Đồng Nai", ngayDangKy="1989-02-03"),
        case("KS", meNoiCuTru="ấp 8 - Hòa Bình", ngayDangKy="1989-02-03"),
        case("KS", meNoiCuTru="làng Klă, xã Ia Rong", ngayDangKy="1984-09-05"),
        case("KS", nksNoiSinh="Bệnh viện huyện", nksNgaySinh="1984-09-05", ngayDangKy="1984-09-15"),
        case(  # born in Gia Lai - Kon Tum, entered when it was Gia Lai
            "KS",
            nksNoiSinh="xã Ia Pia, huyện Chư Prông, tỉnh Gia Lai",
            nksNgaySinh="1985",
            ngayDangKy="2002-01-03",
        ),
        case(
            "KS",
            nksNoiSinh="xã Ia Pia, huyện Chư Prông, tỉnh Gia Lai - Kon Tum",
            nksNgaySinh="1985",
            ngayDangKy="2002-01-03",
        ),
        case("KH", voNoiCuTru="xã Ia Phong, huyện Chư Puk, tỉnh Gia Lai", ngayDangKy="2001-01-03"),  # misread
        case("KH", voNoiCuTru="tỉnh Hà Tây", ngayDangKy="2003-06"),
        case("KH", voNoiCuTru="tỉnh Hà Tây", ngayDangKy=""),
    ],
)
def test_places_of_their_time_and_those_nobody_can_tell_raise_nothing(checked):
    assert raised(checked) == []


def test_without_a_gazetteer_places_are_not_checked():
    assert not [f for f in check_case(LATE_OFFICE) if f.code in CODES]


@pytest.mark.corpus
def test_the_places_of_the_corpus_are_all_of_their_time(truth_records):
    spurious = [(record.item, found.message) for record in truth_records for found in raised(record.case())]
    assert spurious == []
