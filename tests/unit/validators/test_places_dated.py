"""Officers rely on being told when a place named on a page did not exist, and what it was called then."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from validators.places import check_place, load_gazetteer
from validators.verdict import Outcome

RIGHT = [  # as written, day, the unit of that day, codes of today
    (
        "xã la Pia, huyện Chư Phông, Gia Lai",
        "2001-05-06",
        "xã Ia Pia, huyện Chư Prông, tỉnh Gia Lai",
        "23926",
    ),
    ("xã Ia Pỉa, H.Chư Phông, Gia Lai", "2001-05-06", "xã Ia Pia, huyện Chư Prông, tỉnh Gia Lai", "23926"),
    ("xa Ia Pia huyen Chu Prong", "2020-01-01", "xã Ia Pia, huyện Chư Prông, tỉnh Gia Lai", "23926"),
    ("Chư Prong, Gia Lai", "2001-05-06", "huyện Chư Prông, tỉnh Gia Lai", "52"),
    (
        "xã Cu Êbua, TP. Buôn Mê Thuột, tỉnh Đăk Lăk",
        "2015-03-02",
        "xã Cư ÊBur, thành phố Buôn Ma Thuột, tỉnh Đắk Lắk",
        "24133",
    ),
    (
        "xã Cư Êbur, thị xã Buôn Ma Thuột, tỉnh Đắc Lắc",
        "1990-03-02",
        "xã Cư ÊBur, thành phố Buôn Ma Thuột, tỉnh Đắk Lắk",
        "24133",
    ),
    (
        "xã Ia Phang, huyện Chư Sê, tỉnh Gia Lai",
        "2001-11-12",
        "xã Ia Phang, huyện Chư Sê, tỉnh Gia Lai",
        "23942",
    ),
    (
        "xã Ia Phang - Chư Pứh - Gia Lai",
        "2012-11-12",
        "xã Ia Phang, huyện Chư Pưh, tỉnh Gia Lai",
        "23942",
    ),
    ("thị xã Pleiku, tỉnh Gia Lai - Kon Tum", "1985-01-01", "thành phố Pleiku, tỉnh Gia Lai - Kon Tum", "52"),
    (
        "phường Yên Đỗ, thị xã Pleiku, tỉnh Gia Lai-Kon Tum",
        "1985-01-01",
        "phường Yên Đỗ, thành phố Pleiku, tỉnh Gia Lai - Kon Tum",
        "23563",
    ),
    (
        "Phường 2, thị xã Vũng Tàu, Đặc khu Vũng Tàu - Côn Đảo",
        "1985-01-01",
        "phường 2, thành phố Vũng Tàu, đặc khu Vũng Tàu - Côn Đảo",
        "26506",
    ),
    (
        "xã Ia Băng, huyện Chư Prông, tỉnh Gia Lai",
        "2005-01-01",
        "xã Ia Băng, huyện Chư Prông, tỉnh Gia Lai",
        "23908",
    ),
    (
        "xã Ia Bang, huyện Chư Prông, tỉnh Gia Lai",
        "2005-01-01",
        "xã Ia Bang, huyện Chư Prông, tỉnh Gia Lai",
        "23908",
    ),
    ("xã Ba Tơ, tỉnh Quảng Ngãi", "2025-09-01", "xã Ba Tơ, tỉnh Quảng Ngãi", "21484"),
    ("xã Ba Tô, tỉnh Quảng Ngãi", "2025-09-01", "xã Ba Tô, tỉnh Quảng Ngãi", "21523"),
    (
        "phường Tam Quan Nam, thị xã Hoài Nhơn, tỉnh Bình Định",
        "2022-01-01",
        "phường Tam Quan Nam, thị xã Hoài Nhơn, tỉnh Bình Định",
        "21664",
    ),
    (
        "phường Thạch Linh, thành phố Hà Tĩnh, tỉnh Hà Tĩnh",
        "2015-01-01",
        "phường Thạch Linh, thành phố Hà Tĩnh, tỉnh Hà Tĩnh",
        "18073",
    ),
    (
        "xã Đan Phượng, huyện Đan Phượng, TP. Hà Nội",
        "2015-01-01",
        "xã Đan Phượng, huyện Đan Phượng, thành phố Hà Nội",
        "09784",
    ),
    (
        "xã Thanh Thùy, huyện Thanh Oai, tỉnh Hà Tây",
        "2000-01-01",
        "xã Thanh Thùy, huyện Thanh Oai, tỉnh Hà Tây",
        "10144",
    ),
    ("huyện Đầm Dơi, tỉnh Minh Hải", "1985-01-01", "huyện Đầm Dơi, tỉnh Minh Hải", "96"),
    (
        "Phường Vũng Tàu, Thành phố Hồ Chí Minh",
        "2025-08-01",
        "phường Vũng Tàu, thành phố Hồ Chí Minh",
        "26506",
    ),
    ("phường Trảng Bom, thành phố Đồng Nai", "2026-09-01", "phường Trảng Bom, thành phố Đồng Nai", "26248"),
    ("Đặc khu Côn Đảo, TP. Hồ Chí Minh", "2025-08-01", "đặc khu Côn Đảo, thành phố Hồ Chí Minh", "26732"),
]


@pytest.mark.parametrize(("written", "day", "then", "today"), RIGHT)
def test_a_place_means_the_unit_of_its_day_and_those_of_today(written, day, then, today):
    found = check_place(load_gazetteer(), written, date.fromisoformat(day))
    assert found.verdict.outcome is Outcome.PASSED
    assert found.verdict.evidence["unit"] == then
    assert {u.code for u in found.today} == set(today.split())


MISPLACED = [  # as written, day, code, unit, what it was or became, act
    (
        "xã Ia Pia, huyện Chư Prông, tỉnh Gia Lai",
        "1985-05-06",
        "PLACE_NOT_YET",
        "tỉnh Gia Lai",
        {"tỉnh Gia Lai - Kon Tum"},
        "Nghị quyết Quốc hội khóa VIII ngày 12/08/1991",
    ),
    (
        "xã Ia Phang, huyện Chư Pưh, tỉnh Gia Lai",
        "2001-01-01",
        "PLACE_NOT_YET",
        "huyện Chư Pưh",
        {"huyện Chư Sê"},
        "43/NQ-CP",
    ),
    (
        "xã Ia Phang, huyện Chư Sê, tỉnh Gia Lai",
        "2015-01-01",
        "PLACE_NO_LONGER",
        "huyện Chư Sê",
        {"huyện Chư Sê", "huyện Chư Pưh"},
        "",
    ),
    (
        "xã Ia Pia, huyện Chư Prông, tỉnh Gia Lai - Kon Tum",
        "2001-01-01",
        "PLACE_NO_LONGER",
        "tỉnh Gia Lai - Kon Tum",
        {"tỉnh Gia Lai", "tỉnh Kon Tum"},
        "Nghị quyết Quốc hội khóa VIII ngày 12/08/1991",
    ),
    (
        "Phường 2, thị xã Vũng Tàu, Đặc khu Vũng Tàu - Côn Đảo",
        "1999-01-01",
        "PLACE_NO_LONGER",
        "đặc khu Vũng Tàu - Côn Đảo",
        {"tỉnh Bà Rịa - Vũng Tàu"},
        "Nghị quyết Quốc hội khóa VIII ngày 12/08/1991",
    ),
    (
        "xã Thanh Thùy, huyện Thanh Oai, tỉnh Hà Tây",
        "2012-01-01",
        "PLACE_NO_LONGER",
        "tỉnh Hà Tây",
        {"thành phố Hà Nội"},
        "15/2008/QH12",
    ),
    (
        "đặc khu Phú Quốc, tỉnh An Giang",
        "2012-01-01",
        "PLACE_NOT_YET",
        "đặc khu Phú Quốc",
        {
            "phường Dương Đông",
            "phường An Thới",
            *("xã Bãi Thơm", "xã Cửa Cạn", "xã Cửa Dương", "xã Dương Tơ", "xã Gành Dầu", "xã Hàm Ninh"),
        },
        "1654/NQ-UBTVQH15",
    ),
]


@pytest.mark.parametrize(("written", "day", "code", "unit", "then", "act"), MISPLACED)
def test_a_place_of_another_time_fails_with_its_name_of_the_day_and_the_act(
    written, day, code, unit, then, act
):
    verdict = check_place(load_gazetteer(), written, date.fromisoformat(day)).verdict
    assert (verdict.outcome, verdict.code) == (Outcome.FAILED, code)
    assert verdict.evidence["unit"] == unit
    assert set(verdict.evidence["then"].split("; ")) <= then
    assert verdict.evidence["act"] == act


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("", "PLACE_UNKNOWN"),
        ("xã Hoàn Toàn Không Có, huyện Chư Sê, tỉnh Gia Lai", "PLACE_UNKNOWN"),
        ("huyện Châu Thành", "PLACE_AMBIGUOUS"),
        ("xã Tân Hưng", "PLACE_AMBIGUOUS"),
        ("xa Ba To, tinh Quang Ngai", "PLACE_AMBIGUOUS"),
        ("xa Ia Bang, huyen Chu Prong, tinh Gia Lai", "PLACE_AMBIGUOUS"),
    ],
)
def test_what_cannot_be_told_apart_is_left_to_a_person(written, code):
    found = check_place(load_gazetteer(), written, date(2025, 6, 1))
    assert (found.verdict.outcome, found.verdict.code) == (Outcome.INDETERMINATE, code)
    assert found.resolution is None
    assert found.today == ()
    if code == "PLACE_AMBIGUOUS":
        assert found.candidates


def test_a_ward_that_was_split_gives_all_its_heirs():
    found = check_place(load_gazetteer(), "phường Phú Mỹ, quận 7, thành phố Hồ Chí Minh", date(2012, 1, 1))
    assert found.verdict.outcome is Outcome.PASSED
    assert {u.name for u in found.today} == {"Phú Thuận", "Tân Mỹ"}


def test_a_name_counts_as_right_for_the_whole_time_between_event_and_registration():
    written, born, registered = "xã Ia Phang, huyện Chư Pưh, tỉnh Gia Lai", date(2001, 1, 1), date(2011, 1, 1)
    assert check_place(load_gazetteer(), written, born).verdict.outcome is Outcome.FAILED
    assert check_place(load_gazetteer(), written, born, until=registered).verdict.outcome is Outcome.PASSED


def test_leeway_lets_old_stamps_be_used_up():
    written, day = "xã Ia Pia, huyện Chư Prông, tỉnh Gia Lai - Kon Tum", date(1992, 6, 1)
    assert check_place(load_gazetteer(), written, day).verdict.outcome is Outcome.FAILED
    year = timedelta(days=366)
    assert check_place(load_gazetteer(), written, day, leeway=year).verdict.outcome is Outcome.PASSED
