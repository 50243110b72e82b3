import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validators.canonical import ValueContext, canonical
from validators.dates import parse_digits, parse_words
from validators.letters import fold
from validators.lunar_calendar import LunarDay, cycle_place, cycle_years, lunar_day, solar_days
from validators.lunar_dates import parse_lunar
from validators.verdict import Outcome

days = st.dates(dt.date(1850, 3, 1), dt.date(2100, 12, 31))
STEMS = ("Giáp", "Ất", "Bính", "Đinh", "Mậu", "Kỷ", "Canh", "Tân", "Nhâm", "Quý")
BRANCHES = ("Tý", "Sửu", "Dần", "Mão", "Thìn", "Tỵ", "Ngọ", "Mùi", "Thân", "Dậu", "Tuất", "Hợi")


@given(days, st.sampled_from([7.0, 8.0]))
def test_every_day_has_a_lunar_date_that_leads_back_to_it(day, zone):
    lunar = lunar_day(day, zone=zone)
    if zone == 7.0 or lunar.year < 1976:
        assert day in solar_days(lunar)


@given(days)
def test_a_lunar_day_follows_on_the_day_before(day):
    today, yesterday = lunar_day(day), lunar_day(day - dt.timedelta(1))
    assert 1 <= today.day <= 30
    assert today.day == yesterday.day + 1 or (today.day == 1 and yesterday.day in (29, 30))


@pytest.mark.parametrize(
    ("year", "new_year"),
    [
        (1945, "1945-02-13"),
        (1954, "1954-02-03"),
        (1976, "1976-01-31"),
        (1985, "1985-01-21"),  # China: 20 February
        (2000, "2000-02-05"),
        (2007, "2007-02-17"),  # China: 18 February
        (2025, "2025-01-29"),
        (2030, "2030-02-02"),  # China: 3 February
    ],
)
def test_lunar_new_year_falls_on_the_day_vietnam_kept_it(year, new_year):
    assert solar_days(LunarDay(year, 1, 1)) == (dt.date.fromisoformat(new_year),)


def test_new_year_1968_was_kept_on_two_days_in_north_and_south():
    assert solar_days(LunarDay(1968, 1, 1)) == (dt.date(1968, 1, 29), dt.date(1968, 1, 30))


@pytest.mark.parametrize(
    ("year", "month"), [(1976, 8), (1985, 2), (1987, 7), (2023, 2), (2025, 6), (2033, 11)]
)
def test_leap_months_stand_where_the_almanac_has_them(year, month):
    assert solar_days(LunarDay(year, month, 1, leap=True))
    assert not solar_days(LunarDay(year, month % 12 + 1, 1, leap=True))


def test_the_thirtieth_of_a_short_month_is_no_day():
    long = [month for month in range(1, 13) if solar_days(LunarDay(1984, month, 30))]
    assert 4 <= len(long) <= 8
    assert not solar_days(LunarDay(1984, 1, 31))


@given(st.integers(1850, 2100))
def test_names_of_the_cycle_tell_years_and_ty_from_ty(year):
    stem, branch = STEMS[(year - 1984) % 10], BRANCHES[(year - 1984) % 12]
    place = cycle_place(fold(stem), fold(branch))
    assert place is not None
    assert year in cycle_years(place, 1850, 2100)


@pytest.mark.parametrize(
    ("written", "solar"),
    [
        ("mồng ba tháng giêng năm Giáp Tý", {"1924-02-07", "1984-02-04"}),
        ("mong ba thang gieng nam Giap Ty", {"1924-02-07", "1984-02-04"}),
        ("Ngày rằm tháng tám năm Ất Tỵ", {"1905-09-13", "1965-09-10"}),
        ("ngày 5 tháng 5 năm Mậu Thân 1968", {"1968-05-31"}),
        ("15/8 âm lịch năm 1984", {"1984-09-10"}),
        ("15/8/1984 (ÂL)", {"1984-09-10"}),
        ("Ngày mười lăm tháng tám âm lịch năm một nghìn chín trăm tám mươi tư", {"1984-09-10"}),
        ("ngày 15 tháng 2 nhuận năm 1985", {"1985-04-04"}),
        ("31/1/1984 AL", set()),
        ("tháng năm năm Canh Ngọ", set()),
        ("năm Kỷ Mẹo", set()),
    ],
)
def test_lunar_dates_are_kept_as_written_and_their_solar_days_only_proposed(written, solar):
    assert parse_digits(written, 1990) is None
    assert parse_words(written, 1990) is None
    for kind in ("date", "date_words"):
        found = canonical(kind, written, ValueContext("KS", "1976-1998", 1990))
        assert (found.value, found.outcome, found.code) == (written, Outcome.INDETERMINATE, "DATE_LUNAR")
        assert set(found.evidence["solar"].split()) == solar


def test_a_partial_lunar_date_still_tells_its_month_and_year():
    found = parse_lunar("tháng năm năm Canh Ngọ", 1995)
    assert found is not None
    assert (found.day, found.month, found.years) == (None, 5, (1930, 1990))


@pytest.mark.parametrize(
    ("written", "value", "outcome"),
    [
        ("3/4/1984 (tức 3/3 năm Giáp Tý)", "1984-04-03", Outcome.PASSED),
        ("mồng ba tháng ba năm Giáp Tý, tức ngày 3/4/1984", "1984-04-03", Outcome.PASSED),
        ("12/4/1984 (tức 3/3 năm Giáp Tý)", "1984-04-12", Outcome.INDETERMINATE),
    ],
)
def test_a_day_written_in_both_calendars_is_sure_only_where_they_agree(written, value, outcome):
    found = canonical("date", written, ValueContext("KS", "1976-1998", 1990))
    assert (found.value, found.outcome) == (value, outcome)


@pytest.mark.parametrize(
    "written", ["Ngày 5 tháng giêng năm 1984", "mồng hai tháng chín năm 1945", "5/9/1984"]
)
def test_plain_dates_are_not_taken_for_lunar_ones(written):
    assert parse_lunar(written) is None


@given(st.text(max_size=40))
def test_no_text_makes_the_lunar_reader_fail(text):
    found = parse_lunar(text + " âm lịch", 1990)
    assert found is not None
    assert all(1850 <= year <= 2100 for year in found.years)
