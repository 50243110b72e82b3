"""Officers rely on a name meaning the unit it meant on the day of the paper."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from validators.places.gazetteer import Gazetteer, load_gazetteer
from validators.places.units import Unit

OLD, NEW, LATER = date(2025, 6, 30), date(2025, 7, 1), date(2026, 10, 1)


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return load_gazetteer()


def province(gazetteer: Gazetteer, name: str, on: date) -> Unit:
    (unit,) = gazetteer.find(name, level="province", on=on)
    return unit


def test_the_reform_of_2025_leaves_34_provinces_and_3321_communes(gazetteer):
    assert len(gazetteer.provinces(OLD)) == 63
    assert len(gazetteer.provinces(NEW)) == len(gazetteer.provinces(LATER)) == 34
    for day in (NEW, LATER):
        below = [c for p in gazetteer.provinces(day) for c in gazetteer.children(p, day)]
        assert Counter(u.level for u in below) == {"commune": 3321}
    districts = [d for p in gazetteer.provinces(OLD) for d in gazetteer.children(p, OLD)]
    assert Counter(u.level for u in districts) == {"district": 696}
    assert sum(len(gazetteer.children(d, OLD)) for d in districts) == 10035


def test_the_same_name_on_two_days_is_two_units(gazetteer):
    before, after = province(gazetteer, "Gia Lai", OLD), province(gazetteer, "Gia Lai", NEW)
    assert (before.code, after.code) == ("64", "52")
    assert gazetteer.today(before) == (after,)
    assert {d.level for d in gazetteer.children(before, OLD)} == {"district"}


@pytest.mark.parametrize(
    ("name", "year", "heirs"),
    [
        ("Gia Lai - Kon Tum", 1985, {"Gia Lai", "Kon Tum"}),
        ("Bình Trị Thiên", 1980, {"Quảng Bình", "Quảng Trị", "Huế"}),
        ("Hà Nam Ninh", 1988, {"Hà Nam", "Nam Định", "Ninh Bình"}),
        ("Sông Bé", 1990, {"Bình Dương", "Bình Phước"}),
        ("Minh Hải", 1990, {"Bạc Liêu", "Cà Mau"}),
        ("Hậu Giang", 1985, {"Cần Thơ", "Hậu Giang", "Sóc Trăng"}),
        ("Vũng Tàu - Côn Đảo", 1985, {"Bà Rịa - Vũng Tàu"}),
        ("Cao Lạng", 1977, {"Cao Bằng", "Lạng Sơn"}),
        ("Đắk Lắk", 2000, {"Đắk Lắk", "Đắk Nông"}),
        ("Hà Tây", 2000, {"Hà Nội"}),
    ],
)
def test_former_provinces_lead_to_those_that_took_over(gazetteer, name, year, heirs):
    found = [u for u in gazetteer.find(name, level="province", on=date(year, 1, 1)) if not u.code.isdigit()]
    assert len(found) == 1
    assert {gazetteer[i].name for i in found[0].successors} == heirs
    assert gazetteer.children(found[0])
    assert all(u.valid_to is None for u in gazetteer.today(found[0]))


def test_a_split_district_of_former_days_holds_the_communes_of_all_its_parts(gazetteer):
    (chu_se,) = gazetteer.find("Chư Sê", level="district", on=date(2000, 1, 1), within=None)[:1]
    former = gazetteer["64-chu-se-20091231"]
    assert chu_se.name == former.name
    assert {"Ia Phang", "Ia Blang"} <= {c.name for c in gazetteer.children(former)}


def test_units_raised_in_2026_keep_their_code(gazetteer):
    for kind, day in (("xã", NEW), ("phường", LATER)):
        (unit,) = [u for u in gazetteer.find("Trảng Bom", level="commune", on=day) if u.code == "26248"]
        assert unit.kind == kind
    assert province(gazetteer, "Đồng Nai", LATER).kind == "thành phố"
    assert province(gazetteer, "Đồng Nai", LATER).act == "30/2026/QH16"


def test_every_unit_leads_to_units_in_force(gazetteer):
    lost = []
    for unit in gazetteer:
        if unit.parent:
            assert gazetteer[unit.parent].level != unit.level
        for heir in gazetteer.today(unit):
            assert heir.valid_to is None
        if not gazetteer.today(unit):
            lost.append(unit.name)
    assert len(lost) <= 6


def test_find_ignores_diacritics_and_fuzzy_prefers_them(gazetteer):
    gia_lai = province(gazetteer, "gia lai", OLD)
    assert [u.name for u in gazetteer.find("chu prong", "district", gia_lai, OLD)] == ["Chư Prông"]
    (chu_prong,) = gazetteer.find("Chư Prông", "district", gia_lai, OLD)
    ranked = [u.name for u, _ in gazetteer.fuzzy("Ia Băng", "commune", chu_prong, OLD)]
    assert ranked[0] == "Ia Băng"
    assert "Ia Bang" in ranked


def test_the_tables_load_at_once():
    code = (
        "import time; from validators.places.gazetteer import load_gazetteer; import validators.places;"
        "t = time.process_time(); load_gazetteer(); print(time.process_time() - t)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert float(done.stdout) < 1.0  # 0.15 s on an idle core; the rest allows for a busy one


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_full_address_leads_to_its_unit_with_or_without_diacritics(gazetteer, data):
    units = [u for u in gazetteer if u.level == "commune"]
    unit = data.draw(st.sampled_from(units))
    address = ", ".join(str(u) for u in (unit, *gazetteer.parents(unit)))
    found = gazetteer.resolve(address)[0]
    assert found.commune is not None
    if gazetteer.today(unit):
        assert set(found.today) == set(gazetteer.today(unit))


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=60) | st.text("ăâđêôơưxãhuyệntỉnh ,.-0123456789HXTPQ", max_size=60))
def test_nothing_written_makes_it_fail(gazetteer, text):
    for found in gazetteer.resolve(text):
        assert 0 < found.score <= 1
        assert found.unit in (found.province, found.district, found.commune)
