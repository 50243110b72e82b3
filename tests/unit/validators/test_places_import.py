"""An office extends the table of places by a file that is taken whole or not at all."""

from __future__ import annotations

from datetime import date

import pytest

from validators.errors import PlaceTableError
from validators.places import Gazetteer, check_place, load_gazetteer
from validators.places.importing import NAME_COLUMNS, extended, read_place_table
from validators.places.units import UNIT_COLUMNS
from validators.verdict import Outcome

UNITS, NAMES = ",".join(UNIT_COLUMNS), ",".join(NAME_COLUMNS)


def read(header: str, *rows: str) -> Gazetteer:
    shipped = load_gazetteer()
    return extended(shipped, read_place_table("\n".join([header, *rows]).encode(), shipped))


def refused(header: str, *rows: str) -> list[tuple[int, str]]:
    with pytest.raises(PlaceTableError) as caught:
        read(header, *rows)
    assert all(problem.message for problem in caught.value.problems)
    return [(problem.row, problem.code) for problem in caught.value.problems]


def test_a_commune_raised_later_is_a_ward_from_its_day():
    raised = read(
        UNITS,
        "commune,xã,23926,Ia Pia,52,2025-07-01,2027-03-31,1664/NQ-UBTVQH15,9/NQ-UBTVQH17,23926",
        "commune,phường,23926,Ia Pia,52,2027-04-01,,9/NQ-UBTVQH17,,",
    )
    kinds = {
        day: next(u.kind for u in raised.find("Ia Pia", "commune", on=day) if u.code == "23926")
        for day in (date(2027, 3, 31), date(2027, 4, 1))
    }
    assert list(kinds.values()) == ["xã", "phường"]
    old = check_place(raised, "xã Ia Pia, huyện Chư Prông, tỉnh Gia Lai", date(2001, 1, 1))
    assert [str(u) for u in old.today] == ["phường Ia Pia"]


def test_a_commune_that_ends_without_going_on_leads_to_its_heir():
    ended = read(UNITS, "commune,xã,23926,Ia Pia,52,2025-07-01,2027-03-31,,9/NQ-UBTVQH17,23908")
    assert not [u for u in ended.find("Ia Pia", "commune", on=date(2027, 4, 1)) if u.valid_to is None]
    old = check_place(ended, "xã Ia Pia, huyện Chư Prông, tỉnh Gia Lai", date(2001, 1, 1))
    assert [u.code for u in old.today] == ["23908"]


def test_a_former_name_with_years_counts_in_those_years_only():
    known = read(NAMES, 'xã Plei Mới,"xã Ia Pia, huyện Chư Prông, tỉnh Gia Lai",64,1976,1990')
    written = "xã Plei Mới, huyện Chư Prông, tỉnh Gia Lai - Kon Tum"
    then = check_place(known, written, date(1985, 1, 1))
    assert then.verdict.outcome is Outcome.PASSED
    assert [u.code for u in then.today] == ["23926"]
    later = check_place(known, "xã Plei Mới, huyện Chư Prông, tỉnh Gia Lai", date(2001, 1, 1))
    assert later.verdict.code == "PLACE_NO_LONGER"
    assert later.verdict.evidence["unit"] == "xã Plei Mới"
    assert check_place(load_gazetteer(), written, date(1985, 1, 1)).verdict.outcome is Outcome.INDETERMINATE


def test_a_name_without_years_counts_always():
    known = read(NAMES, "Plây Pia,23926,Gia Lai,,")
    assert [u.code for u in known.find("Plây Pia", "commune")] == ["23926"]


def test_a_former_district_or_province_holds_what_its_heir_holds():
    known = read(
        NAMES,
        'huyện Plei Rông,"huyện Chư Prông, tỉnh Gia Lai",,1976,1990',
        "tỉnh Tây Sơn,64-20250630,,1976,1990",
    )
    found = check_place(known, "xã Ia Pia, huyện Plei Rông, tỉnh Tây Sơn", date(1980, 1, 1))
    assert found.verdict.outcome is Outcome.PASSED
    assert [u.code for u in found.today] == ["23926"]


@pytest.mark.parametrize(
    ("row", "codes"),
    [
        ("ward,xã,1,A,52,,,,,", ["LEVEL"]),
        ("commune,huyện,1,A,52,,,,,", ["KIND"]),
        ("commune,xã,,A,52,,,,,", ["CODE"]),
        ("commune,xã,1,,52,,,,,", ["NAME"]),
        ("commune,xã,1,A,52,31/02/2026,,,,", ["DATE"]),
        ("commune,xã,1,A,52,2026-05-01,2026-04-01,,,23926", ["DATE_ORDER"]),
        ("commune,xã,1,A,52,,2026-04-01,,,", ["SUCCESSOR"]),
        ("commune,xã,1,A,52,,,,,23926", ["SUCCESSOR"]),
        ("commune,xã,1,A,52,,2026-04-01,,,99999", ["SUCCESSOR"]),
        ("commune,xã,1,A,,,,,,", ["PARENT"]),
        ("commune,xã,1,A,23926,,,,,", ["PARENT"]),
        ("commune,xã,1,A,52,,2026-04-01,,,1-20260401", ["CIRCLE"]),
        ("commune,xã,1", ["COLUMNS"]),
        ("x,y,,,52,z,,,,", ["LEVEL", "NAME", "CODE", "DATE"]),
    ],
)
def test_a_wrong_unit_is_told_by_row_and_code_and_nothing_is_taken(row, codes):
    good = "commune,xã,90001,Mới,52,2027-01-01,,,,"
    assert refused(UNITS, good, row) == [(3, code) for code in codes]


@pytest.mark.parametrize(
    ("row", "codes"),
    [
        ("xã A,xã Không Đâu Có,,,", ["UNIT"]),
        ("xã A,23926,Bình Định,,", ["PROVINCE"]),
        (",23926,,,", ["WRITTEN"]),
        ('"xã A, huyện B",23926,,,', ["WRITTEN"]),
        ("xã A,23926,,1985,", ["YEAR"]),
        ("xã A,23926,,năm 85,1990", ["YEAR"]),
        ("xã A,23926,,1990,1985", ["YEAR_ORDER"]),
    ],
)
def test_a_wrong_name_is_told_by_row_and_code(row, codes):
    assert refused(NAMES, "xã Tốt,23926,52,1980,1990", row) == [(3, code) for code in codes]


def test_the_same_unit_twice_is_told():
    row = "commune,xã,90001,Mới,52,2027-01-01,,,,"
    assert refused(UNITS, row, row) == [(3, "REPEATED")]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("tên,mã\nA,1".encode(), (1, "HEADER")),
        (b"", (1, "HEADER")),
        (UNITS.encode(), (1, "EMPTY")),
        ("xã Ia Pia".encode("utf-16"), (0, "ENCODING")),
    ],
)
def test_a_file_of_another_kind_is_refused(content, problem):
    with pytest.raises(PlaceTableError) as caught:
        read_place_table(content, load_gazetteer())
    assert [(p.row, p.code) for p in caught.value.problems] == [problem]
