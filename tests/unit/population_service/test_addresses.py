"""What stands in an answer as codes is compared and shown by name."""

from __future__ import annotations

import pytest

from validators.places import load_gazetteer
from validators.population.service import row_of
from validators.population.service.citizen import citizen_of

BEFORE = {"MaTinhThanh": "64", "MaQuanHuyen": "628", "MaPhuongXa": "23734"}


def residence(places=None, **address: str) -> str:
    return row_of(citizen_of({"ThuongTru": address}), places).noiThuongTru


def test_codes_with_a_district_are_units_of_before_july_2025():
    places = load_gazetteer()
    told = residence(places, **BEFORE)
    assert told == ", ".join(str(places[f"{BEFORE[k]}-20250630"]) for k in reversed(BEFORE))
    assert told.endswith("tỉnh Gia Lai")


def test_codes_without_a_district_are_units_of_today():
    assert residence(load_gazetteer(), MaTinhThanh="01", MaPhuongXa="00070") == (
        "phường Hoàn Kiếm, thành phố Hà Nội"
    )


def test_a_hamlet_alone_gets_its_units_and_a_whole_address_stays_as_it_is():
    places = load_gazetteer()
    today = {"MaTinhThanh": "01", "MaPhuongXa": "00070"}
    assert residence(places, ChiTiet="tổ 5", **today).startswith("tổ 5, phường Hoàn Kiếm")
    whole = "làng Bluk, xã Ia Tô, huyện Ia Grai, tỉnh Gia Lai"
    assert residence(places, ChiTiet=whole, **today) == whole


@pytest.mark.parametrize("places", [None, load_gazetteer()])
def test_a_code_that_nobody_knows_stays_a_code(places):
    assert residence(places, MaTinhThanh="99", MaPhuongXa="99999") == "99999, 99"
