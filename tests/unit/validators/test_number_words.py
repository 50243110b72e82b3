from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validators.areas import ParsedArea, parse_area, parse_area_words
from validators.letters import fold
from validators.number_words import decimal_of, digits_of, integer_of, snap, to_words


def read(text: str) -> Decimal | None:
    syllables = snap(text)
    return decimal_of(syllables.words) if syllables else None


@given(st.integers(0, 10**12 - 1), st.sampled_from(["nghìn", "ngàn"]), st.sampled_from(["linh", "lẻ"]))
def test_every_number_written_out_is_read_back(value, thousand, link):
    assert read(to_words(value, thousand=thousand, link=link)) == value


@given(st.integers(0, 10**9))
def test_numbers_are_read_back_when_all_diacritics_are_lost(value):
    assert read(fold(to_words(value))) == value


@given(st.integers(0, 10**7), st.integers(1, 99))
def test_decimals_written_out_are_never_dropped(whole, hundredths):
    value = Decimal(whole) + Decimal(hundredths) / 100
    assert read(to_words(value)) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("ba trăm hai mươi mốt phẩy năm", "321.5"),
        ("một trăm linh bảy phẩy không năm", "107.05"),
        ("hai mốt", "21"),
        ("chín trăm chín hai", "992"),
        ("hai nghìn mười bốn", "2014"),
        ("một nghìn chín trăm tám mươi sáư", "1986"),
        ("hăm lăm", "25"),
        ("bẩy mươi nhăm", "75"),
        ("hai mươi phẩy mười lăm", "20.15"),
        ("haimươi ba", "23"),
    ],
)
def test_spoken_and_damaged_forms_are_read(text, value):
    assert read(text) == Decimal(value)


@pytest.mark.parametrize(
    "text",
    [
        "hai sào",
        "một trăm rưỡi",
        "12.34",
        "đầu hai mươi",
        "năm trăm hai",
        "hai nghìn chín",
        "trăm",
        "phẩy năm",
        "hai hai hai",
        "xuân hạ",
    ],
)
def test_what_may_mean_two_numbers_is_refused(text):
    assert read(text) is None


def test_areas_with_a_damaged_word_are_proposed_only_where_one_number_is_left():
    assert parse_area_words("một nghìn chín tnăm tám mươi mét vuông") == ParsedArea(
        Decimal(1980), exact=False
    )
    assert parse_area_words("hai trăm uăm mươi mét vuông") is None  # năm, tám or lăm


def test_a_guessed_syllable_makes_the_reading_a_proposal():
    syllables = snap("hal nghìn")
    assert syllables is not None
    assert integer_of(syllables.words) == 2000
    assert not syllables.exact


def test_tens_without_their_digit_are_only_a_proposal():
    assert not snap("mươi ba").exact
    assert snap("mười ba").exact
    assert snap("năm mươi ba").exact


def test_digits_spoken_one_by_one_are_joined():
    assert digits_of(("hai", "khong", "mot", "hai")) == "2012"


def test_numbers_that_cannot_be_written_out_are_an_error():
    with pytest.raises(ValueError, match="-1"):
        to_words(-1)


@given(st.integers(0, 9_999_999), st.integers(1, 9))
def test_areas_in_words_are_read_back_with_their_unit(whole, tenth):
    value = Decimal(whole) + Decimal(tenth) / 10
    parsed = parse_area_words(f"(Bằng chữ: {to_words(value).capitalize()} mét vuông)")
    assert parsed is not None
    assert parsed.square_metres == value
    assert parsed.exact


@given(st.integers(0, 9_999_999), st.integers(1, 9))
def test_areas_in_digits_are_read_back_grouped_or_not(whole, tenth):
    value = Decimal(whole) + Decimal(tenth) / 10
    grouped = f"{whole:,}".replace(",", ".") + f",{tenth}"
    for text in (
        f"{grouped} m²",
        f"{whole},{tenth}",
        f"{grouped} m2 (Bằng chữ: {to_words(value)} mét vuông)",
    ):
        parsed = parse_area(text)
        assert parsed is not None
        assert (parsed.square_metres, parsed.exact) == (value, True)


@pytest.mark.parametrize(
    ("text", "value", "exact"),
    [
        ("Năm trăm hai mươi mét vuông chẵn./.", "520", True),
        ("một trăm phết năm mét vuông", "100.5", True),
        ("một phẩy năm héc ta", "15000", True),
    ],
)
def test_endings_and_southern_commas_of_areas_in_words_are_known(text, value, exact):
    parsed = parse_area_words(text)
    assert parsed is not None
    assert (parsed.plain, parsed.exact) == (value, exact)


def test_an_area_that_differs_from_its_words_in_brackets_is_only_a_proposal():
    assert parse_area("500 m² (năm trăm mét vuông)").exact
    assert not parse_area("500 m² (sáu trăm mét vuông)").exact
    assert not parse_area("khoảng 500 m²").exact
