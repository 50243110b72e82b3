"""What addresses as written, misread or out of date mean."""

from __future__ import annotations

from datetime import date

import pytest

from validators.places.gazetteer import load_gazetteer

COMMUNES = [
    ("Xã Tơ Tung, huyện Kbang, tỉnh Gia Lai", {"23668"}),
    ("Xã Ia Tôr, H. Chư Prông, T. Gia Lai", {"23908"}),
    ("Thị trấn Nhơn Hòa, huyện Chư Pưh, Gia Lai", {"23942"}),
    ("Phường 2, thành phố Vũng Tàu, tỉnh Bà Rịa - Vũng Tàu", {"26506"}),
    ("huyện Côn Đảo, tỉnh Bà Rịa - Vũng Tàu", {"26732"}),
    ("phường Phú Mỹ, quận 7, thành phố Hồ Chí Minh", {"27484", "27487"}),
    ("tổ 5, thôn Phú Vinh, xã Ia Băng, huyện Chư Prông, tỉnh Gia Lai", {"23908"}),
    ("thị trấn Phú Mỹ, huyện Tân Thành, tỉnh Bà Rịa - Vũng Tàu", {"26704"}),
    ("xã Phước Long Thọ, huyện Đất Đỏ, tỉnh Bà Rịa - Vũng Tàu", {"26680"}),
    ("xã Ia Phang, huyện Chư Sê, tỉnh Gia Lai", {"23942"}),
    ("phường Yên Đỗ, thị xã Pleiku, tỉnh Gia Lai-Kon Tum", {"23563"}),
    ("Phường 2, thị xã Vũng Tàu, Đặc khu Vũng Tàu - Côn Đảo", {"26506"}),
    ("xã Thanh Thùy, huyện Thanh Oai, tỉnh Hà Tây", {"10144"}),
    ("xa Ia Pia huyen Chu Prong", {"23926"}),
    ("xã la Pia, huyện Chư Prông, Gia Lai", {"23926"}),
    ("xã Tơ Tưng, huyện K'Bang, tỉnh Gia Lai", {"23668"}),
    ("xã Ia Phang - Chư Pứh - Gia Lai", {"23942"}),
    ("P. Diên Hông, TP Plei-ku, Gia Lai", {"23563"}),
    ("TT. Nhơn Hoà, Chư Puh, GL", {"23942"}),
    ("phuong 2 thanh pho Vung Tau tinh Ba Ria Vung Tau", {"26506"}),
    ("xã Cu Êbua, TP. Buôn Mê Thuột, tỉnh Đăk Lăk", {"24133"}),
    ("Phường Vũng Tàu, Thành phố Hồ Chí Minh", {"26506"}),
    ("Đặc khu Phú Quốc, tỉnh An Giang", {"31078"}),
    ("Phường Phú Mỹ, TP.HCM", {"26704"}),
    ("TỈNH GIA LAI\nHUYỆN CHƯ PRÔNG\nXÃ IA PIA", {"23926"}),
]


@pytest.mark.parametrize(("written", "today"), COMMUNES)
def test_an_address_leads_to_the_communes_of_today(written, today):
    found = load_gazetteer().resolve(written)[0]
    assert {u.code for u in found.today} == today
    assert found.accepted


@pytest.mark.parametrize(
    ("written", "commune", "district"),
    [
        ("phường Tam Quan Nam, thị xã Hoài Nhơn, tỉnh Bình Định", "Tam Quan Nam", "Hoài Nhơn"),
        ("Tam Quan Nam, Hoài Nhơn, Bình Định", "Tam Quan Nam", "Hoài Nhơn"),
        ("phường Thạch Linh, thành phố Hà Tĩnh, tỉnh Hà Tĩnh", "Thạch Linh", "Hà Tĩnh"),
        ("xã Đan Phượng, huyện Đan Phượng, thành phố Hà Nội", "Đan Phượng", "Đan Phượng"),
        ("xã Sơn Hà, huyện Quan Sơn, tỉnh Thanh Hóa", "Sơn Hà", "Quan Sơn"),
    ],
)
def test_level_words_inside_names_stay_names(written, commune, district):
    found = load_gazetteer().resolve(written)[0]
    assert found.commune is not None
    assert found.district is not None
    assert (found.commune.name, found.district.name) == (commune, district)


@pytest.mark.parametrize(
    ("written", "province"),
    [
        ("xã Hội Hoan, huyện Văn Lãng, Lạng Sơn", "Lạng Sơn"),
        ("xã Phú Hòa, huyện Định Quán, Đồng Nai", "Đồng Nai"),
        ("thôn Buôn Dung, xã Thuận Hòa, huyện Châu Thành, Sóc Trăng", "Sóc Trăng"),
        ("làng Pang, xã Ia Pia, huyện Chư Prông, Gia Lai", "Gia Lai"),
    ],
)
def test_words_of_hamlets_inside_names_of_provinces_stay_names(written, province):
    found = load_gazetteer().resolve(written)[0]
    assert found.province is not None
    assert found.commune is not None
    assert found.province.name == province
    assert found.accepted


def test_an_address_of_a_day_before_the_reform_means_the_district():
    gazetteer = load_gazetteer()
    found = gazetteer.resolve("Chư Prông, Gia Lai", on=date(2001, 5, 6))[0]
    assert found.commune is None
    assert found.district is not None
    assert [u.code for u in found.today] == ["52"]
    assert not gazetteer.resolve("Chư Prông, Gia Lai")[0].accepted, "commune of today or district of before"


def test_a_commune_nobody_knows_is_not_made_up():
    found = load_gazetteer().resolve("xã Hoàn Toàn Không Có, huyện Chư Sê, tỉnh Gia Lai")[0]
    assert not found.accepted or found.commune is None


def test_no_address_means_nothing():
    assert load_gazetteer().resolve("") == []
    assert load_gazetteer().resolve(" ,;. ") == []
