import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validators import dates
from validators.calendar_words import VOCABULARY
from validators.letters import fold

days = st.dates(dt.date(1850, 1, 1), dt.date(2100, 12, 31))


@given(days, st.sampled_from(["nghìn", "ngàn"]), st.sampled_from(["linh", "lẻ"]))
def test_every_date_written_out_is_read_back(day, thousand, link):
    parsed = dates.parse_words(dates.date_to_words(day, thousand=thousand, link=link))
    assert parsed == dates.ParsedDate(day.isoformat())


@given(days)
def test_dates_in_words_survive_the_loss_of_all_diacritics(day):
    assert dates.parse_words(fold(dates.date_to_words(day))) == dates.ParsedDate(day.isoformat())


@given(days)
def test_years_spoken_digit_by_digit_are_read(day):
    text = (
        f"ngày {dates.to_words(day.day)} tháng {dates.to_words(day.month)} năm {dates.spoken_year(day.year)}"
    )
    assert dates.parse_words(text) == dates.ParsedDate(day.isoformat())


@given(
    days,
    st.sampled_from(
        [
            "{d}/{m}/{y}",
            "{d:02}-{m:02}-{y}",
            "{d}.{m}.{y}",
            "ngày {d} tháng {m:02} năm {y}",
            "Gia Lai, ngày {d:02} tháng {m} năm {y}",
            "{d:02} / {m:02} / {y}",
        ]
    ),
)
def test_every_date_in_digits_is_read(day, shape):
    parsed = dates.parse_digits(shape.format(d=day.day, m=day.month, y=day.year))
    assert parsed is not None
    assert parsed.iso == day.isoformat()


@given(st.text(max_size=40))
def test_no_text_makes_the_readers_fail(text):
    for parsed in (dates.parse_digits(text, 2000), dates.parse_words(text, 2000)):
        assert parsed is None or dates.is_iso(parsed.iso) or parsed.iso.isdigit()


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("Ngày năm tháng năm năm hai nghìn không trăm linh năm", "2005-05-05"),
        ("Ngày rằm tháng giêng năm một nghìn chín trăm chín mươi", "1990-01-15"),
        ("mồng ba tháng chạp năm một ngàn chín trăm tám mươi sáu", "1986-12-03"),
        ("Ngày chín tháng tám năm hai không một hai", "2012-08-09"),
        ("Ngày hai mươi mốt tháng tư năm hai ngàn lẻ chín", "2009-04-21"),
        ("Ngày hai mươi hai, tháng ba, năm l986", "1986-03-22"),
        ("Ngày 22 tháng ba năm 2000", "2000-03-22"),
        ("Ngày hai mươi mốt, tháng mười một, năm hai không mười", "2010-11-21"),
        ("ngày hai tháng chín năm mười chín bốn mươi lăm", "1945-09-02"),
        ("Ngày 02 (hai) tháng 4 (tư) năm 1984", "1984-04-02"),
        ("đầu tháng giêng năm 1984", "1984-01"),
        ("Ngày mười sáu tháng sáu năm hai ngàn không lẻ sáu", "2006-06-16"),
        ("Ngày mồng mười một tháng ba năm hai nghìn", None),
        ("năm một nghìn chín trăm bảy mươi", "1970"),
        ("tháng mười năm một nghìn chín trăm bảy mươi", "1970-10"),
        ("Ngày ba mươi mốt tháng mười hai năm một nghìn chín trăm chín chín", "1999-12-31"),
        ("Ngay hal muơi bay thang tu nam hai nghin khong tram linh tarn", None),
        ("Ngày ba mươi mốt tháng hai năm hai nghìn", None),
        ("Ngày năm tháng mười ba năm hai nghìn", None),
        ("Nguyễn Văn Bảy", None),
    ],
)
def test_words_of_officers_are_read_and_implausible_ones_refused(text, iso):
    parsed = dates.parse_words(text)
    assert (parsed.iso if parsed else None) == iso


@given(days, st.sampled_from(["nghìn", "ngàn"]), st.sampled_from(["linh", "lẻ"]))
def test_months_and_years_alone_written_out_are_read_back(day, thousand, link):
    year = dates.to_words(day.year, thousand=thousand, link=link)
    assert dates.parse_words(f"năm {year}") == dates.ParsedDate(f"{day.year}")
    month = {1: "giêng", 4: "tư", 12: "chạp"}.get(day.month, dates.to_words(day.month))
    for name in (month, dates.to_words(day.month)):
        assert dates.parse_words(f"tháng {name} năm {year}") == dates.ParsedDate(f"{day.year}-{day.month:02}")


@given(days, st.integers(0, 110))
def test_ages_in_digits_and_words_are_counted_from_the_year_of_registration(day, age):
    born = dates.ParsedDate(str(day.year - age)) if day.year - age >= 1850 else None
    for text in (f"{age}t", f"{age} tuổi", f"{dates.to_words(age)} tuổi"):
        assert dates.parse_digits(text, day.year) == born


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("31/02/2001", (31, 2, 2001)),
        ("29.2.1983", (29, 2, 1983)),
        ("31/4/84", (31, 4, 1984)),
        ("01/04/5005", (1, 4, 5005)),
        ("1017", (0, 0, 1017)),
        ("ngày 12 tháng 13 năm 2000", (12, 13, 2000)),
        ("Ngày ba mươi tháng hai năm hai nghìn", (30, 2, 2000)),
        ("29/2/00", None),
        ("28/02/2001", None),
        ("3l/02/2001", None),
        ("không nhớ", None),
        ("mồng ba tháng giêng năm Giáp Tý", None),
    ],
)
def test_dates_that_are_plainly_written_and_cannot_be_are_told_from_unreadable_ones(text, parts):
    assert dates.impossible(text) == parts


def test_digits_run_together_that_make_a_date_are_not_impossible():
    assert dates.impossible("01011850") is None


def test_the_word_ram_makes_a_date_doubtful_since_it_counts_lunar_days():
    assert dates.parse_words("rằm tháng bảy năm 1984") == dates.ParsedDate("1984-07-15", exact=False)


@given(days, st.data())
def test_words_with_one_damaged_letter_are_never_passed_off_as_another_date(day, data):
    words = dates.date_to_words(day).split()
    at = data.draw(st.integers(0, len(words) - 1))
    letter = data.draw(st.integers(0, len(words[at]) - 1))
    other = data.draw(st.sampled_from("aeimnortulcghăâêôơư1l0"))
    words[at] = words[at][:letter] + other + words[at][letter + 1 :]
    parsed = dates.parse_words(" ".join(words))
    if parsed is not None and fold(words[at]) not in {fold(v) for v in VOCABULARY}:
        assert not parsed.exact or parsed.iso == day.isoformat()


@pytest.mark.parametrize(
    ("damaged", "iso"),
    [
        ("Ngàx năm tháng tư năm một nghìn chín tnăm tám mươi", "1980-04-05"),
        ("Ngày hal mươi thong năm ăm hai nghìn không trăm l1nh tám", "2008-05-20"),
        ("Ngày bai tháng be năm hai nghìn", None),
    ],
)
def test_a_damaged_word_that_alone_fits_several_is_told_by_the_whole_date_or_not_at_all(damaged, iso):
    assert dates.parse_words(damaged) == (dates.ParsedDate(iso, exact=False) if iso else None)


def test_a_damaged_syllable_leaves_only_a_proposal():
    parsed = dates.parse_words("Ngày hal mươi bảy tháng tư năm hai nghìn không trăm linh tám")
    assert parsed == dates.ParsedDate("2008-04-27", exact=False)


@pytest.mark.parametrize(
    ("text", "iso", "exact"),
    [
        ("10/2018", "2018-10", True),
        ("1960", "1960", True),
        ("Năm 1960", "1960", True),
        ("ngày ..... tháng ..... năm 1960", "1960", True),
        ("ngày ... tháng 5 năm 1960", "1960-05", True),
        ("11 giờ 34 phút, 09/11/2000", "2000-11-09", False),
        ("35t", "1965", True),
        ("24 tuổi", "1976", True),
        ("l2/4/2OO4", "2004-04-12", False),
        ("5/9/84", "1984-09-05", False),
        ("ngày 12 tháng 4 năm 19 84", "1984-04-12", False),
        ("ngày 12 tháng 4 năm 84", "1984-04-12", False),
        ("12041984", "1984-04-12", False),
        ("05 09 1984", "1984-09-05", False),
        ("1984/04/12", "1984-04-12", False),
        ("5／9／1984", "1984-09-05", False),
        ("12/XII/1984", "1984-12-12", True),
        ("12.IX.84", "1984-09-12", False),
        ("12/4/1984 dương lịch", "1984-04-12", True),
        ("T5/1984", "1984-05", True),
        ("00/12/1984", "1984-12", True),
        ("00/00/1984", "1984", True),
        ("?/12/1984", "1984-12", False),
        ("--/--/1984", "1984", False),
        ("ba mươi lăm tuổi", "1965", True),
        ("3S tuổi", "1965", False),
        ("khoảng 35 tuổi", "1965", False),
        ("35tuôi", "1965", True),
        ("(35 tuổi)", "1965", True),
    ],
)
def test_partial_dates_ages_and_look_alikes(text, iso, exact):
    assert dates.parse_digits(text, 2000) == dates.ParsedDate(iso, exact)


@pytest.mark.parametrize(
    "text",
    [
        "31/02/2001",
        "1017",
        "12/13/2000",
        "",
        "tháng",
        "3/4",
        "24 tuổi rưỡi",
        "12/II/1984",
        "1.9.8.4",
        "140 tuổi",
    ],
)
def test_dates_that_do_not_exist_are_refused(text):
    assert dates.parse_digits(text) is None


def test_partial_dates_span_all_days_they_may_mean():
    assert (dates.earliest("2004-02"), dates.latest("2004-02")) == (dt.date(2004, 2, 1), dt.date(2004, 2, 29))
    assert (dates.earliest("1960"), dates.latest("1960")) == (dt.date(1960, 1, 1), dt.date(1960, 12, 31))
    assert dates.agree("1960", "1960-04-03")
    assert not dates.agree("1960-05", "1960-04-03")
